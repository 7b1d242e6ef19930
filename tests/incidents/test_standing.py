"""What cannot go on is suspended: its clock stands, and no working half day is lost."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from grid.incidents import services
from grid.incidents.models import Incident
from grid.incidents.workflow import State
from portal.core import audit, outbox
from portal.core.refusals import Refused
from portal.reminders.models import Reminder
from portal.reminders.services import collect
from portal.workdays.models import SpecialDay
from tests.factories import incident

from .conftest import url
from .test_clocks import at

pytestmark = pytest.mark.django_db
MONDAY = at("2026-03-02 09:00")
FRIDAY = date(2026, 3, 6)
WHY = {"note": "等住户回来开门", "expected_on": FRIDAY}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def held(chen, li, wu, places) -> Incident:
    """吴 works on it; due at the end of Wednesday."""
    return incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")


def paused(made: Incident, actor, clock, *, since: datetime, until: datetime) -> Incident:
    clock.move_to(since)
    services.suspend(made, actor=actor.user, **{**WHY, "expected_on": since.date() + timedelta(days=1)})
    clock.move_to(until)
    return services.resume(made, actor=actor.user)


def test_the_clock_stands_and_the_deadline_moves_by_each_half_day_touched(held, wu, clock):
    clock.move_to(at("2026-03-03 10:00"))
    suspended = services.suspend(held, actor=wu.user, **WHY)
    assert (suspended.state, suspended.suspended_at, suspended.expected_on) == (
        State.SUSPENDED,
        at("2026-03-03 10:00"),
        FRIDAY,
    )
    clock.move_to(at("2026-03-06 09:00"))
    assert not Incident.objects.overdue().exists()

    resumed = services.resume(held, actor=wu.user, note="住户回来了")

    assert (resumed.state, resumed.holder, resumed.suspended_at, resumed.expected_on) == (
        State.IN_PROGRESS,
        wu.user,
        None,
        None,
    )
    assert (resumed.due_at, resumed.stood_halves) == (at("2026-03-10 12:00"), 7)
    assert [entry.action for entry in audit.timeline(held)][-2:] == ["incident.suspended", "incident.resumed"]


def test_days_on_which_nobody_works_are_not_given_back(held, wu, clock):
    SpecialDay.objects.create(day=date(2026, 3, 3), is_working=True, morning_only=True, name="演练")

    resumed = paused(held, wu, clock, since=at("2026-03-03 13:00"), until=at("2026-03-03 20:00"))

    assert (resumed.due_at, resumed.stood_halves) == (at("2026-03-05 00:00"), 0)


def test_what_was_missed_before_stays_missed(held, wu, clock):
    resumed = paused(held, wu, clock, since=at("2026-03-05 09:00"), until=at("2026-03-12 09:00"))

    assert (resumed.due_at, resumed.is_overdue) == (at("2026-03-05 00:00"), True)


def test_pausing_again_and_again_within_half_a_day_gains_nothing(held, wu, clock):
    first = paused(held, wu, clock, since=at("2026-03-03 09:00"), until=at("2026-03-03 09:10")).due_at
    again = paused(held, wu, clock, since=at("2026-03-03 10:00"), until=at("2026-03-03 10:10")).due_at
    later = paused(held, wu, clock, since=at("2026-03-03 15:00"), until=at("2026-03-04 09:00")).due_at

    assert (first, again, later) == (at("2026-03-05 12:00"), at("2026-03-05 12:00"), at("2026-03-06 12:00"))


def test_an_opened_case_waits_to_be_dispatched_when_it_goes_on(chen, li, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")

    services.suspend(made, actor=li.user, **WHY)
    resumed = services.resume(made, actor=li.user)

    assert (resumed.state, resumed.holder) == (State.OPENED, None)


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 3, 1), date(2028, 3, 1)])
def test_it_needs_a_reason_and_a_day_to_come(held, wu, day):
    with pytest.raises(Refused) as refused:
        services.suspend(held, actor=wu.user, note=" ", expected_on=day)

    assert [reason.field for reason in refused.value.reasons] == ["note", "expected_on"]


def test_only_what_waits_or_is_worked_on_is_suspended_and_only_that_goes_on(chen, li, places):
    made = incident(place=places.qishan, reporter=chen.user)

    for move, asked in ((services.suspend, WHY), (services.resume, {})):
        with pytest.raises(Refused):
            move(made, actor=li.user, **asked)


def test_the_reporter_and_the_holder_hear_of_it(held, li, wu, chen):
    outbox.drain()
    Reminder.objects.all().delete()

    services.suspend(held, actor=li.user, **WHY)
    services.resume(held, actor=wu.user)
    outbox.drain()

    told = Reminder.objects.order_by("id").values_list("user__name", "kind")
    assert sorted(told) == [
        ("吴建国", "incidents.suspended"),
        ("陈丽芳", "incidents.report_resumed"),
        ("陈丽芳", "incidents.report_suspended"),
    ]


def test_whoever_is_to_go_on_is_reminded_once_when_the_day_has_come(held, wu, clock):
    services.suspend(held, actor=wu.user, **WHY)
    assert collect("incidents.waits") == 0

    clock.move_to(at("2026-03-06 00:10"))
    assert (collect("incidents.waits"), collect("incidents.waits")) == (1, 0)

    assert Reminder.objects.get(kind="incidents.waits").user == wu.user


def test_the_form_suspends_and_lets_it_go_on(held, wu, client_of):
    client = client_of(wu)

    sent = client.post(url("suspend", held), {"note": "等配件", "expected_on": "2026-03-06"})
    assert sent.status_code == 302
    assert "clock-stands" in client.get(url("detail", held)).content.decode()

    assert client.post(url("resume", held), {"note": ""}).status_code == 302
    held.refresh_from_db()
    assert held.state == State.IN_PROGRESS


def test_the_form_says_what_is_missing(held, wu, client_of):
    response = client_of(wu).post(url("suspend", held), {"note": "等配件", "expected_on": "2026-03-01"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["expected_on"]


def test_whoever_neither_holds_it_nor_works_in_the_office_may_not(held, chen, client_of):
    for name in ("suspend", "resume"):
        assert client_of(chen).post(url(name, held), {"note": "等", "expected_on": "2026-03-06"}).status_code == 403
    held.refresh_from_db()
    assert held.state == State.IN_PROGRESS


def test_the_list_says_that_the_clock_stands(held, wu, li, client_of, clock):
    services.suspend(held, actor=wu.user, **WHY)
    clock.move_to(at("2026-03-20 09:00"))
    li.user.language = "en"
    li.user.save()

    html = client_of(li).get(url("detail", held)).content.decode()

    assert "clock stands" in html
    assert "expected to go on" in html
    assert "That day is over." in html


def test_what_was_given_back_stays_when_the_first_dispatch_fixes_the_deadline(chen, li, wu, places, clock):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    resumed = paused(made, li, clock, since=at("2026-03-03 10:00"), until=at("2026-03-05 09:00"))
    assert (resumed.due_at, resumed.stood_halves) == (at("2026-03-09 12:00"), 5)

    dispatched = services.dispatch(made, actor=li.user, holder=wu.user)

    assert dispatched.due_at == resumed.due_at
