"""The wall: what hangs there, in which order, for whom; and that it names nobody."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from grid.incidents.models import Incident
from grid.places import services as posts
from grid.places.models import Level
from portal.core.clock import now
from portal.dashboard.views.boards import facade_of
from portal.dashboard.wall import ROWS, STAY, TILES
from tests import factories
from tests.cast import SINCE
from tests.roster.people import household, resident

pytestmark = pytest.mark.django_db
MOST_QUERIES = 14


def wall_url(place, **query):
    return reverse("dashboard:wall", args=[place.pk], query=query)


def panels(client_of, person, place, **query):
    return client_of(person).get(wall_url(place, **query)).context["turns"]


def more_communities(places, number):
    for at in range(number):
        code = f"440113106{100 + at}"
        posts.open_place(
            level=Level.COMMUNITY, code=code, name=f"第{at}社区", parent=places.street, actor=None, since=SINCE
        )


@pytest.fixture
def reported(places, chen):
    return factories.incident(place=places.qishan, reporter=chen.user, description="三楼陈伯家门口堆满纸箱")


def test_it_begins_with_key_figures_then_places_side_by_side_then_what_came_about(reported, he, places, client_of):
    hung = panels(client_of, he, places.street)

    assert hung[0].figures
    assert [row.place for row in hung[1].rows] == [places.dalong, places.lingbian]
    assert hung[2].chart
    assert all(len(panel.figures) <= TILES for panel in hung)


def test_places_hang_in_the_order_of_their_codes_and_as_many_as_can_be_read(he, places, client_of):
    more_communities(places, 2 * ROWS - 1)

    sheets = [panel.rows for panel in panels(client_of, he, places.street) if panel.rows]

    assert [len(rows) for rows in sheets] == [7, 7, 7]
    codes = [row.place.code for rows in sheets for row in rows]
    assert codes == sorted(codes)


@pytest.fixture
def overdue(places, li, zhou):
    for place, office in ((places.qishan, li), (places.longji, li), (places.lingbian_group, zhou)):
        made = factories.incident(place=place, reporter=office.user, office=office.user, stage="opened")
        Incident.objects.filter(pk=made.pk).update(due_at=now() - timedelta(days=1))


@pytest.mark.usefixtures("overdue")
def test_a_panel_of_its_own_shows_where_the_overdue_are(he, places, client_of):
    bars = [panel for panel in panels(client_of, he, places.street) if panel.bars]

    assert [[(bar.place, bar.reading.text, bar.percent) for bar in panel.bars] for panel in bars] == [
        [(places.dalong, "2", 100), (places.lingbian, "1", 50)]
    ]


def test_without_scripts_each_panel_leads_to_the_next_until_it_is_held(he, places, client_of):
    client = client_of(he)
    turning = client.get(wall_url(places.street, show="2", period="2023-05")).content.decode()
    last = client.get(wall_url(places.street, show="99")).context
    held = client.get(wall_url(places.street, show="2", still="1")).content.decode()

    following = re.search(rf'<noscript><meta http-equiv="refresh" content="{STAY};url=([^"]+)">', turning)
    assert following
    assert following[1] == wall_url(places.street, period="2023-05", show="3").replace("&", "&amp;")
    assert len(re.findall(r"data-wall-panel=\"[^\"]*\"(?! hidden)", turning)) == 1
    assert last["number"] == 1
    assert "http-equiv" not in held


def test_the_last_panel_leads_to_the_first(he, places, client_of):
    number = len(panels(client_of, he, places.street))

    context = client_of(he).get(wall_url(places.street, show=str(number))).context

    assert context["next_url"] == wall_url(places.street, show="1")


def test_it_names_nobody_and_tells_nothing_that_somebody_said(reported, he, places, client_of):
    resident(household(places.qishan), name="陈家生")

    page = client_of(he).get(wall_url(places.street)).content.decode()

    named = [word for word in ("陈", "何志明", "13800138000", "纸箱") if word in page]
    assert named == []


def test_fewer_than_five_people_are_not_told(he, places, client_of):
    resident(household(places.qishan), name="陈家生")

    told = [
        reading.text
        for panel in panels(client_of, he, places.street)
        for reading in panel.figures
        if reading.figure.key == "places.residents"
    ]

    assert told == ["<5"]


@pytest.mark.parametrize("communities", [1, 3])
def test_it_costs_the_same_for_any_number_of_places(communities, he, places, client_of, django_assert_max_num_queries):
    more_communities(places, communities)
    client = client_of(he)
    client.get(wall_url(places.street))

    with django_assert_max_num_queries(MOST_QUERIES):
        client.get(wall_url(places.street))


def test_a_building_group_hangs_as_its_facade(li, places, client_of):
    response = client_of(li).get(wall_url(places.qishan))

    assert response.status_code == 302
    assert response.url == facade_of(li.user, places.qishan)


def test_whoever_has_no_board_has_no_wall(chen, places, client_of):
    assert client_of(chen).get(wall_url(places.qishan)).status_code == 403


def test_neighbours_find_nothing(zhou, places, client_of):
    assert client_of(zhou).get(wall_url(places.dalong)).status_code == 404


def test_a_period_that_there_is_not_is_no_wall(he, places, client_of):
    assert client_of(he).get(wall_url(places.street, period="2023-13")).status_code == 404
