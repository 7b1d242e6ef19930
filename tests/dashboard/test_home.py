"""The home page: what needs whom today, and beside it how their place or department stands."""

import pytest
from django.urls import reverse

from grid.incidents import services
from grid.places import services as posts
from grid.places.models import Role
from tests import factories
from tests.cast import SINCE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
HOME = reverse("dashboard:home")


def home(client_of, person):
    response = client_of(person).get(HOME)
    assert response.status_code == 200
    return response.context


def stats(context):
    return {stat.key: stat.value for stat in context["card"].stats}


def test_a_department_sees_how_it_stands(lin, chen, li, places, client_of):
    for stage in range(3):
        made = factories.incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
        services.dispatch(made, actor=li.user, department=lin.department)
        if stage:
            services.take(made, actor=lin.user)
    factories.incident(place=places.qishan, reporter=chen.user, office=li.user, handler=chen.user, stage="dispatched")

    found = stats(home(client_of, lin))

    assert home(client_of, lin)["card"].title == "综合行政执法办"
    assert (found["department.new"], found["department.in_hand"], found["department.overdue"]) == (1, 2, 0)
    assert found["department.whistled"] == 3
    assert found["department.to_arrive"] is None


@pytest.mark.parametrize(("who", "where"), [("he", "street"), ("zhang", "dalong"), ("li", "dalong"), ("wu", "grid")])
def test_whoever_has_a_board_finds_it_beside(who, where, request, places, client_of):
    card = home(client_of, request.getfixturevalue(who))["card"]

    assert card.title == getattr(places, where).name
    assert card.url == reverse("dashboard:board", args=[getattr(places, where).pk])


def test_a_building_leader_is_led_to_the_page_of_the_building(chen, places, client_of):
    card = home(client_of, chen)["card"]

    assert (card.title, card.url) == (places.qishan.name, places.qishan.get_absolute_url())


def test_further_posts_are_named_and_not_counted(wu, places, client_of):
    posts.appoint(wu.user, role=Role.GRID_LEADER, place=places.second_grid, actor=None, since=SINCE)

    context = home(client_of, wu)

    assert context["card"].title == "第一网格"
    assert [(card.title, card.stats) for card in context["others"]] == [("第二网格", [])]


def test_whoever_holds_no_post_is_told_so(nobody, client_of):
    nobody.language = "en"
    nobody.save()

    page = client_of(nobody).get(HOME)

    assert "You hold no post today" in page.content.decode()
    assert page.context["card"] is None
