from datetime import timedelta

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from . import audit, outbox, schedule
from .models import IdempotencyKey, OutboxMessage

KEPT = timedelta(days=30)


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def drain_outbox() -> int:
    """Deliver what waits in the outbox."""
    return outbox.drain()


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def seal_audit() -> int:
    """Chain the audit entries written since the last run."""
    return audit.seal()


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def seal_stragglers() -> int:
    """Chain what nobody expected to be written so late."""
    return audit.seal(thoroughly=True)


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def forget_old_keys() -> int:
    """Drop form keys and delivered messages nobody can need any more."""
    before = timezone.now() - KEPT
    keys, _ = IdempotencyKey.objects.filter(created_at__lt=before).delete()
    messages, _ = OutboxMessage.objects.filter(delivered_at__lt=before).delete()
    return keys + messages


schedule.every(timedelta(days=1), "portal.core.tasks.seal_stragglers")
