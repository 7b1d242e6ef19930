"""Which period a board looks at: it stands in the address; the usual ones and those beside it are a click away."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.core.clock import today
from portal.core.refusals import Text
from portal.figures import periods
from portal.figures.periods import EARLIEST, Period

STAYS = ("panel", "sort")  # what else of an address stays when the period changes
BACK = {periods.DAY: 14, periods.MONTH: 12, periods.QUARTER: 8, periods.YEAR: 5}  # how many of a kind a trend shows
MOST_DAYS = 366 * 5
MOST_POINTS = 62


@dataclass(frozen=True)
class Choice:
    """A period one may go to."""

    label: Text
    token: str
    is_chosen: bool = False


def asked(query: QueryDict) -> Period:
    """The period of an address, this month when it names none. Raises ValueError for nonsense and the future."""
    token = query.get("period", "")
    if not token:
        return periods.current(periods.MONTH, today())
    found = periods.parse(token)
    if not EARLIEST <= found.first <= today() or found.days > MOST_DAYS:
        raise ValueError(token)
    return found.until(today())


def usual(chosen: Period) -> Iterator[Choice]:
    """Today, this month and the last, this quarter, this year."""
    this_month = periods.current(periods.MONTH, today())
    offers = (
        (_("Today"), periods.current(periods.DAY, today())),
        (_("This month"), this_month),
        (_("Last month"), beside(this_month, -1)),
        (_("This quarter"), periods.current(periods.QUARTER, today())),
        (_("This year"), periods.current(periods.YEAR, today())),
    )
    for label, period in offers:
        if period:
            yield Choice(label, period.token, period.token == chosen.token)


def beside(period: Period, step: int) -> Period | None:
    """The calendar's next period of the kind (`step` 1), or the one before (-1); none begins in the future."""
    if period.kind == periods.RANGE:
        return None
    day = period.first - periods.ONE_DAY if step < 0 else period.last + periods.ONE_DAY
    return periods.whole(period.kind, day).until(today()) if EARLIEST <= day <= today() else None


def recent(period: Period) -> list[Period]:
    """What a trend shows: the last few of the kind with this one at the end; of a free period its parts."""
    if period.kind == periods.RANGE:
        return _parts(period)
    found = [period]
    while len(found) < BACK[period.kind] and (one := beside(found[0], -1)):
        found.insert(0, one)
    return found


def _parts(period: Period) -> list[Period]:
    """The days of a few weeks; of more days the months, cut off where the period begins and ends."""
    if period.days <= MOST_POINTS:
        return period.parts()
    months, day = [], period.first
    while day <= period.last:
        month = periods.whole(periods.MONTH, day).until(period.last)
        months.append(Period(periods.RANGE, day, month.last) if day > month.first else month)
        day = month.last + periods.ONE_DAY
    return months
