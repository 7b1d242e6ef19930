from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from portal.core import audit, outbox, tasks
from portal.core.models import AuditSeal, IdempotencyKey, OutboxMessage
from tests.cast import make_user

pytestmark = pytest.mark.django_db


def test_the_clock_drains_the_outbox(monkeypatch):
    monkeypatch.setitem(outbox.handlers, "tests.number", lambda: None)
    outbox.send("tests.number")

    assert (tasks.drain_outbox(), tasks.drain_outbox()) == (1, 0)


def test_the_clock_seals_the_audit_trail():
    wang = make_user("wang", "王芳")
    audit.record("account.seen", wang, actor=wang)

    assert (tasks.seal_audit(), tasks.seal_audit()) == (1, 0)
    assert AuditSeal.objects.count() == 1


def test_keys_that_nobody_can_send_again_are_forgotten():
    now = timezone.now()
    old, young = (
        IdempotencyKey.objects.create(key=uuid4(), created_at=now - age)
        for age in (tasks.KEPT + timedelta(minutes=1), tasks.KEPT - timedelta(minutes=1))
    )

    assert (tasks.forget_old_keys(), tasks.forget_old_keys()) == (1, 0)
    assert list(IdempotencyKey.objects.all()) == [young]
    assert old != young


def test_delivered_messages_are_forgotten_and_undelivered_ones_never():
    long_ago = timezone.now() - tasks.KEPT - timedelta(days=1)
    OutboxMessage.objects.create(topic="tests.delivered", created_at=long_ago, delivered_at=long_ago)
    kept = [
        OutboxMessage.objects.create(topic="tests.waiting", created_at=long_ago, available_at=long_ago),
        OutboxMessage.objects.create(topic="tests.new", delivered_at=timezone.now()),
    ]

    tasks.forget_old_keys()

    assert list(OutboxMessage.objects.order_by("pk")) == kept
