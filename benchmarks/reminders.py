"""How long 100,000 reminders take that are due at the same hour: found, written in each reader's language, and mailed.

    python -m benchmarks.reminders [--due 100000] [--keep]

A district of 100 communities is made as `manage.py generate` does, in a database of its own that is dropped afterwards.
So many incidents are put into the hands of their building leaders and due today; half of the leaders have confirmed an
address. Collecting them must take less than a minute; the second time nothing is written.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

from .portals import engines, say, scratch, using

DATABASE = "bench_reminders"
COMMUNITIES, LIMIT = 100, 60  # seconds
LETTERS_FOR = 20.0  # seconds of sending, to a server that takes everything at once


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--due", type=int, default=100_000)
    options.add_argument("--keep", action="store_true", help="leave the database for the next run")
    chosen = options.parse_args()
    size = {"communities": COMMUNITIES, "residents": 500, "incidents": chosen.due // COMMUNITIES}
    with engines(), scratch(DATABASE, keep=chosen.keep, **size), using(DATABASE):
        prepare()
        report()


def prepare() -> None:
    """Everything is in somebody's hands and due in an hour; nothing was told before."""
    from datetime import timedelta

    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from portal.accounts.models import User
    from portal.reminders.models import Preference

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "https://portal.example.cn"
    due = timezone.now() + timedelta(hours=1)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("TRUNCATE reminders_reminder, reminders_delivery, reminders_preference")
        cursor.execute(
            "UPDATE incidents_incident SET state = 'in_progress', closed_at = NULL, suspended_at = NULL, due_at = %s,"
            " holder_id = reporter_id, verified_by_id = NULL, rework_count = 0, merged_into_id = NULL",
            [due],
        )
        cursor.execute("ANALYZE")
        cursor.execute("RESET statement_timeout")
    users = User.objects.order_by("pk").values_list("pk", flat=True)[::2]
    confirmed = {"email": "leader@example.cn", "email_confirmed_at": timezone.now(), "quiet_from": "00:00"}
    Preference.objects.bulk_create([Preference(user_id=pk, **confirmed, quiet_until="00:00") for pk in users])


def report() -> None:
    from portal.reminders import services
    from portal.reminders.models import Delivery

    kind = "incidents.due_soon"
    written, seconds = timed(lambda: services.collect(kind))
    letters = Delivery.objects.count()
    say(f"{written} due reminders collected and written in {seconds:.1f} s, {letters} of them to be mailed")
    again, more = timed(lambda: services.collect(kind))
    say(f"collected once more: {again} written in {more:.1f} s")
    sent, spent = timed(lambda: services.deliver_due(seconds=LETTERS_FOR))
    gone = letters - Delivery.objects.waiting().count()
    say(f"{sent} letters with {gone} messages left in {spent:.1f} s")
    say(f"over {LIMIT} s: {'collecting' if seconds > LIMIT else 'none'}")


def timed(work: Callable[[], int]) -> tuple[Any, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


if __name__ == "__main__":
    main()
