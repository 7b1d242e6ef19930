"""Whatever is killed, and whenever: what was sent is there once, everybody is told once, every day is counted right.

Real processes on the database of the test. The suite kills for a few seconds; FAULTS_SECONDS=600 does it for longer,
FAULTS_SEED=7 in the same order as a run that said so.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse_lazy
from django.utils import timezone

from grid.incidents.models import Incident
from portal.core import outbox
from portal.core.clock import day_of
from portal.core.models import AuditEntry, OutboxMessage
from portal.figures import models as figures
from portal.figures.reading import read
from portal.reminders.models import Delivery, Preference, Reminder

from .factories import category, incident
from .post_office import PostOffice, open_post_office
from .running import Parts, Phone, running

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SECONDS = float(os.environ.get("FAULTS_SECONDS", "8"))
SEED = int(os.environ.get("FAULTS_SEED", time.time()))
PHONES, FEWEST = 3, 12
PATIENCE = 120  # seconds after the last kill within which the web answers again, on a machine with much to do
VICTIMS = ("worker", "worker's child", "clock", "broker", "web", "web's child")
TASKS = ("portal.core.tasks.drain_outbox", "portal.reminders.tasks.deliver", "portal.figures.tasks.count_dirty_days")
RAISED = "incidents.raised"  # a run of ten minutes sees the ladder climbed as well
DRAINED = 120  # seconds within which the outbox is empty once the broker is back
AWAY = timedelta(minutes=2)  # longer than what a killed worker had taken is left to it


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_post_office() as opened:
        yield opened


@pytest.fixture
def parts(chen, wu, li, zhang, places, office, monkeypatch) -> Iterator[Parts]:
    """A running portal; the committee reads its messages as e-mail, at any hour."""
    for one in (li, zhang):
        reads = {"email_confirmed_at": timezone.now(), "quiet_from": "00:00", "quiet_until": "00:00"}
        Preference.objects.create(user=one.user, email=f"{one.user.username}@example.org", **reads)
    monkeypatch.chdir(settings.BASE_DIR)
    with running(monkeypatch, EMAIL_URL=office.address) as started:
        yield started


RAISE = reverse_lazy("incidents:emergency")


def emergency(places, number: int) -> dict:
    """Everybody up the chain is told of it: 吴, 李 and 张."""
    return {
        "idempotency_key": str(uuid4()),
        "place": places.qishan.pk,
        "category": category("gas").pk,
        "description": f"第{number}次，三楼很大煤气味",
    }


def waiting() -> int:
    return OutboxMessage.objects.filter(delivered_at=None).count()


def told() -> list[tuple]:
    """Who was told of which emergency."""
    return sorted(Reminder.objects.filter(kind=RAISED).values_list("user_id", "subject_type_id", "subject_id", "stage"))


def in_the_inboxes() -> set[int]:
    return {about for _user, _type, about, _stage in told()}


def test_nothing_is_lost_or_doubled_whatever_is_killed(parts, office, chen, places):
    """One life of a portal, told in order: its processes take longest to start."""
    phone = Phone.of(chen, parts.port)
    pages_are_read_and_written_without_the_broker(parts, phone, places)
    reports_come_through_while_parts_are_killed(parts, office, phone, chen, places)


def pages_are_read_and_written_without_the_broker(parts: Parts, phone: Phone, places) -> None:
    assert phone.ask("/") == 200
    parts.kill("broker")

    began = time.monotonic()
    assert phone.ask("/") == 200
    assert phone.ask(str(RAISE), emergency(places, 1)) == 302
    assert phone.ask(str(RAISE), emergency(places, 2)) == 302
    seconds = time.monotonic() - began
    assert phone.ask("/readyz") == 503
    parts.until(lambda: False, 1)
    assert waiting() == OutboxMessage.objects.count() > 0

    parts.start_broker()
    back = time.monotonic()
    assert parts.until(lambda: not waiting(), DRAINED)
    print(f"three pages in {seconds:.1f} s, drained after {time.monotonic() - back:.1f} s")  # noqa: T201
    assert seconds < 15  # five each
    assert in_the_inboxes() == set(Incident.objects.values_list("pk", flat=True))


def reports_come_through_while_parts_are_killed(parts: Parts, office: PostOffice, phone: Phone, chen, places) -> None:
    print(f"FAULTS_SEED={SEED}")  # noqa: T201 - shown by pytest beside a failure
    left = iter([emergency(places, number) for number in range(3, 3 + max(FEWEST, int(SECONDS * 4)))])
    sent: list[dict] = []
    began, over = timezone.now(), Event()

    def report() -> list[int]:
        """One after the other, as many as a busy machine takes in while parts are killed, and a few at least."""
        answers = []
        while not (over.is_set() and len(sent) >= FEWEST) and (one := next(left, None)):
            sent.append(one)
            answers.append(phone.insist(str(RAISE), one, SECONDS + PATIENCE))
        return answers

    with ThreadPoolExecutor(PHONES) as pool:
        answers = [pool.submit(report) for _phone in range(PHONES)]
        try:
            past = kill_at_random(parts, random.Random(SEED), lambda at: entered_late(chen, places, at))
        finally:
            over.set()
        assert parts.until(lambda: all(answer.done() for answer in answers), PATIENCE + 60)
    two_minutes_pass(parts)

    print(f"{len(sent)} reports, {len(parts.killed)} killed")  # noqa: T201
    assert Counter(status for answer in answers for status in answer.result()) == {302: len(sent)}
    made = Incident.objects.filter(reported_at__gte=began)
    assert sorted(made.values_list("description", flat=True)) == sorted(one["description"] for one in sent)
    for one in made:
        assert AuditEntry.objects.filter(action="incident.reported", subject_id=one.pk).count() == 1
    everybody_was_told_once(parts, set(Incident.objects.filter(is_emergency=True).values_list("pk", flat=True)))
    every_letter_left_once(parts, office)
    every_day_is_counted_right(parts, places, past)


def entered_late(chen, places, at: datetime) -> datetime:
    """Something that happened days ago: no message, but a day to be counted anew."""
    return incident(place=places.qishan, reporter=chen.user, at=at).reported_at


def kill_at_random(parts: Parts, chance: random.Random, enter) -> list[datetime]:
    """One part after the other, each at least once; the broker stays away for a moment. Returns what was entered."""
    until, left, past = time.monotonic() + SECONDS, [], []
    while time.monotonic() < until or left or len(past) < len(VICTIMS):
        left = left or chance.sample(VICTIMS, len(VICTIMS))
        past.append(enter(timezone.now() - timedelta(days=chance.randint(2, 5))))
        parts.nudge(*TASKS)
        parts.until(lambda: False, chance.uniform(0.1, 0.9))
        victim = left.pop()
        parts.kill(victim)
        parts.until(lambda: False, chance.uniform(0.1, 0.6))
        if victim == "broker":
            parts.start_broker()
    return past


def two_minutes_pass(parts: Parts) -> None:
    """What a killed worker had taken is left to it for a minute and a half: all are dead, and that time is over."""
    parts.end("worker")
    OutboxMessage.objects.filter(delivered_at=None).update(available_at=timezone.now() - AWAY)
    Delivery.objects.waiting().update(available_at=timezone.now() - AWAY)


def everybody_was_told_once(parts: Parts, about: set[int]) -> None:
    left = OutboxMessage.objects.filter(delivered_at=None).values_list("topic", "attempts", "last_error")
    assert parts.working(lambda: not waiting(), TASKS[0], 90), f"messages are left: {left}"
    once = told()
    assert in_the_inboxes() == about
    assert set(Counter(one for _user, _type, one, _stage in once).values()) == {3}
    assert len(set(once)) == len(once)
    for message in OutboxMessage.objects.all():
        outbox.handlers[message.topic](**message.payload)  # a second delivery finds everything told already
    assert told() == once


def every_letter_left_once(parts: Parts, office: PostOffice) -> None:
    """A worker that dies between the mail server's word and its own note sends the letter again, under its number."""
    raised = Delivery.objects.filter(reminder__kind=RAISED)
    assert parts.working(lambda: not raised.waiting().exists(), TASKS[1], 60), "letters are left"
    committee = Preference.objects.values_list("pk", flat=True)
    wanted = Reminder.objects.filter(user__in=committee, kind=RAISED).values_list("pk", flat=True)
    assert sorted(raised.values_list("reminder", flat=True)) == sorted(wanted)
    assert set(raised.values_list("outcome", flat=True)) == {Delivery.Outcome.SENT}
    letters = office.by_id()
    numbers = set(Delivery.objects.filter(outcome=Delivery.Outcome.SENT).values_list("bundle", flat=True))
    assert sorted(one.strip("<").partition("@")[0] for one in letters) == sorted(f"reminders-{one}" for one in numbers)
    for copies in letters.values():
        assert len({(one["To"], one["Subject"], one.get_content()) for one in copies}) == 1, (
            "another letter, same number"
        )
    assert len(office.letters) - len(letters) <= len(parts.killed), "more copies than deaths"


def every_day_is_counted_right(parts: Parts, places, past: list[datetime]) -> None:
    days = Counter(day_of(moment) for moment in past)
    assert parts.working(lambda: not figures.DirtyDay.objects.filter(of_periods=False).exists(), TASKS[2], 90), (
        "days are left uncounted"
    )
    key = figures.FigureKey.objects.get(key="incidents.reported")
    levels = [places.district, places.street, places.dalong, places.grid, places.qishan]
    stored = figures.Count.objects.filter(figure=key, period=figures.Count.Period.DAY)
    assert {(one.place_id, one.day): one.value for one in stored} == {
        (place.pk, day): number for place in levels for day, number in days.items()
    }
    for place in levels:
        first, last = min(days), max(days)
        assert read([place], [key.key], first, last)[place.pk, key.key].value == len(past)
