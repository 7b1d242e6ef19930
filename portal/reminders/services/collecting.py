"""What is due by the calendar, and announced by no step that somebody takes."""

from datetime import datetime

import structlog
from django.utils import timezone

from portal.reminders.registry import collectors

from .telling import remind_many

log = structlog.get_logger(__name__)


def collect(kind: str, *, now: datetime | None = None) -> int:
    """Write what is due of a kind and has not been told; returns how many. Safe to run twice, or two at once."""
    now = now or timezone.now()
    written = remind_many(collectors[kind](now), kind=kind, at=now)
    if written:
        log.info("reminders.collected", kind=kind, written=written)
    return written
