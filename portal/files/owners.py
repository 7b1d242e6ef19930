"""Who may see a photo is decided by the record it belongs to: apps say here which of their records a user sees."""

from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

Visible = Callable[[Any], QuerySet]
owners: dict[type[Model], Visible] = {}


def register(model: type[Model], *, visible: Visible) -> None:
    """Let records of `model` own attachments, seen by whoever finds the record in `visible(user)`."""
    if model in owners:
        raise ValueError(f"{model._meta.label} is registered twice")
    owners[model] = visible


def seen_by(user: Any) -> Q:
    """Attachments whose owner the user sees, and those the user has staged; nobody sees those of other models."""
    seen = Q(owner_type=None, uploaded_by=user.pk)
    for model, visible in owners.items():
        theirs = Exists(visible(user).order_by().filter(pk=OuterRef("owner_id")))
        seen |= Q(theirs, owner_type=ContentType.objects.get_for_model(model))
    return seen
