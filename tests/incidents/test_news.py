"""Who hears of which move, once."""

import pytest

from grid.incidents import services
from grid.incidents.news import TO_REPORTER
from portal.core import outbox
from portal.core.models import OutboxMessage
from portal.reminders.models import Reminder
from tests.factories import incident, settled

pytestmark = pytest.mark.django_db
WORDS = {"incident": "岐山中路楼栋小组 楼道堆物"}


def told(person) -> list[str]:
    return list(Reminder.objects.filter(user=person.user).order_by("id").values_list("kind", flat=True))


def test_the_reporter_hears_of_every_step_and_the_handler_of_what_comes_to_them(chen, zhang, wu, places):
    incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage="closed")

    outbox.drain()

    assert told(chen) == ["incidents.opened", "incidents.report_dispatched", "incidents.finished", "incidents.closed"]
    assert told(wu) == ["incidents.dispatched"]
    assert told(zhang) == []


def test_the_officers_of_a_department_hear_of_what_is_whistled_to_them(chen, li, lin, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    services.dispatch(made, actor=li.user, department=lin.department)

    outbox.drain()

    assert told(lin) == ["incidents.dispatched"]


def test_nobody_is_told_of_what_they_did_themselves(li, places):
    incident(place=places.dalong, reporter=li.user, office=li.user, stage="opened")

    outbox.drain()

    assert told(li) == []


def test_a_second_delivery_tells_nobody_again(chen, li, places):
    incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    outbox.drain()
    OutboxMessage.objects.update(delivered_at=None)

    outbox.drain()

    assert told(chen) == ["incidents.opened"]


def test_only_whoever_may_rate_is_asked_whether_they_are_satisfied(chen, li, zhang, wu, places):
    called = {"source": "call", "caller_mobile": "13800138000", "reporter": li.user, "handler": wu.user}
    services.close(settled(place=places.qishan, reporter=chen.user), actor=zhang.user)
    services.close(settled(place=places.qishan, reporter=chen.user, by=wu.user), actor=zhang.user)
    incident(place=places.qishan, office=zhang.user, stage="closed", **called)

    outbox.drain()

    closings = Reminder.objects.filter(kind="incidents.closed").order_by("id")
    said = [(reminder.user, str(TO_REPORTER["closed"]) % WORDS == reminder.text) for reminder in closings]
    assert said == [(chen.user, False), (chen.user, True), (li.user, False)]


def test_the_message_speaks_the_readers_language(chen, li, places):
    chen.user.language = "en"
    chen.user.save()
    incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")

    outbox.drain()

    assert Reminder.objects.get().text == "“岐山中路楼栋小组 楼道堆物” has been taken up."
