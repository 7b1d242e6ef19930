from datetime import timedelta

from celery import shared_task
from celery.schedules import crontab
from django.db import OperationalError

from portal.core import schedule

from . import progress, rollup, snapshots

# Longer than the broker's patience: a task handed out a second time finds its months in other hands and leaves them.
LONG = {"acks_late": True, "soft_time_limit": 280, "time_limit": 300}
AGAIN = {"autoretry_for": (OperationalError,), "retry_backoff": True, "max_retries": 5}
SECONDS = 200.0  # then the next turn goes on: a month of a large district may take half a minute more


@shared_task(**LONG, **AGAIN)
def count_dirty_days() -> int:
    """Count the days that were marked, and those nobody has counted yet."""
    return rollup.keep_up(seconds=SECONDS)


@shared_task(**LONG, **AGAIN)
def count_yesterday() -> int:
    """Count the day that has ended, look at the stocks it left, and finish the periods that ended with it."""
    rows = rollup.keep_up(seconds=SECONDS) + rollup.periods()
    snapshots.thin(progress.last_settled_day())
    return rows


schedule.every(timedelta(minutes=10), "portal.figures.tasks.count_dirty_days")
schedule.every(crontab(hour=0, minute=20), "portal.figures.tasks.count_yesterday")
