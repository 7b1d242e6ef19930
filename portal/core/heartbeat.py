"""Signs of life of worker and clock, kept in the broker, for `manage.py doctor`."""

import time
from datetime import timedelta

from celery import shared_task

from . import schedule
from .health import broker

KEY = "portal:heartbeat"
INTERVAL = timedelta(seconds=20)


@shared_task
def beat() -> None:
    """The clock sent this and a worker ran it: both live."""
    with broker() as redis:
        redis.set(KEY, time.time(), ex=timedelta(days=7))


def age() -> float | None:
    """Seconds since the last sign of life, None when there was none in a week. Raises RedisError."""
    with broker() as redis:
        last = redis.get(KEY)
    return None if last is None else max(0.0, time.time() - float(last))


schedule.every(INTERVAL, "portal.core.heartbeat.beat")
