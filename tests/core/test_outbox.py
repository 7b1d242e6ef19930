"""Messages leave after the change that caused them: every one, once, and whatever the broker and the others do."""

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from portal.celery import app as worker
from portal.core import health, outbox
from portal.core.models import OutboxMessage
from portal.reminders.services import delivering

from .races import elsewhere, race

pytestmark = pytest.mark.django_db

TASK = "portal.core.tasks.drain_outbox"


@pytest.fixture
def received(monkeypatch) -> list[int]:
    """The numbers that arrived under the topic `tests.number`; a negative one makes its handler fail."""
    arrived: list[int] = []

    def take(*, number: int) -> None:
        if number < 0:
            raise ValueError(f"{number} cannot be had")
        arrived.append(number)

    monkeypatch.setitem(outbox.handlers, "tests.number", take)
    return arrived


@pytest.fixture
def handle(monkeypatch) -> Callable[[Callable[..., None]], None]:
    """Let a function receive the topic `tests.scene`."""
    return lambda function: monkeypatch.setitem(outbox.handlers, "tests.scene", function)


@pytest.fixture
def queue() -> Iterator[Callable[[], int]]:
    """How many nudges wait in the broker."""
    with health.broker() as redis:
        redis.delete("celery")
        yield lambda: redis.llen("celery")
        redis.delete("celery")


@pytest.fixture(autouse=True)
def _broker_is_not_known_to_be_away(monkeypatch) -> None:
    monkeypatch.setattr(outbox, "_quiet_until", 0.0)


def later(**distance: int) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**distance), tick=True)


# With the change or not at all


def test_a_message_is_delivered_with_what_it_carries(received):
    outbox.send("tests.number", number=7)

    assert outbox.drain() == 1
    assert received == [7]


def test_a_delivered_message_is_not_delivered_again(received):
    outbox.send("tests.number", number=7)
    outbox.drain()

    assert outbox.drain() == 0
    assert received == [7]


def test_nothing_leaves_when_the_change_is_rolled_back(received):
    with transaction.atomic():
        outbox.send("tests.number", number=7)
        transaction.set_rollback(True)

    assert outbox.drain() == 0
    assert received == []


@pytest.mark.django_db(transaction=True)
def test_others_see_a_message_only_after_the_commit(received):
    with transaction.atomic():
        outbox.send("tests.number", number=7)
        before = elsewhere(outbox.drain)

    assert (before, elsewhere(outbox.drain), received) == (0, 1, [7])


def test_messages_leave_in_the_order_in_which_they_were_sent(received):
    for number in (3, 1, 2):
        outbox.send("tests.number", number=number)

    outbox.drain()

    assert received == [3, 1, 2]


@pytest.mark.parametrize(("hours", "told"), [(25, 0), (23, 1), (0, 1), (-1, 1)])
def test_what_is_entered_more_than_a_day_late_is_history_and_tells_nobody(hours, told):
    outbox.send("tests.number", at=timezone.now() - timedelta(hours=hours), number=7)

    assert OutboxMessage.objects.count() == told


def test_within_a_silence_nothing_is_announced():
    with outbox.silence():
        outbox.send("tests.number", number=1)
    outbox.send("tests.number", number=2)

    assert [message.payload for message in OutboxMessage.objects.all()] == [{"number": 2}]


# The nudge


@pytest.mark.django_db(transaction=True)
def test_the_commit_wakes_a_worker_once_however_many_messages_it_sends(queue):
    with transaction.atomic():
        for number in range(20):
            with transaction.atomic():
                outbox.send("tests.number", number=number)
        before = queue()

    assert (before, queue()) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_a_part_that_is_rolled_back_does_not_take_the_nudge_of_the_rest_along(queue):
    with transaction.atomic():
        with transaction.atomic():
            outbox.send("tests.number", number=1)
            transaction.set_rollback(True)
        outbox.send("tests.number", number=2)

    assert ([message.payload["number"] for message in OutboxMessage.objects.all()], queue()) == ([2], 1)


@pytest.mark.django_db(transaction=True)
def test_a_rollback_wakes_nobody(queue):
    with transaction.atomic():
        outbox.send("tests.number", number=1)
        transaction.set_rollback(True)

    assert queue() == 0


