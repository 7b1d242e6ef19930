from datetime import timedelta

from celery import shared_task
from django.db import OperationalError

from portal.core.schedule import every

from . import services


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def sweep_staged() -> int:
    """Remove photos that were chosen in a form which was never sent."""
    return services.sweep()


every(timedelta(hours=1), "portal.files.tasks.sweep_staged")
