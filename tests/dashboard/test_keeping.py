"""Boards and walls are kept for some seconds: the same for all who may open them, and for nobody who may not."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from grid.places import services as posts
from grid.places.models import Appointment, Role
from portal.core.clock import SHANGHAI
from portal.dashboard.keeping import kept as kept_under
from portal.dashboard.keeping import key_of
from portal.figures.periods import parse
from tests import factories
from tests.cast import SINCE

from .conftest import board_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
NOW = datetime(2023, 5, 20, 10, tzinfo=SHANGHAI)
SECONDS = 30
MOST_QUERIES = 4  # session, user, posts with their places, what the menu counts


@pytest.fixture(autouse=True)
def kept(settings) -> Iterator[Any]:
    """Drawn boards are kept, and the cache's clock goes with the test's."""
    settings.BOARDS_KEPT_SECONDS = SECONDS
    cache.clear()
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock
    cache.clear()


@pytest.fixture
def report(chen, places):
    return lambda: factories.incident(place=places.qishan, reporter=chen.user, at=timezone.now())


def wall_url(place, **query):
    return reverse("dashboard:wall", args=[place.pk], query=query)


def page(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def drawn(client, url):
    """What of a page is the same for everybody."""
    text = page(client, url)
    return text[text.index("<h1") : text.index('class="board-notes')]


@pytest.mark.parametrize("url_of", [board_url, wall_url])
def test_what_is_new_is_seen_after_these_seconds_at_the_latest(url_of, kept, he, report, places, client_of):
    client, url = client_of(he), url_of(places.street)
    before = page(client, url)
    report()

    kept.shift(timedelta(seconds=SECONDS - 1))
    soon = page(client, url)
    kept.shift(timedelta(seconds=2))
    later = page(client, url)

    assert "10:00:00" in before
    assert "10:00:00" in soon
    assert "10:00:31" in later


def test_a_new_incident_is_counted_then(kept, he, report, places, client_of):
    client, url = client_of(he), board_url(places.street)
    before = drawn(client, url)
    report()

    assert drawn(client, url) == before
    kept.shift(timedelta(seconds=SECONDS + 1))
    response = client.get(url)
    assert response.context["look"].table.total.of("incidents.reported").text == "1"


def test_it_says_as_of_when_it_is(he, places, client_of):
    client = client_of(he)

    assert "live, as of 10:00:00" in page(client, board_url(places.street))
    assert "live, as of" not in drawn(client, board_url(places.street, period="2023-04"))


@pytest.mark.parametrize("url_of", [board_url, wall_url])
def test_one_that_is_kept_costs_no_more_than_to_ask_who_looks(
    url_of, he, places, client_of, django_assert_max_num_queries
):
    client, url = client_of(he), url_of(places.street)
    page(client, url)

    with django_assert_max_num_queries(MOST_QUERIES):
        page(client, url)


def test_many_who_ask_at_once_wait_for_the_one_who_draws():
    drawings, begun = [], Barrier(8)

    def draw():
        drawings.append(time.monotonic())
        time.sleep(0.2)
        return "<p>drawn</p>"

    def ask(_number):
        begun.wait()
        return kept_under("board:of:many", draw)

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(ask, range(8)))

    assert (len(drawings), set(seen)) == (1, {"<p>drawn</p>"})


def test_whoever_fails_to_draw_leaves_it_to_the_next():
    def fail():
        raise RuntimeError("no answer")

    with pytest.raises(RuntimeError):
        kept_under("board:that:fails", fail)

    assert kept_under("board:that:fails", lambda: "drawn") == "drawn"


@pytest.mark.parametrize("url_of", [board_url, wall_url])
def test_a_lost_post_closes_a_board_that_is_kept(url_of, li, places, client_of):
    client, url = client_of(li), url_of(places.dalong)
    page(client, url)

    Appointment.objects.filter(user=li.user).update(until=NOW.date())

    assert client.get(url).status_code == 404


@pytest.mark.parametrize("url_of", [board_url, wall_url])
def test_what_others_have_drawn_opens_to_nobody(url_of, he, zhou, wu, chen, places, client_of):
    page(client_of(he), url_of(places.dalong))

    assert client_of(zhou).get(url_of(places.dalong)).status_code == 404
    assert client_of(wu).get(url_of(places.dalong)).status_code == 404
    assert client_of(chen).get(url_of(places.qishan)).status_code == 403


def test_a_new_post_counts_at_once(he, wu, places, client_of):
    page(client_of(he), board_url(places.second_grid))
    client = client_of(wu)
    assert client.get(board_url(places.second_grid)).status_code == 404

    posts.appoint(wu.user, role=Role.GRID_LEADER, place=places.second_grid, actor=None, since=SINCE)

    assert client.get(board_url(places.second_grid)).status_code == 200


def test_each_reads_their_own_name_and_finds_what_they_may_do(he, li, wu, places, client_of):
    url, recount = board_url(places.grid), reverse("figures:recount", args=[places.grid.pk])
    by_street, by_leader = page(client_of(he), url), page(client_of(wu), url)

    assert drawn(client_of(he), url) == drawn(client_of(wu), url)
    assert he.user.name in by_street
    assert he.user.name not in by_leader
    assert wu.user.name in by_leader
    assert (recount in by_street, recount in by_leader) == (
        he.user.has_perm("figures.recount", places.grid),
        wu.user.has_perm("figures.recount", places.grid),
    )
    above = f'href="{board_url(places.dalong, period="2023-05")}"'
    assert (above in by_street, above in by_leader) == (True, False), "the way up is drawn for each"


def test_each_language_is_kept_apart(he, li, places, client_of):
    li.user.language = "zh-hans"
    li.user.save()
    url = board_url(places.dalong)

    assert drawn(client_of(he), url) != drawn(client_of(li), url)
    assert 'lang="en"' not in page(client_of(li), wall_url(places.dalong))


@pytest.mark.parametrize("query", [{"period": "2023-04"}, {"panel": "voice"}, {"sort": "incidents.reported"}])
def test_each_address_is_kept_apart(query, he, places, client_of):
    client = client_of(he)

    assert drawn(client, board_url(places.street)) != drawn(client, board_url(places.street, **query))


def test_at_midnight_this_month_is_another(kept, he, places, client_of):
    client, url = client_of(he), board_url(places.street)
    kept.move_to(datetime(2023, 5, 31, 23, 59, 50, tzinfo=SHANGHAI))
    before = drawn(client, url)
    kept.shift(timedelta(seconds=15))

    assert drawn(client, url) != before


@pytest.mark.parametrize(
    "query",
    [
        "panel=陈伯",
        "sort=13800138000",
        "period=2023-05&x=1",
        "panel=voice&panel=people",
        "q=陈",
        "period=2023-05-01_2023-05-31",
    ],
)
def test_what_somebody_typed_is_no_key(query, rf, places):
    assert key_of(rf.get(f"/?{query}"), "board", places.street, parse("2023-05")) == ""


def test_a_key_names_nobody(rf, he, places):
    request = rf.get("/?period=2023-05&panel=voice&sort=-incidents.reported")
    request.user = he.user

    key = key_of(request, "board", places.street, parse("2023-05"))

    assert str(places.street.pk) in key
    assert he.user.name not in key
    assert he.user.username not in key
    assert not set(key) & set(" \n")
