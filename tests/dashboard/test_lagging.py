"""When the night's counting has stopped, boards and walls say up to which day; else they say nothing of it."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import translation
from django.utils.formats import date_format

from portal.core.clock import SHANGHAI, today
from portal.figures import rollup
from portal.figures.models import FigureKey
from tests import factories

from .conftest import board_url, figure_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
NOW = datetime(2023, 5, 20, 10, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def may(places, chen):
    with time_machine.travel(NOW, tick=False):
        factories.incident(place=places.qishan, reporter=chen.user, at=NOW - timedelta(days=9))
        rollup.everything(hands=1)
        yield


def lag(days=3):
    """Nothing was counted on the last few nights."""
    FigureKey.objects.update(through=today() - timedelta(days=1 + days))


def said(client_of, person, url):
    response = client_of(person).get(url)
    assert response.status_code == 200
    return "ounted up to" in response.text


def pages(places, **query):
    return [
        board_url(places.dalong, **query),
        board_url(places.dalong, "wall", **query),
        figure_url(places.dalong, "incidents.reported", **query),
    ]


def test_nothing_is_said_while_every_night_is_counted(li, places, client_of):
    assert [said(client_of, li, url) for url in pages(places)] == [False] * 3


def test_a_night_that_was_missed_is_said_on_boards_figures_and_the_wall(li, places, client_of):
    lag()

    assert [said(client_of, li, url) for url in pages(places)] == [True] * 3
    with translation.override("en"):
        last = date_format(date(2023, 5, 16))
    assert f"Counted up to {last}" in client_of(li).get(board_url(places.dalong)).text


def test_a_period_that_was_counted_in_time_says_nothing(li, places, client_of):
    lag()

    assert [said(client_of, li, url) for url in pages(places, period="2023-04")] == [False] * 3


def test_right_after_midnight_the_night_has_time(li, places, client_of):
    with time_machine.travel(NOW.replace(day=21, hour=1), tick=False):
        assert [said(client_of, li, url) for url in pages(places)] == [False] * 3


def test_a_portal_that_was_never_counted_has_missed_no_night(li, places, client_of):
    FigureKey.objects.all().delete()

    assert [said(client_of, li, url) for url in pages(places)] == [False] * 3
