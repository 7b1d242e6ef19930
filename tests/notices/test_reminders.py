"""Who hears of a notice, and who hears of it again."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from grid.notices import services
from grid.notices.models import Notice, Receipt
from grid.notices.reminders import answer_wanted, urgent_again
from grid.notices.tasks import address_newcomers
from grid.places import services as posts
from grid.places.models import Appointment, Role
from portal.core import outbox
from portal.core.clock import today
from portal.core.models import OutboxMessage
from portal.reminders.models import Delivery, Preference, Reminder
from portal.reminders.services import deliver_due, remind_many
from tests.cast import make_user

from .letters import door, flats, sent

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def told(person) -> list[str]:
    user = getattr(person, "user", person)
    return list(Reminder.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def earlier(notice: Notice, by: timedelta) -> None:
    """Let a notice have been sent earlier."""
    Notice.objects.filter(pk=notice.pk).update(sent_at=notice.sent_at - by)
    Receipt.objects.filter(notice=notice).update(sent_at=notice.sent_at - by)


def test_everybody_addressed_is_told_once_and_the_link_leads_to_the_notice(chen, huang, wu, li, places, client_of):
    notice = sent(places.dalong, li)
    outbox.drain()
    OutboxMessage.objects.update(delivered_at=None)

    outbox.drain()

    assert (told(chen), told(huang), told(wu), told(li)) == (["notices.sent"], ["notices.sent"], [], [])
    reminder = Reminder.objects.get(user=chen.user)
    assert "停水通知" in reminder.text
    assert client_of(chen).get(reminder.get_absolute_url()).url == notice.get_absolute_url()


def test_an_urgent_one_is_told_as_such(chen, li, places):
    sent(places.dalong, li, is_urgent=True)

    outbox.drain()

    assert told(chen) == ["notices.urgent"]


def test_readers_and_tellers_hear_of_a_withdrawal_and_the_others_need_not(chen, huang, li, places):
    flats(places.qishan, 1)
    notice = sent(places.dalong, li, "residents")
    services.mark(door(notice, "101"), "told", actor=chen.user)
    services.read(notice, actor=chen.user)
    outbox.drain()
    Reminder.objects.all().delete()

    services.withdraw(notice, actor=li.user, reason="不停水了")
    outbox.drain()

    assert (told(chen), told(huang)) == (["notices.withdrawn"], [])


def test_what_was_withdrawn_before_it_was_delivered_is_told_to_nobody(chen, li, places):
    services.withdraw(sent(places.dalong, li), actor=li.user, reason="不停水了")

    outbox.drain()

    assert told(chen) == []


def test_a_correction_says_that_it_is_one(chen, li, places):
    old = sent(places.dalong, li)
    outbox.drain()
    new = services.correct(old, actor=li.user, title="停水改期", body="改到后天。", reason="日期写错了")

    outbox.drain()

    assert {one.subject: one.kind for one in Reminder.objects.filter(user=chen.user)} == {
        old: "notices.sent",
        new: "notices.sent",
    }


def test_an_urgent_one_is_told_again_to_those_who_have_not_read_it_after_a_day(chen, huang, li, places):
    now = timezone.now()
    urgent, plain, fresh = (sent(places.dalong, li, is_urgent=urgent) for urgent in (True, False, True))
    earlier(urgent, DAY * 1.1)
    earlier(plain, DAY * 1.1)
    services.read(urgent, actor=huang.user)

    due = list(urgent_again(now))

    assert [(one.user, one.subject, one.stage) for one in due] == [(chen.pk, urgent.pk, "1")]
    assert [one.stage for one in urgent_again(now + 8 * DAY) if one.subject == urgent.pk] == ["3"]
    assert fresh.pk not in {one.subject for one in due}


def test_the_day_before_an_answer_is_wanted_whoever_has_not_confirmed_hears_of_it(chen, huang, li, places):
    notice = sent(places.dalong, li, must_acknowledge=True, answer_by=today() + DAY)
    sent(places.dalong, li, must_acknowledge=True, answer_by=today() + 3 * DAY)
    services.acknowledge(notice, actor=chen.user)
    services.read(notice, actor=huang.user)

    assert [(one.user, one.subject) for one in answer_wanted(timezone.now())] == [(huang.pk, notice.pk)]


def test_that_day_each_leader_hears_how_many_households_are_left(chen, huang, li, places):
    flats(places.qishan, 3)
    flats(places.longji, 1)
    notice = sent(places.dalong, li, "residents", answer_by=today() + DAY)
    for person, room in ((chen, "201"), (huang, "101")):
        services.acknowledge(notice, actor=person.user)
        services.mark(notice.doors.get(place=person.place, household__room=room), "told", actor=person.user)

    assert [(one.user, one.stage, one.words["number"]) for one in answer_wanted(timezone.now())] == [
        (chen.pk, "doors", 2)
    ]


def test_newcomers_are_told_and_those_who_were_told_are_not(chen, li, places):
    sent(places.dalong, li)
    outbox.drain()
    new = make_user("new", "新楼长")
    posts.appoint(new, role=Role.BUILDING_LEADER, place=places.fuyi, actor=None)

    address_newcomers()
    outbox.drain()

    assert (told(chen), told(new)) == (["notices.sent"], ["notices.sent"])


def test_payloads_hold_ids_alone(chen, li, places):
    notice = sent(places.dalong, li)

    assert [(one.topic, one.payload) for one in OutboxMessage.objects.filter(topic__startswith="notices.")] == [
        ("notices.sent", {"notice": notice.pk})
    ]


def test_what_is_entered_late_tells_nobody(chen, li, places):
    sent(places.dalong, li, at=timezone.now() - 3 * DAY)

    assert not OutboxMessage.objects.filter(topic__startswith="notices.").exists()


@pytest.fixture
def left(chen, li, places):
    """An urgent notice that waits for its reader's morning; by then its reader holds no post any more."""
    reads = {"email": "chen@example.org", "email_confirmed_at": timezone.now()}
    Preference.objects.create(user=chen.user, **reads, quiet_from="00:00", quiet_until="00:00")
    notice = sent(places.dalong, li, is_urgent=True, must_acknowledge=True, answer_by=today())
    outbox.drain()
    Appointment.objects.filter(user=chen.user).update(until=today())
    return notice


