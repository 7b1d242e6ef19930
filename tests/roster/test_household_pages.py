"""Façades of a place, the page of a flat, and what is done to it: entered, put right, spoken for, moved, taken back."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from grid.places.models import PlaceSpan
from grid.roster.models import Household, HouseholdSpan, Resident
from grid.roster.services import households as services
from portal.core.clock import today
from portal.core.models import AuditEntry
from portal.core.refusals import Refused

from .people import household, resident

pytestmark = pytest.mark.django_db
CHILD = date(today().year - 9, 1, 1)


def url(name, subject, **query):
    return reverse(f"roster:{name}", args=[subject.pk], query=query or None)


def actions(subject=None) -> list[str]:
    entries = AuditEntry.objects.filter(action__regex="^(household|resident)").order_by("pk")
    return list((entries.filter(subject_id=subject.pk) if subject else entries).values_list("action", flat=True))


def new_flat(**changes):
    return {"idempotency_key": str(uuid4()), "building": "3栋", "room": "502", "use": "dwelling", **changes}


# The page of a flat


def test_a_flat_shows_who_lives_there_with_masked_numbers_and_who_did(chen, places, client_of):
    home = household(places.qishan, area_m2="82.50", occupancy="registered")
    resident(home, "陈家生", mobile="13800138000", represents_since=date(2022, 1, 1))
    resident(home, "李旧人", until=date(2023, 1, 1), left_because="moved_out")

    page = client_of(chen).get(home.get_absolute_url())

    portrait = page.context["home"]
    assert [member.name for member, _facts in portrait.members] == ["陈家生"]
    assert portrait.representative.name == "陈家生"
    assert [one.name for one in portrait.former] == ["李旧人"]
    assert "138****8000" in page.text
    assert "13800138000" not in page.text
    assert "mini-here" in page.text


def test_an_empty_flat_has_nobody_to_choose(chen, places, client_of):
    home = household(places.qishan)

    page = client_of(chen).get(home.get_absolute_url())

    assert url("representative", home) not in page.text
    assert page.text.count(url("household_remove", home)) == 1


@pytest.mark.parametrize("people", [1, 3])
def test_a_flat_costs_the_same_for_any_number_of_people(people, chen, places, client_of, django_assert_max_num_queries):
    home = household(places.qishan)
    for number in range(people):
        resident(home, f"陈{number}")
        resident(home, f"旧{number}", until=date(2023, 1, 1), left_because="moved_out")
        household(places.qishan, room=f"60{number}")

    client = client_of(chen)
    with django_assert_max_num_queries(13):
        client.get(home.get_absolute_url())


# Entering and correcting


def test_a_flat_is_entered_once(chen, places, client_of):
    client, form = client_of(chen), new_flat(unit="２单元", room="502室")

    responses = [client.post(url("household_add", places.qishan), form) for _time in range(2)]

    home = Household.objects.get()
    assert [response.url for response in responses] == [home.get_absolute_url()] * 2
    assert (home.place, home.building_key, home.unit_key, home.room_key, home.floor) == (
        places.qishan,
        "3",
        "2",
        "502",
        5,
    )
    assert actions(home) == ["household.entered"]


def test_the_same_flat_written_differently_is_refused(chen, places, client_of):
    household(places.qishan, "3栋", "502")

    response = client_of(chen).post(url("household_add", places.qishan), new_flat(building="３幢", room="502室"))

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["room"])
    assert Household.objects.count() == 1


def test_extra_fields_change_nothing(chen, places, client_of):
    client_of(chen).post(
        url("household_add", places.qishan), new_flat(place=places.longji.pk, community=places.lingbian.pk)
    )

    assert (Household.objects.get().place, Household.objects.get().community) == (places.qishan, places.dalong)


def test_facts_are_put_right_and_named_without_what_they_were(chen, places, client_of):
    home = household(places.qishan, occupancy="vacant")

    client_of(chen).post(url("household_edit", home), new_flat(room="503", occupancy="rented", area_m2="70"))

    home.refresh_from_db()
    assert (home.room, home.room_key, home.occupancy, home.area_m2) == ("503", "503", "rented", 70)
    assert AuditEntry.objects.get(action="household.corrected").data == {"fields": ["area_m2", "occupancy", "room"]}


def test_correcting_nothing_leaves_no_trace(chen, places, client_of):
    home = household(places.qishan)

    client_of(chen).post(url("household_edit", home), new_flat())

    assert actions() == []


def test_a_flat_cannot_take_the_address_of_another(chen, places, client_of):
    household(places.qishan, room="501")
    home = household(places.qishan, room="502")

    response = client_of(chen).post(url("household_edit", home), new_flat(room="501房"))

    assert response.status_code == 422


# The representative


def test_whoever_is_chosen_again_has_represented_before_too(chen, places):
    home = household(places.qishan)
    member, first, last, again = resident(home), date(2022, 1, 1), date(2023, 1, 1), date(2024, 1, 1)
    services.choose_representative(home, resident=member, actor=chen.user, on=first)
    services.choose_representative(home, resident=None, actor=chen.user, on=last)

    with pytest.raises(Refused):
        services.choose_representative(home, resident=member, actor=chen.user, on=last - timedelta(days=1))
    services.choose_representative(home, resident=member, actor=chen.user, on=again)

    days = (first - timedelta(days=1), first, last - timedelta(days=1), last, again - timedelta(days=1), again, today())
    assert [Resident.objects.representatives(day).count() for day in days] == [0, 1, 1, 0, 0, 1, 1]


def test_one_member_speaks_for_the_household(chen, places, client_of):
    home = household(places.qishan)
    first, second = resident(home, "陈家生", represents_since=date(2022, 1, 1)), resident(home, "李四")

    client_of(chen).post(url("representative", home), {"resident": second.pk})

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.represents_until, first.is_representative) == (today(), False)
    assert (second.represents_since, second.mobilised_since, second.is_representative) == (today(), today(), True)
    assert actions() == ["resident.represents_no_more", "resident.represents"]


def test_nobody_may_speak_for_it_for_now(chen, places, client_of):
    home = household(places.qishan)
    resident(home, represents_since=date(2022, 1, 1))

    client_of(chen).post(url("representative", home), {"resident": "nobody"})

    assert not Resident.objects.representatives().exists()


def test_choosing_the_same_one_changes_nothing(chen, places):
    home = household(places.qishan)
    member = resident(home, represents_since=date(2022, 1, 1))

    services.choose_representative(home, resident=member, actor=chen.user)

    member.refresh_from_db()
    assert (member.represents_since, actions()) == (date(2022, 1, 1), [])


def test_children_and_people_from_elsewhere_are_not_chosen(chen, places, client_of):
    home, other = household(places.qishan), household(places.qishan, room="601")
    child, stranger, gone = (
        resident(home, "小明", birth=CHILD),
        resident(other, "李四"),
        resident(home, "旧人", until=today(), left_because="moved_out"),
    )

    for wrong in (child, stranger, gone):
        assert client_of(chen).post(url("representative", home), {"resident": wrong.pk}).status_code == 422
        with pytest.raises(Refused):
            services.choose_representative(home, resident=wrong, actor=chen.user)
    assert not Resident.objects.exclude(represents_since=None).exists()


# Moving


def test_a_household_moves_with_its_people_and_its_past_is_kept(wu, places, client_of):
    home = household(places.qishan)
    member = resident(home)
    form = {"to": places.longji.pk, "on": str(today())}
    client = client_of(wu)

    before = client.post(url("household_move", home), {**form, "step": "preview"})
    assert (before.context["people"], Household.objects.get().place) == (1, places.qishan)
    client.post(url("household_move", home), {**form, "step": "move"})

    home.refresh_from_db()
    member.refresh_from_db()
    span = HouseholdSpan.objects.get()
    assert (home.place, member.place) == (places.longji, places.longji)
    assert (span.household, span.place, span.until) == (home, places.qishan, today())
    assert AuditEntry.objects.get(action="household.moved").data == {"from": places.qishan.pk, "to": places.longji.pk}


def test_a_household_does_not_move_where_its_address_is_taken(wu, places, client_of):
    home = household(places.qishan)
    household(places.longji, "３幢", "502室")

    response = client_of(wu).post(
        url("household_move", home), {"to": places.longji.pk, "on": str(today()), "step": "move"}
    )

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["to"])
    assert HouseholdSpan.objects.count() == 0


def test_a_move_to_where_it_stands_is_none(wu, places):
    home = household(places.qishan)

    assert services.move([home], places.qishan, wu.user) == 0
    assert actions() == []


def test_only_building_groups_that_one_looks_after_are_offered(chen, wu, li, places, client_of):
    home = household(places.qishan)

    def offered(person):
        form = client_of(person).get(url("household_move", home)).context["form"]
        return [group.name for group in form.fields["to"].queryset]

    assert offered(chen) == []
    assert offered(wu) == ["龙基花园楼栋小组"]
    assert offered(li) == ["龙基花园楼栋小组", "富怡苑楼栋小组"]
    wrong = {"to": places.lingbian_group.pk, "on": str(today()), "step": "move"}
    assert client_of(li).post(url("household_move", home), wrong).status_code == 422


def test_a_move_is_not_dated_ahead(wu, places, client_of):
    home = household(places.qishan)
    ahead = {"to": places.longji.pk, "on": str(today() + timedelta(days=1)), "step": "move"}

    assert client_of(wu).post(url("household_move", home), ahead).status_code == 422


def test_households_stand_in_open_building_groups_only(li, places):
    home = household(places.qishan)
    PlaceSpan.objects.filter(place=places.longji).update(until=today())
    type(places.longji).objects.filter(pk=places.longji.pk).update(closed_on=today())

    for wrong in (places.grid, places.longji):
        with pytest.raises(Refused):
            services.move([home], wrong, li.user)
        with pytest.raises(Refused):
            services.enter(wrong, facts=services.Facts("9栋", "101"), actor=li.user)


# Taking back


def test_a_flat_entered_by_mistake_is_taken_back(chen, places, client_of):
    home = household(places.qishan)

    response = client_of(chen).post(url("household_remove", home))

    assert (response.url, Household.objects.count()) == (url("buildings", places.qishan), 0)
    assert AuditEntry.objects.get(action="household.removed").subject_id == places.qishan.pk


def test_a_flat_in_which_somebody_has_lived_stays(chen, places, client_of):
    home = household(places.qishan)
    resident(home, until=date(2022, 1, 1), left_because="moved_out")

    assert client_of(chen).post(url("household_remove", home)).status_code == 422
    assert Household.objects.count() == 1


# Who may


def test_the_street_looks_and_changes_nothing(he, places, client_of):
    home, client = household(places.qishan), client_of(he)

    assert client.get(home.get_absolute_url()).status_code == 200
    for name in ("household_edit", "representative", "household_move", "household_remove"):
        assert client.post(url(name, home)).status_code == 403
    for name in ("household_add", "household_build"):
        assert client.post(url(name, places.qishan)).status_code == 403
    assert (Household.objects.count(), actions()) == (1, [])


def test_a_department_sees_no_households(lin, places, client_of):
    home = household(places.qishan)

    assert client_of(lin).get(home.get_absolute_url()).status_code in (403, 404)


def test_a_flat_moves_neither_before_its_last_move_nor_into_a_group_that_was_not_there_yet(li, places):
    home, day = household(places.qishan), date(2024, 5, 1)
    services.move([home], places.longji, li.user, on=day)
    PlaceSpan.objects.filter(place=places.fuyi).update(since=date(2025, 1, 1))

    for to, on in (
        (places.qishan, day - timedelta(days=1)),
        (places.fuyi, date(2024, 12, 31)),
        (places.qishan, today() + timedelta(days=1)),
    ):
        with pytest.raises(Refused):
            services.move([home], to, li.user, on=on)

    assert services.move([home], places.fuyi, li.user, on=date(2025, 1, 1)) == 1
