"""What the doctor says of the mails."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from portal.reminders.checks import mails_leave
from portal.reminders.models import Delivery
from portal.reminders.services import deliver_due

from .conftest import tell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _waiting(settings, chen, kind, reachable):
    settings.SITE_URL = "https://portal.example.cn"
    kind()
    reachable(chen)
    tell(chen)


def test_what_has_just_been_written_is_no_trouble():
    assert mails_leave().ok


def test_without_a_server_there_is_nothing_to_send(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    assert mails_leave().ok
    assert "EMAIL_URL" in str(mails_leave().text)


def test_what_waits_for_a_quarter_of_an_hour_is_named():
    Delivery.objects.update(available_at=timezone.now() - timedelta(minutes=16))

    found = mails_leave()

    assert (found.ok, "1" in str(found.text)) == (False, True)


def test_what_the_server_sends_away_again_and_again_waits_as_well(mail_server):
    mail_server.recipient = "421 closing"
    deliver_due()
    assert mails_leave().ok

    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        deliver_due()
        assert not mails_leave().ok


def test_what_was_given_up_is_named_with_its_reason_and_may_be_tried_again(capsys):
    Delivery.objects.update(outcome="given_up", ended_at=timezone.now(), last_error="SMTPDataError 554")

    found = mails_leave()
    assert (found.ok, "SMTPDataError 554" in str(found.text), "mail_again" in str(found.advice)) == (False, True, True)

    call_command("mail_again")
    assert "1" in capsys.readouterr().out
    assert (deliver_due(), mails_leave().ok) == (1, True)


def test_links_need_the_address_of_the_portal(settings):
    settings.SITE_URL = ""

    assert "SITE_URL" in str(mails_leave().advice)
