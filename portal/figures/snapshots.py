"""Stocks are looked at when a day has ended. What they were then stays, however late something else is found out.

Each day of the last two months is kept, and each end of a month for good; any other day is counted when somebody asks.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Min

from grid.places.models import PlaceSpan

from . import counting, storing
from .models import Count, FigureKey, Snapshot
from .periods import MONTH, ONE_DAY, each_day, whole
from .registry import Stock, stocks

KEPT = timedelta(days=62)
MONTHS = 13  # a year's trend, and the month before it
CAUGHT_UP = 31  # days
DAYS = 31  # asked for by hand: beyond it the ends of months


def keep_up(last: date, *, seconds: float = float("inf")) -> int:
    """Look at every stock as it stood when `last` and the days missed before it ended; returns how many rows change."""
    give_up, rows = monotonic() + seconds, 0
    began = PlaceSpan.objects.aggregate(first=Min("since"))["first"]
    for figure in stocks():
        ids = storing.ids_of([figure.key])
        taken = set(Snapshot.objects.filter(figure=ids[figure.key]).values_list("day", flat=True))
        for day in sorted(_wanted(last, taken), reverse=True):
            if began is None or day < began or monotonic() > give_up:
                break
            rows += take(figure, day, wait=False) or 0
    return rows


def take_again(first: date, last: date) -> int:
    """Look at every stock again as it stood on these days; of more than a month, on the ends of months and the last."""
    return take_days(looked_at(first, last))


def looked_at(first: date, last: date) -> list[date]:
    """The days on which stocks are looked at again when all from first to last are asked for."""
    if first > last:
        return []
    return list(each_day(first, last)) if (last - first).days < DAYS else sorted({*_month_ends(first, last), last})


def take_days(days: Iterable[date]) -> int:
    """Look at every stock again as it stood when each of these days ended; returns how many rows change."""
    return sum(take(figure, day) or 0 for day in days for figure in stocks())


def take(figure: Stock, day: date, *, wait: bool = True) -> int | None:
    """Write down what a stock was at every place when a day ended; None when somebody else does and one won't wait."""
    with transaction.atomic():
        storing.be_patient()
        if not storing.lock(f"{figure.key} {day}", wait=wait):
            return None
        number = storing.ids_of([figure.key])[figure.key]
        storing.know_ancestry(day, day)
        places = storing.places_of(None)
        asked = [counting.stock(figure, number, day)]
        rows = storing.replace(asked, period="D", figures=[number], places=places, first=day, last=day)
        Snapshot.objects.bulk_create([Snapshot(figure_id=number, day=day)], ignore_conflicts=True)
    return rows


def thin(last: date) -> int:
    """Forget the days before the last two months, ends of months left out; returns how many snapshots there were."""
    ends = list(_month_ends(last - timedelta(days=5000), last))
    forgotten = 0
    for number in FigureKey.objects.filter(key__in=[figure.key for figure in stocks()]).values_list("pk", flat=True):
        old = Snapshot.objects.filter(figure=number, day__lt=last - KEPT).exclude(day__in=ends)
        days = list(old.values_list("day", flat=True))
        if days:
            with transaction.atomic():
                places = storing.places_of(None)
                Count.objects.filter(place__in=places, figure=number, period="D", day__in=days).delete()
                forgotten += Snapshot.objects.filter(figure=number, day__in=days).delete()[0]
    return forgotten


def _wanted(last: date, taken: set[date]) -> Iterable[date]:
    """The last day, the days missed since the first time, and the ends of a year's months."""
    newest = max((day for day in taken if day <= last), default=last)
    # An end of a month may have been looked at long after it: the days that follow it were not missed for that.
    since = min((day for day in taken if day != whole(MONTH, day).last), default=newest)
    missed = each_day(max(since, last - timedelta(days=CAUGHT_UP)), last)
    begins = last
    for _month in range(MONTHS):
        begins = whole(MONTH, begins).first - ONE_DAY
    return {*missed, *_month_ends(begins, last)} - taken


def _month_ends(first: date, last: date) -> Iterator[date]:
    end = whole(MONTH, first).last
    while end <= last:
        yield end
        end = whole(MONTH, end + ONE_DAY).last
