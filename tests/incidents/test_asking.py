"""What is asked, by whom, and what answers it by itself."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from grid.incidents import services
from grid.incidents.models import CoReport, IncidentRequest
from grid.incidents.workflow import State
from portal.core import audit
from portal.core.refusals import Refused
from portal.files.models import Attachment
from tests.factories import incident
from tests.pictures import photo_of

from .asked import fields, told

pytestmark = pytest.mark.django_db
Kind = IncidentRequest.Kind


# Asking


def test_an_objection_waits_with_the_office_and_stays_with_the_holder(held, wu, li, zhang, urban):
    asked = services.ask_return(held, actor=wu.user, reason="是供电设施", suggested_department=urban)

    held.refresh_from_db()
    assert (asked.kind, asked.suggested, asked.is_pending) == (Kind.RETURN, urban, True)
    assert (held.state, held.holder) == (State.DISPATCHED, wu.user)
    assert "incidents.asked_return" in told(li)
    assert "incidents.asked_return" in told(zhang)
    assert "incidents.asked_return" not in told(wu)


def test_asking_says_everything_that_is_wrong_at_once(held, wu, huang, zhou, urban):
    with pytest.raises(Refused) as caught:
        services.ask_return(held, actor=wu.user, reason=" ", suggested_holder=zhou.user, suggested_department=urban)
    assert fields(caught) == {"reason", "suggested_holder"}

    elsewhere = type(urban.street).objects.create(level=0, code="440113107", name="大石街", parent=urban.street.parent)
    urban.street = elsewhere
    urban.save()
    with pytest.raises(Refused) as caught:
        services.ask_return(held, actor=wu.user, reason="x", suggested_department=urban)
    assert fields(caught) == {"suggested_department"}


def test_nobody_suggests_themselves(held, wu):
    with pytest.raises(Refused) as caught:
        services.ask_return(held, actor=wu.user, reason="x", suggested_holder=wu.user)
    assert fields(caught) == {"suggested_holder"}


@pytest.mark.parametrize("days", ["0", "-1", "0.3", "30.5"])
def test_more_time_is_asked_for_in_half_days_up_to_thirty(days, held, wu):
    with pytest.raises(Refused) as caught:
        services.ask_extension(held, actor=wu.user, days=Decimal(days), reason="等配件")
    assert fields(caught) == {"days"}


def test_one_of_a_kind_waits_at_a_time_and_the_database_agrees(held, wu):
    services.ask_extension(held, actor=wu.user, days=Decimal(2), reason="等配件")

    with pytest.raises(Refused):
        services.ask_extension(held, actor=wu.user, days=Decimal(1), reason="等配件")
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentRequest.objects.create(incident=held, kind=Kind.EXTENSION, days=1, reason="x", asked_by=wu.user)
    assert services.ask_return(held, actor=wu.user, reason="不归我管").is_pending


def test_reopening_is_asked_by_the_reporter_with_a_photo(closed, chen):
    photo = photo_of(chen.user)

    services.ask_reopen(closed, actor=chen.user, reason="又堆满了", photos=[photo])

    assert [one.kind for one in closed.photos.all()] == [Attachment.Kind.BEFORE]


def test_reopening_is_asked_by_whoever_saw_the_same_and_by_the_office_for_a_caller(
    closed, li, zhang, wu, huang, places
):
    with pytest.raises(Refused):
        services.ask_reopen(closed, actor=huang.user, reason="x")
    CoReport.objects.create(incident=closed, reporter=huang.user)
    assert services.ask_reopen(closed, actor=huang.user, reason="还在").is_pending

    called = {"source": "call", "caller_mobile": "13800138000", "reporter": li.user}
    rung = incident(place=places.qishan, office=li.user, handler=wu.user, stage="closed", **called)
    assert services.ask_reopen(rung, actor=zhang.user, reason="来电说没解决").is_pending


def test_reopening_is_asked_within_thirty_days(closed, chen):
    with pytest.raises(Refused):
        services.ask_reopen(closed, actor=chen.user, reason="x", at=timezone.now() + timedelta(days=31))


@pytest.mark.parametrize(
    ("ask", "more"),
    [
        (services.ask_return, {}),
        (services.ask_extension, {"days": Decimal(1)}),
    ],
)
def test_nothing_is_asked_of_what_nobody_holds(ask, more, chen, wu, places):
    made = incident(place=places.qishan, reporter=chen.user)
    with pytest.raises(Refused):
        ask(made, actor=wu.user, reason="x", **more)


def test_nothing_is_reopened_that_is_open(held, chen):
    with pytest.raises(Refused):
        services.ask_reopen(held, actor=chen.user, reason="x")


# Taking back, and what answers a request by itself


def test_whoever_asked_takes_it_back_and_may_ask_again(held, wu, li):
    asked = services.ask_return(held, actor=wu.user, reason="不归我管")
    with pytest.raises(Refused):
        services.withdraw(asked, actor=li.user)

    back = services.withdraw(asked, actor=wu.user)

    assert back.is_withdrawn
    with pytest.raises(Refused):
        services.withdraw(asked, actor=wu.user)
    assert services.ask_return(held, actor=wu.user, reason="还是不归我").is_pending


def test_taking_it_on_takes_the_objection_back(held, wu):
    services.ask_return(held, actor=wu.user, reason="不归我管")
    services.take(held, actor=wu.user)

    assert IncidentRequest.objects.get().is_withdrawn


@pytest.mark.parametrize("move", ["dispatch", "recall"])
def test_what_the_office_does_anyway_counts_as_granted(move, held, wu, li, chen):
    services.ask_return(held, actor=wu.user, reason="不归我管")

    if move == "dispatch":
        services.dispatch(held, actor=li.user, holder=chen.user)
    else:
        services.hand_back(held, actor=li.user, note="派错了")

    assert IncidentRequest.objects.get().is_granted
    assert "incidents.taken_off" in told(wu)


def test_finishing_answers_what_waits(held, wu):
    services.take(held, actor=wu.user)
    services.ask_extension(held, actor=wu.user, days=Decimal(1), reason="等配件")
    services.finish(held, actor=wu.user, outcome="提前修好了")

    assert IncidentRequest.objects.get().is_withdrawn


def test_voiding_answers_what_waits_in_the_words_of_the_voiding(held, wu, li):
    services.ask_extension(held, actor=wu.user, days=Decimal(1), reason="等配件")
    services.void(held, actor=li.user, note="重复录入")

    asked = IncidentRequest.objects.get()
    assert (asked.is_granted, asked.decided_by, asked.answer) == (False, li.user, "重复录入")


def test_the_trail_keeps_codes_and_never_loses_the_words(held, wu, li):
    asked = services.ask_extension(held, actor=wu.user, days=Decimal("1.5"), reason="等配件")
    services.decide(asked, actor=li.user, granted=True, reply="同意")

    made, decided = list(audit.timeline(held))[-2:]
    assert (made.action, made.note, made.data["days"]) == ("incident.asked_extension", "等配件", "1.5")
    assert (decided.action, decided.note, decided.data["request"]) == ("incident.extended", "同意", asked.pk)
