"""Letters leave once, at their time, and not when nobody needs them any more."""

import re
import time as clock_time
from collections import Counter
from datetime import time, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import ngettext
from structlog.testing import capture_logs

from portal.accounts.models import User
from portal.reminders.models import Delivery, Preference, Reminder
from portal.reminders.registry import Pace, groups, kinds
from portal.reminders.services import choose, deliver_again, deliver_due, forget_delivered, read
from portal.reminders.services.delivering import MAX_ATTEMPTS, TAKEN_FOR
from tests.core.races import elsewhere, race

from .conftest import mailed, moment, tell, tell_many

pytestmark = pytest.mark.django_db
ROUNDS = 25
Outcome = Delivery.Outcome


def outcomes() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("outcome", flat=True))


def together(count: int) -> str:
    """The subject of a letter with several messages."""
    words = {"portal": "社区治理平台", "count": count}
    with translation.override("zh-hans"):
        return ngettext("[%(portal)s] %(count)d message", "[%(portal)s] %(count)d messages", count) % words


def heading(group: str) -> str:
    with translation.override("zh-hans"):
        return f"【{groups.items[group].label}】"


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://portal.example.cn"


def test_a_letter_says_the_line_of_the_inbox_and_the_way_there(chen, kind, reachable):
    kind(label="Dispatched to you")
    reachable(chen)
    told = tell(chen, text="岐山中路楼栋小组 楼道堆物")

    assert mailed() == [("chen@example.cn", "[社区治理平台] Dispatched to you")]
    body = mail.outbox[0].body
    assert body.splitlines()[:2] == ["岐山中路楼栋小组 楼道堆物", f"https://portal.example.cn/reminders/{told.pk}/"]
    assert "https://portal.example.cn/reminders/settings/" in body
    assert chen.user.name not in body
    assert mail.outbox[0].content_subtype == "plain"
    assert outcomes() == [Outcome.SENT]


def test_it_speaks_the_readers_language(chen, kind, reachable):
    kind()
    reachable(chen)
    User.objects.filter(pk=chen.pk).update(language="en")
    tell(chen)

    assert mailed() == [("chen@example.cn", "[Community Governance Portal] Something to do")]
    assert "What is mailed to you, and when" in mail.outbox[0].body


def test_without_an_address_of_its_own_the_portal_sends_no_links(chen, kind, reachable, settings):
    settings.SITE_URL = ""
    kind()
    reachable(chen)
    tell(chen)
    mailed()

    assert "http" not in mail.outbox[0].body
    assert mail.outbox[0].body.splitlines()[0] == "楼道堆物今天到期"


def test_what_has_left_leaves_no_more(chen, kind, reachable):
    kind()
    reachable(chen)
    tell(chen)

    assert (deliver_due(), deliver_due(), len(mail.outbox)) == (1, 0, 1)


def test_what_waits_for_the_same_reader_leaves_together(chen, huang, kind, reachable):
    kind("tests.work", "work")
    kind("tests.post", "posts")
    reachable(chen, paces={"posts": Pace.AT_ONCE})
    reachable(huang)
    for number in range(3):
        tell(chen, str(number), kind="tests.work", text=f"事{number}")
    tell(chen, kind="tests.post", text="任职将满")
    tell(huang, kind="tests.work")

    assert sorted(mailed()) == [
        ("chen@example.cn", together(4)),
        ("huang@example.cn", "[社区治理平台] Something to do"),
    ]
    hers = next(message.body for message in mail.outbox if message.to == ["chen@example.cn"])
    assert [line for line in hers.splitlines() if re.match("事|任职将满|【", line)] == [
        heading("work"),
        "事2",
        "事1",
        "事0",
        heading("posts"),
        "任职将满",
    ]


def test_a_long_letter_is_cut_and_says_how_much_more_there_is(chen, kind, reachable):
    kind()
    reachable(chen)
    for number in range(43):
        tell(chen, str(number), text=f"第{number}件")
    mailed()

    body = mail.outbox[0].body
    assert len(re.findall("第[0-9]+件", body)) == 40
    assert "3" in body.split("-- ")[0].splitlines()[-2]
    assert set(outcomes()) == {Outcome.SENT}


