"""The marks that triggers leave on days that must be counted anew: read, and deleted by whoever has counted them."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import TruncMonth

from .database import EVERY_SOURCE
from .models import DirtyDay
from .periods import MONTH, ONE_DAY, YEAR, each_day, whole

AT_ONCE = 500
Run = tuple[date, date, set[int] | None]


def spread(names: Iterable[str], *, since: date | None, last: date) -> None:
    """Put marks of one source and one month in the place of those that say more, so that they are taken up by month.

    Before `since` nothing is on record, and after `last` nothing was counted.
    """
    names = list(names)
    wide = DirtyDay.objects.annotate(month=TruncMonth("first"), until=TruncMonth("last"))
    wide = wide.filter(~Q(month=F("until")) | Q(source=EVERY_SOURCE), of_periods=False)
    with transaction.atomic():
        taken = list(wide.select_for_update(skip_locked=True)[:AT_ONCE])
        narrow = (one for mark in taken for one in _narrow(mark, names, since, last))
        DirtyDay.objects.bulk_create(narrow, batch_size=1000)
        drop(taken)


def _narrow(mark: DirtyDay, names: list[str], since: date | None, last: date) -> Iterator[DirtyDay]:
    first, last = max(mark.first, since or mark.first), min(mark.last, last)
    while first <= last:
        until = min(whole(MONTH, first).last, last)
        for source in names if mark.source == EVERY_SOURCE else [mark.source]:
            yield DirtyDay(source=source, community_id=mark.community_id, first=first, last=until)
        first = until + ONE_DAY


def months(names: Iterable[str], last: date) -> list[tuple[str, date]]:
    """The sources and months that have marks on days that have ended, the latest first: people look at those."""
    marked = DirtyDay.objects.filter(of_periods=False, source__in=list(names), last__lte=last).order_by()
    found = marked.annotate(month=TruncMonth("first")).values_list("source", "month").distinct()
    return sorted(found, key=lambda one: (one[1], one[0]), reverse=True)


def within(source: str, first: date, last: date) -> list[DirtyDay]:
    """Marks of a source that concern nothing but these days."""
    return list(DirtyDay.objects.filter(source=source, of_periods=False, first__gte=first, last__lte=last))


def runs(taken: Iterable[DirtyDay]) -> Iterator[Run]:
    """Days in a row, with the communities that are marked on any of them; None is all."""
    marked: dict[date, set[int | None]] = {}
    for mark in taken:
        for day in each_day(mark.first, mark.last):
            marked.setdefault(day, set()).add(mark.community_id)
    for _, row in groupby(enumerate(sorted(marked)), key=lambda at: at[1].toordinal() - at[0]):
        days = [day for _number, day in row]
        communities = set().union(*(marked[day] for day in days))
        yield days[0], days[-1], None if None in communities else {pk for pk in communities if pk}


def drop(taken: Iterable[DirtyDay]) -> None:
    """Delete marks that were read, and none that came after."""
    DirtyDay.objects.filter(pk__in=[mark.pk for mark in taken]).delete()


def leave_for_periods(source: str, first: date, last: date) -> None:
    """Remember that the different values of the quarters and years around these days are not what they were."""
    DirtyDay.objects.create(source=source, first=first, last=last, of_periods=True)


def years() -> list[tuple[str, date]]:
    """Sources and the years in which the different values of quarters and of the year must be counted."""
    marked = DirtyDay.objects.filter(of_periods=True).order_by().values_list("source", "first").distinct()
    return sorted({(source, whole(YEAR, first).first) for source, first in marked})


def of_year(source: str, begins: date) -> list[DirtyDay]:
    """The marks `leave_for_periods` left in a year."""
    ends = whole(YEAR, begins).last
    return list(DirtyDay.objects.filter(source=source, of_periods=True, first__range=(begins, ends)))
