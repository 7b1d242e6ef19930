"""The life of an incident: each move, what it writes, and everything it refuses."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from grid.incidents import services
from grid.incidents.models import Incident, Rating, Severity, Tier
from grid.incidents.workflow import State
from portal.core import audit
from portal.core.clock import SHANGHAI
from portal.core.models import OutboxMessage
from portal.core.refusals import Refused
from portal.files.models import Attachment
from tests.factories import category, incident, settled
from tests.pictures import photo_of

pytestmark = pytest.mark.django_db


def reasons(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.field for reason in caught.value.reasons}


def test_a_report_stands_at_its_place_with_its_deadline_in_working_days(chen, places):
    friday = datetime(2026, 4, 17, 10, 0, tzinfo=SHANGHAI)

    made = services.report(
        actor=chen.user, place=places.qishan, category=category("clutter"), description="堆满纸箱", at=friday
    )

    assert (made.state, made.level, made.community) == (State.REPORTED, Tier.BUILDING_GROUP, places.dalong)
    assert made.owner == chen.user
    assert made.due_at == datetime(2026, 4, 22, 0, 0, tzinfo=SHANGHAI)  # 2 working days: Monday, Tuesday
    assert made.due_is_certain


def test_a_report_into_an_unknown_year_says_that_its_deadline_is_not_certain(chen, places):
    new_year_eve = datetime(2031, 12, 31, 10, 0, tzinfo=SHANGHAI)

    made = incident(place=places.qishan, reporter=chen.user, at=new_year_eve)

    assert not made.due_is_certain


def test_a_report_needs_words_or_a_photo(chen, places):
    with pytest.raises(Refused) as caught:
        services.report(actor=chen.user, place=places.qishan, category=category())

    assert reasons(caught) == {"description"}


def test_a_photo_alone_is_enough(chen, places):
    photo = photo_of(chen.user)

    made = services.report(actor=chen.user, place=places.qishan, category=category(), photos=[photo])

    assert [p.kind for p in made.photos.all()] == [Attachment.Kind.BEFORE]


def test_a_call_needs_the_number_to_ring_back_and_all_that_is_missing_is_said_at_once(li, places):
    with pytest.raises(Refused) as caught:
        services.report(actor=li.user, place=places.dalong, category=category(), source=Incident.Source.CALL)

    assert reasons(caught) == {"description", "caller_mobile"}


def test_settling_on_the_spot_waits_for_another_person(chen, places):
    made = settled(place=places.qishan, reporter=chen.user)

    assert (made.state, made.settled_on_the_spot) == (State.AWAITING_VERIFICATION, True)
    assert (made.handled_by, made.opened_at, made.finished_at) == (chen.user, made.opened_at, made.opened_at)


def test_settling_is_refused_with_all_reasons_for_a_grave_matter_without_a_photo(chen, places):
    made = incident(place=places.qishan, reporter=chen.user, code="gas", severity=Severity.URGENT)

    with pytest.raises(Refused) as caught:
        services.settle(made, actor=chen.user, outcome="")

    assert reasons(caught) == {"", "severity", "after", "outcome"}
    assert Incident.objects.get(pk=made.pk).state == State.REPORTED


def test_whoever_settled_it_neither_verifies_nor_closes_it(chen, li, places):
    made = settled(place=places.qishan, reporter=chen.user)

    for move in (services.verify, services.close):
        with pytest.raises(Refused):
            move(made, actor=chen.user)
    assert services.close(made, actor=li.user).state == State.CLOSED


def test_the_reporter_does_not_confirm_a_settlement_even_when_another_did_the_work(chen, li, places):
    made = settled(place=places.qishan, reporter=chen.user, by=li.user)

    for move in (services.verify, services.close):
        with pytest.raises(Refused):
            move(made, actor=chen.user)


def test_opening_puts_category_and_severity_right_and_the_deadline_follows(chen, li, places):
    at = datetime(2026, 4, 13, 9, 0, tzinfo=SHANGHAI)
    made = incident(place=places.qishan, reporter=chen.user, at=at)

    opened = services.open_case(made, actor=li.user, category=category("drain"), severity=Severity.SERIOUS)

    assert (opened.state, opened.level) == (State.OPENED, Tier.COMMUNITY)
    assert (opened.category, opened.severity) == (category("drain"), Severity.SERIOUS)
    assert opened.due_at == datetime(2026, 4, 15, 0, 0, tzinfo=SHANGHAI)  # one working day: Tuesday
    assert [(entry.data["category"], entry.data["severity"]) for entry in audit.timeline(made)] == [
        ("clutter", "general"),
        ("drain", "serious"),
    ]


def test_declining_needs_a_reason(chen, li, places):
    made = incident(place=places.qishan, reporter=chen.user)

    with pytest.raises(Refused) as caught:
        services.decline(made, actor=li.user, note="  ")

    assert reasons(caught) == {"note"}
    assert services.decline(made, actor=li.user, note="属于物业职责，已转告").state == State.DECLINED


def test_dispatch_to_a_person_who_looks_after_the_place(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")

    sent = services.dispatch(made, actor=li.user, holder=wu.user, note="请周五前清走")

    assert (sent.state, sent.holder, sent.department) == (State.DISPATCHED, wu.user, None)
    assert sent.owner == li.user  # 首问负责: the clerk who opened the case, until somebody takes it


def test_dispatch_refuses_a_stranger_and_refuses_two_or_no_addressees(chen, li, huang, wu, urban, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")

    for addressees in ({"holder": huang.user}, {}, {"holder": wu.user, "department": urban}):
        with pytest.raises(Refused) as caught:
            services.dispatch(made, actor=li.user, **addressees)
        assert reasons(caught) == {"holder"}


def test_the_level_follows_whoever_is_to_handle_it(chen, li, wu, urban, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")

    levels = [
        services.dispatch(made, actor=li.user, **to).level
        for to in ({"department": urban}, {"holder": wu.user}, {"holder": chen.user}, {"holder": li.user})
    ]

    assert levels == [Tier.DEPARTMENT, Tier.GRID, Tier.BUILDING_GROUP, Tier.COMMUNITY]


def test_dispatch_refuses_a_department_that_is_no_more(chen, li, urban, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    urban.is_active = False
    urban.save()

    with pytest.raises(Refused) as caught:
        services.dispatch(made, actor=li.user, department=urban)

    assert reasons(caught) == {"department"}


def test_dispatch_refuses_the_department_of_another_street(chen, li, places, urban):
    elsewhere = type(places.street).objects.create(level=0, code="440113107", name="大石街", parent=places.district)
    urban.street = elsewhere
    urban.save()
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")

    with pytest.raises(Refused) as caught:
        services.dispatch(made, actor=li.user, department=urban)

    assert reasons(caught) == {"department"}


def test_a_department_takes_what_was_whistled_to_it(chen, li, lin, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    sent = services.dispatch(made, actor=li.user, department=lin.department)

    taken = services.take(sent, actor=lin.user)

    assert (sent.level, taken.state, taken.holder) == (Tier.DEPARTMENT, State.IN_PROGRESS, lin.user)
    assert taken.owner == lin.user


def test_calling_back_says_why_and_waits_to_be_dispatched_anew(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")

    with pytest.raises(Refused):
        services.hand_back(made, actor=li.user, note="")
    back = services.hand_back(made, actor=li.user, note="派错了")

    assert (back.state, back.holder, back.department, back.owner) == (State.OPENED, None, None, li.user)


def test_finishing_needs_the_outcome_in_words(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")

    with pytest.raises(Refused) as caught:
        services.finish(made, actor=wu.user, outcome="")

    assert reasons(caught) == {"outcome"}


def test_rework_goes_back_to_whoever_handled_it_and_starts_verification_anew(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="verified")

    back = services.rework(made, actor=li.user, note="还有两箱没搬")
    services.take(back, actor=wu.user)
    again = services.finish(back, actor=wu.user, outcome="全部搬走")

    assert (back.state, back.holder, back.rework_count, back.verified_by) == (State.REWORK, wu.user, 1, None)
    assert (again.state, again.verified_by) == (State.AWAITING_VERIFICATION, None)


def test_closing_verifies_unless_somebody_else_has(chen, li, wu, places):
    made = incident(
        place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="awaiting_verification"
    )

    closed = services.close(made, actor=li.user, note="看过了")

    assert (closed.state, closed.verified_by) == (State.CLOSED, li.user)
    assert closed.closed_at is not None


def test_the_handler_closes_only_what_another_verified_and_a_photo_shows(chen, li, zhang, places):
    made = incident(
        place=places.qishan, reporter=chen.user, office=zhang.user, handler=li.user, stage="awaiting_verification"
    )
    with pytest.raises(Refused):
        services.close(made, actor=li.user)
    services.verify(made, actor=chen.user)
    with pytest.raises(Refused):
        services.close(made, actor=li.user)
    made.photos.add(photo_of(li.user, kind=Attachment.Kind.AFTER), bulk=False)

    assert services.close(made, actor=li.user).state == State.CLOSED


def test_the_database_refuses_a_closing_verified_by_the_handler(chen, li, places):
    made = incident(
        place=places.qishan, reporter=chen.user, office=li.user, handler=chen.user, stage="awaiting_verification"
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=made.pk).update(state=State.CLOSED, closed_at=timezone.now(), verified_by=chen.user)


def test_the_reporter_rates_once_and_nobody_else_does(chen, huang, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="closed")
    rating = {"satisfaction": Rating.Satisfaction.FAIRLY, "is_solved": True}

    with pytest.raises(Refused):
        services.rate(made, actor=huang.user, **rating)
    kept = services.rate(made, actor=chen.user, **rating)
    with pytest.raises(Refused):
        services.rate(made, actor=chen.user, **rating)

    assert (kept.channel, kept.rated_by) == (Rating.Channel.SELF, chen.user)


def test_the_reporter_rates_what_another_settled_on_the_spot_and_nobody_their_own_work(chen, wu, li, places):
    rating = {"satisfaction": Rating.Satisfaction.SATISFIED, "is_solved": True}
    by_another, own = (settled(place=places.qishan, reporter=chen.user, by=by) for by in (wu.user, None))
    for made in (by_another, own):
        services.close(made, actor=li.user)

    assert services.rate(by_another, actor=chen.user, **rating).channel == Rating.Channel.SELF
    with pytest.raises(Refused):
        services.rate(own, actor=chen.user, **rating)


def test_a_caller_is_rung_back_by_somebody_who_did_not_handle_it(chen, li, zhang, wu, places):
    made = incident(
        place=places.qishan,
        reporter=li.user,
        office=zhang.user,
        handler=li.user,
        stage="closed",
        source=Incident.Source.CALL,
        caller_mobile="13800138000",
    )
    rating = {"satisfaction": Rating.Satisfaction.SATISFIED, "is_solved": True}

    with pytest.raises(Refused):
        services.rate(made, actor=li.user, **rating)

    assert services.rate(made, actor=zhang.user, **rating).channel == Rating.Channel.CALL_BACK


@pytest.mark.parametrize(
    ("move", "asked"),
    [
        (services.decline, {"note": "x"}),
        (services.open_case, {}),
        (services.take, {}),
        (services.hand_back, {"note": "x"}),
        (services.finish, {"outcome": "x"}),
        (services.verify, {}),
        (services.rework, {"note": "x"}),
        (services.close, {}),
    ],
)
def test_no_move_leads_out_of_a_declined_incident(move, asked, chen, li, places):
    made = incident(place=places.qishan, reporter=chen.user)
    services.decline(made, actor=li.user, note="重复")

    with pytest.raises(Refused):
        move(made, actor=li.user, **asked)

    assert Incident.objects.get(pk=made.pk).state == State.DECLINED


def test_the_timeline_keeps_when_it_happened_apart_from_when_it_was_written_down(chen, places):
    then = timezone.now() - timedelta(days=400)

    made = incident(place=places.qishan, reporter=chen.user, at=then)

    entry = audit.timeline(made).get()
    assert (entry.action, entry.actor, entry.happened_at) == ("incident.reported", chen.user, then)
    assert entry.recorded_at - then > timedelta(days=399)


def test_history_tells_nobody_and_what_happens_now_is_announced_once(chen, places):
    incident(place=places.qishan, reporter=chen.user, at=timezone.now() - timedelta(days=30))
    assert not OutboxMessage.objects.exists()

    made = incident(place=places.qishan, reporter=chen.user)

    message = OutboxMessage.objects.get()
    assert message.topic == "incidents.moved"
    assert message.payload.keys() == {"incident", "what", "actor", "entry"}
    assert message.payload["incident"] == made.pk


def test_the_callers_number_is_encrypted_and_looking_at_it_is_on_record(li, places):
    made = incident(
        place=places.dalong,
        reporter=li.user,
        source=Incident.Source.CALL,
        caller_name="陈家生",
        caller_mobile="13800138000",
    )
    stored = Incident.objects.extra(select={"raw": "caller_mobile || caller_name"}).get(pk=made.pk).raw

    assert "13800138000" not in stored
    assert "陈" not in stored
    assert made.masked_caller == "陈*生 138****8000"
    assert services.reveal_caller(made, actor=li.user) == "陈家生 13800138000"
    assert audit.timeline(made).last().action == "incident.caller_revealed"
