"""How a deadline is said wherever one is shown: how long is left, or by how much it is missed."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core.clock import day_of
from portal.workdays.calendar import ends_at_noon, last_day_of

SOON = 4  # days; from here on the days left are counted
OVER, STILL, LATE, NEAR, FAR = "over", "still", "late", "near", "far"


@dataclass(frozen=True, slots=True)
class Due:
    """The last day, in words that suit how near it is; `kind` is over, still (the clock stands), late, near or far."""

    kind: str
    words: str


def due_of(due_at: datetime, *, is_open: bool, stands: bool, now: datetime) -> Due:
    """What is said of a deadline at this moment, in the reader's language; without any query."""
    last = last_day_of(due_at)
    if not is_open:
        return Due(OVER, last.isoformat())
    if stands:
        return Due(STILL, _("clock stands"))
    return _running(due_at, last, now)


def _running(due_at: datetime, last: date, now: datetime) -> Due:
    days = (last - day_of(now)).days
    if due_at < now:
        late = -days
        words = ngettext("%(late)d day overdue", "%(late)d days overdue", late) % {"late": late}
        return Due(LATE, words if late else _("overdue since noon"))
    if days == 0:
        return Due(NEAR, _("due at noon") if ends_at_noon(due_at) else _("due today"))
    if days < SOON:
        return Due(NEAR, ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days})
    return Due(FAR, last.isoformat())