# Not any more


def test_what_was_read_before_it_left_is_not_mailed(chen, kind, reachable):
    kind()
    reachable(chen)
    read(tell(chen))

    assert mailed() == []
    assert outcomes() == [Outcome.READ]


def test_what_is_settled_meanwhile_is_not_mailed_and_costs_one_question(chen, kind, reachable):
    asked = []

    def still(reminders):
        asked.append(len(reminders))
        return {one.pk for one in reminders if one.stage != "2"}

    kind(still=still)
    reachable(chen)
    for number in "123":
        tell(chen, number, text=f"事{number}")

    assert len(mailed()) == 1
    assert ("事1" in mail.outbox[0].body, "事2" in mail.outbox[0].body, asked) == (True, False, [3])
    assert outcomes() == [Outcome.SENT, Outcome.OBSOLETE, Outcome.SENT]


def test_an_address_taken_away_gets_nothing_more(chen, kind, reachable):
    kind()
    reachable(chen)
    tell(chen)
    Preference.objects.update(email="", email_confirmed_at=None)

    assert mailed() == []
    assert outcomes() == [Outcome.OFF]


def test_who_has_left_is_mailed_nothing(chen, kind, reachable):
    kind()
    reachable(chen)
    tell(chen)
    User.objects.filter(pk=chen.pk).update(is_active=False)

    assert mailed() == []


def test_a_changed_mind_counts_for_what_waits(chen, kind, reachable):
    kind()
    preference = reachable(chen, paces={"work": Pace.DIGEST})
    hours = {"quiet_from": time(0), "quiet_until": time(0), "digest_at": preference.digest_at}
    tell(chen)
    assert mailed() == []

    choose(chen.user, paces={"work": Pace.AT_ONCE}, actor=chen.user, **hours)
    assert len(mailed()) == 1

    tell(chen, "2")
    choose(chen.user, paces={"work": Pace.OFF}, actor=chen.user, **hours)
    assert len(mailed()) == 1
    assert outcomes() == [Outcome.SENT, Outcome.OFF]


def test_a_kind_whose_app_has_left_is_mailed_no_more(chen, kind, reachable, monkeypatch):
    kind()
    reachable(chen)
    tell(chen)
    monkeypatch.delitem(kinds.items, "tests.scene")

    assert mailed() == []
    assert outcomes() == [Outcome.OBSOLETE]


# In time


def test_in_quiet_hours_nothing_leaves_and_afterwards_everything_in_one_letter(chen, kind, reachable):
    kind()
    reachable(chen, quiet_from=time(21), quiet_until=time(7))
    with time_machine.travel(moment("2026-11-22 22:30"), tick=False):
        for number in "123":
            tell(chen, number)
        assert mailed() == []
    with time_machine.travel(moment("2026-11-23 06:59"), tick=False):
        assert mailed() == []
    with time_machine.travel(moment("2026-11-23 07:00"), tick=False):
        assert mailed() == [("chen@example.cn", together(3))]


def test_a_worker_that_comes_late_still_keeps_the_quiet_hours(chen, kind, reachable):
    kind()
    reachable(chen, quiet_from=time(21), quiet_until=time(7))
    with time_machine.travel(moment("2026-11-22 20:59"), tick=False):
        tell(chen)
    with time_machine.travel(moment("2026-11-22 23:40"), tick=False):
        assert mailed() == []
    assert Delivery.objects.get().available_at == moment("2026-11-23 07:00")
    assert Delivery.objects.get().attempts == 0


def test_an_emergency_leaves_at_night(chen, kind, reachable):
    kind(is_urgent=True)
    reachable(chen, quiet_from=time(21), quiet_until=time(7))
    with time_machine.travel(moment("2026-11-22 23:30"), tick=False):
        tell(chen)
        assert len(mailed()) == 1


