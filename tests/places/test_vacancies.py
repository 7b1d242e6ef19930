"""Vacant posts: where, since when, and who held them last."""

from datetime import timedelta

import pytest
from django.urls import reverse

from grid.places import services
from grid.places.models import Appointment, Level, Place, Role
from portal.core.clock import today
from tests.cast import SINCE, make_user


def vacancies_url(place: Place, **query: object) -> str:
    return reverse("places:vacancies", args=[place.pk], query=query)


def rows_of(response) -> list[tuple[str, str, str]]:
    return [(row.place.name, str(row.since), row.last_holder) for row in response.context["rows"]]


def test_a_community_names_each_with_since_when_and_who_held_it_last(li, zhang, wu, chen, places, client_of, post_of):
    day = today() - timedelta(days=40)
    services.dismiss(post_of(chen), actor=None, last_day=day - timedelta(days=1))

    found = rows_of(client_of(li).get(vacancies_url(places.dalong)))

    assert found == [
        ("岐山中路楼栋小组", str(day), "陈丽芳"),
        ("龙基花园楼栋小组", str(SINCE), ""),
        ("第二网格", str(SINCE), ""),
        ("富怡苑楼栋小组", str(SINCE), ""),
    ]


def test_a_street_names_those_of_all_its_communities_and_narrows_to_a_level(he, zhang, chen, places, client_of):
    client = client_of(he)

    everything = [name for name, _since, _who in rows_of(client.get(vacancies_url(places.street)))]
    secretaries = [name for name, _since, _who in rows_of(client.get(vacancies_url(places.street, level=1)))]

    assert len(everything) == 7
    assert secretaries == ["凌边社区"]


def test_a_promised_post_is_shown_as_such_and_not_given_again(li, nobody, places, client_of):
    services.appoint(nobody, role=Role.BUILDING_LEADER, place=places.fuyi, actor=None, since=today() + timedelta(3))

    rows = client_of(li).get(vacancies_url(places.second_grid, level=3)).context["rows"]

    assert [(row.is_promised, row.may_appoint) for row in rows] == [(True, False)]


def test_a_grid_leader_reads_them_and_appoints_nobody(wu, places, client_of):
    page = client_of(wu).get(vacancies_url(places.grid))

    assert {row.may_appoint for row in page.context["rows"]} == {False}
    assert not page.context["may_appoint_leaders"]


@pytest.mark.parametrize(("who", "status"), [("wu", 200), ("chen", 404), ("zhou", 404)])
def test_who_sees_the_vacancies_of_a_grid(who, status, request, places, client_of):
    assert client_of(request.getfixturevalue(who)).get(vacancies_url(places.grid)).status_code == status


@pytest.mark.parametrize("number", [1, 3, 40])
def test_the_page_costs_the_same_for_any_number(number, he, places, client_of, django_assert_num_queries):
    for n in range(number):
        group = services.open_place(
            level=Level.BUILDING_GROUP, code=f"{places.grid.code}{500 + n}", name=f"第{n}栋", parent=places.grid,
            actor=None, since=SINCE,
        )  # fmt: skip
        services.appoint(
            make_user(f"past{n}", f"前任{n}"), role=Role.BUILDING_LEADER, place=group, actor=None, since=SINCE,
            until=SINCE + timedelta(days=9),
        )  # fmt: skip
    client, url = client_of(he), vacancies_url(places.street)
    client.get(url)

    with django_assert_num_queries(6):
        client.get(url)
    assert Appointment.objects.current().heads().count() == 0
