"""Registrations of this app that are found by name, and what the roster announces."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from grid.places.models import Place
from grid.roster.signals import households_moved

from . import handover, marks, redrawing, services

__all__ = ["handover", "marks", "redrawing"]


@receiver(households_moved)
def go_along(sender: Any, households: Collection[int], to: Place, **_facts: Any) -> None:
    """Whoever leads the group to which a household has come tells it what nobody has told it yet."""
    services.go_along(households, to)
