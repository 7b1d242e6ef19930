"""A day is counted for every place above it, and replaces what stood there."""

from datetime import date, timedelta
from typing import Any

import pytest

from grid.incidents.models import Incident
from grid.places import boundaries
from grid.places.models import Place, PlaceSpan
from portal.core.clock import start_of, today
from portal.figures import marks, rollup
from portal.figures.models import Count, DirtyDay
from portal.figures.periods import parse
from portal.figures.reading import records, series

from .conftest import Written, days_ago, stored, told

pytestmark = pytest.mark.usefixtures("in_january")
DAY = date(2023, 5, 17)
NEXT = DAY + timedelta(days=1)


def test_every_place_above_has_its_own_row(places: Any, written: Written) -> None:
    written(places.qishan, DAY, 2)
    written(places.fuyi, DAY)
    written(places.second_grid, DAY)
    written(places.lingbian_group, NEXT)

    rollup.everything()

    assert stored() == {
        ("岐山中路楼栋小组", DAY): 2,
        ("富怡苑楼栋小组", DAY): 1,
        ("第一网格", DAY): 2,
        ("第二网格", DAY): 2,
        ("大龙社区", DAY): 4,
        ("凌边大街楼栋小组", NEXT): 1,
        ("凌边第一网格", NEXT): 1,
        ("凌边社区", NEXT): 1,
        ("石碁镇", DAY): 4,
        ("石碁镇", NEXT): 1,
        ("番禺区", DAY): 4,
        ("番禺区", NEXT): 1,
    }
    assert stored(period="M")["石碁镇", DAY.replace(day=1)] == 5


def test_counting_twice_is_counting_once(places: Any, written: Written) -> None:
    written(places.qishan, DAY, 3)
    assert rollup.day(DAY) > 0
    before = list(Count.objects.order_by("pk").values_list())

    assert rollup.day(DAY) == 0
    assert list(Count.objects.order_by("pk").values_list()) == before


def test_what_was_counted_is_replaced_and_what_is_gone_goes(places: Any, written: Written) -> None:
    kept, *gone = written(places.qishan, DAY, 3)
    rollup.everything()
    Incident.objects.filter(pk__in=[one.pk for one in gone]).update(state="void")
    rollup.day(DAY)
    assert stored()["石碁镇", DAY] == stored(period="M")["石碁镇", date(2023, 5, 1)] == 1

    Incident.objects.filter(pk=kept.pk).update(state="void")
    rollup.day(DAY)
    assert stored() == stored(period="M") == stored("reporters", "D") == stored("reporters", "M") == {}


def test_a_day_begins_and_ends_in_shanghai(places: Any, written: Written) -> None:
    written(places.qishan, start_of(DAY))
    written(places.qishan, start_of(NEXT) - timedelta(microseconds=1))
    written(places.qishan, start_of(NEXT))
    rollup.everything()

    assert stored()["岐山中路楼栋小组", DAY] == 2
    assert stored()["岐山中路楼栋小组", NEXT] == 1
    assert records("t.reported", places.qishan, DAY, DAY).count() == 2


def test_each_figure_goes_by_its_own_moment(places: Any, written: Written) -> None:
    written(places.qishan, DAY, opened_at=start_of(NEXT))
    written(places.qishan, DAY, severity="serious")
    rollup.everything()

    assert (told(places.grid, "reported", DAY), told(places.grid, "opened", DAY)) == (2, 0)
    assert (told(places.grid, "reported", NEXT), told(places.grid, "opened", NEXT)) == (0, 1)
    assert told(places.grid, "serious", DAY) == 1


# Months, quarters, years


