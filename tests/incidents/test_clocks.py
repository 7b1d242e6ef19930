"""The three clocks: what they promise, what freezes them, and what moves them."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import translation

from grid.incidents import services
from grid.incidents.models import CategoryRule, Clock, Incident
from grid.incidents.services import clocks
from grid.incidents.services.recounting import recount_uncertain
from grid.incidents.timing import days_in_words, readings
from portal.core import audit, outbox
from portal.core.clock import SHANGHAI
from portal.core.models import OutboxMessage
from portal.workdays import services as workdays
from tests.factories import incident

from .conftest import url

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    """A moment in Shanghai, written as it is read on a clock there."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONDAY = at("2026-03-02 09:00")


@pytest.fixture(autouse=True)
def on_a_monday():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def new_version(made: Incident, **changes) -> CategoryRule:
    """Another version of what holds for the category of an incident: nine days for everything."""
    old = CategoryRule.objects.get(category=made.category, until=None)
    CategoryRule.objects.filter(pk=old.pk).update(until=old.since)
    days = {"days_general": 9, "days_serious": 9, "days_urgent": 9, "accept_days": 9, "act_days": 9, **changes}
    same = {"first_handler": old.first_handler, "settle_alone": old.settle_alone, "since": old.since}
    return CategoryRule.objects.create(category=made.category, number=old.number + 1, **same, **days)


def test_accept_and_resolve_run_from_the_report_and_act_from_the_dispatch(chen, li, wu, places, on_a_monday):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    assert (made.accept_due_at, made.act_due_at, made.due_at) == (at("2026-03-04 00:00"), None, at("2026-03-05 00:00"))

    on_a_monday.move_to(MONDAY + timedelta(days=1))
    services.dispatch(made, actor=li.user, holder=wu.user)

    made.refresh_from_db()
    assert (made.act_due_at, made.due_at) == (at("2026-03-05 00:00"), at("2026-03-05 00:00"))


def test_what_is_urgent_is_taken_up_within_half_a_day(chen, places):
    made = incident(place=places.qishan, reporter=chen.user, severity="urgent")

    assert made.accept_due_at == at("2026-03-03 00:00")


