"""Messages leave after the change that caused them, and not at all when it was rolled back.

The row is the truth and Celery only the nudge: with the broker away, messages wait and the next drain delivers them.
Delivery is at least once, so handlers make themselves safe to run twice.
"""

import functools
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from .models import OutboxMessage

log = structlog.get_logger(__name__)

Handler = Callable[..., None]
handlers: dict[str, Handler] = {}

MAX_ATTEMPTS = 12
BATCH = 200


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

    `at` is when the change happened: what is entered later than the same day is history and tells nobody.
    """
    now = timezone.now()
    if at and at < now - timedelta(days=1):
        return None
    message = OutboxMessage.objects.create(topic=topic, payload=payload)
    transaction.on_commit(_nudge, robust=True)
    return message


def drain() -> int:
    """Deliver what is due; returns how many left. Several drains at once share the work and never a message."""
    delivered = 0
    for pk in _due():
        delivered += _deliver(pk)
    return delivered


def _due() -> list[int]:
    waiting = OutboxMessage.objects.filter(delivered_at=None, available_at__lte=timezone.now())
    return list(waiting.order_by("available_at", "id").values_list("pk", flat=True)[:BATCH])


def _deliver(pk: int) -> bool:
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(skip_locked=True).filter(pk=pk, delivered_at=None).first()
        )
        if message is None:
            return False
        message.attempts += 1
        try:
            with transaction.atomic():
                handlers[message.topic](**message.payload)
        except Exception as error:
            log.exception("outbox.failed", topic=message.topic, message_id=message.pk, attempts=message.attempts)
            message.last_error = "".join(traceback.format_exception_only(error)).strip()[:500]
            message.available_at = timezone.now() + min(timedelta(seconds=5 * 2**message.attempts), timedelta(hours=1))
            message.save(update_fields=["attempts", "last_error", "available_at"])
            return False
        message.delivered_at = timezone.now()
        message.save(update_fields=["attempts", "delivered_at"])
        return True


def _nudge() -> None:
    _drain_soon()()


@functools.cache
def _drain_soon() -> Callable[[], None]:
    from celery import current_app

    def soon() -> None:
        try:
            current_app.send_task("portal.core.tasks.drain_outbox", retry=False, expires=60)
        except Exception:  # any broker trouble: the clock drains what the nudge could not
            log.warning("outbox.broker_away")

    return soon
