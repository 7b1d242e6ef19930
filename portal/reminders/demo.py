"""Messages of the demonstration: what was due by the calendar, so that nobody looks into an empty inbox."""

from django.contrib.auth import get_user_model
from django.db.models import Model

from portal.core import demonstration
from portal.core.demonstration import Demonstration, Part

from . import services
from .models import Reminder
from .registry import collectors


def load(scene: Demonstration) -> Model:
    """Collect once what the worker collects every hour; returns somebody who was told."""
    for kind in collectors:
        services.collect(kind, now=scene.now)
    return get_user_model().objects.order_by("pk")[0]


demonstration.register(Part("reminders", order=90, load=load, finds_others=lambda: Reminder.objects.exists()))
