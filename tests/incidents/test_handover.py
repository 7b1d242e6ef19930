"""What somebody holds because of a post passes to their successor; what they hold elsewhere stays."""

import pytest
from django.urls import reverse

from grid.incidents import handover, services
from grid.incidents.models import Incident
from grid.incidents.timeline import timeline_of
from portal.core import outbox
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from portal.reminders.models import Reminder
from tests.factories import incident, settled

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(chen, zhang, wu, places):
    return {"reporter": chen.user, "office": zhang.user, "handler": wu.user}


def test_closed_ones_and_those_of_others_are_no_duties(team, wu, huang, places):
    incident(place=places.qishan, **team, stage="closed")
    incident(place=places.longji, **{**team, "handler": huang.user}, stage="in_progress")
    incident(place=places.qishan, **team, stage="dispatched")

    assert [duty.count for duty in handover.of(wu.user, places.grid)] == [1]


def test_nothing_held_is_nobody_told(li, wu, places):
    assert handover.hand_over(wu.user, li.user, places.grid, li.user) == 0
    outbox.drain()
    assert not Reminder.objects.filter(kind__startswith="incidents.passed").exists()


def test_many_are_told_as_one(team, li, wu, places):
    for _n in range(3):
        incident(place=places.qishan, **team, stage="in_progress")
    outbox.drain()
    handover.hand_over(wu.user, li.user, places.grid, li.user)
    outbox.drain()

    told = Reminder.objects.get(user=li.user, kind="incidents.passed_to")
    assert "3" in told.text


def test_the_timeline_says_so(team, li, wu, places):
    made = incident(place=places.qishan, **team, stage="in_progress")
    handover.hand_over(wu.user, li.user, places.grid, li.user)

    assert timeline_of(made)[-1].who == "李敏"
    assert AuditEntry.objects.get(action="incident.handed_over").data == {
        "state": "in_progress",
        "from": wu.pk,
        "to": li.pk,
    }


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_duties_is_one_query(number, team, wu, places, django_assert_num_queries):
    for _n in range(number):
        incident(place=places.qishan, **team, stage="in_progress")

    with django_assert_num_queries(1):
        list(handover.of(wu.user, places.grid))


# Rework and printing


def test_nobody_sends_their_own_work_back(team, wu, places):
    made = incident(place=places.qishan, **team, stage="awaiting_verification")

    with pytest.raises(Refused):
        services.rework(made, actor=wu.user, note="我自己再做一遍")


def test_nor_what_they_reported_and_settled_themselves(wu, places):
    made = settled(place=places.qishan, reporter=wu.user)

    with pytest.raises(Refused):
        services.rework(made, actor=wu.user, note="再做一遍")


def test_what_is_sent_back_is_not_settled_on_the_spot_any_more(chen, li, places):
    made = settled(place=places.qishan, reporter=chen.user)

    services.rework(made, actor=li.user, note="还在那里")

    assert not Incident.objects.get(pk=made.pk).settled_on_the_spot


def test_printing_the_list_is_on_record(team, li, places, client_of):
    incident(place=places.qishan, **team)

    client_of(li).get(reverse("incidents:print"))

    entry = AuditEntry.objects.get(action="incidents.printed")
    assert (entry.actor, entry.data) == (li.user, {"rows": 1})