def test_minutes_count_in_an_emergency(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened", is_emergency=True)
    services.dispatch(made, actor=li.user, holder=wu.user)

    made.refresh_from_db()
    assert made.accept_due_at == MONDAY + clocks.EMERGENCY_ACCEPT
    assert made.act_due_at == MONDAY + clocks.EMERGENCY_ACT


def test_what_becomes_an_emergency_counts_minutes_from_then(chen, places):
    made = incident(place=places.qishan, reporter=chen.user)
    later = MONDAY + timedelta(hours=2)

    clocks.raised(made, later)
    clocks.raised(made, later + timedelta(hours=1))

    assert made.accept_due_at == later + clocks.EMERGENCY_ACCEPT


def test_a_later_version_of_the_rule_holds_until_the_first_dispatch(chen, li, places):
    made = incident(place=places.qishan, reporter=chen.user)
    rule = new_version(made)

    services.open_case(made, actor=li.user)

    made.refresh_from_db()
    assert (made.rule, made.rule_frozen_at, made.due_at) == (rule, None, at("2026-03-14 00:00"))


def test_a_later_version_moves_nothing_that_was_dispatched(chen, li, wu, places, on_a_monday):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched")
    promised = (made.rule, made.rule_frozen_at, made.accept_due_at, made.act_due_at, made.due_at)
    new_version(made)

    on_a_monday.move_to(MONDAY + timedelta(hours=1))
    services.dispatch(made, actor=li.user, holder=chen.user)
    made.refresh_from_db()

    assert (made.rule, made.rule_frozen_at, made.accept_due_at, made.act_due_at, made.due_at) == promised


def test_more_time_counts_from_the_deadline(chen, places):
    made = incident(place=places.qishan, reporter=chen.user)

    clocks.extended(made, Decimal("1.5"))

    assert (made.due_at, made.more_days) == (at("2026-03-06 12:00"), Decimal("1.5"))
    with pytest.raises(ValueError, match="more than none"):
        clocks.extended(made, Decimal(0))


def test_what_is_reopened_has_all_its_time_again_by_the_frozen_rule(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="closed")
    made.more_days, made.stood_halves = Decimal(3), 2
    new_version(made)

    clocks.reopened(made, at("2026-03-09 10:00"))

    assert (made.accept_due_at, made.act_due_at, made.due_at) == (at("2026-03-11 00:00"), None, at("2026-03-12 00:00"))
    assert (made.more_days, made.stood_halves) == (0, 0)


# Days off that were not known yet


def uncertain(chen, places, traveller) -> Incident:
    """Reported at the end of 2026 and due in a year whose days off nobody has published."""
    traveller.move_to(at("2026-12-30 10:00"))
    return incident(place=places.qishan, reporter=chen.user)


def test_a_published_calendar_moves_uncertain_deadlines_once_and_says_so(chen, he, places, on_a_monday):
    made = uncertain(chen, places, on_a_monday)
    assert (made.due_at, made.due_is_certain) == (at("2027-01-02 00:00"), False)

    workdays.add_days(first=date(2027, 1, 1), last=date(2027, 1, 3), is_working=False, name="元旦", actor=he.user)
    outbox.drain()
    made.refresh_from_db()
    assert (made.due_at, made.due_is_certain) == (at("2027-01-05 00:00"), False)

    workdays.declare(2027, source="国办发明电〔2026〕7号", actor=he.user)
    outbox.drain()
    OutboxMessage.objects.update(delivered_at=None)
    outbox.drain()

    made.refresh_from_db()
    assert (made.due_at, made.due_is_certain) == (at("2027-01-05 00:00"), True)
    moved = audit.timeline(made).filter(action="incident.deadline_moved").get()
    assert (moved.actor, datetime.fromisoformat(moved.data["due"])) == (None, made.due_at)


def test_a_deadline_is_never_earlier_than_it_was_promised(chen, he, places, on_a_monday):
    workdays.add_days(first=date(2027, 1, 1), last=date(2027, 1, 3), is_working=False, name="元旦", actor=he.user)
    made = uncertain(chen, places, on_a_monday)
    promised = made.due_at

    workdays.add_days(first=date(2027, 1, 9), is_working=True, name="元旦", actor=he.user)
    for day in (1, 2, 3):
        workdays.remove_day(workdays.SpecialDay.objects.get(day=date(2027, 1, day)), actor=he.user)
    outbox.drain()

    made.refresh_from_db()
    assert made.due_at == promised
    assert not audit.timeline(made).filter(action="incident.deadline_moved").exists()


def test_more_time_and_a_clock_that_stood_are_counted_again_too(chen, he, places, on_a_monday):
    made = uncertain(chen, places, on_a_monday)
    made.stood_halves = 2
    made.due_at = at("2027-01-05 00:00")
    clocks.extended(made, Decimal(1))
    made.save()
    assert made.due_at == at("2027-01-06 00:00")

    workdays.add_days(first=date(2027, 1, 1), is_working=False, name="元旦", actor=he.user)
    outbox.drain()

    made.refresh_from_db()
    assert made.due_at == at("2027-01-07 00:00")


def test_many_are_counted_again_in_batches(chen, he, places, on_a_monday):
    made = [uncertain(chen, places, on_a_monday) for _each in range(3)]
    workdays.add_days(first=date(2027, 1, 1), is_working=False, name="元旦", actor=he.user)

    after = recount_uncertain(batch=2)
    assert after == made[1].pk
    assert recount_uncertain(after=after, batch=2) is None

    assert set(Incident.objects.values_list("due_at", flat=True)) == {at("2027-01-05 00:00")}


# How they are shown


def shown(made: Incident, now: datetime) -> list[tuple[Clock, str, str]]:
    with translation.override("en"):
        return [(one.clock, one.limit_in_words, one.words) for one in readings(made, now)]


def test_each_clock_says_how_it_was_kept(chen, li, wu, places, on_a_monday):
    made = incident(place=places.qishan, reporter=chen.user)
    assert shown(made, at("2026-03-06 06:00")) == [
        (Clock.ACCEPT, "1 working day", "missed by 2 days"),
        (Clock.RESOLVE, "2 working days", "missed by 1 day"),
    ]

    on_a_monday.move_to(at("2026-03-04 01:30"))
    services.open_case(made, actor=li.user)
    services.dispatch(made, actor=li.user, holder=wu.user)
    services.take(made, actor=wu.user)
    made.refresh_from_db()

    assert shown(made, at("2026-03-04 06:00")) == [
        (Clock.ACCEPT, "1 working day", "too late by 1 hour"),
        (Clock.ACT, "1 working day", "in time"),
        (Clock.RESOLVE, "2 working days", "runs"),
    ]


def test_a_clock_that_ended_before_is_neither_kept_nor_missed(chen, li, places):
    made = incident(place=places.qishan, reporter=chen.user)
    services.decline(made, actor=li.user, note="不属本社区")
    made.refresh_from_db()

    assert [word for _clock, _limit, word in shown(made, at("2026-05-04 06:00"))] == ["ended before", "ended before"]


def test_the_page_shows_the_clocks_and_the_version_they_rest_on(chen, li, wu, client_of, places):
    chen.user.language = "en"
    chen.user.save()
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched")

    html = client_of(chen).get(url("detail", made)).content.decode()

    assert "until the end of" in html
    assert "Judged by version 1 of the category" in html
    assert html.count('<p class="spread">') == 3


def test_a_deadline_in_an_unknown_year_is_marked(chen, client_of, places, on_a_monday):
    chen.user.language = "en"
    chen.user.save()
    made = uncertain(chen, places, on_a_monday)

    html = client_of(chen).get(url("detail", made)).content.decode()

    assert "the calendar of that year is not published yet" in html
    assert "never becomes earlier" in html


def test_the_names_of_the_limits_are_whole_sentences():
    halves = [Decimal(0), Decimal("0.5"), Decimal(1), Decimal("1.5"), Decimal(10)]
    with translation.override("en"):
        assert [days_in_words(days) for days in halves] == [
            "the same day",
            "half a working day",
            "1 working day",
            "1.5 working days",
            "10 working days",
        ]
