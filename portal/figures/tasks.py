from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from django.db import OperationalError

from portal.core import schedule
from portal.core.locks import alone_with

from . import progress, rollup, snapshots

LONG = {"acks_late": True, "soft_time_limit": 280, "time_limit": 300}
AGAIN = {"autoretry_for": (OperationalError,), "retry_backoff": True, "max_retries": 5}
SECONDS = 200.0  # then the next turn goes on: a month of a large district may take half a minute more
COUNT_LOCK = 0xF160  # one worker counts, also when a task is handed out twice: another one is left for messages
PAUSE = 75  # seconds; five of them are longer than a worker lets any count live


@shared_task(**LONG, **AGAIN)
def count_dirty_days() -> int:
    """Count the days that were marked, and those nobody has counted yet; nothing when another worker does."""
    with alone_with(COUNT_LOCK, 0) as alone:
        return rollup.keep_up(seconds=SECONDS) if alone else 0


@shared_task(bind=True, **LONG, **AGAIN)
def count_yesterday(self: Any) -> int:
    """Count the day that has ended, look at the stocks it left, and finish the periods that ended with it.

    Nothing else does the last: when another worker counts, this waits for its turn without keeping a worker.
    """
    with alone_with(COUNT_LOCK, 0) as alone:
        if not alone:
            raise self.retry(countdown=PAUSE)
        rows = rollup.keep_up(seconds=SECONDS) + rollup.periods()
        snapshots.thin(progress.last_settled_day())
        return rows


schedule.every(timedelta(minutes=10), "portal.figures.tasks.count_dirty_days")
schedule.every(crontab(hour=0, minute=20), "portal.figures.tasks.count_yesterday")