def test_the_daily_mail_is_one_a_day(chen, kind, reachable):
    kind()
    reachable(chen, paces={"work": Pace.DIGEST}, digest_at=time(8))
    for day, hour in ((21, 9), (21, 15), (22, 7)):
        with time_machine.travel(moment(f"2026-11-{day} {hour:02}:00"), tick=False):
            tell(chen, f"{day} {hour}")
            assert mailed() == []
    with time_machine.travel(moment("2026-11-22 07:59"), tick=False):
        tell(chen, "too late for this morning")
    with time_machine.travel(moment("2026-11-22 08:00"), tick=False):
        assert mailed() == [("chen@example.cn", together(3))]
    with time_machine.travel(moment("2026-11-22 12:00"), tick=False):
        assert len(mailed()) == 1
    with time_machine.travel(moment("2026-11-23 08:00"), tick=False):
        assert len(mailed()) == 2


# What goes wrong


def test_a_mail_server_that_is_away_costs_no_attempt(chen, kind, reachable, mail_server):
    kind()
    reachable(chen)
    tell(chen)
    mail_server.close()

    with capture_logs() as logs:
        assert deliver_due() == 0

    assert [entry["event"] for entry in logs] == ["reminders.channel_away"]
    assert (Delivery.objects.get().attempts, Delivery.objects.due().count()) == (0, 1)


def test_through_a_real_server_it_arrives_whole(chen, kind, reachable, mail_server):
    kind()
    reachable(chen)
    told = tell(chen)

    assert deliver_due() == 1

    (message,) = mail_server.received
    assert message["To"] == "chen@example.cn"
    assert message["Subject"] == "[社区治理平台] Something to do"
    assert message["Message-ID"] == f"<reminders-{told.deliveries.get().pk}@portal.example.cn>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().startswith("楼道堆物今天到期")


def test_a_letter_that_did_not_leave_is_tried_again_later_under_the_same_number(chen, kind, reachable, mail_server):
    kind()
    reachable(chen)
    tell(chen)
    mail_server.data = "451 try again"
    assert deliver_due() == 0
    waiting = Delivery.objects.get()
    assert (waiting.attempts, waiting.last_error, waiting.bundle) == (1, "SMTPDataError 451", waiting.pk)
    assert deliver_due() == 0  # not before its pause is over

    mail_server.data = "250 OK"
    tell(chen, "2")  # what comes meanwhile goes by itself
    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
        assert deliver_due() == 2
    numbers = [message["Message-ID"] for message in mail_server.received]
    assert numbers[0] == f"<reminders-{waiting.pk}@portal.example.cn>"
    assert len(set(numbers)) == 2


def test_what_never_leaves_is_given_up_and_may_be_tried_again(chen, kind, reachable, mail_server):
    kind()
    reachable(chen)
    tell(chen)
    mail_server.data = "554 policy"
    for attempt in range(MAX_ATTEMPTS):
        with time_machine.travel(timezone.now() + timedelta(hours=3 * attempt), tick=False):
            deliver_due()
    assert outcomes() == [Outcome.GIVEN_UP]

    mail_server.data = "250 OK"
    assert (deliver_again(), deliver_due(), outcomes()) == (1, 1, [Outcome.SENT])


def test_an_address_that_takes_nothing_three_times_has_to_be_confirmed_again(chen, kind, reachable, mail_server):
    kind()
    reachable(chen)
    mail_server.recipient = "550 no such user <chen@example.cn>"
    for number in range(4):
        tell(chen, str(number))
        deliver_due()

    preference = Preference.objects.get()
    assert (preference.email_confirmed_at, preference.email_refused_at is None) == (None, False)
    assert outcomes() == [Outcome.REFUSED] * 3  # the fourth was not even put down
    told = Reminder.objects.get(kind="reminders.address_refused")
    assert told.user == chen.user
    assert "chen@example.cn" not in str(list(Delivery.objects.values()))