def test_nothing_is_mailed_to_somebody_who_left_meanwhile(left):
    deliver_due()

    assert mail.outbox == []
    assert Delivery.objects.get().outcome == Delivery.Outcome.OBSOLETE


def test_nor_are_they_reminded_again(left):
    earlier(left, DAY)

    assert list(urgent_again(timezone.now())) == []
    assert list(answer_wanted(timezone.now())) == []


@pytest.fixture
def due(chen, li, places):
    """A notice that wants an answer today, of the leader and at two doors; both messages wait for the mail."""
    reads = {"email": "chen@example.org", "email_confirmed_at": timezone.now()}
    Preference.objects.create(user=chen.user, **reads, quiet_from="00:00", quiet_until="00:00")
    flats(places.qishan, 2)
    notice = sent(places.dalong, li, "residents", must_acknowledge=True, answer_by=today())
    outbox.drain()
    Delivery.objects.all().delete()
    remind_many(answer_wanted(timezone.now()), kind="notices.due")
    return notice


def mailed() -> list[bool]:
    """Whether the leader is asked for an answer, and for the households."""
    deliver_due()
    text = "".join(one.body for one in mail.outbox)
    return [words in text for words in ("前确认通知", "没告知")]


def test_what_waits_on_both_is_mailed(due):
    assert mailed() == [True, True]


def test_whoever_has_answered_meanwhile_saw_there_which_households_are_left(due, chen):
    services.acknowledge(due, actor=chen.user)

    assert mailed() == [False, False]


def test_whoever_has_told_everybody_meanwhile_is_asked_for_the_answer_alone(due, chen):
    for one in due.doors.all():
        services.mark(one, "told", actor=chen.user)

    assert mailed() == [True, False]


def test_of_what_was_withdrawn_meanwhile_nobody_is_asked_anything(due, li):
    services.withdraw(due, actor=li.user, reason="改期")

    assert mailed() == [False, False]
