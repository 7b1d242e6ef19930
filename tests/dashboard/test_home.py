"""The home page: what needs whom today, and beside it how their place or department stands."""

import pytest
from django.urls import reverse

from grid.incidents import services
from grid.places import services as posts
from grid.places.models import Role
from portal.core import tiles
from portal.core.tiles import ToDo
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


def test_only_leaders_are_asked_to_tell_households(chen, wu, places, client_of):
    def hint(person):
        return next(hint for tile, hint, _count in home(client_of, person)["tiles"] if tile.icon == "megaphone")

    assert hint(chen) == "Read them, tell your households"
    assert hint(wu) == "Read them and confirm"


@pytest.mark.parametrize(("who", "at_once"), [("chen", 8), ("li", 16)])
def test_what_is_red_stands_first_and_a_long_list_is_folded(who, at_once, request, client_of, monkeypatch):
    waiting = [ToDo(f"{n}", "/", tone="red" if n == 17 else "blue", order=n) for n in range(18)]
    monkeypatch.setattr(tiles.to_dos, "items", {"tests": lambda _user: waiting})

    context = home(client_of, request.getfixturevalue(who))

    shown = [entry.title for entry in context["to_dos"]]
    assert shown == ["17", *(str(n) for n in range(at_once - 1))]
    assert len(context["later"]) == 18 - at_once
    assert context["waiting"] == 18


def test_one_more_is_not_folded_away(chen, client_of, monkeypatch):
    monkeypatch.setattr(tiles.to_dos, "items", {"tests": lambda _user: [ToDo(f"{n}", "/") for n in range(9)]})

    context = home(client_of, chen)

    assert (len(context["to_dos"]), context["later"]) == (9, [])


def test_whoever_holds_no_post_is_told_so(nobody, client_of):
    nobody.language = "en"
    nobody.save()

    page = client_of(nobody).get(HOME)

    assert "You hold no post today" in page.content.decode()
    assert page.context["card"] is None
