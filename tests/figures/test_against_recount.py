"""Whatever happened, and however late it was entered: the roll-up says what a recount of the records says.

For every figure, at every place of every level, on every day, in every month, quarter, year and any other run of days;
after a night that only looked at what was marked, and after everything was counted anew.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grid.places.models import Place
from portal.core import outbox
from portal.core.clock import day_of
from portal.figures import reading, rollup, snapshots
from portal.figures.models import Count, Snapshot
from portal.figures.periods import DAY, MONTH, QUARTER, RANGE, YEAR, Period, whole
from portal.figures.registry import Distinct, Flow, Ratio, Score, Stock, by_key, figures
from tests.figures.histories import BEGINS, Step, World, steps, the_database_travels_too
from tests.figures.recount import FLOWS, RATES, Book, rates, score
from tests.roster.people import household, resident

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ONE_DAY = timedelta(days=1)
STOCKS = [figure.key for figure in figures if isinstance(figure, Stock)]
LAST_NIGHTS = {"places.households", "places.residents", "places.representatives", "places.mobilised", "places.elderly"}
Expected = dict[tuple[int, str], tuple[Any, Any]]
Looked = dict[tuple[str, date], Counter[tuple[int, str]]]

some = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@contextmanager
def on_paper() -> Iterator[None]:
    """Whatever is written in this block is taken back, and nobody is told."""
    with transaction.atomic(), outbox.silence():
        the_database_travels_too()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(places: Any, chen: Any, li: Any, zhang: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    """大龙 with a few homes; 陈 does the work, 李 and 张 sit in the office."""
    monkeypatch.setattr(snapshots, "MONTHS", 2)  # how stocks stood a year ago is not made up by these histories
    for place, building in ((places.qishan, "1栋"), (places.longji, "2栋"), (places.fuyi, "3栋")):
        for room in ("101", "102"):
            home = household(place, building=building, room=room)
            resident(home, "陈家生", birth=date(1964, 3, 1), represents_since=date(2024, 2, 1))
            resident(home, "黄丽芳", birth=date(1990, 1, 1), mobilised_since=date(2024, 3, 3))
    return World(places, staff=zhang, clerk=li, leader=chen)


def test_the_recount_knows_every_figure() -> None:
    told = {*FLOWS, *RATES, *STOCKS, "incidents.reporters", "incidents.overall_score"}
    assert {figure.key for figure in figures if figure.key.startswith(("incidents.", "places."))} == told


SETTLED_AND_REOPENED = [
    ("report", 2, 0, "general", 30, True),
    ("report", 3, 0, "general", 30, False),
    ("handle", 0, "settle", 20),
    ("handle", 0, "close", 3),
    ("bring", 1, 4, 5),
    ("handle", 1, "fairly", 0),
    ("night",),
    ("wait", 24),
    ("handle", 0, "reopen", 0),
    ("handle", 1, "reopen", 0),
    ("night",),
    ("handle", 0, "void", 0),
]
MERGED_AND_REDRAWN = [
    ("report", 2, 0, "general", 480, True),
    ("report", 3, 0, "general", 0, False),
    ("night",),
    ("handle", 1, "merge", 0),
    ("report", 2, 1, "serious", 20, False),
    ("handle", 2, "open", 0),
    ("handle", 2, "part", 0),
    ("redraw", "merge groups", 0, 1),
    ("redraw", "merge grids", 0, 1),
    ("report", 1, 0, "urgent", 100, False),
    ("night",),
    ("handle", 1, "separate", 0),
    ("correct", 0, "place", 0, 4),
    ("bring", 0, 4, 30),
]
OPENED_AND_MERGED_ON_ONE_DAY = [
    ("redraw", "split", 0, 0),
    ("report", 5, 0, "general", 0, True),
    ("redraw", "merge groups", 3, 0),
    ("redraw", "merge groups", 4, 0),
    ("night",),
]


@some
@given(st.lists(steps(), min_size=6, max_size=32))
@example(SETTLED_AND_REOPENED)
@example(MERGED_AND_REDRAWN)
@example(OPENED_AND_MERGED_ON_ONE_DAY)
def test_the_roll_up_says_what_the_records_say(world: World, history: list[Step]) -> None:
    with on_paper():
        world = replace(world)
        looked: Looked = {}
        for step in history:
            if step[0] == "night":
                night(world, looked)
            else:
                world.take(step)
        with world.clock():
            keep_up(world, looked)
            compare(world, looked)
            stored = kept()
            rollup.everything(hands=1)
            assert kept() == stored, "only the marked days were counted, and that was enough"


def night(world: World, looked: Looked) -> None:
    """Twenty past midnight the day that ended is counted."""
    tomorrow = datetime.combine(world.today + ONE_DAY, datetime.min.time(), world.now.tzinfo)
    world.now = tomorrow + timedelta(minutes=20)
    with world.clock():
        keep_up(world, looked)


def keep_up(world: World, looked: Looked) -> None:
    """Count what is missing; how stocks stand when they are looked at is kept, for they are never counted again."""
    rollup.keep_up(seconds=600)
    book = Book()
    stocks: dict[date, Counter[tuple[int, str]]] = {}
    for key, day in Snapshot.objects.values_list("figure__key", "day"):
        if (key, day) not in looked:
            stocks[day] = stocks.get(day) or book.stocks(day, world.now)
            looked[key, day] = stocks[day]


def kept() -> set[tuple[Any, ...]]:
    return set(
        Count.objects.exclude(figure__key__in=STOCKS).values_list("place", "figure__key", "period", "day", "value")
    )


# What is compared


def compare(world: World, looked: Looked) -> None:
    """Every figure in every period, read as a board reads it, against the recount; and the records behind it."""
    book, places = Book(), list(Place.objects.order_by("pk"))
    flows = book.flows(world.now)
    days = sorted(
        {day for _place, _key, day in flows if day <= world.today} | {world.today, BEGINS, world.today - ONE_DAY}
    )
    periods = list(periods_over(days))
    keys = [figure.key for figure in figures if figure.key.startswith(("incidents.", "places."))]
    told = reading.series(places, keys, periods)
    for period in periods:
        expected = recounted(book, flows, places, period, looked, world.now)
        found = {
            (place.pk, key): (told[place.pk, period, key].value, told[place.pk, period, key].n)
            for place in places
            for key in keys
        }
        wrong = {at: (found[at], expected[at]) for at in expected if found[at] != expected[at]}
        assert not wrong, f"{period}: found and expected {wrong}"
    longest = periods[-1]
    one = reading.read(places, keys, longest.first, longest.last)
    assert one == {(place.pk, key): told[place.pk, longest, key] for place in places for key in keys}
    for place in (world.cast.street, world.cast.grid, world.cast.qishan):
        whole_of = reading.read([place], keys, longest.first, longest.last)
        for key in (*FLOWS, *STOCKS):
            behind = reading.records(key, place, longest.first, longest.last)
            if behind is not None and not (key in LAST_NIGHTS and place == world.cast.street):
                assert behind.count() == whole_of[place.pk, key].value, f"the records behind {key} of {place}"


def periods_over(days: list[date]) -> Iterator[Period]:
    """Each of these days, the months, quarters and years they lie in, and two runs of days."""
    last = days[-1]
    yield from (Period(DAY, day, day) for day in days)
    for kind in (MONTH, QUARTER, YEAR):
        yield from dict.fromkeys(whole(kind, day).until(last) for day in days)
    middle = days[len(days) // 2]
    yield Period(RANGE, days[0], middle)
    yield Period(RANGE, middle, last)
    yield Period(RANGE, days[0], last)


def recounted(
    book: Book,
    flows: Counter[tuple[int, str, date]],
    places: list[Place],
    period: Period,
    looked: Looked,
    now: datetime,
) -> Expected:
    """Value and n of every figure at every place, by the recount."""
    sums: Counter[tuple[int, str]] = Counter()
    for (place, key, day), number in flows.items():
        if period.first <= day <= period.last:
            sums[place, key] += number
    reporters = book.reporters(period.first, period.last)
    live = book.stocks(period.last, now)
    stocks = {key: looked.get((key, period.last), live) for key in STOCKS}
    if period.last == day_of(now):  # asked of several communities at once, people are told as they were last night
        stocks |= {key: looked.get((key, period.last - ONE_DAY), live) for key in LAST_NIGHTS}
    expected: Expected = {}
    for pk in (place.pk for place in places):
        here = Counter({key: sums[pk, key] for key in FLOWS})
        of = rates(here)
        expected |= {(pk, key): (here[key], here[key]) for key in FLOWS}
        expected |= {(pk, key): (stocks[key][pk, key], stocks[key][pk, key]) for key in STOCKS}
        expected |= {(pk, key): (rounded(rate), n) for key, (rate, n) in of.items()}
        expected[pk, "incidents.reporters"] = (len(reporters[pk]), len(reporters[pk]))
        n = of["incidents.response_rate"][1]
        expected[pk, "incidents.overall_score"] = (rounded(score(of)), n)
    return expected


def rounded(rate: Decimal | None) -> Decimal | None:
    return None if rate is None else rate.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_rates_end_at_a_hundred() -> None:
    """A rate's upper half is a part of what it is divided by: no more can be handled than was due."""
    for figure in figures:
        if isinstance(figure, Ratio) and figure.key.startswith("incidents."):
            whole_of = by_key(figure.over)
            assert isinstance(whole_of, Flow)
            for _weight, key in figure.of:
                upper = by_key(key)
                assert isinstance(upper, Flow)
                assert (upper.source, upper.moment) == (whole_of.source, whole_of.moment)
        elif isinstance(figure, Score):
            assert sum(weight for weight, _key in figure.of) == 1
        elif isinstance(figure, Distinct):
            assert figure.counts_people
