"""What incidents show on other screens: what waits for whom, and how a place stands."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from grid.incidents import services, tiles
from grid.incidents.models import Incident
from grid.places import services as posts
from grid.places.models import Appointment
from portal.accounts.models import User
from portal.core.clock import SHANGHAI, today
from portal.figures.reading import read
from tests.factories import incident, settled

pytestmark = pytest.mark.django_db


def waiting(source, person) -> dict[str, int | None]:
    """What waits for somebody, by the address where it is done."""
    user = User.objects.get(pk=person.pk)
    return {entry.url: entry.count for entry in source(user)}


def figures(person, place) -> dict[str, int | None]:
    return {stat.key.removeprefix("desk."): stat.value for stat in tiles.of_place(person.user, place)}


def test_the_office_is_told_what_waits_for_it(chen, li, zhang, wu, places):
    long_ago = timezone.now() - timedelta(days=60)
    team = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    incident(**team)
    incident(**team, at=long_ago)
    incident(**team, stage="opened")
    incident(**team, stage="awaiting_verification")
    settled(place=places.dalong, reporter=li.user)
    incident(**team | {"reporter": li.user}, stage="closed", source="call", caller_mobile="13800138000")
    incident(**team | {"reporter": li.user}, source="call", caller_mobile="13800138000", stage="closed", at=long_ago)
    Incident.objects.filter(reported_at=long_ago, state="closed").update(closed_at=long_ago)

    assert waiting(tiles.in_my_territory, li) == {
        "/incidents/?overdue=on": 1,
        "/incidents/?state=reported": 2,
        "/incidents/?state=opened": 1,
        "/incidents/?scope=verify": 1,  # their own settlement waits for somebody else
        "/incidents/call-backs/": 1,
    }


def test_a_leader_is_told_of_results_of_others_to_look_at(chen, huang, zhang, wu, places):
    team = {"place": places.qishan, "reporter": chen.user, "office": zhang.user}
    incident(**team, handler=wu.user, stage="awaiting_verification")
    incident(**team, handler=wu.user, stage="verified")
    incident(**team, handler=chen.user, stage="awaiting_verification")

    assert waiting(tiles.in_my_territory, chen) == {"/incidents/?scope=verify": 1}
    assert waiting(tiles.in_my_territory, huang) == {}


def test_whoever_holds_an_incident_finds_it_the_most_urgent_first(chen, zhang, wu, places):
    team = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    later = incident(**team, stage="dispatched")
    sooner = incident(**team, stage="in_progress", severity="urgent")
    incident(**team, stage="awaiting_verification")

    assert list(waiting(tiles.mine, wu)) == [sooner.get_absolute_url(), later.get_absolute_url()]


def test_the_officers_of_a_department_find_what_is_whistled_to_it(chen, li, lin, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    services.dispatch(made, actor=li.user, department=lin.department)

    assert list(waiting(tiles.mine, lin)) == [made.get_absolute_url()]


@pytest.mark.parametrize(("source", "stage"), [(tiles.mine, "in_progress"), (tiles.to_rate, "closed")])
def test_whoever_was_dismissed_is_told_of_nothing_any_more(source, stage, wu, huang, zhang, places):
    handler = wu.user if stage == "in_progress" else huang.user
    incident(place=places.longji, reporter=wu.user, office=zhang.user, handler=handler, stage=stage)
    before = waiting(source, wu)
    posts.dismiss(Appointment.objects.get(user=wu.user), actor=None)

    assert (len(before), waiting(source, wu)) == (1, {})


def test_a_reporter_is_asked_about_what_others_did(chen, wu, zhang, places):
    by_another = settled(place=places.qishan, reporter=chen.user, by=wu.user)
    services.close(by_another, actor=zhang.user)
    services.close(settled(place=places.qishan, reporter=chen.user), actor=zhang.user)

    assert list(waiting(tiles.to_rate, chen)) == [f"{by_another.get_absolute_url()}rate/"]


def test_how_a_place_stands_this_month(chen, li, zhang, wu, places):
    team = {"reporter": chen.user, "office": zhang.user, "handler": wu.user}
    with time_machine.travel(datetime(2026, 4, 20, 12, 0, tzinfo=SHANGHAI), tick=False):
        incident(**team, place=places.qishan, at=timezone.now() - timedelta(days=400))
        incident(**team, place=places.qishan)
        incident(**team, place=places.longji, stage="awaiting_verification")
        incident(**team, place=places.grid, stage="closed")
        long_ago = timezone.now() - timedelta(days=90)
        incident(**team | {"handler": li.user}, place=places.fuyi, stage="closed", at=long_ago)  # late
        old = incident(**team | {"handler": li.user}, place=places.fuyi, stage="closed", at=long_ago)
        Incident.objects.filter(pk=old.pk).update(closed_at=long_ago)

        month = {"open": 3, "overdue": 1, "awaiting": 1, "reported": 3, "closed": 2, "in_time": 50}
        assert figures(zhang, places.dalong) == {**month, "total": 6}
        assert figures(wu, places.grid) == month | {"closed": 1, "in_time": 100, "total": 4}
        assert figures(chen, places.qishan) == {
            "open": 2, "overdue": 1, "awaiting": 0, "reported": 1, "closed": 0, "in_time": None, "total": 2,
        }  # fmt: skip


def test_what_a_desk_counts_of_a_month_is_what_the_board_counts(chen, li, places, client_of):
    kept, wrong = (incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened") for _ in range(2))
    services.void(wrong, actor=li.user, note="误报")

    reported = next(stat for stat in tiles.of_place(li.user, places.dalong) if stat.key == "desk.reported")
    shown = client_of(li).get(reported.url).content.decode()

    assert reported.value == 1
    assert (kept.number in shown, wrong.number in shown) == (True, False)


def test_what_was_reported_in_all_is_what_the_figure_and_the_list_count(chen, li, places, client_of):
    whole, other, wrong = (incident(place=places.qishan, reporter=chen.user) for _each in range(3))
    services.merge([other], into=whole, actor=li.user)
    services.void(wrong, actor=li.user, note="误报")

    total = next(stat for stat in tiles.of_place(li.user, places.dalong) if stat.key == "desk.total")
    shown = client_of(li).get(total.url).content.decode()

    counted = read([places.dalong], ["incidents.reported"], today(), today())[places.dalong.pk, "incidents.reported"]
    assert (total.value, counted.value) == (1, 1)
    assert [one.number in shown for one in (whole, other, wrong)] == [True, False, False]


def test_a_street_counts_what_is_open_and_what_is_new_but_not_all_there_ever_was(he, chen, zhou, places):
    incident(place=places.qishan, reporter=chen.user)
    incident(place=places.lingbian, reporter=zhou.user)

    found = figures(he, places.street)

    assert (found["open"], found["reported"], "total" in found) == (2, 2, False)


def test_open_ones_are_counted_for_each_of_some_siblings(chen, li, zhou, places, django_assert_num_queries):
    incident(place=places.qishan, reporter=chen.user, at=timezone.now() - timedelta(days=60))
    incident(place=places.grid, reporter=li.user)
    incident(place=places.dalong, reporter=li.user)
    incident(place=places.lingbian_group, reporter=zhou.user)

    def counted(*siblings):
        with django_assert_num_queries(1):
            return tiles.open_by_place(siblings)

    assert counted(places.dalong, places.lingbian) == {places.dalong.pk: (3, 1), places.lingbian.pk: (1, 0)}
    assert counted(places.grid, places.second_grid) == {places.grid.pk: (2, 1)}
    assert counted(places.qishan, places.longji) == {places.qishan.pk: (1, 1)}
    assert counted(places.street) == {places.street.pk: (4, 1)}
