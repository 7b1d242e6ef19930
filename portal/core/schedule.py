"""What the clock starts, and how often. Apps add their own in their `tasks.py`; the settings hand the table to beat."""

from datetime import timedelta
from typing import Any

from celery.schedules import BaseSchedule

entries: dict[str, dict[str, Any]] = {}


def every(interval: timedelta | BaseSchedule, task: str, **arguments: Any) -> None:
    """Start a task again and again; what could not start before its next turn is dropped, not queued behind it."""
    name = " ".join([task, *map(str, arguments.values())])
    if name in entries:
        raise ValueError(f"{name} is scheduled twice")
    expires = interval.total_seconds() if isinstance(interval, timedelta) else 3600
    entries[name] = {"task": task, "schedule": interval, "kwargs": arguments, "options": {"expires": max(expires, 10)}}


every(timedelta(seconds=10), "portal.core.tasks.drain_outbox")
every(timedelta(minutes=1), "portal.core.tasks.seal_audit")
every(timedelta(days=1), "portal.core.tasks.forget_old_keys")
