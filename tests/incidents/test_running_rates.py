"""Rates look at the deadlines that have passed: what is due later today counts for none, at any level."""

import json
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from grid.incidents.models import Incident
from grid.places.models import Place
from portal.core.clock import SHANGHAI, end_of
from portal.figures import rollup
from portal.figures.models import Count, FigureKey
from portal.figures.reading import read, records
from portal.figures.registry import Flow, figures, grows, shown
from tests.factories import incident

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 5, 16, 10, tzinfo=SHANGHAI)  # a Thursday
TODAY, YESTERDAY = date(2024, 5, 16), date(2024, 5, 15)
MAY = date(2024, 5, 1), date(2024, 5, 31)
RATES = ("handling_rate", "handling_in_time_rate", "closing_rate", "closing_in_time_rate", "rework_rate")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def on_a_thursday():
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def due(places: Any, chen: Any, li: Any, wu: Any):
    """An incident reported at the beginning of the month and due at a moment; closed at another, or open."""

    def make(at: datetime, *, closed: datetime | None = None, place: Place | None = None, **fields: Any) -> Incident:
        stage = "closed" if closed else "opened"
        begins = NOW.replace(day=2)
        made = incident(
            place=place or places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage=stage, at=begins
        )
        ended = {"finished_at": closed, "closed_at": closed} if closed else {}
        Incident.objects.filter(pk=made.pk).update(due_at=at, **ended, **fields)
        return made

    return make


def told(place: Place, key: str, first: date = TODAY, last: date = TODAY) -> Any:
    return read([place], [f"incidents.{key}"], first, last)[place.pk, f"incidents.{key}"]


def over(place: Place, first: date = TODAY, last: date = TODAY) -> set[Any]:
    """What the rates are divided by: one number for all of them."""
    return {told(place, key, first, last).n for key in RATES}


@pytest.mark.parametrize("level", ["qishan", "grid", "dalong", "street", "district"])
def test_a_deadline_later_today_is_due_and_in_no_rate(level, due, places):
    due(NOW - HOUR, closed=NOW - 2 * HOUR)
    due(NOW + HOUR)
    due(end_of(TODAY))
    place = getattr(places, level)

    assert told(place, "due_to_close").value == 3
    assert over(place) == {1}
    assert told(place, "closing_in_time_rate").value == 100


def test_a_deadline_that_passed_an_hour_ago_counts_closed_or_not(due, places):
    due(NOW - HOUR, closed=NOW - 2 * HOUR)
    due(NOW - HOUR)

    assert (told(places.dalong, "closing_in_time_rate").value, told(places.dalong, "handling_rate").value) == (50, 50)


def test_what_is_due_later_today_is_not_overdue_yet(due, places):
    due(NOW - HOUR)
    due(NOW + HOUR)

    assert told(places.dalong, "overdue").value == 1


@pytest.mark.parametrize(
    ("late", "n"), [(timedelta(microseconds=-1), 1), (timedelta(0), 1), (timedelta(microseconds=1), 0)]
)
def test_a_deadline_has_passed_from_its_own_moment_on(late, n, due, places):
    due(NOW + late)

    assert over(places.dalong) == {n}


def test_what_is_closed_early_counts_once_its_deadline_has_passed(due, places, on_a_thursday):
    due(NOW + HOUR, closed=NOW - HOUR, rework_count=1)

    assert (told(places.dalong, "closed").value, told(places.dalong, "rework").value) == (1, 1)
    assert over(places.dalong) == {0}
    on_a_thursday.move_to(NOW + HOUR)
    assert over(places.dalong) == {1}
    assert [told(places.dalong, key).value for key in RATES] == [100] * 5


def test_the_same_number_in_a_period_that_reaches_into_the_future(due, places):
    due(NOW - HOUR)
    due(NOW + HOUR)
    due(NOW + timedelta(days=5), closed=NOW - HOUR)

    assert over(places.dalong, *MAY) == over(places.dalong, MAY[0], TODAY) == {1}


@pytest.mark.parametrize("is_counted", [False, True])
def test_ended_days_are_what_was_due_on_them(is_counted, due, places):
    due(NOW - timedelta(days=1), closed=NOW - timedelta(days=2), rework_count=1)
    due(end_of(YESTERDAY))
    if is_counted:
        rollup.everything(hands=1)

    rates = [
        (told(places.dalong, key, *days).value, told(places.dalong, key, *days).n)
        for key in RATES
        for days in ((YESTERDAY, YESTERDAY), MAY)
    ]

    assert rates == [(50, 2)] * 10
    assert told(places.dalong, "due_passed", YESTERDAY, YESTERDAY).value == 2


def test_minutes_after_midnight_yesterday_is_complete_counted_or_not(due, places, on_a_thursday):
    due(end_of(TODAY), closed=NOW)
    due(end_of(TODAY))
    on_a_thursday.move_to(end_of(TODAY))
    assert over(places.dalong) == {2}

    on_a_thursday.move_to(end_of(TODAY) + timedelta(minutes=20))
    rollup.keep_up(seconds=600)

    assert over(places.dalong) == {2}
    assert Count.objects.get(place=places.dalong, figure__key="incidents.due_closed_in_time", period="D").value == 1


def test_nothing_more_is_stored_for_what_says_the_same_of_ended_days(due, places):
    due(NOW - timedelta(days=1), rework_count=1)
    rollup.everything(hands=1)

    shared = {figure.key: figure.kept_as for figure in figures if isinstance(figure, Flow) and figure.kept_as}
    assert shared == {
        "incidents.due_passed": "incidents.due_to_close",
        "incidents.due_reworked": "incidents.rework",
    }
    assert not FigureKey.objects.filter(key__in=shared).exists()
    assert FigureKey.objects.get(key="incidents.due_to_close").through == YESTERDAY


def test_the_records_behind_a_rate_are_those_whose_deadline_has_passed(due, places):
    passed, yesterdays = due(NOW - HOUR), due(NOW - timedelta(days=1))
    later = due(NOW + HOUR)

    behind = records("incidents.closing_in_time_rate", places.dalong, *MAY)
    of_due = records("incidents.due_to_close", places.dalong, MAY[0], TODAY)

    assert behind is not None
    assert of_due is not None
    assert set(behind) == {passed, yesterdays}
    assert set(of_due) == {passed, yesterdays, later}


def test_another_program_gets_the_same_n(due, places):
    due(NOW - HOUR, closed=NOW - 2 * HOUR)
    due(NOW + HOUR)
    output = StringIO()

    call_command("figures", "大龙社区", "--from", "2024-05-01", "--json", stdout=output)

    told = json.loads(output.getvalue())
    assert told["incidents.closing_in_time_rate"] == {"value": 100.0, "n": 1, "numerator": 1, "unit": "%"}
    assert told["incidents.due_to_close"]["value"] == 2
    assert "incidents.due_passed" not in told


def test_rates_that_look_at_a_deadline_do_not_grow_and_those_however_late_do() -> None:
    growing = {figure.key for figure in shown() if grows(figure)}

    assert growing == {
        *("incidents.rework", "incidents.handling_rate", "incidents.closing_rate", "incidents.rework_rate"),
        *("notices.read", "notices.acknowledged", "notices.households_told"),
        *("notices.reading_rate", "notices.acknowledged_rate", "notices.awareness_rate"),
    }