@pytest.mark.parametrize("is_stored", [True, False])
def test_longer_periods_are_the_sum_of_their_days(places: Any, written: Written, is_stored: bool) -> None:
    for day in (date(2022, 12, 31), date(2023, 1, 1), date(2023, 3, 31), date(2023, 4, 1), date(2023, 12, 31)):
        written(places.qishan, day)
    if is_stored:
        rollup.everything()

    asked = [parse(token) for token in ("2022", "2023", "2023-Q1", "2023-Q2", "2023-Q4", "2023-01", "2022-12-31")]
    found = series([places.street], ["t.reported"], asked)

    assert [found[places.street.pk, period, "t.reported"].value for period in asked] == [1, 4, 2, 1, 1, 1, 1]
    assert told(places.street, "reported", date(2022, 12, 31), date(2023, 4, 1)) == 4
    assert told(places.street, "reported", date(2023, 1, 2), date(2023, 3, 30)) == 0


@pytest.mark.parametrize("is_stored", [True, False])
def test_different_values_are_counted_anew_for_each_period_and_level(
    places: Any, written: Written, chen: Any, huang: Any, is_stored: bool
) -> None:
    """陈 reports in two places on two days, 黄 once: neither days nor places add up."""
    written(places.qishan, DAY, 2)
    written(places.longji, NEXT)
    written(places.longji, NEXT, reporter=huang.user)
    written(places.fuyi, date(2023, 7, 1))
    if is_stored:
        rollup.everything()

    def reporters(place: Place, token: str) -> Any:
        return told(place, "reporters", parse(token).first, parse(token).last)

    assert [reporters(places.grid, token) for token in ("2023-05-17", "2023-05-18", "2023-05", "2023-Q2")] == [
        1,
        2,
        2,
        2,
    ]
    assert [reporters(place, "2023") for place in (places.qishan, places.longji, places.fuyi)] == [1, 2, 1]
    assert [reporters(place, "2023") for place in (places.grid, places.second_grid, places.street)] == [2, 1, 2]
    assert [reporters(places.street, token) for token in ("2023-Q3", "2022", "2023-05-16_2023-07-02")] == [1, 0, 2]
    assert bool(stored("reporters", "Y")) is is_stored


def test_a_quarter_that_waits_for_the_night_is_counted_from_the_records(
    places: Any, written: Written, huang: Any
) -> None:
    written(places.qishan, DAY)
    rollup.everything()
    written(places.longji, NEXT, reporter=huang.user)
    rollup.keep_up()

    def reporters() -> list[Any]:
        periods = [parse(token) for token in ("2023-05", "2023-Q2", "2023")]
        return [told(places.dalong, "reporters", one.first, one.last) for one in periods]

    assert stored("reporters", "Q")["大龙社区", date(2023, 4, 1)] == 1
    assert reporters() == [2, 2, 2]
    rollup.periods()
    assert stored("reporters", "Q")["大龙社区", date(2023, 4, 1)] == 2
    assert reporters() == [2, 2, 2]


def test_what_still_runs_is_counted_from_the_records(places: Any, written: Written, huang: Any) -> None:
    written(places.qishan, days_ago(1))
    rollup.everything()
    written(places.longji, today(), reporter=huang.user)

    assert told(places.dalong, "reporters", days_ago(1), today()) == 2
    assert not stored("reporters", "Y").keys() & {("大龙社区", today().replace(month=1, day=1))}


# The places of the day


def test_a_group_that_came_under_another_grid_counts_there_from_that_day(places: Any, written: Written) -> None:
    moved = days_ago(2)
    for number in (3, 2, 1):
        written(places.longji, days_ago(number))
    PlaceSpan.objects.filter(place=places.longji).update(until=moved)
    PlaceSpan.objects.create(place=places.longji, parent=places.second_grid, since=moved)
    rollup.everything()

    for key in ("reported", "reporters"):
        there = [
            [told(grid, key, days_ago(number)) for number in (3, 2, 1)] for grid in (places.grid, places.second_grid)
        ]
        assert there == [[1, 0, 0], [0, 1, 1]]
    assert told(places.dalong, "reported", days_ago(3), today()) == 3
    behind = [records("t.reported", grid, days_ago(3), today()).count() for grid in (places.grid, places.second_grid)]
    assert behind == [1, 2]


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_place_that_was_merged_gives_what_follows_to_its_successor(
    places: Any, written: Written, is_stored: bool
) -> None:
    one = written(places.longji, days_ago(2))[0]
    boundaries.merge(places.longji, into=places.fuyi, actor=None)
    end = days_ago(1)
    PlaceSpan.objects.filter(place=places.longji).update(until=end)
    Place.objects.filter(pk=places.longji.pk).update(closed_on=end)
    Incident.objects.filter(pk=one.pk).update(opened_at=start_of(end))
    if is_stored:
        rollup.everything()

    assert told(places.longji, "reported", days_ago(2), today()) == 1
    assert told(places.longji, "opened", days_ago(2), today()) == 0
    assert told(places.fuyi, "opened", days_ago(2), today()) == told(places.second_grid, "opened", end) == 1
    assert told(places.grid, "opened", days_ago(2), today()) == 0
    assert records("t.opened", places.fuyi, end, today()).get() == one


