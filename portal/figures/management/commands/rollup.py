from argparse import ArgumentParser
from datetime import date
from time import monotonic
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.figures import rollup
from portal.figures.management import days
from portal.figures.progress import last_settled_day
from portal.figures.snapshots import thin

ONCE = 3600.0  # seconds: whoever asks by hand waits


class Command(BaseCommand):
    """What the clock does every ten minutes, or the same for days that somebody names."""

    help = (
        "Count what was not counted yet or was marked since; or these days anew. Only days that have ended are stored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--day", metavar="DAY", help="count this day anew: YYYY-MM-DD")
        which.add_argument("--from", dest="first", metavar="DAY", help="count the days from here to --to anew")
        which.add_argument("--all", action="store_true", help="count everything anew")
        parser.add_argument("--to", dest="last", metavar="DAY", help="default yesterday")
        parser.add_argument("--hands", type=int, default=rollup.HANDS, help="how many months at once; default 2")

    def handle(self, *, first: str | None, last: str | None, hands: int, **options: Any) -> None:
        if last is not None and first is None:
            raise CommandError(_("--to needs --from."))
        began = monotonic()
        if options["all"]:
            rows = rollup.everything(hands=hands)
        elif options["day"] is not None:
            day = days.parse(options["day"])
            rows = self._days(day, day, hands)
        elif first is not None:
            rows = self._days(days.parse(first), last_settled_day() if last is None else days.parse(last), hands)
        else:
            rows = rollup.keep_up(seconds=ONCE) + rollup.periods()
            thin(last_settled_day())
        words = {"count": rows, "seconds": f"{monotonic() - began:.1f}"}
        told = ngettext(
            "%(count)d number has changed, in %(seconds)s s.", "%(count)d numbers have changed, in %(seconds)s s.", rows
        )
        self.stdout.write(told % words)

    def _days(self, since: date, until: date, hands: int) -> int:
        if since > until:
            raise CommandError(_("--from is later than --to."))
        if until > last_settled_day():
            raise CommandError(_("%(day)s has not ended: today is counted live.") % {"day": until})
        return rollup.days(since, until, hands=hands)
