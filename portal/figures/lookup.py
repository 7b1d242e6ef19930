"""Numbers of places and periods: one question to what was counted, one to the records of the days since.

With different values and stocks it is one more for what is stored of each; never one for each place or period.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product

from django.db import connection

from grid.places.models import Level, Place
from portal.core.clock import today

from . import counting
from .ancestry import ancestry
from .counting import Question, Scope
from .models import Count, DirtyDay, FigureKey, Snapshot
from .periods import MONTH, ONE_DAY, QUARTER, YEAR, Period, each_day, whole
from .registry import Distinct, Flow, Stock

Numbers = dict[tuple[int, int, str], int]
Days = tuple[date, date, int]  # from, to, and the period they belong to
_BY = {MONTH: "M", QUARTER: "Q", YEAR: "Y"}
_STORED = """
SELECT c.place_id, asked.at, c.figure_id, sum(c.value)::bigint
FROM unnest(%s::int[], %s::text[], %s::date[]) AS asked (at, period, day)
JOIN figures_count c ON c.period = asked.period AND c.day = asked.day
WHERE c.place_id = ANY(%s) AND c.figure_id = ANY(%s)
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Answer:
    """What a number in the records' answer stands for."""

    key: str
    days: tuple[Days, ...]


@dataclass
class Reading:
    """What is asked, how far it was counted, what has been found, and what must still be asked of the records."""

    places: Sequence[Place]
    periods: Sequence[Period]
    now: date = field(default_factory=today)
    found: Numbers = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
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

    def ask(self, question: Question | None) -> None:
        if question:
            self.questions.append(question)

    def expect(self, key: str, days: Iterable[Days]) -> int:
        """A number under which the records will answer for a figure; each answer counts where its day lies."""
        self.answers.append(Answer(key, tuple(days)))
        return len(self.answers) - 1


def numbers(places: Sequence[Place], figures: Iterable[Flow | Distinct | Stock], periods: Sequence[Period]) -> Numbers:
    """The number of each figure, by place, number of the period and key; one that is missing is 0."""
    reading, asked = Reading(places, periods), list(figures)
    _flows(reading, [figure for figure in asked if isinstance(figure, Flow)])
    _distinct(reading, [figure for figure in asked if isinstance(figure, Distinct)])
    _stocks(reading, [figure for figure in asked if isinstance(figure, Stock)])
    _ask_records(reading)
    return reading.found


def not_later_than_today(day: date) -> date:
    """The day a stock is read on: of a period that still runs, now."""
    return min(day, today())


# Flows


def _flows(reading: Reading, flows: list[Flow]) -> None:
    """Figures that were counted equally far are asked for together: as a rule that is all of them."""
    by_day: dict[date, list[Flow]] = defaultdict(list)
    for flow in flows:
        by_day[reading.counted_through(flow.key)].append(flow)
    for through, same in by_day.items():
        stored = [
            (at, *part)
            for at, period in enumerate(reading.periods)
            for part in _parts(period.first, min(period.last, through))
        ]
        _ask_stored(reading, stored, [flow.key for flow in same])
        later = through if through == date.min else through + ONE_DAY
        live = [
            (max(period.first, later), min(period.last, reading.now), at) for at, period in enumerate(reading.periods)
        ]
        live = [days for days in live if days[0] <= days[1]]
        if live:
            ids = {flow.key: reading.expect(flow.key, live) for flow in same}
            first, last = min(days[0] for days in live), max(days[1] for days in live)
            reading.questions += counting.flows(same, ids, first, last, reading.scope)


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


def _distinct(reading: Reading, figures: list[Distinct]) -> None:
    for figure in figures:
        stored = []
        for at, period in enumerate(reading.periods):
            first, last = period.first, min(period.last, reading.now)
            by = _stored_by(period) if last <= reading.counted_through(figure.key) else ""
            if by and not (by in "QY" and reading.awaits(figure.source.name, first, last)):
                stored.append((at, by, first, first))
            elif first <= last:
                number = reading.expect(figure.key, [(first, first, at)])
                reading.ask(counting.distinct(figure, number, first, last, by="", scope=reading.scope))
        _ask_stored(reading, stored, [figure.key])


