"""Incidents on the façade: what a cell says, where it leads, what stands beside it, and what it costs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from grid.incidents import marks, services
from grid.incidents.models import Incident
from grid.roster.facade_layers import facade_layers
from tests.factories import incident
from tests.roster.people import household, resident

from .conftest import url

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=60)


def buildings(place, **query):
    return reverse("roster:buildings", args=[place.pk], query={"layer": "incidents", **query})


def cells(page) -> dict[str, tuple[str, str, str]]:
    """Room → tone, note and symbol of its cell."""
    return {flat.home.room: (flat.mark.tone, flat.mark.note, flat.mark.symbol) for flat in page.context["front"].flats}


def test_a_cell_says_in_sign_and_words_what_its_household_has(chen, zhang, wu, places, client_of):
    late, waiting, done, quiet = (household(places.qishan, room=room) for room in ("101", "102", "103", "104"))
    team = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    incident(**team, household=late, at=timezone.now() - LONG_AGO)
    incident(**team, household=late)
    incident(**team, household=waiting)
    incident(**team, household=done, stage="closed")

    page = client_of(chen).get(buildings(places.qishan))

    assert cells(page) == {
        "101": ("red", "2/2", "exclamation-circle"),
        "102": ("amber", "1/1", "clock"),
        "103": ("green", "0/1", "check-circle"),
        "104": ("grey", "", "house-door"),
    }
    assert {flat.home.pk: flat.mark.said for flat in page.context["front"].flats}[quiet.pk] == ""


def test_what_is_void_suspended_or_long_over_is_not_counted_as_it_is_open(chen, zhang, wu, places, client_of):
    home, old = household(places.qishan, room="101"), household(places.qishan, room="102")
    team = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    suspended = incident(**team, household=home, stage="in_progress", at=timezone.now() - LONG_AGO)
    Incident.objects.filter(pk=suspended.pk).update(state="suspended", suspended_at=timezone.now())
    void = incident(**team, household=home)
    Incident.objects.filter(pk=void.pk).update(state="void")
    incident(**team, household=old, stage="closed", at=timezone.now() - timedelta(days=400))

    page = client_of(chen).get(buildings(places.qishan))

    assert cells(page) == {"101": ("amber", "1/1", "clock"), "102": ("grey", "", "house-door")}


def test_a_cell_leads_to_the_one_incident_or_to_the_list_of_them(chen, places, client_of):
    one, several, none = (household(places.qishan, room=room) for room in ("101", "102", "103"))
    single = incident(place=places.qishan, reporter=chen.user, household=one)
    many = [incident(place=places.qishan, reporter=chen.user, household=several) for _ in range(2)]
    client = client_of(chen)

    leads = {flat.home.pk: flat.url for flat in client.get(buildings(places.qishan)).context["front"].flats}

    assert leads[one.pk] == single.get_absolute_url()
    assert leads[none.pk] == none.get_absolute_url()
    assert {row.pk for row in client.get(leads[several.pk]).context["page"]} == {made.pk for made in many}


def test_an_emergency_has_a_badge(chen, places, client_of):
    incident(place=places.qishan, reporter=chen.user, household=household(places.qishan), is_emergency=True)

    (flat,) = client_of(chen).get(buildings(places.qishan)).context["front"].flats

    assert flat.mark.badges == (marks.EMERGENCY,)
    assert str(marks.EMERGENCY.label) in flat.words


def test_what_belongs_to_no_household_stands_beside_the_facade(chen, huang, places, client_of):
    home = household(places.qishan)
    incident(place=places.qishan, reporter=chen.user, household=home)
    shared = incident(place=places.qishan, reporter=chen.user, at=timezone.now() - LONG_AGO, location="三楼楼梯口")
    incident(place=places.longji, reporter=huang.user)
    client = client_of(chen)

    beside = client.get(buildings(places.qishan)).context["beside"]

    assert [entry.url for entry in beside.entries] == [shared.get_absolute_url()]
    assert [entry.tone for entry in beside.entries] == ["red"]
    assert [row.pk for row in client.get(beside.url).context["page"]] == [shared.pk]


def test_the_table_says_the_same_under_the_names_of_the_layer(chen, places, client_of):
    home = household(places.qishan)
    made = incident(place=places.qishan, reporter=chen.user, household=home)

    page = client_of(chen).get(buildings(places.qishan, view="table"))

    assert f'href="{made.get_absolute_url()}"' in page.text
    assert "1/1" in page.text
    assert '<svg class="facade"' not in page.text


@pytest.mark.parametrize("asked", ["", "lived_in", "nonsense"])
def test_without_a_layer_the_facade_shows_who_lives_there(asked, chen, places, client_of):
    resident(household(places.qishan))

    page = client_of(chen).get(reverse("roster:buildings", args=[places.qishan.pk], query={"layer": asked}))

    assert (page.context["chosen"], page.context["beside"]) == ("lived_in", None)
    assert {name for name, _layer in page.context["layers"]} == set(facade_layers.items)


@pytest.mark.parametrize("view", ["facade", "table"])
def test_the_layer_costs_the_same_for_any_number_of_households(
    view, li, chen, places, client_of, django_assert_num_queries, django_assert_max_num_queries
):
    client, asked = client_of(li), buildings(places.qishan, view=view)
    incident(place=places.qishan, reporter=chen.user, household=household(places.qishan, room="101"))
    incident(place=places.qishan, reporter=chen.user)
    with django_assert_max_num_queries(12) as first:
        client.get(asked)
    for number in range(2, 5):
        home = household(places.qishan, building=f"{number}栋", room=f"{number}02")
        incident(place=places.qishan, reporter=chen.user, household=home)
        incident(place=places.qishan, reporter=chen.user)

    with django_assert_num_queries(len(first)):
        client.get(asked)


def test_the_list_is_narrowed_to_a_flat_of_ones_own(chen, zhou, places, client_of):
    home, foreign = household(places.qishan), household(places.lingbian_group)
    theirs = incident(place=places.qishan, reporter=chen.user, household=home)
    without = incident(place=places.qishan, reporter=chen.user)
    incident(place=places.lingbian_group, reporter=zhou.user, household=foreign)

    def found(household):
        page = client_of(chen).get(url("list"), {"household": household})
        return [row.pk for row in page.context["page"]], page.context["filter"].narrowed_to

    assert found(home.pk) == ([theirs.pk], home.address)
    assert found("null")[0] == [without.pk]
    assert found(foreign.pk) == ([], "")


def test_a_layer_counts_what_the_reader_may_see(chen, li, lin, places):
    home = household(places.qishan)
    made = incident(place=places.qishan, reporter=chen.user, household=home, office=li.user, stage="opened")
    services.dispatch(made, actor=li.user, department=lin.department)

    now = timezone.now()
    seen = {
        who.user.name: marks.by_household(Incident.objects.visible_to(who.user), places.qishan, now)
        for who in (chen, lin)
    }

    assert {name: counted[home.pk].open for name, counted in seen.items()} == {"陈丽芳": 1, "林浩": 1}
