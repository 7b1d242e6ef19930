"""The roll-up: what happened on a day is counted for every place above it, and replaces what stood there.

Work goes by source and month, one transaction each, under a lock of that source and month: two workers may meet, and
nothing is counted twice or by half. Marks are read, their days counted and they deleted in one transaction; one that is
written meanwhile stays for the next turn. How far it has come is told by `progress`.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from time import monotonic

from django.db import connection, transaction

from . import counting, marks, snapshots, storing
from .periods import MONTH, ONE_DAY, QUARTER, YEAR, Period, whole
from .progress import first_day, has_counted, last_settled_day, next_day, reach
from .registry import Distinct, Flow, sources

HANDS = 2


@dataclass(frozen=True)
class Work:
    """Some days of one month of one source."""

    source: str
    first: date
    last: date

    @property
    def month(self) -> Period:
        return whole(MONTH, self.first)

    @property
    def lock(self) -> str:
        return f"{self.source} {self.month.token}"


# What is asked for


def day(one: date, *, hands: int = 1) -> int:
    """Count one day anew, of every source and stock; safe to repeat and beside others. Returns how many rows change."""
    return days(one, one, hands=hands)


def days(first: date, last: date, *, hands: int = 1, progress: Callable[[], object] = lambda: None) -> int:
    """Count the days from one to another anew, of every source; those that have not ended are left out.

    With two `hands` two months are counted at once, each on a connection of its own. Stocks are looked at again as they
    stood on these days; of more than a month, when each month ended.
    """
    last = min(last, last_settled_day())
    rows = records(first, last, hands=hands, progress=progress)
    return rows + finish(first, last) + snapshots.take_again(first, last)


def records(first: date, last: date, *, hands: int = 1, progress: Callable[[], object] = lambda: None) -> int:
    """Count anew what happened on days that have ended; once all days somebody asked for are counted, `finish` them."""
    found = [work for name in sources() for work in _by_month(name, first, last)]
    return sum(_at_once(lambda work: recount(work) or 0, found, hands, progress))


def finish(first: date, last: date) -> int:
    """All records of these days were counted: write that down, and count the quarters and years they lie in."""
    for name in sources():
        has_counted(name, first, last)
    return periods()


def everything(*, hands: int = HANDS, progress: Callable[[], object] = lambda: None) -> int:
    """Count every day on which something is on record, up to yesterday."""
    last = last_settled_day()
    works = [work for name in sources() if (begins := first_day(name)) for work in _by_month(name, begins, last)]
    rows = sum(_at_once(lambda work: recount(work) or 0, works, hands, progress))
    for name in sources():
        reach(name, last)
    return rows + periods() + snapshots.keep_up(last)


def keep_up(*, seconds: float = 45.0) -> int:
    """Count what has not been counted yet and what was marked since, for so long at most; returns how many rows change.

    What another worker has in hand is left to it.
    """
    give_up, last, rows = monotonic() + seconds, last_settled_day(), 0
    for name in sources():
        for work in _behind(name, last):
            done = recount(work, wait=False) if monotonic() < give_up else None
            if done is None:
                break  # a source is counted up to a day without a gap
            rows += done
            reach(name, work.last)
    since = [begins for name in sources() if (begins := first_day(name))]
    marks.spread(sources(), since=min(since, default=None), last=last)
    for name, begins in marks.months(sources(), last):
        if monotonic() < give_up:
            rows += take_up(name, begins) or 0
    return rows + snapshots.keep_up(last, seconds=give_up - monotonic())


# One month of one source


def recount(work: Work, *, wait: bool = True) -> int | None:
    """Count some days of a month of a source everywhere; None when somebody else does and one would not wait."""
    with transaction.atomic():
        storing.be_patient()
        if not storing.lock(work.lock, wait=wait):
            return None
        taken = marks.within(work.source, work.first, work.last)
        rows = _count(work, communities=None)
        marks.drop(taken)
    return rows


def take_up(source: str, begins: date) -> int | None:
    """Count what is marked in a month of a source; None when somebody else does."""
    month = whole(MONTH, begins)
    with transaction.atomic():
        storing.be_patient()
        if not storing.lock(Work(source, begins, begins).lock, wait=False):
            return None
        taken = marks.within(source, month.first, min(month.last, last_settled_day()))
        found = [(Work(source, first, last), communities) for first, last, communities in marks.runs(taken)]
        rows = sum(_count(work, communities=communities) for work, communities in found)
        marks.drop(taken)
    return rows


def _count(work: Work, *, communities: set[int] | None) -> int:
    """Count these days and what the month comes to; of some communities, with what stands above them."""
    figures = sources().get(work.source, [])
    ids = storing.ids_of(figure.key for figure in figures)
    places = storing.places_of(communities)
    scope = counting.Scope(places=None if communities is None else places)
    storing.know_ancestry(work.month.first, work.month.last)
    rows = 0
    if flows := [figure for figure in figures if isinstance(figure, Flow)]:
        numbers = [ids[flow.key] for flow in flows]
        asked = counting.flows(flows, ids, work.first, work.last, scope)
        span = {"first": work.first, "last": work.last}
        rows += storing.replace_days(asked, work.month, figures=numbers, places=places, **span)
    if different := [figure for figure in figures if isinstance(figure, Distinct)]:
        days_of_work = Period(MONTH, work.first, work.last)
        rows += _different(different, ids, days_of_work, by="D", places=places, scope=scope)
        if work.month.last <= last_settled_day():
            rows += _different(different, ids, work.month, by="M", places=places, scope=scope)
        marks.leave_for_periods(work.source, work.first, work.last)
    return rows


def _different(
    figures: Iterable[Distinct],
    ids: dict[str, int],
    period: Period,
    *,
    by: str,
    places: list[int],
    scope: counting.Scope = counting.EVERYWHERE,
) -> int:
    figures, span = list(figures), {"first": period.first, "last": period.last}
    asked = [counting.distinct(one, ids[one.key], period.first, period.last, by=by, scope=scope) for one in figures]
    return storing.replace(asked, period=by, figures=[ids[one.key] for one in figures], places=places, **span)


# Different values of quarters and years, which no days add up to


def periods() -> int:
    """Count the different values of the quarters and years that have ended and in which something was counted anew.

    One that still runs is counted from the records when somebody asks: nobody would read what was counted of it.
    """
    return sum(_year(source, begins) for source, begins in marks.years())


def _year(source: str, begins: date) -> int:
    figures = [figure for figure in sources().get(source, []) if isinstance(figure, Distinct)]
    settled, rows = last_settled_day(), 0
    with transaction.atomic():
        storing.be_patient()
        storing.lock(f"{source} {begins.year}")
        taken = marks.of_year(source, begins)
        touched = {whole(kind, mark.first): by for mark in taken for kind, by in ((QUARTER, "Q"), (YEAR, "Y"))}
        ids, places = storing.ids_of(figure.key for figure in figures), storing.places_of(None)
        for period, by in touched.items():
            if period.last <= settled and figures:
                storing.know_ancestry(period.first, period.last)
                rows += _different(figures, ids, period, by=by, places=places)
        marks.drop(taken)
    return rows


# Work by month


def _behind(source: str, last: date) -> Iterator[Work]:
    begins = next_day(source)
    if begins is None or begins > last:
        reach(source, last)
    else:
        yield from _by_month(source, begins, last)


def _by_month(source: str, first: date, last: date) -> Iterator[Work]:
    while first <= last:
        until = min(whole(MONTH, first).last, last)
        yield Work(source, first, until)
        first = until + ONE_DAY


def _at_once(do: Callable[[Work], int], works: list[Work], hands: int, progress: Callable[[], object]) -> Iterator[int]:
    """What each piece of work came to; on connections of their own, unless this one is in the middle of something."""
    if hands < 2 or len(works) < 2 or connection.in_atomic_block:
        for work in works:
            yield do(work)
            progress()
        return

    def apart(work: Work) -> int:
        try:
            return do(work)
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        for rows in pool.map(apart, works):
            yield rows
            progress()
