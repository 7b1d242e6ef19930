"""A reminder is unread until it is opened or said to be done."""

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone

from portal.accounts.models import User
from portal.reminders.models import Reminder
from portal.reminders.registry import keys_of


def read(reminder: Reminder, *, at: datetime | None = None) -> Reminder:
    """Mark as read; the first time counts."""
    Reminder.objects.filter(pk=reminder.pk, read_at=None).update(read_at=at or timezone.now())
    return reminder


def read_about(user: User, about: Model, *, at: datetime | None = None) -> int:
    """Mark as read what a user was told about a record that they have looked at; returns how many were not."""
    subject_type = ContentType.objects.get_for_model(about)
    told = Reminder.objects.visible_to(user).unread().filter(subject_type=subject_type, subject_id=about.pk)
    return told.update(read_at=at or timezone.now())


def read_all(user: User, *, group: str = "", at: datetime | None = None) -> int:
    """Mark everything in a user's inbox as read, or what belongs to a group; returns how many were not."""
    found = Reminder.objects.visible_to(user).unread()
    if group:
        found = found.filter(kind__in=keys_of(group))
    return found.update(read_at=at or timezone.now())
