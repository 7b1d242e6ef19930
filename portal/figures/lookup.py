# ruff: noqa: S608 - these are our own words and the ORM's
"""Numbers of places and periods: one question to what was counted, one to the records of the days since.

With different values and stocks it is one more for what is stored of each kind; never one for each place, figure or period.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection

from grid.places.models import Level, Place
from portal.core.clock import today

from . import counting
from .ancestry import ancestry
from .counting import Question, Scope
from .models import Count, DirtyDay, FigureKey, Snapshot
from .periods import MONTH, ONE_DAY, QUARTER, YEAR, Period, whole
from .registry import Distinct, Flow, Stock

Numbers = dict[tuple[int, int, str], int]
_BY = {MONTH: "M", QUARTER: "Q", YEAR: "Y"}
_STORED = """
SELECT c.place_id, asked.at, c.figure_id, sum(c.value)::bigint
FROM figures_count c
JOIN unnest(%s::int[], %s::text[], %s::date[], %s::date[]) AS asked (at, period, first, last)
    ON c.period = asked.period AND c.day BETWEEN asked.first AND asked.last
WHERE c.place_id = ANY(%s) AND c.figure_id = ANY(%s) AND c.period = ANY(%s) AND c.day BETWEEN %s AND %s
GROUP BY 1, 2, 3
"""


@dataclass
class Reading:
    """What is asked, what is known about how far it was counted, and what has been found."""

    places: Sequence[Place]
    periods: Sequence[Period]
    now: date = field(default_factory=today)
    numbers: Numbers = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    through: dict[str, date | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, number, through in FigureKey.objects.values_list("key", "id", "through"):
            self.ids[key], self.through[key] = number, through

    def add(self, place: int, at: int, key: str, value: int) -> None:
        self.numbers[place, at, key] = self.numbers.get((place, at, key), 0) + value

    @property
    def scope(self) -> Scope:
        levels = [place.level for place in self.places]
        all_in_communities = min(levels) >= Level.COMMUNITY
        communities = {place.community_id for place in self.places if place.community_id}
        return Scope(
            places=[place.pk for place in self.places],
            communities=communities if all_in_communities else None,
            high_only=max(levels) <= Level.COMMUNITY,
        )


def numbers(places: Sequence[Place], figures: Iterable[Flow | Distinct | Stock], periods: Sequence[Period]) -> Numbers:
    """The number of each figure, by place, number of the period and key; one that is missing is 0."""
    reading, asked = Reading(places, periods), list(figures)
    live: list[tuple[Question, dict[int, str], list[int]]] = []
    live += _flows(reading, [figure for figure in asked if isinstance(figure, Flow)])
    live += _distinct(reading, [figure for figure in asked if isinstance(figure, Distinct)])
    live += _stocks(reading, [figure for figure in asked if isinstance(figure, Stock)])
    _ask_records(reading, live)
    return reading.numbers


def not_later_than_today(day: date) -> date:
    """The day a stock is read on: of a period that still runs, now."""
    return min(day, today())
