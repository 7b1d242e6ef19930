"""A clock runs out: those above are told, rung by rung, once each, and nothing is lost or doubled."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from threading import Barrier

import pytest
import time_machine
from django.db import connection

from grid.incidents import services
from grid.incidents.climbing import LADDER
from grid.incidents.models import Clock, Escalation, Incident
from grid.incidents.services import clocks, overdue
from grid.incidents.services.overdue import escalate_overdue
from grid.incidents.tasks import escalate_overdue as beat
from grid.incidents.timeline import timeline_of
from portal.core import audit
from portal.reminders.models import Reminder
from tests.factories import incident

from .conftest import url
from .test_clocks import at

pytestmark = pytest.mark.django_db
MONDAY = at("2026-03-02 09:00")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def told() -> list[tuple[str, int, str]]:
    """Every rung told so far, with the names of those who were, in order."""
    rows = Escalation.objects.order_by("clock", "stage", "id")
    return [(row.clock, row.stage, "、".join(row.told.order_by("name").values_list("name", flat=True))) for row in rows]


@pytest.fixture
def everybody(chen, wu, li, zhang, he) -> None:
    """The posts over 岐山中路 are filled."""


def test_what_nobody_takes_up_climbs_from_the_desk_to_the_street(everybody, chen, places, clock):
    incident(place=places.qishan, reporter=chen.user)
    assert escalate_overdue(now=at("2026-03-04 00:00")) == 0

    assert escalate_overdue(now=at("2026-03-04 00:01")) == 1
    assert told() == [("accept", 1, "李敏")]
    assert escalate_overdue(now=at("2026-03-04 23:59")) == 0

    escalate_overdue(now=at("2026-03-05 00:00"))
    escalate_overdue(now=at("2026-03-07 00:00"))
    assert [row for row in told() if row[0] == "accept"] == [
        ("accept", 1, "李敏"),
        ("accept", 2, "张国华"),
        ("accept", 3, "何志明"),
    ]


def test_what_is_not_begun_is_told_to_whoever_should_and_to_whoever_sent_them(everybody, chen, li, wu, places):
    incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched")

    escalate_overdue(now=at("2026-03-04 00:01"))
    escalate_overdue(now=at("2026-03-05 00:00"))

    assert told() == [("act", 1, "吴建国、李敏"), ("act", 2, "张国华")]


def test_what_is_not_closed_climbs_to_the_street(everybody, chen, li, huang, wu, places):
    incident(place=places.qishan, reporter=chen.user, office=li.user, handler=chen.user, stage="in_progress")

    for moment in ("2026-03-05 00:01", "2026-03-06 00:00", "2026-03-10 00:00"):
        escalate_overdue(now=at(moment))

    assert told() == [("resolve", 1, "吴建国、陈丽芳"), ("resolve", 2, "张国华、李敏"), ("resolve", 3, "何志明")]


def test_the_officers_of_a_department_hear_of_what_they_hold(everybody, chen, li, lin, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    services.dispatch(made, actor=li.user, department=lin.department)

    escalate_overdue(now=at("2026-03-06 00:00"))

    assert ("resolve", 1, "吴建国、林浩") in told()


def test_the_office_hears_of_what_waits_to_be_verified_or_dispatched(everybody, chen, li, wu, places):
    fields = {"place": places.qishan, "reporter": chen.user, "office": li.user, "handler": wu.user}
    for stage in ("opened", "awaiting_verification"):
        incident(**fields, stage=stage)

    escalate_overdue(now=at("2026-03-05 00:01"))

    assert told() == [("resolve", 1, "吴建国、李敏")] * 2


def test_an_emergency_climbs_to_the_street_at_once(everybody, chen, places):
    incident(place=places.qishan, reporter=chen.user, is_emergency=True)

    escalate_overdue(now=MONDAY + timedelta(minutes=31))

    assert told() == [("accept", 1, "何志明、张国华、李敏")]
    assert Escalation.objects.get().level == "street"


def test_while_a_post_is_vacant_the_next_above_hears(chen, zhang, places):
    incident(place=places.qishan, reporter=chen.user)

    escalate_overdue(now=at("2026-03-04 00:01"))

    assert told() == [("accept", 1, "张国华")]


def test_a_second_run_tells_nobody_again(everybody, chen, places, clock):
    incident(place=places.qishan, reporter=chen.user)
    now = at("2026-03-05 09:00")

    escalate_overdue(now=now)
    before = (Reminder.objects.count(), Escalation.objects.count())

    assert escalate_overdue(now=now) == 0
    assert (Reminder.objects.count(), Escalation.objects.count()) == before


def test_a_new_deadline_that_is_missed_is_told_anew(everybody, chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")
    escalate_overdue(now=at("2026-03-05 00:01"))
    clocks.extended(made, Decimal(1))
    made.save()
    assert escalate_overdue(now=at("2026-03-05 09:00")) == 0

    escalate_overdue(now=at("2026-03-06 00:01"))

    assert [row[:2] for row in told()] == [("resolve", 1), ("resolve", 1)]


def test_what_is_suspended_waits_and_what_is_closed_is_not_looked_at(everybody, chen, li, wu, places, clock):
    fields = {"place": places.qishan, "reporter": chen.user, "office": li.user, "handler": wu.user}
    made = incident(**fields, stage="in_progress")
    incident(**fields, stage="closed")
    services.suspend(made, actor=wu.user, note="等配件", expected_on=date(2026, 4, 1))

    assert escalate_overdue(now=at("2026-03-20 09:00")) == 0


def test_half_told_is_not_told(everybody, chen, places, monkeypatch):
    made = incident(place=places.qishan, reporter=chen.user, is_emergency=True)
    now, calls = MONDAY + timedelta(hours=1), []

    def killed(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise SystemExit
        return original(*args, **kwargs)

    original = overdue.remind
    monkeypatch.setattr(overdue, "remind", killed)
    with pytest.raises(SystemExit):
        escalate_overdue(now=now)
    assert (Reminder.objects.count(), Escalation.objects.count()) == (0, 0)
    assert not audit.timeline(made).filter(action="incident.escalated_by_rule").exists()

    monkeypatch.setattr(overdue, "remind", original)
    assert escalate_overdue(now=now) == 1
    assert Reminder.objects.count() == 3


def test_batches_reach_everything(everybody, chen, places):
    for _each in range(5):
        incident(place=places.qishan, reporter=chen.user)

    assert escalate_overdue(now=at("2026-03-04 09:00"), batch=2) == 5


def test_who_was_told_is_seen_on_the_page_and_in_the_timeline(everybody, chen, li, client_of, places):
    made = incident(place=places.qishan, reporter=chen.user)
    escalate_overdue(now=at("2026-03-04 09:00"))

    assert [event.to for event in timeline_of(made)][-1] == "李敏"
    li.user.language = "en"
    li.user.save()
    html = client_of(li).get(url("detail", made)).content.decode()
    assert "Told when time ran out" in html


def test_the_reminder_says_which_clock_ran_out_in_the_readers_language(everybody, chen, li, places):
    li.user.language = "en"
    li.user.save()
    incident(place=places.qishan, reporter=chen.user)

    escalate_overdue(now=at("2026-03-04 09:00"))

    words = "“岐山中路楼栋小组 Things left in the stairwell” has not been taken up in time."
    assert Reminder.objects.get(user=li.user).text == words


def test_the_clock_of_the_portal_starts_it(everybody, chen, places, clock):
    incident(place=places.qishan, reporter=chen.user)
    clock.move_to(at("2026-03-04 09:00"))

    assert beat() == 1


def test_each_rung_is_there_once_and_later_ones_wait_longer():
    rungs = [(rung.clock, rung.emergency, rung.stage) for rung in LADDER]

    assert len(set(rungs)) == len(rungs)
    for one, next_one in pairwise(LADDER):
        if (one.clock, one.emergency) == (next_one.clock, next_one.emergency):
            assert next_one.after > one.after


@pytest.mark.parametrize("rows", [1, 3])
def test_the_panel_costs_the_same_for_any_number_told(
    rows, everybody, chen, li, places, client_of, django_assert_max_num_queries
):
    made = incident(place=places.qishan, reporter=chen.user)
    for day in range(rows):
        escalate_overdue(now=at("2026-03-04 09:00") + timedelta(days=2 * day))
    client = client_of(li)
    client.get(url("detail", made))

    with django_assert_max_num_queries(60) as asked:
        client.get(url("detail", made))

    costs.append(len(asked))
    assert costs[0] == costs[-1]


costs: list[int] = []


def test_an_index_finds_what_is_overdue(everybody, chen, places):
    calendar = overdue.load(date(2026, 1, 1))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")  # of an empty table any order is cheap
    wanted = {
        Clock.ACCEPT: "incident_accept_runs",
        Clock.ACT: "incident_act_runs",
        Clock.RESOLVE: "incident_open_due_street",
    }

    for rung in LADDER:
        due = overdue.DUE[rung.clock]
        plan = overdue._on(rung, calendar, MONDAY).order_by(due, "pk").values_list("pk")[:10].explain()
        assert wanted[rung.clock] in plan


ROUNDS = 20


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_each_rung_once(everybody, chen, places):
    for _each in range(ROUNDS):
        incident(place=places.qishan, reporter=chen.user)
    start, now = Barrier(2), at("2026-03-07 09:00")

    def worker() -> int:
        start.wait(timeout=30)
        try:
            return escalate_overdue(now=now) + escalate_overdue(now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = [future.result() for future in [pool.submit(worker), pool.submit(worker)]]

    assert sum(counts) == Escalation.objects.count() == 5 * ROUNDS  # accept to the street, resolve to the community
    assert Reminder.objects.filter(kind="incidents.escalated_by_rule").count() == 7 * ROUNDS
    assert Incident.objects.count() == ROUNDS
