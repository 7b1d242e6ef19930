"""Notices on the façade: what a cell says, where it leads, which notice it is about, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from grid.notices import marks, services
from grid.notices.models import Notice
from grid.roster.services import households as homes
from portal.core.clock import today
from tests.roster.people import household, resident

from .letters import door, flats, sent

pytestmark = pytest.mark.django_db


def drawn(place: Any, **query: Any) -> str:
    return reverse("roster:buildings", args=[place.pk], query={"layer": "notices", **query})


def cells(page: Any) -> dict[str, tuple[str, str]]:
    """Room → tone and symbol of its cell."""
    return {flat.home.room: (flat.mark.tone, flat.mark.symbol) for flat in page.context["front"].flats}


def test_a_cell_says_in_sign_and_words_how_far_a_notice_has_come(chen, li, places, client_of):
    flats(places.qishan, 3)
    notice = sent(places.dalong, li, "residents")
    services.mark(door(notice, "101"), "told", actor=chen.user)
    services.mark(door(notice, "201"), "nobody_home", actor=chen.user)

    page = client_of(li).get(drawn(places.qishan))

    assert cells(page) == {
        "101": ("green", "check-circle"),
        "201": ("amber", "door-closed"),
        "301": ("blue", "door-open"),
        "401": ("grey", "house-door"),
    }
    assert page.context["painted"].topic.url == notice.get_absolute_url()
    [told] = [flat for flat in page.context["front"].flats if flat.home.room == "101"]
    assert told.mark.note == f"{today().month}/{today().day}"


def test_past_its_day_whoever_was_not_told_is_late(chen, li, places, client_of):
    flats(places.qishan, 2)
    notice = sent(places.dalong, li, "residents")
    services.mark(door(notice, "101"), "told", actor=chen.user)
    services.mark(door(notice, "201"), "nobody_home", actor=chen.user)
    Notice.objects.filter(pk=notice.pk).update(answer_by=today() - timedelta(days=1))

    page = client_of(li).get(drawn(places.qishan, topic=notice.pk))

    assert cells(page)["201"] == ("red", "exclamation-circle")
    assert cells(page)["101"] == ("green", "check-circle")


def test_a_cell_leads_its_leader_to_the_door_and_the_office_to_the_household(chen, li, places, client_of):
    [home] = flats(places.qishan, 1)
    notice = sent(places.dalong, li, "residents")
    url = f"{reverse('notices:doors', args=[notice.pk])}#door-{door(notice, '101').pk}"

    def leads_to(person: Any) -> str:
        flats_shown = client_of(person).get(drawn(places.qishan)).context["front"].flats
        return next(flat.url for flat in flats_shown if flat.home.room == "101")

    assert leads_to(chen) == url
    assert leads_to(li) == home.get_absolute_url()


def test_the_newest_is_shown_until_another_is_asked_for(chen, li, places, client_of):
    flats(places.qishan, 1)
    first, second = sent(places.dalong, li, "residents", title="一"), sent(places.dalong, li, "residents", title="二")
    leader = client_of(chen)

    def topic(**query: Any) -> str:
        return leader.get(drawn(places.qishan, **query)).context["painted"].topic.key

    assert topic() == str(second.pk)
    assert topic(topic=first.pk) == str(first.pk)
    assert topic(topic="9" * 30) == str(second.pk)
    assert topic(topic="甲") == str(second.pk)


def test_withdrawn_ones_and_those_of_others_are_not_offered(chen, huang, li, places, client_of):
    flats(places.qishan, 1)
    flats(places.longji, 1)
    gone = sent(places.dalong, li, "residents")
    elsewhere = sent(places.dalong, li, "residents", areas=[places.longji])
    services.withdraw(gone, actor=li.user, reason="不停水了")
    leader = client_of(chen)

    for notice in (gone, elsewhere):
        page = leader.get(drawn(places.qishan, topic=notice.pk))
        assert page.context["painted"].topic is None
        assert cells(page)["101"] == ("grey", "house-door")


def test_pages_of_the_notice_lead_to_the_facade(chen, li, wu, places, client_of):
    flats(places.qishan, 1)
    notice = sent(places.dalong, li, "residents")
    url = marks.facade_of(notice, places.qishan).replace("&", "&amp;")

    assert url in client_of(chen).get(reverse("notices:doors", args=[notice.pk])).content.decode()
    assert url in client_of(li).get(f"{notice.get_absolute_url()}?at={places.qishan.pk}").content.decode()
    assert url not in client_of(wu).get(notice.get_absolute_url()).content.decode()


def test_a_building_group_is_drawn_below_its_counts(chen, li, wu, places, client_of):
    flats(places.qishan, 1)
    notice, plain = sent(places.dalong, li, "residents"), sent(places.dalong, li)
    services.mark(door(notice, "101"), "told", actor=chen.user)

    page = client_of(wu).get(f"{notice.get_absolute_url()}?at={places.qishan.pk}")

    assert cells(page) == {"101": ("green", "check-circle"), "201": ("grey", "house-door")}
    assert "front" not in client_of(wu).get(f"{plain.get_absolute_url()}?at={places.qishan.pk}").context


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_for_any_number_of_flats(rows, chen, li, places, django_assert_num_queries):
    flats(places.qishan, rows)
    sent(places.dalong, li, "residents")
    user = type(chen.user).objects.get(pk=chen.pk)
    marks.led_by(user)

    with django_assert_num_queries(2):
        marks.paint(places.qishan, user)


# What is still to be told goes along with its household


def test_what_is_to_be_told_goes_along_and_what_was_told_stays(chen, huang, li, places):
    told, missed, waits, stays = flats(places.qishan, 4)
    notice = sent(places.dalong, li, "residents")
    services.mark(door(notice, told.room), "told", actor=chen.user)
    services.mark(door(notice, missed.room), "nobody_home", actor=chen.user)

    homes.move([told, missed, waits], places.longji, li.user)

    stood = dict(notice.doors.values_list("household", "place"))
    assert stood == {
        told.pk: places.qishan.pk,
        missed.pk: places.longji.pk,
        waits.pk: places.longji.pk,
        stays.pk: places.qishan.pk,
    }
    assert services.mark(door(notice, waits.room), "told", actor=huang.user).is_told


def test_what_no_longer_stands_stays_where_it_was(chen, huang, li, places):
    home = household(places.qishan)
    resident(home)
    over, gone = sent(places.dalong, li, "residents"), sent(places.dalong, li, "residents")
    Notice.objects.filter(pk=over.pk).update(answer_by=today() - timedelta(days=1))
    services.withdraw(gone, actor=li.user, reason="不停水了")

    homes.move([home], places.longji, li.user)

    assert {one.place for notice in (over, gone) for one in notice.doors.all()} == {places.qishan}
