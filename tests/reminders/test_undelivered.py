"""What becomes of a letter when the mail server, an address or a worker fails."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from structlog.testing import capture_logs

from portal.reminders.channels import Away, channels
from portal.reminders.models import Delivery, Preference, Reminder
from portal.reminders.services import deliver_again, deliver_due
from portal.reminders.services.delivering import MAX_ATTEMPTS, TAKEN_FOR

from .conftest import tell
from .letters import outcomes

pytestmark = pytest.mark.django_db
ROUNDS = 25
Outcome = Delivery.Outcome


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://portal.example.cn"


def test_a_mail_server_that_is_away_costs_no_attempt(chen, kind, reachable, mail_server):
    kind()
    reachable(chen)
    tell(chen)
    mail_server.close()

    with capture_logs() as logs:
        assert deliver_due() == 0

    assert [entry["event"] for entry in logs] == ["reminders.channel_away"]
    assert (Delivery.objects.get().attempts, Delivery.objects.due().count()) == (0, 1)


def test_a_mail_server_that_sends_everybody_away_costs_no_attempt_for_as_long_as_it_does(
    chen, kind, reachable, mail_server
):
    kind()
    reachable(chen)
    tell(chen)
    mail_server.recipient = "421 closing"
    for turn in range(MAX_ATTEMPTS + 2):
        with time_machine.travel(timezone.now() + timedelta(hours=3 * turn), tick=False):
            assert deliver_due() == 0
    waiting = Delivery.objects.get()
    assert (waiting.attempts, waiting.last_error, waiting.ended_at) == (0, "SMTPRecipientsRefused 421", None)

    mail_server.recipient = "250 OK"
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert deliver_due() == 1
    assert (outcomes(), Delivery.objects.get().last_error) == ([Outcome.SENT], "")


def test_a_letter_on_which_the_server_hangs_up_does_not_keep_the_others(chen, huang, kind, reachable, monkeypatch):
    kind()
    for number, one in enumerate((chen, huang)):
        reachable(one)
        tell(one, str(number))

    def hangs_up(letter):
        if letter.preference.pk == chen.pk:
            raise Away("SMTPServerDisconnected")

    monkeypatch.setattr(channels.items["email"], "connect", lambda: nullcontext(hangs_up))

    assert (deliver_due(), deliver_due()) == (0, 1)
    assert outcomes() == ["", Outcome.SENT]


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
    later = timezone.now() + timedelta(minutes=1)
    with time_machine.travel(later, tick=False):
        for number in range(4):
            tell(chen, str(number))
            deliver_due()

    preference = Preference.objects.get()
    assert (preference.email_confirmed_at, preference.email_refused_at) == (None, later)
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