def test_a_letter_that_arrives_forgives_earlier_refusals(chen, kind, reachable, mail_server):
    kind()
    reachable(chen)
    for number, answer in enumerate(("550 no", "550 no", "250 OK", "550 no", "550 no")):
        mail_server.recipient = answer
        tell(chen, str(number))
        deliver_due()

    assert Preference.objects.get().email_confirmed_at


def test_no_address_stands_in_a_log_whatever_the_server_answers(chen, kind, reachable, mail_server):
    kind()
    reachable(chen, email="canary.13800138000@example.cn")
    with capture_logs() as logs:
        for number, answer in enumerate(("550 <canary.13800138000@example.cn> unknown", "451 canary@example.cn later")):
            mail_server.recipient = answer
            tell(chen, str(number))
            deliver_due()

    assert {entry["event"] for entry in logs} == {"reminders.not_sent"}
    assert "canary" not in str(logs) + str(list(Delivery.objects.values()))


def test_a_killed_worker_has_its_letter_sent_again_under_the_same_number(chen, kind, reachable, monkeypatch):
    kind()
    reachable(chen)
    tell(chen)

    def killed(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver_due()
    assert (deliver_due(), Delivery.objects.get().attempts) == (0, 1)

    with time_machine.travel(timezone.now() + TAKEN_FOR + timedelta(seconds=1), tick=False):
        assert deliver_due() == 1
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<reminders-{Delivery.objects.get().pk}@portal.example.cn>"


def test_a_letter_that_kills_every_worker_ends(chen, kind, reachable):
    kind()
    reachable(chen)
    tell(chen)
    Delivery.objects.update(attempts=MAX_ATTEMPTS)

    assert (deliver_due(), outcomes()) == (0, [Outcome.GIVEN_UP])


# Several at once


@pytest.fixture
def slow_post(monkeypatch):
    """Letters that take a moment to send, so that hands overlap; gives back what was sent to whom."""
    sent = []

    def send(self):
        clock_time.sleep(0.002)
        sent.append((self.to[0], self.extra_headers["Message-ID"], self.body))

    monkeypatch.setattr("django.core.mail.EmailMessage.send", send)
    return sent


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_every_letter_once_and_nobody_gets_two(chen, huang, wu, li, kind, reachable, slow_post):
    kind()
    people = [chen, huang, wu, li]
    for one in people:
        reachable(one)
    for number in range(ROUNDS):
        tell_many(people, f"{number} a")
        tell_many(people, f"{number} b")
        before = len(slow_post)
        race(lambda _round: deliver_due(), hands=4)

        letters = slow_post[before:]
        assert Counter(address for address, _number, _body in letters) == Counter(
            f"{one.user.username}@example.cn" for one in people
        )
    assert len({number for _address, number, _body in slow_post}) == 4 * ROUNDS
    assert set(outcomes()) == {Outcome.SENT}


@pytest.mark.django_db(transaction=True)
def test_told_while_letters_leave_nothing_is_lost_and_nothing_doubled(chen, huang, kind, reachable, slow_post):
    kind()
    people = [chen, huang]
    for one in people:
        reachable(one)

    def hand(number: int) -> None:
        tell_many(people, str(number), text=f"<{number}>")
        deliver_due()

    race(hand, hands=4, rounds=ROUNDS)
    deliver_due()

    lines = Counter(
        (address, line) for address, _number, body in slow_post for line in body.splitlines() if line[:1] == "<"
    )
    assert lines == Counter({(f"{one.user.username}@example.cn", f"<{n}>"): 1 for one in people for n in range(ROUNDS)})


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_holds_is_left_to_it(chen, kind, reachable):
    kind()
    reachable(chen)
    tell(chen)
    with transaction.atomic():
        Preference.objects.select_for_update().get()
        assert elsewhere(deliver_due) == 0

    assert deliver_due() == 1


def test_what_ended_long_ago_is_forgotten_and_the_message_stays(chen, kind, reachable):
    kind()
    reachable(chen)
    tell(chen)
    deliver_due()
    assert forget_delivered() == 0

    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        assert forget_delivered() == 1
    assert Reminder.objects.count() == 1
