"""The buildings of a place as façades, in a table and in a list; and a whole building put on the roster at once."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from grid.roster.models import Household
from portal.core.models import AuditEntry

from .people import household, resident

pytestmark = pytest.mark.django_db


def url(name, subject, **query):
    return reverse(f"roster:{name}", args=[subject.pk], query=query or None)


def new_building(**changes):
    numbers = {"building": "6栋", "units": "2", "first_floor": 1, "last_floor": 3, "flats": 2, "shops": 0}
    return {"idempotency_key": str(uuid4()), **numbers, **changes}


def test_a_building_group_is_drawn_with_a_link_for_every_flat(chen, places, client_of):
    home = household(places.qishan, unit="2单元")
    resident(home, "陈家生", represents_since=date(2022, 1, 1))
    resident(home, "李四")

    page = client_of(chen).get(url("buildings", places.qishan))

    (flat,) = page.context["front"].flats
    assert (flat.home, flat.mark.symbol, flat.mark.note) == (home, "house-door-fill", "2")
    assert [badge.symbol for badge in flat.mark.badges] == ["star-fill"]
    assert f'href="{home.get_absolute_url()}"' in page.text


@pytest.mark.parametrize(
    ("fields", "people", "symbol", "badges"),
    [
        ({}, [], "door-closed", []),
        ({"room": "商铺1"}, [], "shop", []),
        ({"occupancy": "rented"}, [{}], "key-fill", []),
        ({"occupancy": "registered"}, [{"birth": date(1940, 1, 1)}], "house-door-fill", ["heart-fill"]),
        ({}, [{"birth": date(1940, 1, 1)}, {"birth": date(1941, 1, 1)}], "house-door-fill", []),
        ({}, [{"until": date(2022, 1, 1), "left_because": "moved_out"}], "door-closed", []),
    ],
)
def test_a_cell_shows_how_the_flat_is_lived_in(fields, people, symbol, badges, chen, places, client_of):
    home = household(places.qishan, **fields)
    for person in people:
        resident(home, **person)

    (flat,) = client_of(chen).get(url("buildings", places.qishan)).context["front"].flats

    assert (flat.mark.symbol, [badge.symbol for badge in flat.mark.badges]) == (symbol, badges)


def test_the_table_says_the_same_as_the_facade(chen, places, client_of):
    homes = [household(places.qishan, room=room) for room in ("501", "502")] + [
        household(places.qishan, building=f"{number}号", room="1") for number in (7, 9)
    ]

    page = client_of(chen).get(url("buildings", places.qishan, view="table"))

    assert all(f'href="{home.get_absolute_url()}"' in page.text for home in homes)
    assert '<svg class="facade"' not in page.text


@pytest.mark.parametrize("view", ["facade", "table"])
def test_a_facade_costs_the_same_for_any_number_of_flats(
    view, li, places, client_of, django_assert_num_queries, django_assert_max_num_queries
):
    client, asked = client_of(li), url("buildings", places.qishan, view=view)
    resident(household(places.qishan, room="101"))
    with django_assert_max_num_queries(12) as first:
        client.get(asked)
    for number in range(2, 5):
        resident(household(places.qishan, building=f"{number}栋", unit=f"{number}单元", room=f"{number}02"))

    with django_assert_num_queries(len(first)):
        client.get(asked)


def test_a_community_lists_its_buildings_with_their_numbers(li, places, client_of):
    for room in ("101", "102", "商铺1"):
        household(places.qishan, "10栋", room)
    resident(household(places.qishan, "2栋", "201", unit="1单元"), represents_since=date(2022, 1, 1))
    household(places.lingbian_group, "1栋")

    rows = client_of(li).get(url("buildings", places.dalong)).context["rows"]

    assert [(row.name, row.flats, row.shops, row.lived_in, row.people, row.represented) for row in rows] == [
        ("2栋", 1, 0, 1, 1, 1),
        ("10栋", 2, 1, 0, 0, 0),
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_buildings_costs_the_same_for_any_number(
    rows, li, places, client_of, django_assert_max_num_queries
):
    for number in range(rows):
        resident(household(places.qishan, f"{number}栋"))

    client = client_of(li)
    with django_assert_max_num_queries(8):
        client.get(url("buildings", places.grid))


def test_a_street_is_led_to_its_communities(he, places, client_of):
    page = client_of(he).get(url("buildings", places.street))

    assert url("buildings", places.dalong) in page.text


def test_the_page_of_a_place_leads_to_its_buildings(chen, lin, places, client_of):
    assert url("buildings", places.qishan) in client_of(chen).get(places.qishan.get_absolute_url()).text


def test_a_building_is_drawn_before_it_is_entered(chen, places, client_of):
    client, form = client_of(chen), new_building(shops=3, left_out="2")

    drawn = client.post(url("household_build", places.qishan), {**form, "step": "preview"})
    assert (Household.objects.count(), drawn.context["new"]) == (0, 11)
    client.post(url("household_build", places.qishan), {**form, "step": "create"})

    rooms = Household.objects.in_order().values_list("unit", "room", "floor", "use")
    assert list(rooms)[:4] == [
        ("", "商铺1", 1, "shop"),
        ("", "商铺2", 1, "shop"),
        ("", "商铺3", 1, "shop"),
        ("1单元", "101", 1, "dwelling"),
    ]
    assert sorted({floor for _unit, _room, floor, _use in rooms}) == [1, 3]
    assert AuditEntry.objects.get(action="households.entered").data == {"households": 11}


def test_building_it_twice_adds_only_what_is_missing(chen, places, client_of):
    household(places.qishan, "6幢", "101", unit="一单元")
    for _time in range(2):
        client_of(chen).post(url("household_build", places.qishan), {**new_building(), "step": "create"})

    assert Household.objects.count() == 12


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"last_floor": 0}, "last_floor"), ({"last_floor": 200, "flats": 99}, "__all__"), ({"flats": 0}, "flats")],
)
def test_a_building_that_cannot_be_is_refused(changes, field, chen, places, client_of):
    response = client_of(chen).post(
        url("household_build", places.qishan), {**new_building(**changes), "step": "create"}
    )

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert Household.objects.count() == 0
