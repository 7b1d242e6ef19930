"""What the doctor says of messages that do not leave."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from portal.core import outbox
from portal.core.checks import messages_leave
from portal.core.models import OutboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def test_nothing_waits():
    finding = messages_leave()

    assert (finding.ok, str(finding.text)) == (True, "None waits.")


def test_what_was_sent_a_moment_ago_is_no_cause_for_alarm():
    outbox.send("tests.number", number=1)

    assert messages_leave().ok


def test_what_waits_for_long_has_no_worker():
    long_ago = timezone.now() - timedelta(minutes=6)
    OutboxMessage.objects.create(topic="tests.number", available_at=long_ago)

    finding = messages_leave()

    assert (finding.ok, str(finding.text)) == (False, "1 wait for the worker.")


def test_what_was_given_up_is_named_with_its_reason():
    for error in ("ValueError: earlier", "ValueError: later"):
        OutboxMessage.objects.create(topic="tests.number", attempts=outbox.MAX_ATTEMPTS, last_error=error)

    finding = messages_leave()

    assert not finding.ok
    assert str(finding.text) == ("2 could not be delivered, the last of them (tests.number) because: ValueError: later")


def test_the_command_that_the_doctor_advises_gives_it_another_round(capsys):
    OutboxMessage.objects.create(topic="tests.number", attempts=outbox.MAX_ATTEMPTS)

    call_command("deliver_again")

    assert capsys.readouterr().out == "1 messages will be tried again.\n"
    assert messages_leave().ok