@pytest.fixture(params=["refuses", "keeps silent"])
def broker_away(request, monkeypatch, settings) -> Iterator[None]:
    """The broker refuses connections, or takes them and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if request.param == "refuses":
            server.close()
        app = Celery("away", set_as_current=False)
        app.config_from_object(settings, namespace="CELERY")
        app.conf.broker_url = app.conf.broker_write_url = f"redis://127.0.0.1:{port}/0"
        monkeypatch.setattr(outbox, "current_app", app)
        yield


@pytest.mark.django_db(transaction=True)
def test_with_the_broker_away_nobody_is_held_up_and_the_next_drain_delivers(broker_away, received):
    started = time.monotonic()
    outbox.send("tests.number", number=7)
    took = time.monotonic() - started

    assert took < 5  # one wait of a second, on a machine with much to do
    assert (outbox.drain(), received) == (1, [7])


@pytest.mark.django_db(transaction=True)
def test_a_broker_known_to_be_away_is_not_waited_for_again(broker_away):
    outbox.send("tests.number", number=1)
    started = time.monotonic()
    for number in range(50):
        outbox.send("tests.number", number=number)

    assert time.monotonic() - started < 10  # fifty waits would take fifty seconds


# Failing handlers


def test_a_failing_message_keeps_its_error_and_backs_off_while_the_others_go_on(received):
    for number in (1, -2, 3):
        outbox.send("tests.number", number=number)

    assert (outbox.drain(), received) == (2, [1, 3])
    failed = OutboxMessage.objects.get(delivered_at=None)
    assert (failed.attempts, failed.last_error) == (1, "ValueError: -2 cannot be had")
    assert timedelta(seconds=5) < failed.available_at - timezone.now() <= timedelta(seconds=10)


def test_a_failed_message_waits_for_its_turn(received):
    outbox.send("tests.number", number=-2)
    outbox.drain()
    OutboxMessage.objects.update(payload={"number": 2})

    assert outbox.drain() == 0
    with later(seconds=11):
        assert outbox.drain() == 1
    assert received == [2]


def test_each_failure_doubles_the_pause_up_to_an_hour(received):
    message = outbox.send("tests.number", number=-1)
    pauses = []

    for _attempt in range(outbox.MAX_ATTEMPTS - 1):
        with later(hours=2 * (len(pauses) + 1)):
            outbox.drain()
            message.refresh_from_db()
            pauses.append(round((message.available_at - timezone.now()).total_seconds()))

    assert pauses == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


def test_what_a_failing_handler_has_written_is_undone(handle):
    def half(**_payload: Any) -> None:
        OutboxMessage.objects.create(topic="tests.trace")
        raise ValueError

    handle(half)
    outbox.send("tests.scene")
    outbox.drain()

    assert not OutboxMessage.objects.filter(topic="tests.trace").exists()


def test_a_statement_that_the_database_refuses_in_a_handler_stops_nobody_else(handle, received):
    handle(lambda: OutboxMessage.objects.create(topic="x" * 100))
    outbox.send("tests.scene")
    outbox.send("tests.number", number=2)

    assert (outbox.drain(), received) == (1, [2])


def test_a_topic_that_nobody_handles_any_more_stops_nobody_else(received):
    outbox.send("tests.removed")
    outbox.send("tests.number", number=2)

    assert (outbox.drain(), received) == (1, [2])
    assert OutboxMessage.objects.get(topic="tests.removed").last_error == "KeyError: 'tests.removed'"


def test_the_error_that_is_kept_is_one_line_without_numbers_of_people(handle):
    def fail() -> None:
        raise ValueError("somebody at 13800138000\nDETAIL: Failing row contains (陈家生)")

    handle(fail)
    outbox.send("tests.scene")
    outbox.drain()

    assert OutboxMessage.objects.get().last_error == "ValueError: somebody at •••"


def test_a_message_that_kills_its_worker_neither_comes_back_at_once_nor_holds_up_the_others(handle, received):
    def kill() -> None:
        raise SystemExit

    handle(kill)
    outbox.send("tests.scene")
    outbox.send("tests.number", number=2)
    with pytest.raises(SystemExit):
        outbox.drain()

    assert (outbox.drain(), received) == (1, [2])
    assert OutboxMessage.objects.get(topic="tests.scene").attempts == 1


def test_a_message_whose_worker_was_killed_is_delivered_within_two_minutes(handle, received):
    outbox.send("tests.number", number=2)
    outbox._take(OutboxMessage.objects.get())  # and here the power went out

    with later(seconds=120 - 10):  # the clock drains every ten seconds
        assert (outbox.drain(), received) == (1, [2])


def test_a_message_cut_off_by_the_end_of_its_task_is_the_first_of_the_next_and_nothing_is_counted(handle, received):
    def cut_off() -> None:
        raise SoftTimeLimitExceeded

    handle(cut_off)
    outbox.send("tests.number", number=1)
    scene = outbox.send("tests.scene")
    outbox.send("tests.number", number=2)

    assert (outbox.drain(), received) == (1, [1])  # after the worker's word nothing more is begun
    scene.refresh_from_db()
    assert (scene.attempts, scene.last_error) == (0, "")

    handle(lambda: received.append(0))
    assert (outbox.drain(), received) == (2, [1, 0, 2])


def test_a_message_that_takes_a_whole_task_and_more_has_failed(handle, received, monkeypatch):
    def too_slow() -> None:
        monkeypatch.setattr(outbox, "DRAIN_SECONDS", 0)  # so much has passed
        raise SoftTimeLimitExceeded

    handle(too_slow)
    outbox.send("tests.scene")
    outbox.send("tests.number", number=2)

    assert (outbox.drain(), outbox.drain(), received) == (0, 1, [2])
    failed = OutboxMessage.objects.get(topic="tests.scene")
    assert (failed.attempts, failed.last_error.partition(":")[0]) == (1, "billiard.exceptions.SoftTimeLimitExceeded")


def test_a_message_that_keeps_failing_is_given_up_and_stays_for_somebody_to_look_at(received):
    message = outbox.send("tests.number", number=-1)
    for attempt in range(outbox.MAX_ATTEMPTS + 3):
        with later(hours=2 * (attempt + 1)):
            outbox.drain()

    message.refresh_from_db()
    assert (message.attempts, message.delivered_at) == (outbox.MAX_ATTEMPTS, None)
    with later(hours=48):
        assert list(outbox.given_up()) == [message]


def test_what_was_given_up_gets_another_round_when_somebody_asks_for_it(received):
    message = outbox.send("tests.number", number=5)
    OutboxMessage.objects.update(attempts=outbox.MAX_ATTEMPTS)

    assert (outbox.drain(), outbox.deliver_again(), outbox.drain()) == (0, 1, 1)
    assert (received, list(outbox.given_up())) == ([5], [])
    message.refresh_from_db()
    assert message.attempts == 1


# The time that is left to a worker


@pytest.fixture(scope="module")
def longest() -> dict[str, float]:
    """The seconds after which a worker kills each task."""
    worker.loader.import_default_modules()
    ours = {name: task for name, task in worker.tasks.items() if not name.startswith("celery.")}
    return {name: task.time_limit or worker.conf.task_time_limit for name, task in ours.items()}


def test_the_broker_hands_no_task_out_again_that_may_still_run_or_wait_for_another_try(longest):
    pause = 75  # the longest after which one tries again

    assert worker.conf.broker_transport_options["visibility_timeout"] > max(longest.values()) + pause


def test_what_is_taken_is_left_alone_for_as_long_as_whoever_took_it_may_live(longest):
    assert outbox.TAKEN_FOR.total_seconds() > longest[TASK]
    assert delivering.TAKEN_FOR.total_seconds() > longest["portal.reminders.tasks.deliver"]


# Much at once


def test_a_long_queue_is_delivered_in_one_go(received, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 5)
    for number in range(12):
        outbox.send("tests.number", number=number)

    assert (outbox.drain(), received) == (12, list(range(12)))


def test_a_drain_ends_in_time_and_leaves_the_rest_for_the_next(received):
    for number in range(3):
        outbox.send("tests.number", number=number)

    assert outbox.drain(seconds=-1) == 0
    assert (outbox.drain(), received) == (3, [0, 1, 2])


@pytest.mark.django_db(transaction=True)
def test_several_drains_at_once_deliver_each_message_once(received):
    rounds, messages = 6, 40
    for number in range(rounds * messages):
        due = timezone.now() - timedelta(minutes=number % 3)
        OutboxMessage.objects.create(topic="tests.number", payload={"number": number}, available_at=due)

    delivered = race(lambda _round: outbox.drain(), hands=4)

    assert sum(delivered[0]) == rounds * messages
    assert Counter(received) == Counter(range(rounds * messages))


@pytest.mark.django_db(transaction=True)
def test_of_two_drains_that_found_the_same_message_one_takes_it():
    made = [outbox.send("tests.number", number=number) for number in range(100)]

    taken = race(lambda number: outbox._take(OutboxMessage(pk=made[number].pk, attempts=0)), hands=4, rounds=100)

    assert [sum(hands) for hands in taken] == [1] * 100


def test_a_drain_that_found_a_message_long_ago_does_not_take_it_as_it_is_now():
    stale = outbox.send("tests.number", number=-1)
    OutboxMessage.objects.update(attempts=1)

    assert outbox._take(stale) is False


@pytest.mark.django_db(transaction=True)
def test_what_a_handler_wrote_is_kept_once_though_another_drain_thought_it_dead(handle):
    def overtaken() -> None:
        first = not OutboxMessage.objects.filter(topic="tests.trace").exists()
        OutboxMessage.objects.create(topic="tests.trace", delivered_at=timezone.now())
        if first and elsewhere(is_first):
            elsewhere(overtake)

    def is_first() -> bool:
        return OutboxMessage.objects.get(topic="tests.scene").attempts == 1

    def overtake() -> int:
        OutboxMessage.objects.filter(topic="tests.scene").update(available_at=timezone.now())
        return outbox.drain()

    handle(overtaken)
    outbox.send("tests.scene")
    outbox.drain()

    scene = OutboxMessage.objects.get(topic="tests.scene")
    assert (OutboxMessage.objects.filter(topic="tests.trace").count(), scene.attempts) == (1, 2)
    assert scene.delivered_at is not None
