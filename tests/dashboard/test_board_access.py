"""Who has a board, and where it opens."""

import pytest
from django.urls import reverse

from grid.places import services as posts
from grid.places.models import Role
from tests.cast import SINCE

from .conftest import board_url, figure_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "in_may")]


@pytest.mark.parametrize(
    ("who", "where", "status"),
    [
        ("he", "street", 200),
        ("he", "dalong", 200),
        ("zhang", "dalong", 200),
        ("zhang", "street", 404),
        ("li", "dalong", 200),
        ("li", "lingbian", 404),
        ("wu", "grid", 200),
        ("wu", "dalong", 404),
        ("wu", "second_grid", 404),
        ("chen", "qishan", 403),
        ("chen", "grid", 404),
        ("lin", "street", 404),
        ("he", "district", 404),
    ],
)
@pytest.mark.parametrize("page", ["board", "figure", "board_export"])
def test_a_board_is_seen_by_the_office_and_the_grid_leader_of_its_place(
    page, who, where, status, request, places, client_of
):
    person, place = request.getfixturevalue(who), getattr(places, where)
    url = figure_url(place, "incidents.reported") if page == "figure" else board_url(place, page)

    assert client_of(person).get(url).status_code == status


@pytest.mark.parametrize(("who", "status"), [("chen", 403), ("lin", 403), ("wu", 302), ("he", 302)])
def test_ones_own_board_is_behind_the_navigation(who, status, request, client_of):
    client = client_of(request.getfixturevalue(who))

    response = client.get(reverse("dashboard:boards"))

    assert response.status_code == status
    shown = [entry.url for entry in client.get("/").context["nav"]]
    assert (reverse("dashboard:boards") in shown) == (status == 302)


def test_whoever_looks_after_several_chooses(wu, places, client_of):
    posts.appoint(wu.user, role=Role.GRID_LEADER, place=places.second_grid, actor=None, since=SINCE)

    response = client_of(wu).get(reverse("dashboard:boards"))

    assert response.context["places"] == [places.grid, places.second_grid]


def test_a_building_group_goes_to_its_facade(wu, places, client_of):
    response = client_of(wu).get(board_url(places.qishan), follow=True)

    assert response.redirect_chain[-1][0] == reverse(
        "roster:buildings", args=[places.qishan.pk], query={"layer": "incidents"}
    )
