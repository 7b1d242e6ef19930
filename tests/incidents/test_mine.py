"""What became of my reports."""

import pytest
from django.utils.translation import gettext as _

from grid.incidents.models import CoReport
from tests.factories import incident
from tests.pictures import photo_of

from .conftest import url

pytestmark = pytest.mark.django_db


def test_ones_own_and_those_one_joined_the_newest_first(chen, wu, places, client_of):
    own = incident(place=places.qishan, reporter=chen.user)
    joined = incident(place=places.qishan, reporter=wu.user)
    incident(place=places.qishan, reporter=wu.user)
    CoReport.objects.create(incident=joined, reporter=chen.user)

    rows = client_of(chen).get(url("mine")).context["rows"]

    assert [(row.incident, row.is_joined) for row in rows] == [(joined, True), (own, False)]


def test_each_says_what_happened_last_and_what_the_reporter_may_do(chen, wu, zhang, places, client_of):
    incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage="closed")

    (row,) = client_of(chen).get(url("mine")).context["rows"]

    assert row.news == _("Closed")
    assert [form.slug for form in row.moves] == ["rate", "ask-reopen"]


@pytest.mark.parametrize(
    ("show", "stages"),
    [("open", ["opened"]), ("ended", ["closed"]), ("all", ["closed", "opened"])],
)
def test_open_and_ended_apart(show, stages, chen, wu, zhang, places, client_of):
    for stage in ("opened", "closed"):
        incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage=stage)

    rows = client_of(chen).get(url("mine"), {"show": show}).context["rows"]

    assert [row.incident.state for row in rows] == stages


def test_an_unknown_tab_is_all_of_them(chen, places, client_of):
    incident(place=places.qishan, reporter=chen.user)

    assert len(client_of(chen).get(url("mine"), {"show": "x"}).context["rows"]) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_for_any_number(rows, chen, wu, zhang, places, client_of, django_assert_num_queries):
    for _row in range(rows):
        made = incident(
            place=places.qishan,
            reporter=chen.user,
            office=zhang.user,
            handler=wu.user,
            stage="closed",
            photos=[photo_of(chen.user)],
        )
        joined = incident(place=places.qishan, reporter=wu.user, office=zhang.user, handler=wu.user, stage="closed")
        CoReport.objects.create(incident=joined, reporter=chen.user)
    client = client_of(chen)
    client.get(made.get_absolute_url())

    with django_assert_num_queries(9):
        client.get(url("mine"))


def test_a_department_officer_reports_nothing(lin, client_of):
    assert client_of(lin).get(url("mine")).status_code == 403


def test_the_home_page_leads_there(chen, client_of):
    assert f'href="{url("mine")}"' in client_of(chen).get("/").text
