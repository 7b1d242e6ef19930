from datetime import timedelta

from celery import shared_task
from django.db import OperationalError

from portal.core import schedule

from . import throttle


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def forget_old_failures() -> int:
    """Failed attempts to sign in, with their addresses, are kept no longer than a limit needs them."""
    return throttle.forget_old()


schedule.every(timedelta(hours=1), "portal.accounts.tasks.forget_old_failures")