def _stored_by(period: Period) -> str:
    """How different values of just these days are stored; "" when they are not."""
    if period.first == period.last:
        return "D"
    for kind, by in _BY.items():
        if (period.first, period.last) == ((exactly := whole(kind, period.first)).first, exactly.last):
            return by
    return ""


# Stocks


def _stocks(reading: Reading, figures: list[Stock]) -> None:
    """As each was seen when the period's last day had ended; where nobody looked, from the records."""
    if not figures:
        return
    ids = reading.keys_of(figure.key for figure in figures)
    days, before = [min(period.last, reading.now) for period in reading.periods], reading.now - ONE_DAY
    looked = Snapshot.objects.filter(figure__in=list(ids), day__in={*days, before})
    taken = {(ids[number], day) for number, day in looked.values_list("figure", "day")}
    stored: dict[tuple[str, date], list[int]] = defaultdict(list)
    live: dict[tuple[Stock, date], list[int]] = defaultdict(list)
    for figure, (at, day) in product(figures, enumerate(days)):
        is_last_nights = figure.slow and day == reading.now and not reading.is_of_one_community
        read_on = before if is_last_nights and (figure.key, before) in taken else day
        if (figure.key, read_on) in taken and read_on < reading.now:
            stored[figure.key, read_on].append(at)
        else:
            live[figure, day].append(at)
    _read_snapshots(reading, ids, stored)
    for (figure, day), periods in live.items():
        number = reading.expect(figure.key, [(day, day, at) for at in periods])
        reading.ask(counting.stock(figure, number, day, reading.scope))


def _read_snapshots(reading: Reading, ids: dict[int, str], stored: dict[tuple[str, date], list[int]]) -> None:
    if not stored:
        return
    days = {day for _key, day in stored}
    rows = Count.objects.filter(place__in=reading.place_ids, figure__in=list(ids), period="D", day__in=days)
    for place, number, day, value in rows.values_list("place", "figure", "day", "value"):
        for at in stored.get((ids[number], day), []):
            reading.add(place, at, ids[number], value)


# Asking


def _ask_stored(reading: Reading, parts: list[tuple[int, str, date, date]], keys: list[str]) -> None:
    ids = reading.keys_of(keys)
    if not parts or not ids:
        return
    days = [(at, by, day) for at, by, first, last in parts for day in _beginnings(by, first, last)]
    columns = [list(column) for column in zip(*days, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [*columns, reading.place_ids, list(ids)])
        for place, at, number, value in cursor.fetchall():
            reading.add(place, at, ids[number], value)


def _beginnings(by: str, first: date, last: date) -> Iterator[date]:
    """The first days of the rows of a stretch: every day, or that of every month."""
    if by == "M":
        while first <= last:
            yield first
            first = whole(MONTH, first).last + ONE_DAY
    else:
        yield from each_day(first, last)


def _ask_records(reading: Reading) -> None:
    """Everything that must be counted now, in one question."""
    if not reading.questions:
        return
    days = [days for answer in reading.answers for days in answer.days]
    first, last = min(one[0] for one in days), max(one[1] for one in days)
    # A range of different values answers for its first day, and asks for the places of all of them.
    last = max(last, min(max(period.last for period in reading.periods), reading.now))
    scope = reading.scope
    tree = ancestry(first, last, communities=scope.communities, high_only=scope.high_only)
    sql = f"WITH RECURSIVE {tree.sql} " + " UNION ALL ".join(f"({question.sql})" for question in reading.questions)
    params = [*tree.params, *(param for question in reading.questions for param in question.params)]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for place, number, day, value in cursor.fetchall():
            answer = reading.answers[number]
            for first, last, at in answer.days:
                if first <= day <= last:
                    reading.add(place, at, answer.key, value)
