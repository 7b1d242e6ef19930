"""Stocks are looked at when a day has ended, and stay what they were seen to be."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from grid.places.models import PlaceSpan
from portal.core.clock import SHANGHAI, today
from portal.figures import rollup, snapshots
from portal.figures.models import Count, Snapshot
from portal.figures.periods import parse
from portal.figures.reading import read, series
from portal.figures.registry import by_key

from .conftest import told

YESTERDAY = date(2023, 6, 1)


@pytest.fixture(autouse=True)
def in_june(engine: None) -> Iterator[None]:
    with time_machine.travel(datetime(2023, 6, 2, 9, tzinfo=SHANGHAI), tick=False):
        yield


def close(place: Any, day: date) -> None:
    PlaceSpan.objects.filter(place=place).update(until=day)


def test_yesterday_and_the_ends_of_a_years_months_are_kept(places: Any) -> None:
    rollup.keep_up()

    kept = sorted(Snapshot.objects.values_list("day", flat=True))
    assert kept[:2] == [date(2022, 5, 31), date(2022, 6, 30)]
    assert kept[-2:] == [date(2023, 5, 31), YESTERDAY]
    assert len(kept) == 14
    assert Count.objects.get(place=places.street, figure__key="t.groups", day=YESTERDAY).value == 4


def test_what_was_seen_stays_and_today_is_live(places: Any) -> None:
    rollup.keep_up()
    close(places.longji, date(2023, 5, 20))
    rollup.keep_up()

    assert told(places.dalong, "groups", YESTERDAY) == 3, "that it was closed is found out too late"
    assert told(places.dalong, "groups", today()) == 2
    assert told(places.dalong, "groups", date(2023, 5, 25)) == 2, "no one looked on that day: it is counted now"
    assert told(places.dalong, "groups", date(2023, 5, 19)) == 3


def test_asked_by_hand_it_is_looked_at_again(places: Any) -> None:
    rollup.keep_up()
    close(places.longji, date(2023, 5, 20))
    rollup.day(YESTERDAY)

    assert told(places.dalong, "groups", YESTERDAY) == 2


def test_days_on_which_nobody_counted_are_made_up_for(places: Any) -> None:
    rollup.keep_up()
    with time_machine.travel(datetime(2023, 6, 6, 9, tzinfo=SHANGHAI), tick=False):
        rollup.keep_up()

    later = Snapshot.objects.filter(day__gt=YESTERDAY).values_list("day", flat=True)
    assert sorted(later) == [date(2023, 6, number) for number in (2, 3, 4, 5)]


def test_days_that_a_night_had_no_time_for_are_made_up_for_by_the_next(
    places: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rollup.keep_up()
    take = snapshots.take
    with monkeypatch.context() as patch, time_machine.travel(datetime(2023, 6, 6, 9, tzinfo=SHANGHAI), tick=False):
        patch.setattr(snapshots, "take", lambda figure, day, **how: take(figure, day, **how) if day.day == 5 else None)
        rollup.keep_up()
    with time_machine.travel(datetime(2023, 6, 7, 9, tzinfo=SHANGHAI), tick=False):
        rollup.keep_up()

    later = Snapshot.objects.filter(day__gt=YESTERDAY).values_list("day", flat=True)
    assert sorted(later) == [date(2023, 6, number) for number in (2, 3, 4, 5, 6)]


def test_days_before_the_first_night_were_not_missed(places: Any) -> None:
    rollup.keep_up()
    rollup.keep_up()

    assert not Snapshot.objects.filter(day__gt=date(2023, 4, 30), day__lt=date(2023, 5, 31)).exists()


def test_no_more_than_a_month_is_made_up_for(places: Any) -> None:
    rollup.keep_up()
    with time_machine.travel(datetime(2023, 8, 21, 9, tzinfo=SHANGHAI), tick=False):
        rollup.keep_up()

    later = sorted(Snapshot.objects.filter(day__gt=YESTERDAY).values_list("day", flat=True))
    missed = [date(2023, 7, 20) + timedelta(days=number) for number in range(32)]
    assert later == [date(2023, 6, 30), *missed]


def test_after_two_months_only_the_ends_of_months_are_kept(places: Any) -> None:
    rollup.days(date(2023, 3, 1), date(2023, 3, 31))
    rollup.days(date(2023, 5, 1), date(2023, 5, 4))

    assert snapshots.thin(YESTERDAY) == 30
    assert sorted(Snapshot.objects.values_list("day", flat=True))[:2] == [date(2023, 3, 31), date(2023, 5, 1)]
    assert not Count.objects.filter(figure__key="t.groups", day__lt=date(2023, 3, 31)).exists()


def test_of_many_months_only_the_ends_are_looked_at(places: Any) -> None:
    snapshots.take_again(date(2023, 1, 15), date(2023, 4, 10))

    ends = [date(2023, 1, 31), date(2023, 2, 28), date(2023, 3, 31), date(2023, 4, 10)]
    assert sorted(Snapshot.objects.values_list("day", flat=True)) == ends


def test_a_series_reads_a_stock_where_each_period_ends(places: Any) -> None:
    close(places.longji, date(2023, 5, 20))
    rollup.keep_up()
    periods = [parse(token) for token in ("2023-04", "2023-05", "2023-06", "2022")]

    found = series([places.dalong, places.longji], ["t.groups"], periods)

    assert [found[places.dalong.pk, period, "t.groups"].value for period in periods] == [3, 2, 2, 3]
    assert [found[places.longji.pk, period, "t.groups"].value for period in periods] == [1, 0, 0, 1]


def test_what_is_slow_to_count_is_read_as_of_last_night_over_many_communities(
    places: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rollup.keep_up()
    object.__setattr__(by_key("t.groups"), "slow", True)
    close(places.longji, today())

    def groups(*asked: Any) -> list[Any]:
        return [read(asked, ["t.groups"], today(), today())[place.pk, "t.groups"].value for place in asked]

    assert groups(places.dalong, places.grid) == [2, 1]
    assert groups(places.dalong, places.lingbian, places.street) == [3, 1, 4]
    Snapshot.objects.filter(day=today() - timedelta(days=1)).delete()
    assert groups(places.dalong, places.lingbian, places.street) == [2, 1, 3]
