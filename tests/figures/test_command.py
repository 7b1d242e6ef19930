"""`manage.py figures`, for a reader and for another program."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils.translation import override

from grid.incidents.models import Incident
from grid.places import services
from grid.places.models import Level
from portal.core.clock import today
from portal.figures import rollup
from tests.factories import incident
from tests.roster.people import household, resident


def told(*arguments: str) -> str:
    output = StringIO()
    with override("en"):
        call_command("figures", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize("place", ["大龙社区", "440113106001"])
def test_another_program_gets_value_number_and_unit(places: Any, place: str) -> None:
    resident(household(places.qishan))

    figures = json.loads(told(place, "--from", "2021-01-01", "--to", "2023-05-31", "--json"))

    assert figures["places.residents"] == {"value": 1, "n": 1, "unit": "people"}
    assert figures["places.grids"] == {"value": 2, "n": 2, "unit": "grids"}


def test_a_reader_gets_a_table(places: Any) -> None:
    resident(household(places.qishan))

    lines = told("大龙社区", "--from", "2021-01-01", "--to", "2023-05-31").splitlines()

    assert lines[0] == "大龙社区 440113106001  2021-01-01 – 2023-05-31"
    assert "  1 people  Residents" in lines


def test_rates_have_one_decimal_place_and_counts_none(places: Any, chen: Any, li: Any, wu: Any) -> None:
    for _each in range(3):
        incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="closed")
    Incident.objects.update(due_at=F("closed_at"))
    Incident.objects.filter(pk=Incident.objects.earliest("pk").pk).update(due_at=F("closed_at") - timedelta(minutes=1))

    lines = told("大龙社区").splitlines()

    assert "100.0 %  Closing rate  (3/3)" in {line.strip() for line in lines}
    assert "66.7 %  Rate of closing in time  (2/3)" in {line.strip() for line in lines}
    assert "3 incidents  Closed" in {line.strip() for line in lines}


def test_people_of_several_communities_are_said_to_be_last_nights(places: Any) -> None:
    resident(household(places.qishan))
    rollup.keep_up(seconds=600)
    last_night = (today() - timedelta(days=1)).isoformat()

    of_street, of_community = (json.loads(told(name, "--json")) for name in ("石碁镇", "大龙社区"))

    assert of_street["places.residents"] == {"value": 1, "n": 1, "unit": "people", "as_of": last_night}
    assert "as_of" not in of_street["places.grids"]
    assert of_community["places.residents"] == {"value": 1, "n": 1, "unit": "people"}
    assert "1 people  Residents  (as of last night)" in {line.strip() for line in told("石碁镇").splitlines()}


def test_the_end_of_the_period_is_what_a_stock_is_counted_at(places: Any) -> None:
    resident(household(places.qishan))

    assert json.loads(told("大龙社区", "--to", "2020-12-31", "--json"))["places.residents"]["value"] == 0
    assert json.loads(told("大龙社区", "--json"))["places.residents"]["value"] == 1


def test_a_name_of_several_places_is_answered_with_their_codes(places: Any) -> None:
    services.open_place(level=Level.GRID, code="440113106002002", name="第一网格", parent=places.lingbian, actor=None)

    with override("en"), pytest.raises(CommandError) as error:
        told("第一网格")

    assert str(error.value).splitlines() == [
        "Several places are called “第一网格”. Name one by its code:",
        "  440113106001001  番禺区 石碁镇 大龙社区 第一网格",
        "  440113106002002  番禺区 石碁镇 凌边社区 第一网格",
    ]


def test_part_of_a_name_is_answered_with_what_may_have_been_meant(places: Any) -> None:
    with override("en"), pytest.raises(CommandError) as error:
        told("大龙")

    assert str(error.value).splitlines() == [
        "No place is called “大龙”. Did you mean:",
        "  440113106001  番禺区 石碁镇 大龙社区",
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("小龙社区",), "There is no place"),
        (("",), "There is no place"),
        (("大龙社区", "--to", "2023-02-30"), "no day"),
        (("大龙社区", "--from", "31.5.2023"), "no day"),
        (("大龙社区", "--to", ""), "no day"),
        (("大龙社区", "--from", "1999-12-31"), "so long ago"),
        (("大龙社区", "--from", "2023-06-01", "--to", "2023-05-31"), "later than"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(
    places: Any, arguments: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        told(*arguments)
