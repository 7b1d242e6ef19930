"""Messages leave after the change that caused them, and not at all when it was rolled back.

The row is the truth and Celery only the nudge: with the broker away, messages wait and the next drain delivers them.
What a handler writes is committed together with the mark that the message was delivered. What it does outside the
database may happen twice, so handlers make themselves safe to run twice. A message that keeps failing is given up
after MAX_ATTEMPTS, about five hours; `manage.py doctor` names it and `manage.py deliver_again` gives it another round.
"""

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from .logs import scrub
from .models import OutboxMessage

log = structlog.get_logger(__name__)

Handler = Callable[..., None]
handlers: dict[str, Handler] = {}

MAX_ATTEMPTS = 12
BATCH = 200
DRAIN_SECONDS = 45  # a worker stops a task after a minute
TAKEN_FOR = timedelta(seconds=95)  # longer than a worker lets a drain live: then whoever took the message is dead
QUIET_SECONDS = 10  # after the broker was found away; the clock drains as often
_quiet_until = 0.0
_silent: ContextVar[bool] = ContextVar("outbox_silent", default=False)


def handler(topic: str) -> Callable[[Handler], Handler]:
    """Let the decorated function receive `topic`; it is called with the payload as keyword arguments."""

    def register(function: Handler) -> Handler:
        if topic in handlers:
            raise ValueError(f"{topic} has two handlers")
        handlers[topic] = function
        return function

    return register


def send(topic: str, *, at: datetime | None = None, **payload: Any) -> OutboxMessage | None:
    """Put a message into the outbox; it leaves once the surrounding transaction commits.

    `at` is when the change happened: what is entered more than a day late is history and tells nobody.
    """
    now = timezone.now()
    if _silent.get() or (at and at < now - timedelta(days=1)):
        return None
    message = OutboxMessage.objects.create(topic=topic, payload=payload)
    _nudge_after_commit()
    return message


@contextmanager
def silence() -> Iterator[None]:
    """Within this block nothing is announced: for histories entered whole, up to the present moment."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def drain(*, seconds: float = DRAIN_SECONDS) -> int:
    """Deliver what is due, for so long at most; returns how many left. Several drains at once share the work."""
    give_up, delivered = time.monotonic() + seconds, 0
    while batch := list(due().order_by("available_at", "id")[:BATCH]):
        for message in batch:
            if time.monotonic() > give_up:
                return delivered
            if _take(message):
                try:
                    delivered += _deliver(message)
                except SoftTimeLimitExceeded:  # the worker says so once, and then kills whoever goes on
                    return delivered
    return delivered


def due() -> QuerySet[OutboxMessage]:
    """Messages that may be delivered now."""
    return _waiting().filter(attempts__lt=MAX_ATTEMPTS, available_at__lte=timezone.now())


def given_up() -> QuerySet[OutboxMessage]:
    """Messages that failed too often: somebody must look at `last_error`."""
    return _waiting().filter(attempts__gte=MAX_ATTEMPTS, available_at__lte=timezone.now())


def deliver_again() -> int:
    """Give what was given up another round, from now on; returns how many there are."""
    return given_up().update(attempts=0, available_at=timezone.now())


def _waiting() -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(delivered_at=None)


def _take(message: OutboxMessage) -> bool:
    """Count the attempt before it is made: a message that kills its worker then neither blocks nor lasts for ever."""
    now = timezone.now()
    mine = due().filter(pk=message.pk, attempts=message.attempts)
    message.attempts += 1
    return bool(mine.update(attempts=F("attempts") + 1, available_at=now + TAKEN_FOR))


def _deliver(message: OutboxMessage) -> bool:
    """Whether the message left. Raises SoftTimeLimitExceeded when the task has to end while its handler is at it."""
    mine, began = _waiting().filter(pk=message.pk, attempts=message.attempts), time.monotonic()
    try:
        with transaction.atomic():
            handlers[message.topic](**message.payload)
            if mine.update(delivered_at=timezone.now()):
                return True
            transaction.set_rollback(True)  # too slow: another drain has taken it over
    except SoftTimeLimitExceeded as error:
        if time.monotonic() - began < DRAIN_SECONDS:  # those before it used the time up: next time it comes first
            log.warning("outbox.cut_off", topic=message.topic, message_id=message.pk)
            mine.update(attempts=message.attempts - 1, available_at=message.available_at)
        else:
            _put_back(message, mine, error)
        raise
    except Exception as error:
        _put_back(message, mine, error)
    return False


def _put_back(message: OutboxMessage, mine: QuerySet[OutboxMessage], error: Exception) -> None:
    """Note why it did not leave; it is due again after a pause, or given up."""
    facts = {"topic": message.topic, "message_id": message.pk, "attempts": message.attempts}
    was_last = message.attempts >= MAX_ATTEMPTS
    log.error("outbox.given_up" if was_last else "outbox.failed", exc_info=error, **facts)
    pause = timedelta() if was_last else min(timedelta(seconds=5 * 2**message.attempts), timedelta(hours=1))
    mine.update(last_error=_in_short(error), available_at=timezone.now() + pause)


def _in_short(error: Exception) -> str:
    """What went wrong, without the details in which databases repeat whole rows."""
    return scrub("".join(traceback.format_exception_only(error)).strip().splitlines()[0][:500])


def _nudge_after_commit() -> None:
    """One nudge for a transaction, however many messages it sends."""
    # Django has taken out what was rolled back: what still stands in this list is kept at least as long as we are.
    if not any(hook is _nudge for _savepoints, hook, _robust in transaction.get_connection().run_on_commit):
        transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    """Wake a worker; while the broker is away the clock does it, and nobody waits for it again in QUIET_SECONDS."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task("portal.core.tasks.drain_outbox", retry=False, expires=60)
    except Exception:  # any broker trouble
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("outbox.broker_away")
