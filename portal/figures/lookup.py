"""Numbers of places and periods: one question to what was counted, two to the records of the days since.

With different values and stocks it is one more for what is stored of each; never one for each place or period.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product

from django.db import connection

from grid.places.models import Level, Place
from portal.core.clock import today

from . import live
from .counting import Scope
from .live import Asked
from .models import DirtyDay, FigureKey
from .periods import MONTH, ONE_DAY, QUARTER, YEAR, Period, each_day, whole
from .registry import Distinct, Flow, Stock

Numbers = dict[tuple[int, int, str], int]
AsOf = dict[tuple[int, str], date]
_BY = {MONTH: "M", QUARTER: "Q", YEAR: "Y"}
_STORED = """
SELECT c.place_id, asked.at, c.figure_id, sum(c.value)::bigint
FROM unnest(%s::int[], %s::text[], %s::date[]) AS asked (at, period, day)
JOIN figures_count c ON c.period = asked.period AND c.day = asked.day
WHERE c.place_id = ANY(%s) AND c.figure_id = ANY(%s)
GROUP BY 1, 2, 3
"""
_TAKEN = """
SELECT s.figure_id, s.day, c.place_id, c.value FROM figures_snapshot s LEFT JOIN figures_count c
ON c.period = 'D' AND c.day = s.day AND c.figure_id = s.figure_id AND c.place_id = ANY(%s)
WHERE s.figure_id = ANY(%s) AND s.day = ANY(%s)
"""


@dataclass
class Search:
    """What is asked, how far it was counted, what has been found, and what must still be asked of the records."""

    places: Sequence[Place]
    periods: Sequence[Period]
    now: date = field(default_factory=today)
    found: Numbers = field(default_factory=dict)
    as_of: AsOf = field(default_factory=dict)  # by number of the period and key: what is read of an earlier day
    asked: list[Asked] = field(default_factory=list)  # of the records
    of_periods: list[tuple[str, date, date]] | None = None

    def __post_init__(self) -> None:
        rows = list(FigureKey.objects.values_list("key", "id", "through"))
        self.ids = {key: number for key, number, _through in rows}
        self.through = {key: through for key, _number, through in rows if through}
        levels = [place.level for place in self.places]
        communities = {place.community_id for place in self.places if place.community_id}
        self.scope = Scope(
            places=self.place_ids,
            communities=communities if min(levels) >= Level.COMMUNITY else None,
            high_only=max(levels) <= Level.COMMUNITY,
        )

    @property
    def place_ids(self) -> list[int]:
        return [place.pk for place in self.places]

    @property
    def is_of_one_community(self) -> bool:
        return self.scope.communities is not None and len(self.scope.communities) == 1

    def add(self, place: int, at: int, key: str, value: int) -> None:
        self.found[place, at, key] = self.found.get((place, at, key), 0) + value

    def counted_through(self, key: str) -> date:
        """The last day that is stored; the beginning of time when none is."""
        return min(self.through[key], self.now - ONE_DAY) if key in self.through else date.min

    def keys_of(self, keys: Iterable[str]) -> dict[int, str]:
        """Figures by their numbers, those left out that were never counted."""
        return {self.ids[key]: key for key in keys if key in self.ids}

    def awaits(self, source: str, first: date, last: date) -> bool:
        """Whether the quarters and years around these days wait for the night to be counted anew."""
        if self.of_periods is None:
            marked = DirtyDay.objects.filter(of_periods=True).order_by()
            self.of_periods = list(marked.values_list("source", "first", "last").distinct())
        return any(name == source and since <= last and until >= first for name, since, until in self.of_periods)


def numbers(
    places: Sequence[Place], figures: Iterable[Flow | Distinct | Stock], periods: Sequence[Period]
) -> tuple[Numbers, AsOf]:
    """The number of each figure, by place, number of the period and key; one that is missing is 0.

    With it, of which day those are that are not told as of now, though their period still runs.
    """
    search, asked = Search(places, periods), list(figures)
    _flows(search, [figure for figure in asked if isinstance(figure, Flow)])
    _distinct(search, [figure for figure in asked if isinstance(figure, Distinct)])
    _stocks(search, [figure for figure in asked if isinstance(figure, Stock)])
    live.ask(search.asked, search.scope, search.add)
    return search.found, search.as_of


def not_later_than_today(day: date) -> date:
    """The day a stock is read on: of a period that still runs, now."""
    return min(day, today())


# Flows


def _flows(search: Search, flows: list[Flow]) -> None:
    """Figures that were counted equally far are asked for together: as a rule that is all of them."""
    by_day: dict[date, list[Flow]] = defaultdict(list)
    for flow in flows:
        by_day[search.counted_through(flow.kept_as or flow.key)].append(flow)
    for through, same in by_day.items():
        stored = [
            (at, *part)
            for at, period in enumerate(search.periods)
            for part in _parts(period.first, min(period.last, through))
        ]
        kept: dict[str, list[str]] = defaultdict(list)
        for flow in same:
            kept[flow.kept_as or flow.key].append(flow.key)
        _ask_stored(search, stored, kept)
        later = through if through == date.min else through + ONE_DAY
        days = [
            (max(period.first, later), min(period.last, search.now), at) for at, period in enumerate(search.periods)
        ]
        days = [one for one in days if one[0] <= one[1]]
        if days:
            search.asked.append(Asked(days, flows=same))


def _parts(first: date, last: date) -> Iterator[tuple[str, date, date]]:
    """The whole months of some days as one stretch, and the days before and after them."""
    if first > last:
        return
    begins = first if first.day == 1 else whole(MONTH, first).last + ONE_DAY
    ends = last if whole(MONTH, last).last == last else last.replace(day=1) - ONE_DAY
    if begins > ends:
        yield "D", first, last
        return
    if first < begins:
        yield "D", first, begins - ONE_DAY
    yield "M", begins, ends.replace(day=1)
    if ends < last:
        yield "D", ends + ONE_DAY, last


# Different values


def _distinct(search: Search, figures: list[Distinct]) -> None:
    for figure in figures:
        stored = []
        for at, period in enumerate(search.periods):
            first, last = period.first, min(period.last, search.now)
            by = _stored_by(period) if last <= search.counted_through(figure.key) else ""
            if by and not (by in "QY" and search.awaits(figure.source.name, first, last)):
                stored.append((at, by, first, first))
            elif first <= last:
                search.asked.append(Asked([(first, last, at)], other=figure))
        _ask_stored(search, stored, {figure.key: [figure.key]})


def _stored_by(period: Period) -> str:
    """How different values of just these days are stored; "" when they are not."""
    if period.first == period.last:
        return "D"
    for kind, by in _BY.items():
        if (period.first, period.last) == ((exactly := whole(kind, period.first)).first, exactly.last):
            return by
    return ""


# Stocks


def _stocks(search: Search, figures: list[Stock]) -> None:
    """As each was seen when the period's last day had ended; where nobody looked, from the records."""
    if not figures:
        return
    ids = search.keys_of(figure.key for figure in figures)
    days, before = [min(period.last, search.now) for period in search.periods], search.now - ONE_DAY
    taken = _snapshots(search, ids, {*days, before})
    uncounted: dict[tuple[Stock, date], list[int]] = defaultdict(list)
    for figure, (at, day) in product(figures, enumerate(days)):
        is_last_nights = figure.slow and day == search.now and not search.is_of_one_community
        read_on = before if is_last_nights and (figure.key, before) in taken else day
        if read_on < day:
            search.as_of[at, figure.key] = read_on
        if (figure.key, read_on) in taken and read_on < search.now:
            for place, value in taken[figure.key, read_on].items():
                search.add(place, at, figure.key, value)
        else:
            uncounted[figure, day].append(at)
    for (figure, day), periods in uncounted.items():
        search.asked.append(Asked([(day, day, at) for at in periods], other=figure))


