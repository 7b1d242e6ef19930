"""Letters leave: taken by one worker at a time, counted before they are sent, and under the same number if sent again.

Whatever of a user's is due leaves together. A worker that is killed between the mail server's word and the note of it
has the letter sent once more, a minute and a half later, with the Message-ID it had: nothing is lost, and a mailbox
that looks at numbers shows it once.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.reminders.channels import Away, Channel, Letter, NotSent, channels
from portal.reminders.models import Delivery, DeliveryQuerySet, Preference
from portal.reminders.registry import kinds
from portal.reminders.timing import is_quiet, leaves_at

from .telling import remind

log = structlog.get_logger(__name__)

SECONDS = 45  # a worker stops a task after a minute
USERS, MOST = 200, 5_000  # whose letters are looked for together, and how much goes into one
MAX_ATTEMPTS = 8  # about four hours
TAKEN_FOR = timedelta(seconds=95)  # longer than a worker lets this task live: then whoever took it is dead
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=2)
REFUSED_FOR_GOOD = 3  # letters in a row
KEPT = timedelta(days=90)
Outcome = Delivery.Outcome
Send = Callable[[Letter], None]


def deliver_due(*, seconds: float = SECONDS) -> int:
    """Send what may leave now, for so long at most; returns how many letters left. Several at once share the work."""
    give_up, sent = time.monotonic() + seconds, 0
    for channel in channels:
        if not channel.is_open() or not Delivery.objects.due().filter(channel=channel.key).exists():
            continue
        try:
            with channel.connect() as send:
                for letter, attempts in _letters(channel, give_up):
                    sent += _deliver(letter, attempts, channel, send)
        except Away as reason:
            log.warning("reminders.channel_away", channel=channel.key, reason=str(reason))
    return sent


def deliver_again() -> int:
    """Give what was given up another round, from now on; returns how many there are."""
    again = Delivery.objects.filter(outcome=Outcome.GIVEN_UP)
    return again.update(ended_at=None, outcome="", attempts=0, last_error="", available_at=timezone.now())


def forget_delivered() -> int:
    """Drop what ended long ago; the messages themselves stay in the inboxes."""
    return Delivery.objects.filter(ended_at__lt=timezone.now() - KEPT).delete()[0]


def _letters(channel: Channel, give_up: float) -> Iterable[tuple[Letter, int]]:
    """One letter after the other, each taken when it is asked for."""
    seen: set[int] = set()
    while users := _users(channel, seen):
        for user in users:
            if time.monotonic() > give_up:
                return
            while found := _take(channel, user):  # what was taken before, then what is new
                yield found
        seen.update(users)


def _users(channel: Channel, seen: set[int]) -> list[int]:
    due = Delivery.objects.due().filter(channel=channel.key).exclude(user__in=seen).order_by("available_at")
    return list(dict.fromkeys(due.values_list("user", flat=True)[: 10 * USERS]))[:USERS]


@transaction.atomic
def _take(channel: Channel, user: int) -> tuple[Letter, int] | None:
    """What is due for one user as a letter, and for the how-many-th time; None when others have it, or nothing leaves.

    The user's row is held first, so that two workers never make two letters of what belongs together.
    """
    now = timezone.now()
    held = Preference.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
    preference = held.filter(pk=user).first()
    if preference is None:
        return None
    due = Delivery.objects.due(now).filter(user=user, channel=channel.key).order_by("bundle", "id")
    rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("reminder")[:MOST])
    if not rows:
        return None
    rows = [row for row in rows if row.bundle == rows[0].bundle]  # what was taken before stays together
    leaving = _still_leaving(rows, channel, preference, now)
    if not leaving:
        return None
    number = leaving[0].bundle or leaving[0].pk
    attempts = max(row.attempts for row in leaving) + 1
    taken = Delivery.objects.filter(pk__in=[row.pk for row in leaving])
    taken.update(bundle=number, attempts=attempts, available_at=now + TAKEN_FOR)
    return Letter(preference, [row.reminder for row in leaving], number), attempts


def _still_leaving(rows: Sequence[Delivery], channel: Channel, preference: Preference, now: datetime) -> list[Delivery]:
    """Those that have to leave now; the others end here, or wait for the end of the quiet hours."""
    if not (channel.reaches(preference) and preference.user.is_active):
        return _end(rows, Outcome.OFF, now)
    leaving: list[Delivery] = []
    matters = _mattering(rows)
    for row in rows:
        kind = kinds.items.get(row.reminder.kind)
        if row.reminder.read_at:
            _end([row], Outcome.READ, now)
        elif kind is None or row.reminder_id not in matters:
            _end([row], Outcome.OBSOLETE, now)
        elif (leaves := leaves_at(preference, kind, now)) is None:
            _end([row], Outcome.OFF, now)
        elif row.attempts >= MAX_ATTEMPTS:
            _end([row], Outcome.GIVEN_UP, now)
        elif not kind.is_urgent and is_quiet(preference, now):
            Delivery.objects.filter(pk=row.pk).update(available_at=leaves)
        else:
            leaving.append(row)
    return leaving


def _mattering(rows: Iterable[Delivery]) -> set[int]:
    """Which reminders are not settled meanwhile; one question for each kind that can be."""
    found: set[int] = set()
    by_kind: dict[str, list] = {}
    for row in rows:
        by_kind.setdefault(row.reminder.kind, []).append(row.reminder)
    for key, reminders in by_kind.items():
        kind = kinds.items.get(key)
        found |= set(kind.still(reminders)) if kind and kind.still else {one.pk for one in reminders}
    return found


def _end(rows: Iterable[Delivery], outcome: str, now: datetime) -> list[Delivery]:
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=now, outcome=outcome)
    return []


def _deliver(letter: Letter, attempts: int, channel: Channel, send: Send) -> bool:
    mine = Delivery.objects.waiting().filter(bundle=letter.number, channel=channel.key, attempts=attempts)
    try:
        send(letter)
    except NotSent as reason:
        _put_back(letter, mine, attempts, reason)
        return False
    except Away as reason:
        # Behind the others, for it may be this letter alone on which the server hangs up.
        now, error = timezone.now(), str(reason)[:120]
        mine.update(attempts=attempts - 1, available_at=now + PAUSE, last_error=error)
        raise
    mine.update(ended_at=timezone.now(), outcome=Outcome.SENT, last_error="")
    Preference.objects.filter(pk=letter.preference.pk, refusals__gt=0).update(refusals=0)
    return True


@transaction.atomic
def _put_back(letter: Letter, mine: DeliveryQuerySet, attempts: int, reason: NotSent) -> None:
    now, error = timezone.now(), str(reason)[:120]
    log.warning("reminders.not_sent", letter=letter.number, attempts=attempts, reason=error)
    if reason.is_refused:
        mine.update(ended_at=now, outcome=Outcome.REFUSED, last_error=error)
        _count_refusal(letter.preference.user, now)
    elif attempts >= MAX_ATTEMPTS:
        mine.update(ended_at=now, outcome=Outcome.GIVEN_UP, last_error=error)
    else:
        pause = min(PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
        mine.update(available_at=now + pause, last_error=error)


def _count_refusal(user: User, now: datetime) -> None:
    """An address that takes nothing three times in a row has to be confirmed anew; its owner reads so in the inbox."""
    Preference.objects.filter(pk=user.pk).update(refusals=F("refusals") + 1)
    given_up = Preference.objects.filter(pk=user.pk, refusals__gte=REFUSED_FOR_GOOD)
    if given_up.update(email_confirmed_at=None, email_refused_at=now, refusals=0):
        text = _("Your e-mail address takes no messages from the portal. Check it, then confirm it again.")
        remind(user, kind="reminders.address_refused", about=user, stage=now.isoformat()[:19], text=text)
