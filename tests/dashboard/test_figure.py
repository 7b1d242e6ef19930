"""A figure explained: its formula, what it was divided out of what, where it comes from, and the records behind it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine

from grid.incidents.models import Incident, Rating
from portal.core import boards
from portal.core.clock import SHANGHAI
from portal.figures.registry import figures, shown
from tests import factories
from tests.cast import SINCE
from tests.roster.people import household, resident

from .conftest import figure_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
NOW = datetime(2023, 5, 20, 10, tzinfo=SHANGHAI)
RATE = "incidents.closing_in_time_rate"


@pytest.fixture(autouse=True)
def may():
    with time_machine.travel(NOW, tick=False):
        yield


def page_of(client_of, person, place, key, **query):
    response = client_of(person).get(figure_url(place, key, **query))
    assert response.status_code == 200
    return response.context


def titles(context):
    return [line.url for line in context["lines"]]


@pytest.fixture
def due(chen, places):
    """So many due yesterday; the first of them closed in time."""

    def make(number, in_time, place=None):
        earlier = NOW - timedelta(days=5)
        where = place or places.qishan
        made = [factories.incident(place=where, reporter=chen.user, at=earlier) for _each in range(number)]
        Incident.objects.filter(pk__in=[one.pk for one in made]).update(due_at=NOW - timedelta(days=1))
        done = {"state": "closed", "closed_at": NOW - timedelta(days=2), "resolution": "solved"}
        Incident.objects.filter(pk__in=[one.pk for one in made[:in_time]]).update(verified_by=chen.user, **done)
        return made

    return make


def test_more_records_than_people_are_explained(li, chen, wu, zhang, zhou, places, client_of):
    for who in (li, chen, wu, zhang, zhou) * 2:
        factories.incident(place=places.qishan, reporter=who.user, at=NOW)

    told = page_of(client_of, li, places.dalong, "incidents.reporters", period="2023-05")

    assert (told["look"].reading.text, len(told["lines"])) == ("5", 10)
    assert told["note"] == "Each is counted once, however many of these records are theirs."
    assert page_of(client_of, li, places.dalong, "incidents.reported")["note"] == ""


@pytest.mark.parametrize(("period", "is_told"), [("2023-04", True), ("2023-05", False)])
def test_a_past_stock_may_differ_from_its_list_and_says_so(period, is_told, li, places, client_of):
    note = page_of(client_of, li, places.dalong, "incidents.overdue", period=period)["note"]

    assert note.startswith("The number is what was known when that day ended") is is_told


def test_a_rate_says_how_it_is_counted_and_out_of_what(li, due, places, client_of):
    due(6, 3)

    look = page_of(client_of, li, places.dalong, RATE)["look"]

    assert str(look.figure.words)
    assert (look.reading.text, look.reading.fraction) == ("50.0", "3 ÷ 6")
    assert [(part.weight, part.text, part.is_whole) for part in look.parts] == [("", "3", False), ("", "6", True)]


def test_a_weighted_rate_names_its_weights(li, chen, due, places, client_of):
    for one in due(5, 5):
        Rating.objects.create(
            incident=one, counts_for=one, channel="self", is_solved=True, satisfaction="fairly", rated_at=NOW
        )

    look = page_of(client_of, li, places.dalong, "incidents.satisfaction_rate")["look"]
    score = page_of(client_of, li, places.dalong, "incidents.overall_score")

    assert look.reading.text == "90.0"
    assert [part.weight for part in look.parts] == ["", "0.9 × ", ""]
    assert [part.weight for part in score["look"].parts] == ["0.1 × ", "0.5 × ", "0.4 × "]
    assert score["why"]
    assert not score["lines"]


def test_a_few_show_their_n_and_no_fraction(li, due, places, client_of):
    due(2, 1)

    reading = page_of(client_of, li, places.dalong, RATE)["look"].reading

    assert (reading.text, reading.fraction) == ("—", "n = 2")


def test_the_records_are_one_click_away_and_the_places_lead_down(li, due, places, client_of):
    made = due(6, 3)

    context = page_of(client_of, li, places.dalong, "incidents.reported")

    assert set(titles(context)) == {one.get_absolute_url() for one in made}
    assert [(row.place, row.url) for row in context["look"].rows] == [
        (places.grid, figure_url(places.grid, "incidents.reported", period="2023-05")),
        (places.second_grid, figure_url(places.second_grid, "incidents.reported", period="2023-05")),
    ]
    group = page_of(client_of, li, places.qishan, "incidents.reported")
    assert len(group["lines"]) == 6
    assert group["facade"]


@pytest.mark.parametrize("key", ["incidents.reported", "incidents.call_backs", "places.residents", "places.households"])
def test_seen_from_above_a_record_names_its_community(key, he, zhang, chen, due, places, client_of):
    for at, place in enumerate((places.qishan, places.lingbian_group)):
        for one in due(3, 3, place=place):
            Rating.objects.create(
                incident=one, counts_for=one, channel="self", is_solved=True, satisfaction="fairly", rated_at=NOW
            )
        for room in range(5):
            resident(household(place, room=f"{at}0{room}"), name=f"欧阳娜{room}", since=SINCE)

    from_the_street = [line.meta for line in page_of(client_of, he, places.street, key)["lines"]]
    from_inside = [line.meta for line in page_of(client_of, zhang, places.dalong, key)["lines"]]

    assert sorted({meta.split(" · ")[0] for meta in from_the_street}) == ["凌边社区", "大龙社区"]
    assert from_inside
    assert not any("大龙社区" in meta for meta in from_inside)


def test_records_come_in_pages(li, due, places, client_of):
    due(27, 0)

    first = page_of(client_of, li, places.dalong, "incidents.overdue")
    second = page_of(client_of, li, places.dalong, "incidents.overdue", page=2)

    assert (len(first["lines"]), len(second["lines"])) == (25, 2)
    assert not set(titles(first)) & set(titles(second))


def test_nobody_sees_records_beyond_their_territory(wu, due, places, client_of):
    due(2, 0)
    due(3, 0, place=places.fuyi)

    assert len(page_of(client_of, wu, places.grid, "incidents.reported")["lines"]) == 2
    assert client_of(wu).get(figure_url(places.second_grid, "incidents.reported")).status_code == 404


def test_who_reported_and_what_they_wrote_stands_on_no_board(li, chen, places, client_of):
    factories.incident(
        place=places.qishan, reporter=li.user, source="call", caller_name="陈家生", caller_mobile="13800138000"
    )

    page = client_of(li).get(figure_url(places.dalong, "incidents.reported")).content.decode()

    assert "陈家生" not in page
    assert "13800138000" not in page
    assert "三楼楼梯口" not in page


# People


def test_people_behind_a_number_are_masked(li, places, client_of):
    home = household(places.qishan)
    for at in range(6):
        resident(home, name=f"欧阳娜{at}", since=SINCE, mobile=f"1380013800{at}")

    context = page_of(client_of, li, places.dalong, "places.residents")

    assert context["look"].reading.text == "6"
    assert {line.title for line in context["lines"]} == {f"欧**{at}" for at in range(6)}
    page = client_of(li).get(figure_url(places.dalong, "places.residents")).content.decode()
    assert "欧阳" not in page
    assert "1380013800" not in page


def test_a_few_people_are_neither_counted_nor_listed(li, places, client_of):
    for at in range(3):
        resident(household(places.qishan, room=f"{at}01"), name=f"欧阳娜{at}", since=SINCE)

    context = page_of(client_of, li, places.qishan, "places.residents")

    assert context["look"].reading.text == "<5"
    assert not context["lines"]
    assert "recognised" in context["why"]


def test_the_records_need_the_permission_of_the_figure(li, places, client_of, monkeypatch):
    figure = figures.items["places.residents"]
    monkeypatch.setitem(figures.items, figure.key, replace(figure, permission="workdays.edit"))  # the street's
    for at in range(6):
        resident(household(places.qishan, room=f"{at}01"), since=SINCE)

    context = page_of(client_of, li, places.dalong, "places.residents")

    assert context["look"].reading.text == "6"
    assert not context["lines"]
    assert "but not the records" in context["why"]


def test_records_of_which_nobody_said_how_they_read_stay_away(li, due, places, client_of, monkeypatch):
    due(1, 0)
    monkeypatch.delitem(boards.lines.items, "incidents.Incident")

    context = page_of(client_of, li, places.dalong, "incidents.reported")

    assert not context["lines"]
    assert context["why"]


@pytest.mark.parametrize("key", ["no.such", "x", "incidents.reported'"])
def test_a_figure_that_there_is_not_is_not_found(key, li, places, client_of):
    assert client_of(li).get(figure_url(places.dalong, key)).status_code == 404


@pytest.mark.parametrize("key", [figure.key for figure in figures])
def test_every_figure_explains_itself(key, he, places, client_of):
    context = page_of(client_of, he, places.street, key)

    assert context["look"].figure.key == key
    assert str(context["look"].figure.words) or key not in {figure.key for figure in shown()}