def _snapshots(search: Search, ids: dict[int, str], days: set[date]) -> dict[tuple[str, date], dict[int, int]]:
    """Which stocks were looked at when these days ended, and what there was at each place that had any."""
    found: dict[tuple[str, date], dict[int, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [search.place_ids, list(ids), list(days)])
        for number, day, place, value in cursor.fetchall():
            at = found[ids[number], day]
            if place is not None:
                at[place] = value
    return found


# Asking


def _ask_stored(search: Search, parts: list[tuple[int, str, date, date]], kept: Mapping[str, Iterable[str]]) -> None:
    """What is stored under each key, for all the figures that are kept there."""
    ids = search.keys_of(kept)
    if not parts or not ids:
        return
    days = [(at, by, day) for at, by, first, last in parts for day in _beginnings(by, first, last)]
    columns = [list(column) for column in zip(*days, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [*columns, search.place_ids, list(ids)])
        for place, at, number, value in cursor.fetchall():
            for key in kept[ids[number]]:
                search.add(place, at, key, value)


def _beginnings(by: str, first: date, last: date) -> Iterator[date]:
    """The first days of the rows of a stretch: every day, or that of every month."""
    if by == "M":
        while first <= last:
            yield first
            first = whole(MONTH, first).last + ONE_DAY
    else:
        yield from each_day(first, last)
