"""Several workers at once send every letter once; what ended long ago is forgotten."""

import time as clock_time
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from portal.reminders.models import Delivery, Preference, Reminder
from portal.reminders.services import deliver_due, forget_delivered
from tests.core.races import elsewhere, race

from .conftest import tell, tell_many
from .letters import outcomes

pytestmark = pytest.mark.django_db
ROUNDS = 25
Outcome = Delivery.Outcome


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://portal.example.cn"


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
