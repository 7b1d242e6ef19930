"""Households and people of a day: from when to when somebody counts, and where."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grid.places.models import Place, PlaceSpan
from grid.roster.models import Household, HouseholdSpan, Resident, ResidentSpan
from portal.figures import services
from portal.figures.registry import stocks
from tests.roster.people import household, resident

DAY = date(2023, 5, 31)
NEXT = DAY + timedelta(days=1)
BEFORE = DAY - timedelta(days=1)


def counted(place: Place, day: date = DAY) -> dict[str, Any]:
    return {
        one.figure.key.removeprefix("places."): one.value
        for one in services.count(place, date(2021, 1, 1), day)
        if one.figure.key.startswith("places.")
    }


def people(place: Place, day: date = DAY) -> tuple[int, int]:
    """Households and residents."""
    numbers = counted(place, day)
    return numbers["households"], numbers["residents"]


def test_everything_that_is_counted_of_a_community(places: Any) -> None:
    home, empty = household(places.qishan), household(places.qishan, room="601")
    resident(home, "陈家生", birth=date(1963, 5, 31), represents_since=DAY)
    resident(home, "黄丽芳", birth=date(1963, 6, 1), mobilised_since=DAY)
    resident(home, "陈晓彤", birth=date(2015, 1, 1))
    resident(household(places.fuyi), "李强")
    resident(household(places.lingbian_group), "周永")

    assert counted(places.dalong) == {
        "grids": 2,
        "building_groups": 3,
        "households": 2,
        "residents": 4,
        "representatives": 1,
        "mobilised": 2,
        "elderly": 1,
    }
    assert people(places.qishan) == (1, 3)
    assert people(places.grid) == (1, 3)
    assert people(places.street) == people(places.district) == (3, 5)
    assert empty.residents.count() == 0, "a vacant flat is no household"


def test_the_day_counts_as_it_ended(places: Any) -> None:
    home = household(places.qishan)
    resident(home, "陈家生", since=DAY)
    resident(home, "黄丽芳", until=DAY, left_because=Resident.Left.MOVED_OUT)
    resident(home, "陈伯", until=NEXT, left_because=Resident.Left.DECEASED)
    resident(home, "陈小宝", since=NEXT)

    assert [people(places.qishan, day)[1] for day in (BEFORE, DAY, NEXT)] == [2, 2, 2]
    assert people(places.qishan) == (1, 2)


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [(DAY, None, 1), (NEXT, None, 0), (BEFORE, DAY, 0), (BEFORE, NEXT, 1)],
)
def test_representatives_count_while_they_represent(places: Any, since: date, until: date | None, counts: int) -> None:
    resident(household(places.qishan), represents_since=since, represents_until=until)

    assert counted(places.dalong)["representatives"] == counts


def test_whoever_is_mobilised_later_does_not_count_yet(places: Any) -> None:
    resident(household(places.qishan), mobilised_since=NEXT)

    assert counted(places.dalong)["mobilised"] == 0
    assert counted(places.dalong, NEXT)["mobilised"] == 1


@pytest.mark.parametrize(("birth", "counts"), [("1963-05-31", 1), ("1963-06-01", 0), (None, 0)])
def test_elderly_are_those_who_were_sixty_on_the_day(places: Any, birth: str | None, counts: int) -> None:
    resident(household(places.qishan), birth=birth and date.fromisoformat(birth))

    assert counted(places.dalong)["elderly"] == counts


# Moving


def move(one: Resident, home: Household, day: date) -> None:
    """As the service writes it down."""
    ResidentSpan.objects.create(resident=one, household=one.household, until=day)
    one.household = home
    one.save()


def test_whoever_moved_later_is_counted_where_they_lived(places: Any) -> None:
    old, new = household(places.qishan), household(places.fuyi)
    one = resident(old, represents_since=DAY)
    move(one, new, NEXT)

    assert (people(places.qishan), people(places.fuyi)) == ((1, 1), (0, 0))
    assert (people(places.qishan, NEXT), people(places.fuyi, NEXT)) == ((0, 0), (1, 1))
    assert people(places.dalong) == people(places.dalong, NEXT) == (1, 1)
    assert counted(places.qishan)["representatives"] == 1


def test_whoever_moved_twice_is_counted_once_where_they_lived_that_day(places: Any) -> None:
    first, second, third = (household(place) for place in (places.qishan, places.longji, places.fuyi))
    one = resident(first)
    move(one, second, DAY)
    move(one, third, NEXT)

    there = [
        [people(place, day)[1] for place in (places.qishan, places.longji, places.fuyi)] for day in (BEFORE, DAY, NEXT)
    ]
    assert there == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_whoever_moved_twice_on_one_day_never_was_in_between(places: Any) -> None:
    first, second, third = (household(place) for place in (places.qishan, places.longji, places.fuyi))
    one = resident(first)
    move(one, second, NEXT)
    move(one, third, NEXT)

    assert [people(place)[1] for place in (places.qishan, places.longji, places.fuyi)] == [1, 0, 0]


def test_those_who_stay_and_those_who_left_are_one_household_on_the_day(places: Any) -> None:
    home = household(places.qishan)
    resident(home, "陈家生")
    move(resident(home, "陈小强"), household(places.fuyi), NEXT)

    assert people(places.dalong) == (1, 2)
    assert people(places.dalong, NEXT) == (2, 2)


# Redrawing


def redraw(home: Household, group: Place, day: date) -> None:
    """As the service writes it down."""
    HouseholdSpan.objects.create(household=home, place=home.place, until=day)
    home.place = group
    home.save()


def test_a_household_that_came_to_another_group_is_counted_where_it_stood(places: Any) -> None:
    home = household(places.qishan)
    resident(home)
    redraw(home, places.fuyi, NEXT)

    assert (people(places.qishan), people(places.fuyi)) == ((1, 1), (0, 0))
    assert (people(places.grid), people(places.second_grid)) == ((1, 1), (0, 0))
    assert (people(places.qishan, NEXT), people(places.fuyi, NEXT)) == ((0, 0), (1, 1))


def test_a_group_that_was_merged_away_keeps_its_past(places: Any) -> None:
    home = household(places.longji)
    resident(home)
    redraw(home, places.qishan, NEXT)
    PlaceSpan.objects.filter(place=places.longji).update(until=NEXT)

    assert people(places.longji) == (1, 1)
    assert people(places.grid) == people(places.dalong) == (1, 1)
    assert counted(places.dalong)["building_groups"] == 3
    assert people(places.dalong, NEXT) == people(places.qishan, NEXT) == (1, 1)
    assert counted(places.dalong, NEXT)["building_groups"] == 2


def test_someone_who_moved_into_a_household_before_that_was_redrawn(places: Any) -> None:
    """Two moves of two kinds on different days: each is undone for the days before it."""
    old, new = household(places.qishan), household(places.longji)
    one = resident(old)
    move(one, new, DAY)
    redraw(new, places.fuyi, NEXT)

    there = [
        [people(place, day)[1] for place in (places.qishan, places.longji, places.fuyi)] for day in (BEFORE, DAY, NEXT)
    ]
    assert there == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_any_number_of_people_costs_the_same(places: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            counted(places.dalong)
        return len(asked)

    resident(household(places.qishan, room="501"))
    with_one = queries()
    for room in ("502", "503"):
        resident(household(places.qishan, room=room))

    assert queries() == with_one <= 14


def test_the_people_behind_a_number_are_as_many(places: Any) -> None:
    old, new = household(places.qishan), household(places.fuyi)
    one = resident(old, represents_since=DAY, birth=date(1950, 1, 1))
    resident(new, mobilised_since=BEFORE)
    move(one, new, NEXT)
    redraw(new, places.longji, NEXT + timedelta(days=1))

    for figure in (figure for figure in stocks() if figure.key.startswith("places.")):
        assert figure.records is not None
        key = figure.key.removeprefix("places.")
        for place in (places.qishan, places.fuyi, places.longji, places.grid, places.dalong, places.street):
            for day in (DAY, NEXT, NEXT + timedelta(days=1)):
                told = counted(place, day)[key]
                assert figure.count(place, day) == figure.records(place, day).count() == told, (key, place, day)
