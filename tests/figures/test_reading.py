"""Figures as they are read: what was counted as far as it was counted, and the rest live."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grid.places.models import Level
from portal.core.clock import SHANGHAI, start_of, today
from portal.figures import progress, rollup
from portal.figures.models import Count, FigureKey
from portal.figures.periods import parse
from portal.figures.reading import read, series
from portal.figures.registry import Flow, figures, register

from .conftest import Written, days_ago, source, stored, told

pytestmark = pytest.mark.usefixtures("in_january")
DAY = date(2023, 5, 17)
NEXT = DAY + timedelta(days=1)


def test_today_is_live_and_history_is_stored(places: Any, written: Written) -> None:
    written(places.qishan, days_ago(1), 2)
    rollup.everything()
    Count.objects.filter(day=days_ago(1), figure__key="t.reported").update(value=7)  # to see whence it comes
    written(places.qishan, today())

    assert told(places.qishan, "reported", days_ago(1)) == 7
    assert told(places.qishan, "reported", days_ago(1), today()) == 8
    assert not Count.objects.filter(day=today(), period="D")


def test_a_day_nobody_has_counted_yet_is_live_too(places: Any, written: Written) -> None:
    rollup.everything()
    FigureKey.objects.update(through=days_ago(4))
    written(places.qishan, days_ago(3))

    assert told(places.qishan, "reported", days_ago(3)) == 1
    assert progress.behind(days_ago(1)) == {"incidents": days_ago(3)}

    rollup.keep_up()
    assert progress.behind(days_ago(1)) == {}
    assert told(places.qishan, "reported", days_ago(3)) == 1
    assert FigureKey.objects.get(key="t.reported").through == days_ago(1)


def test_a_figure_that_is_new_is_live_until_it_has_been_counted(places: Any, written: Written) -> None:
    written(places.qishan, DAY)
    rollup.everything()
    register(Flow(key="t.new", label="New", unit="incidents", words="words", source=source))
    assert told(places.qishan, "new", DAY) == 1

    rollup.keep_up()
    assert stored("new")["岐山中路楼栋小组", DAY] == 1
    assert told(places.qishan, "new", DAY) == told(places.qishan, "reported", DAY) == 1


def test_days_counted_by_hand_leave_no_gap_unseen(places: Any, written: Written) -> None:
    """A day beyond what was counted is stored, and yet the days between are not taken for empty."""
    written(places.qishan, DAY)
    written(places.qishan, DAY + timedelta(days=5))
    rollup.day(DAY + timedelta(days=5))

    assert FigureKey.objects.get(key="t.reported").through is None
    assert told(places.qishan, "reported", DAY) == 1

    rollup.days(DAY, NEXT)
    assert FigureKey.objects.get(key="t.reported").through == NEXT
    rollup.day(DAY + timedelta(days=5))
    assert FigureKey.objects.get(key="t.reported").through == NEXT
    assert told(places.qishan, "reported", DAY, DAY + timedelta(days=9)) == 2


@pytest.mark.parametrize("number", [1, 3])
def test_reading_costs_the_same_for_any_number_of_places_and_periods(
    places: Any, written: Written, number: int
) -> None:
    written(places.qishan, days_ago(1))
    rollup.everything()
    asked = [places.dalong, places.lingbian, places.street][:number]
    periods = [parse(token) for token in ("2023-05", "2023-06", "2023-07")][:number]

    with CaptureQueriesContext(connection) as queries:
        read(asked, list(figures.items), days_ago(30), today())
        series(asked, list(figures.items), periods)

    assert len(queries) == 9


def test_today_is_live_though_the_clock_ran_ahead_when_days_were_counted(places: Any, written: Written) -> None:
    written(places.qishan, DAY)
    with time_machine.travel(datetime(2024, 1, 23, 9, tzinfo=SHANGHAI), tick=False):
        rollup.everything()
    written(places.qishan, today(), 2)

    assert told(places.dalong, "reported", today()) == 2
    assert told(places.dalong, "reported", DAY, today()) == 3


def test_a_ratio_tells_its_halves_and_is_none_over_nothing(places: Any, written: Written) -> None:
    written(places.qishan, DAY, 2, severity="serious")
    written(places.qishan, DAY, 1, opened_at=start_of(DAY))
    rollup.everything()

    values = read([places.grid, places.second_grid], ["t.rate", "t.score"], DAY, DAY)

    rate = values[places.grid.pk, "t.rate"]
    assert (str(rate.value), rate.n, str(rate.numerator)) == ("83.33", 3, "2.5")
    assert values[places.grid.pk, "t.score"].value == rate.value
    assert values[places.grid.pk, "t.score"].n == 3
    nothing = values[places.second_grid.pk, "t.rate"]
    assert (nothing.value, nothing.n, nothing.numerator) == (None, 0, 0)
    assert values[places.second_grid.pk, "t.score"].value is None


def test_places_of_every_level_can_be_asked_at_once(places: Any, written: Written) -> None:
    written(places.qishan, DAY)
    asked = [places.district, places.street, places.dalong, places.grid, places.qishan, places.longji]
    for _turn in range(2):
        values = read(asked, ["t.reported", "t.groups"], DAY, DAY)
        assert [values[place.pk, "t.reported"].value for place in asked] == [1, 1, 1, 1, 1, 0]
        assert [values[place.pk, "t.groups"].value for place in asked] == [4, 4, 3, 2, 1, 1]
        rollup.everything()
    assert {place.level for place in asked} == set(Level)
