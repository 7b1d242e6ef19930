"""How far each source has been counted, how far it could be, and whether the night's counting has stopped.

It stands in the `FigureKey` of each figure, so that a day that nobody has counted yet is never taken for a day on which
nothing happened.
"""

from datetime import date, datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from portal.core.clock import day_of

from . import storing
from .models import FigureKey
from .periods import ONE_DAY
from .registry import sources

SETTLED_AFTER = timedelta(minutes=15)  # longer than any change of records takes: what began yesterday is committed then
LATE = timedelta(hours=2)  # longer than the night's counting takes


def last_settled_day() -> date:
    """The last day of which everything that was written on it can be seen."""
    return day_of(timezone.now() - SETTLED_AFTER) - ONE_DAY


def first_day(source: str) -> date | None:
    """The first day on which a source has anything on record."""
    rows, moments = None, {figure.moment: figure.source for figure in sources()[source]}
    for moment, whence in moments.items():
        found = whence.rows().order_by().aggregate(first=Min(moment))["first"]
        if found and (rows is None or day_of(found) < rows):
            rows = day_of(found)
    return rows


def next_day(source: str, known: dict[str, date] | None = None) -> date | None:
    """The first day that has not been counted; None when nothing is on record. `known` saves the question."""
    known = _known() if known is None else known
    keys = [figure.key for figure in sources()[source]]
    return min(known[key] for key in keys) + ONE_DAY if known.keys() >= set(keys) else first_day(source)


def has_counted(source: str, first: date, last: date) -> None:
    """Days that follow on what was counted before move the mark; others leave a gap before them."""
    begins = next_day(source)
    if begins is None or first <= begins:
        reach(source, last)


def reach(source: str, last: date) -> None:
    """Everything of a source has been counted up to this day; it never goes back."""
    ids = storing.ids_of(figure.key for figure in sources()[source])
    earlier = FigureKey.objects.filter(pk__in=ids.values())
    (earlier.filter(through=None) | earlier.filter(through__lt=last)).update(through=last)


def behind(last: date) -> dict[str, date]:
    """By source, the first day that ought to have been counted and was not; what is complete is missing."""
    known = _known()
    return {name: begins for name in sources() if (begins := next_day(name, known)) and begins <= last}


def counted_to(now: datetime | None = None) -> date | None:
    """The last day that whatever was ever counted has reached, when the night's counting lags; else None; one query.

    What was never counted is no lag: a portal that was set up today has not seen its first night.
    """
    keys = [figure.key for found in sources().values() for figure in found]
    reached = FigureKey.objects.filter(key__in=keys).aggregate(least=Min("through"))["least"]
    return reached if reached and reached < _ought(now) else None


def lags_since(now: datetime | None = None) -> date | None:
    """The first day that ought to have been counted two hours ago and was not; None when all is well."""
    return min(behind(_ought(now)).values(), default=None)


def _known() -> dict[str, date]:
    """How far each figure has been counted."""
    return {key: through for key, through in FigureKey.objects.values_list("key", "through") if through}


def _ought(now: datetime | None) -> date:
    """The last day that ought to have been counted."""
    return day_of((now or timezone.now()) - LATE - SETTLED_AFTER) - ONE_DAY
