"""Days that make up a month are that month, and each point of a trend leads to its period."""

from datetime import datetime, timedelta

import pytest
import time_machine

from grid.incidents.models import Incident
from portal.core.clock import SHANGHAI, now
from tests import factories

from .conftest import board_url, figure_url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def june(places, chen):
    with time_machine.travel(datetime(2023, 6, 20, 10, tzinfo=SHANGHAI), tick=False):
        factories.incident(place=places.qishan, reporter=chen.user)
        yield


@pytest.mark.parametrize(
    ("since", "until", "token"),
    [
        ("2023-05-01", "2023-05-31", "2023-05"),
        ("2023-06-01", "2023-06-30", "2023-06"),  # to its end, though it still runs
        ("2023-01-01", "2023-03-31", "2023-Q1"),
        ("2022-01-01", "2022-12-31", "2022"),
        ("2023-05-09", "2023-05-09", "2023-05-09"),
        ("2023-05-01", "2023-05-30", "2023-05-01_2023-05-30"),
    ],
)
def test_days_that_make_up_a_month_are_compared_with_the_month_before(since, until, token, li, places, client_of):
    answer = client_of(li).get(board_url(places.dalong, since=since, until=until))

    assert answer.url == board_url(places.dalong, period=token)


def test_a_point_of_a_trend_leads_to_the_board_of_its_period_under_the_same_figures(li, places, client_of):
    look = client_of(li).get(board_url(places.dalong, panel="handling")).context["look"]

    assert look.charts[0].links[-2:] == [
        board_url(places.dalong, period=month, panel="handling") for month in ("2023-05", "2023-06")
    ]


def test_a_point_on_the_page_of_a_figure_leads_to_the_figure_then(li, places, client_of):
    chart = client_of(li).get(figure_url(places.dalong, "incidents.reported")).context["look"].chart

    assert chart.links[-2] == figure_url(places.dalong, "incidents.reported", period="2023-05")


def test_nothing_on_the_wall_is_to_be_tapped(he, places, client_of):
    panels = client_of(he).get(board_url(places.street, "wall")).context["turns"]

    assert [panel.chart.links for panel in panels if panel.chart] == [(), ()]


def test_a_picture_names_no_period_before_that_it_has_not(he, chen, places, client_of):
    for place in (places.qishan, places.lingbian_group):
        for _each in range(5):
            factories.incident(place=place, reporter=chen.user, at=now() - timedelta(days=4))
    Incident.objects.update(due_at=now() - timedelta(days=1))

    def lines(**query):
        charts = client_of(he).get(board_url(places.street, **query)).context["look"].charts
        return [len(chart.lines) for chart in charts if chart.key == "beside"]

    assert lines() == [2], "in May there were none, which is a number"
    assert lines(panel="handling") == [1], "nothing was due in May: no rate"
    assert lines(panel="voice") == [], "nobody was called: no picture"
