"""The places of a day stay the places of that day."""

from datetime import date, timedelta
from typing import Any

import pytest

from grid.places.models import Level, Place, PlaceSpan
from portal.figures.ancestry import places_on
from tests.cast import SINCE

TODAY = date(2024, 6, 1)
YESTERDAY = TODAY - timedelta(days=1)


def groups_on(day: date, within: Place, level: int = Level.BUILDING_GROUP) -> set[int]:
    return {row["place"] for row in places_on(day, within=within, level=level)}


def end(place: Place, day: date, *, then: Place | None = None) -> None:
    PlaceSpan.objects.filter(place=place, until=None).update(until=day)
    if then:
        PlaceSpan.objects.create(place=place, parent=then, since=day)


def test_every_level_finds_what_stands_below_it(places: Any) -> None:
    groups = {places.qishan.pk, places.longji.pk, places.fuyi.pk}
    assert groups_on(TODAY, places.dalong) == groups
    assert groups_on(TODAY, places.street) == groups_on(TODAY, places.district) == groups | {places.lingbian_group.pk}
    assert groups_on(TODAY, places.grid) == {places.qishan.pk, places.longji.pk}
    assert groups_on(TODAY, places.dalong, Level.GRID) == {places.grid.pk, places.second_grid.pk}


def test_a_place_is_within_itself_and_nothing_higher_is(places: Any) -> None:
    assert groups_on(TODAY, places.qishan) == {places.qishan.pk}
    assert groups_on(TODAY, places.grid, Level.GRID) == {places.grid.pk}
    assert groups_on(TODAY, places.qishan, Level.GRID) == set()


def test_a_group_that_came_under_another_grid_is_counted_where_it_stood(places: Any) -> None:
    end(places.longji, TODAY, then=places.second_grid)

    assert groups_on(YESTERDAY, places.grid) == {places.qishan.pk, places.longji.pk}
    assert groups_on(TODAY, places.grid) == {places.qishan.pk}
    assert groups_on(TODAY, places.second_grid) == {places.fuyi.pk, places.longji.pk}


def test_a_place_closed_later_still_counts_on_the_day(places: Any) -> None:
    end(places.longji, TODAY)

    assert places.longji.pk in groups_on(YESTERDAY, places.dalong)
    assert places.longji.pk not in groups_on(TODAY, places.dalong)
    assert groups_on(TODAY, places.longji) == set()


def test_what_stood_below_a_closed_grid_is_not_lost_on_earlier_days(places: Any) -> None:
    end(places.fuyi, TODAY, then=places.grid)
    end(places.second_grid, TODAY)

    assert groups_on(YESTERDAY, places.second_grid) == {places.fuyi.pk}
    assert groups_on(TODAY, places.second_grid) == set()
    assert places.fuyi.pk in groups_on(TODAY, places.grid)


@pytest.mark.parametrize(("day", "there"), [(SINCE - timedelta(days=1), False), (SINCE, True)])
def test_before_it_was_opened_there_was_nothing(places: Any, day: date, there: bool) -> None:
    assert bool(groups_on(day, places.dalong)) is there
