"""A closed place is in no picker, no count and no list of today; its records stay readable, and its page says why."""

import pytest
from django.urls import reverse

from grid.incidents.models import Incident
from grid.incidents.selection import places_to_report_at, posts_for
from grid.incidents.tiles import open_by_place
from grid.places import boundaries, services
from grid.places.census import census_of
from grid.places.choosing import areas_of
from grid.places.models import Appointment, Level, Place, Role
from grid.places.overview import overview
from grid.places.people import people_near
from grid.places.rules import roles_to_give
from grid.places.vacancies import vacant_below
from portal.accounts.models import User
from portal.core.clock import today
from portal.core.refusals import Refused
from tests import factories
from tests.cast import make_user


def fresh(place: Place) -> Place:
    return Place.objects.get(pk=place.pk)


def again(person) -> User:
    """The person as of the next request."""
    return User.objects.get(pk=person.pk)


@pytest.fixture
def incident(chen, li, zhang, places) -> Incident:
    return factories.incident(place=places.qishan, reporter=chen.user, office=zhang.user, stage="opened")


@pytest.fixture
def merged(incident, huang, li, places) -> Place:
    """岐山中路楼栋小组, merged into 龙基花园楼栋小组 with an open incident."""
    boundaries.merge(places.qishan, into=places.longji, actor=li.user)
    return fresh(places.qishan)


def test_it_is_not_counted(merged, li, places):
    census = census_of(fresh(places.dalong))

    assert census.totals[Level.BUILDING_GROUP] == 2
    assert [row.place.name for row in _table(li, places)] == ["龙基花园楼栋小组"]


def _table(li, places):
    return overview(fresh(places.grid), again(li)).below.rows


def test_its_open_incidents_are_counted_where_it_is_now(merged, places):
    assert open_by_place([places.longji, places.fuyi]) == {places.longji.pk: (1, 0)}
    assert open_by_place([places.grid, places.second_grid]) == {places.grid.pk: (1, 0)}


def test_a_merged_grids_incidents_are_counted_where_it_is_now(incident, wu, li, places):
    factories.incident(place=places.grid, reporter=wu.user)
    boundaries.merge(places.grid, into=places.second_grid, actor=li.user)

    assert open_by_place([places.second_grid]) == {places.second_grid.pk: (2, 0)}
    assert Incident.objects.within(fresh(places.second_grid)).count() == 2


def test_it_is_in_no_picker(merged, li, wu, places):
    for found in (
        areas_of(again(li)),
        places_to_report_at(again(li), "incidents.enter"),
        places_to_report_at(again(wu), "incidents.report"),
        vacant_below(places.dalong),
    ):
        assert merged not in found
    assert merged in areas_of(again(li), linked=str(merged.pk))


def test_whoever_leads_what_took_its_place_handles_what_is_left(merged, incident, huang):
    posts = posts_for(Incident.objects.select_related("place", "community").get(pk=incident.pk))

    assert huang.user in {post.user for post in posts}


def test_nobody_is_appointed_there_and_nothing_opened_below(merged, li, nobody, places):
    assert roles_to_give(again(li), merged) == []
    with pytest.raises(Refused):
        services.appoint(nobody, role=Role.BUILDING_LEADER, place=merged, actor=None)
    boundaries.merge(places.second_grid, into=places.grid, actor=li.user)
    with pytest.raises(Refused):
        services.open_place(
            level=Level.BUILDING_GROUP,
            code="440113106001002009",
            name="新组",
            parent=fresh(places.second_grid),
            actor=None,
        )


def test_who_led_it_may_be_chosen_for_another_post(merged, chen, li, places):
    assert chen.user in {post.user for post in people_near(places.longji, again(li))}


def test_its_page_says_where_it_went_and_offers_nothing(merged, li, places, client_of):
    page = client_of(li).get(merged.get_absolute_url())

    assert page.status_code == 200
    assert places.longji.get_absolute_url() in page.text
    assert not page.context["may"]["steps"]
    assert not page.context["may"]["appoint"]
    assert not page.context["look"].team.is_vacant


def test_the_page_of_the_other_names_it(merged, huang, places, client_of):
    look = client_of(huang).get(places.longji.get_absolute_url()).context["look"]

    assert look.closed == [merged]


def test_its_records_are_read_from_the_list_and_its_link(merged, incident, li, client_of):
    client = client_of(li)

    assert client.get(incident.get_absolute_url()).status_code == 200
    page = client.get(reverse("incidents:list"), {"place": merged.pk})
    assert [row.pk for row in page.context["page"]] == [incident.pk]


def test_its_history_stays(merged, chen, li, client_of):
    page = client_of(li).get(reverse("places:history", args=[merged.pk]))

    assert [post.user for post in page.context["page"]] == [chen.user]


@pytest.mark.parametrize("slug", ["rename", "move", "merge", "split", "close"])
def test_no_step_is_taken_there(slug, merged, li, places, client_of, send):
    client, url = client_of(li), reverse(f"places:{slug}", args=[merged.pk])
    data = {
        "name": "新名称",
        "code": "440113106001001009",
        "to": places.second_grid.pk,
        "into": places.fuyi.pk,
        "note": "拆",
        "chosen": ["roster:h:1"],
        "seen": "0123456789abcdef",
    }

    assert client.get(url).url == merged.get_absolute_url()
    assert send(client, url, **data).status_code == 422


def test_nobody_is_appointed_on_its_page(merged, li, client_of):
    assert client_of(li).get(reverse("places:appoint", args=[merged.pk])).status_code == 403


# What the database itself refuses


def test_no_open_place_below_a_closed_one(places, refused_by):
    with refused_by("place_stands_in_open"):
        Place.objects.filter(pk=places.grid.pk).update(closed_on=today())


def test_no_post_without_an_end_at_a_closed_place(places, chen, refused_by):
    with refused_by("appointment_at_open"):
        Place.objects.filter(pk=places.qishan.pk).update(closed_on=today())
    Place.objects.filter(pk=places.fuyi.pk).update(closed_on=today())
    with refused_by("appointment_at_open"):
        Appointment.objects.create(user=make_user("new", "新人"), role=Role.BUILDING_LEADER, place=places.fuyi)


def test_no_merging_across_levels_communities_or_into_itself(places, refused_by):
    fuyi = Place.objects.filter(pk=places.fuyi.pk)
    with refused_by("place_merged_same_level"):
        fuyi.update(closed_on=today(), merged_into=places.grid)
    with refused_by("place_merged_in_community"):
        fuyi.update(closed_on=today(), merged_into=places.lingbian_group)
    with refused_by("place_merged_is_closed"):
        fuyi.update(closed_on=today(), merged_into=places.fuyi)
    with refused_by("place_merged_is_closed"):
        fuyi.update(merged_into=places.longji)


def test_no_community_is_closed(places, refused_by):
    with refused_by("place_closed_below_community"):
        Place.objects.filter(pk=places.lingbian.pk).update(closed_on=today())
