"""When a message may leave: not in the quiet hours, and in a digest at its time. Asia/Shanghai defines the hours."""

from datetime import datetime, time, timedelta

from portal.core.clock import SHANGHAI

from .models import Preference
from .registry import Kind, Pace

# A transaction that wrote for this morning's digest may commit after it has left; then it is tomorrow's.
STILL_TODAY = timedelta(minutes=5)
ONE_DAY = timedelta(days=1)


def leaves_at(preference: Preference, kind: Kind, now: datetime) -> datetime | None:
    """The moment at which a reminder written `now` may leave; None when the user wants none of its group."""
    pace = preference.pace_of(kind.group)
    if pace == Pace.OFF:
        return None
    if kind.is_urgent:
        return now
    if pace == Pace.DIGEST:
        return after_quiet(preference, next_at(preference.digest_at, now + STILL_TODAY))
    return after_quiet(preference, now)


def after_quiet(preference: Preference, moment: datetime) -> datetime:
    """This moment, or the end of the quiet hours in which it lies."""
    if not is_quiet(preference, moment):
        return moment
    return next_at(preference.quiet_until, moment)


def is_quiet(preference: Preference, moment: datetime) -> bool:
    """Whether a moment lies in the user's quiet hours, which may span midnight and hold their first moment only."""
    begins, ends, at = preference.quiet_from, preference.quiet_until, moment.astimezone(SHANGHAI).time()
    return within(at, begins, ends)


def within(at: time, begins: time, ends: time) -> bool:
    """Whether a time of day lies in a span that may pass midnight; one that ends where it begins is empty."""
    return begins <= at < ends if begins <= ends else at >= begins or at < ends


def next_at(at: time, after: datetime) -> datetime:
    """The next moment after `after` at which clocks in Shanghai show `at`."""
    local = after.astimezone(SHANGHAI)
    found = datetime.combine(local.date(), at, SHANGHAI)
    return found if found > local else found + ONE_DAY
