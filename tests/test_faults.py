"""Whatever is killed, and whenever: what was sent is there once, whoever must hear of it is told, and nothing is doubled.

Real processes on the database of the test. The suite kills for a few seconds; FAULTS_SECONDS=600 does it for longer,
FAULTS_SEED=7 in the same order as a run that said so.
"""

import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from grid.incidents.models import Incident
from portal.core import outbox
from portal.core.models import AuditEntry, OutboxMessage
from portal.reminders.models import Reminder

from .factories import category
from .post_office import open_post_office
from .running import Parts, Phone, running

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SECONDS = float(os.environ.get("FAULTS_SECONDS", "8"))
VICTIMS = ("worker", "worker's child", "clock", "broker", "web", "web's child")
DRAINED = 120  # seconds within which the outbox is empty once the broker is back


@pytest.fixture
def parts(chen, wu, li, zhang, places, monkeypatch):
    """A running portal, its letters caught."""
    monkeypatch.chdir(settings.BASE_DIR)
    with open_post_office() as office, running(monkeypatch, EMAIL_URL=office.address) as started:
        started.office = office
        yield started


def report(places, number: int) -> dict:
    return {
        "idempotency_key": str(uuid4()),
        "place": places.qishan.pk,
        "category": category().pk,
        "severity": "general",
        "description": f"第{number}次，三楼楼梯口堆满纸箱",
    }


def waiting() -> int:
    return OutboxMessage.objects.filter(delivered_at=None).count()


def told() -> list[tuple]:
    return sorted(Reminder.objects.values_list("user_id", "kind", "subject_type_id", "subject_id", "stage"))


def test_nothing_is_lost_or_doubled_while_parts_of_it_are_killed(parts, chen, places):
    seed = int(os.environ.get("FAULTS_SEED", time.time()))
    print(f"FAULTS_SEED={seed}")  # noqa: T201 - shown by pytest beside a failure
    phone, sent = Phone.of(chen, parts.port), [report(places, number) for number in range(int(SECONDS * 5))]
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(phone.insist, reverse("incidents:report"), one) for one in sent]
        kill_at_random(parts, random.Random(seed), SECONDS)
        assert parts.until(lambda: all(answer.done() for answer in answers), 60)

    assert Counter(answer.result() for answer in answers) == {302: len(sent)}
    said = [one["description"] for one in sent]
    assert sorted(Incident.objects.values_list("description", flat=True)) == sorted(said)
    everybody_was_told_once(parts)


def kill_at_random(parts: Parts, chance: random.Random, seconds: float) -> None:
    """One part after the other, at least each once; the broker stays away for a moment."""
    until, left = time.monotonic() + seconds, []
    while time.monotonic() < until or left:
        left = left or chance.sample(VICTIMS, len(VICTIMS))
        victim = left.pop()
        parts.kill(victim)
        pause = chance.uniform(0.2, 1.2)
        parts.until(lambda: False, pause)
        if victim == "broker":
            parts.start_broker()


def everybody_was_told_once(parts: Parts) -> None:
    """What a killed worker had taken is left to it for a minute and a half; here that time passes at once."""
    parts.kill("worker")
    parts.look_after()
    OutboxMessage.objects.filter(delivered_at=None).update(available_at=timezone.now() - outbox.TAKEN_FOR)
    assert parts.until(lambda: not waiting(), 60), "messages are left"

    for incident in Incident.objects.all():
        assert AuditEntry.objects.filter(action="incident.reported", subject_id=incident.pk).count() == 1
    once = told()
    assert {about for _user, _kind, _type, about, _stage in once} >= set(Incident.objects.values_list("pk", flat=True))
    assert len(set(once)) == len(once)
    for message in OutboxMessage.objects.all():
        outbox.handlers[message.topic](**message.payload)  # a second delivery finds everything told already
    assert told() == once


def test_without_the_broker_pages_are_read_and_reports_written_and_told_once_it_is_back(parts, chen, places):
    phone = Phone.of(chen, parts.port)
    assert phone.ask("/") == 200
    parts.kill("broker")

    started = time.monotonic()
    assert phone.ask("/") == 200
    assert phone.ask(reverse("incidents:report"), report(places, 1)) == 302
    assert phone.ask(reverse("incidents:report"), report(places, 2)) == 302
    assert time.monotonic() - started < 5
    assert phone.ask("/readyz") == 503
    parts.until(lambda: False, 2)
    assert waiting() == 2

    parts.start_broker()
    back = time.monotonic()
    assert parts.until(lambda: not waiting(), DRAINED)
    print(f"drained after {time.monotonic() - back:.1f} s")  # noqa: T201
    assert {about for _user, _kind, _type, about, _stage in told()} == set(
        Incident.objects.values_list("pk", flat=True)
    )
