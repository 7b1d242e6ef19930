"""Telling people: a reminder is written once and shown as unread until it is opened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone, translation

from portal.accounts.models import User
from portal.core.refusals import Text

from .models import Reminder


def remind(
    user: User, *, kind: str, about: Model, stage: str = "", text: Text, words: Mapping[str, Any] | None = None
) -> Reminder:
    """Tell `user` about a record, in their language; the same kind, record and stage tells them once."""
    with translation.override(user.language):
        said = str(text) % (words or {})
    reminder, _created = Reminder.objects.get_or_create(
        user=user,
        kind=kind,
        subject_type=ContentType.objects.get_for_model(about),
        subject_id=about.pk,
        stage=stage,
        defaults={"text": said[:300]},
    )
    return reminder


def read(reminder: Reminder, *, at: datetime | None = None) -> Reminder:
    """Mark as read; the first time counts."""
    Reminder.objects.filter(pk=reminder.pk, read_at=None).update(read_at=at or timezone.now())
    return reminder


def read_all(user: User, *, at: datetime | None = None) -> int:
    """Mark everything in a user's inbox as read; returns how many were not."""
    return Reminder.objects.visible_to(user).unread().update(read_at=at or timezone.now())
