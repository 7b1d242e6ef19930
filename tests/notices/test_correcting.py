"""A notice put right: to whom the right one goes when places were redrawn meanwhile, and who hears of it."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from grid.notices import services
from grid.notices.models import Notice
from grid.notices.services import correcting, sending
from grid.places import boundaries
from grid.places import services as posts
from grid.places.models import Role
from grid.roster.services import households
from portal.core import outbox
from portal.core.refusals import Refused
from portal.reminders.models import Reminder

from .letters import addressed, flats, sent

pytestmark = pytest.mark.django_db


def corrected(notice: Notice, by) -> Notice:
    return services.correct(notice, actor=by.user, title="停水改期", body="改到后天。", reason="日期写错了")


def areas(notice: Notice) -> list:
    return [area.place for area in notice.areas.all()]


def told() -> set[tuple[str, str]]:
    """Who was told what since the scene began."""
    Reminder.objects.all().delete()
    outbox.drain()
    return set(Reminder.objects.values_list("user__username", "kind"))


def test_where_an_area_was_merged_into_another_it_goes_there_and_not_everywhere(chen, huang, wu, li, zhang, places):
    wrong = sent(places.dalong, li, "everyone", areas=[places.qishan])
    boundaries.merge(places.qishan, into=places.longji, actor=li.user)

    right = corrected(wrong, zhang)

    assert (areas(right), addressed(right)) == ([places.longji], {"huang"})


def test_households_of_a_merged_area_stand_on_the_new_list_beside_those_of_others(chen, huang, li, zhang, places):
    homes = [*flats(places.qishan, 2), *flats(places.fuyi, 1)]
    wrong = sent(places.dalong, li, "residents", areas=[places.qishan, places.fuyi])
    boundaries.merge(places.qishan, into=places.longji, actor=li.user)

    right = corrected(wrong, zhang)

    assert areas(right) == [places.longji, places.fuyi]
    assert {door.household for door in right.doors.all()} == set(homes)


def test_a_household_told_the_wrong_text_is_told_the_right_one_where_it_stands_now(chen, li, zhang, places):
    here, gone = flats(places.qishan, 2)
    wrong = sent(places.dalong, li, "residents", areas=[places.qishan])
    services.mark(wrong.doors.get(household=gone), "told", actor=chen.user)
    households.move([gone], places.fuyi, li.user)

    right = corrected(wrong, zhang)

    doors = {(door.household, door.place, door.outcome) for door in right.doors.all()}
    assert doors == {(here, places.qishan, ""), (gone, places.fuyi, "")}


def test_when_all_its_areas_are_closed_it_can_only_be_withdrawn(chen, huang, li, zhang, places):
    wrong = sent(places.dalong, li, areas=[places.qishan])
    boundaries.close(places.qishan, actor=li.user)

    with translation.override("en"), pytest.raises(Refused) as refused:
        corrected(wrong, zhang)

    assert str(refused.value) == "The places it went to are closed: withdraw it instead."
    assert not Notice.objects.get(pk=wrong.pk).is_withdrawn
    assert services.withdraw(wrong, actor=zhang.user, reason="发错了").is_withdrawn


def test_no_area_is_not_everywhere(chen, li, places):
    with pytest.raises(Refused):
        sent(places.dalong, li, areas=[])


def test_a_building_group_that_came_to_another_grid_hears_what_is_right(chen, huang, wu, li, places):
    wrong = sent(places.grid, wu, areas=[places.longji])
    boundaries.move(places.longji, to=places.second_grid, actor=li.user)

    assert addressed(corrected(wrong, li)) == {"huang"}


def test_what_came_from_a_grid_that_was_merged_is_corrected_from_the_other(chen, huang, wu, li, places):
    wrong = sent(places.grid, wu)
    boundaries.merge(places.grid, into=places.second_grid, actor=li.user)

    right = corrected(wrong, li)

    assert (right.place, areas(right), addressed(right)) == (
        places.second_grid,
        [places.second_grid],
        {"chen", "huang"},
    )


def test_a_reader_to_whom_the_right_one_does_not_go_hears_that_the_old_one_is_void(chen, huang, li, zhang, places):
    wrong = sent(places.dalong, li)
    for person in (chen, huang):
        services.read(wrong, actor=person.user)
    posts.dismiss(huang.user.appointments.get(), actor=zhang.user)
    posts.appoint(huang.user, role=Role.GRID_LEADER, place=places.second_grid, actor=None)
    outbox.drain()
    corrected(wrong, zhang)

    assert told() == {("chen", "notices.sent"), ("huang", "notices.withdrawn")}


def test_so_does_whoever_told_households_of_it(chen, huang, li, zhang, places):
    flats(places.qishan, 1)
    wrong = sent(places.dalong, li, "residents", areas=[places.qishan])
    services.mark(wrong.doors.get(), "told", actor=huang.user)
    outbox.drain()
    corrected(wrong, zhang)

    assert told() == {("chen", "notices.sent"), ("huang", "notices.withdrawn")}


def test_whoever_takes_it_back_need_not_hear_of_it(chen, li, zhang, places):
    notice = sent(places.dalong, li, "everyone")
    for person in (chen, zhang):
        services.read(notice, actor=person.user)
    outbox.drain()
    services.withdraw(notice, actor=zhang.user, reason="不停水了")

    assert told() == {("chen", "notices.withdrawn")}


def test_nobody_floods_every_phone_with_corrections(chen, li, zhang, places, monkeypatch):
    monkeypatch.setattr(correcting, "MOST_A_DAY", 2)
    yesterday = sent(places.dalong, li, at=timezone.now() - timedelta(days=1))
    notice = corrected(corrected(yesterday, li), li)

    with pytest.raises(Refused):
        corrected(notice, li)

    assert not Notice.objects.get(pk=notice.pk).is_withdrawn
    assert corrected(notice, zhang).sender == zhang.user


def test_corrections_take_nothing_from_the_notices_of_the_day(chen, li, places, monkeypatch):
    monkeypatch.setattr(sending, "MOST_A_DAY", 2)
    corrected(sent(places.dalong, li), li)

    assert sent(places.dalong, li).sender == li.user