def test_what_happened_before_a_place_was_opened_is_not_lost(places: Any, written: Written) -> None:
    written(places.qishan, date(2020, 11, 1))
    rollup.everything()

    assert (
        told(places.qishan, "reported", date(2020, 11, 1)) == told(places.district, "reported", date(2020, 11, 1)) == 1
    )


def test_a_place_without_a_past_stands_where_it_stands(places: Any, written: Written) -> None:
    written(places.longji, DAY)
    PlaceSpan.objects.filter(place=places.longji).delete()
    rollup.everything()

    assert told(places.longji, "reported", DAY) == told(places.grid, "reported", DAY) == 1


# Marks


def test_only_what_is_marked_is_counted_anew(places: Any, written: Written) -> None:
    written(places.qishan, DAY)
    written(places.lingbian_group, DAY)
    rollup.everything()
    Count.objects.filter(place__in=[places.lingbian.pk, places.lingbian_group.pk]).update(
        value=9
    )  # to see what is left
    written(places.qishan, DAY)

    rollup.keep_up()

    assert told(places.qishan, "reported", DAY) == 2
    assert told(places.lingbian, "reported", DAY) == 9
    assert told(places.street, "reported", DAY) == 3
    assert not DirtyDay.objects.filter(of_periods=False).exists()


def test_a_changed_past_of_a_place_counts_all_that_follows_anew(places: Any, written: Written) -> None:
    written(places.longji, DAY)
    written(places.longji, date(2023, 8, 9))
    rollup.everything()
    PlaceSpan.objects.filter(place=places.longji).update(until=date(2023, 8, 1))
    PlaceSpan.objects.create(place=places.longji, parent=places.second_grid, since=date(2023, 8, 1))

    rollup.keep_up()

    assert told(places.grid, "reported", DAY) == 1
    assert told(places.grid, "reported", date(2023, 8, 9)) == 0
    assert told(places.second_grid, "reported", date(2023, 8, 9)) == 1
    assert not DirtyDay.objects.filter(of_periods=False).exists()


def test_a_mark_that_is_not_counted_stays(places: Any, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    rollup.everything()
    written(places.qishan, DAY)
    with monkeypatch.context() as patch:
        patch.setattr(rollup, "_count", lambda *_a, **_k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rollup.keep_up()

    assert [one.first for one in marks.within("incidents", DAY, DAY)] == [DAY]
    rollup.keep_up()
    assert told(places.qishan, "reported", DAY) == 1


def test_many_marks_are_taken_up_in_rows_of_days(places: Any) -> None:
    pk = places.dalong.pk
    taken = [
        DirtyDay(source="a", community_id=c, first=f, last=t)
        for c, f, t in (
            (pk, DAY, DAY),
            (None, NEXT, NEXT),
            (pk, date(2023, 5, 25), date(2023, 5, 26)),
            (pk, date(2023, 5, 26), date(2023, 5, 27)),
        )
    ]

    assert list(marks.runs(taken)) == [(DAY, NEXT, None), (date(2023, 5, 25), date(2023, 5, 27), {pk})]
