"""Letters leave once, at their time, and not when nobody needs them any more."""

import re
from datetime import time

import pytest
import time_machine
from django.core import mail

from portal.accounts.models import User
from portal.reminders.models import Delivery, Preference
from portal.reminders.registry import Pace, kinds
from portal.reminders.services import choose, deliver_due, read

from .conftest import mailed, moment, tell
from .letters import heading, outcomes, together

pytestmark = pytest.mark.django_db
ROUNDS = 25
Outcome = Delivery.Outcome


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
