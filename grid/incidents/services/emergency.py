"""应急: what cannot wait is reported and opened in one go, and everybody up the chain is told at once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from grid.incidents import workflow as moves
from grid.incidents.models import Category, Incident, Severity, Tier
from grid.places.models import Place
from portal.accounts.models import User
from portal.files.models import Attachment

from . import clocks
from .moving import make
from .reporting import report


@transaction.atomic
def raise_emergency(
    *,
    actor: User,
    place: Place,
    category: Category,
    description: str = "",
    location: str = "",
    photos: Iterable[Attachment] = (),
    at: datetime | None = None,
    **more: Any,
) -> Incident:
    """Put an emergency on record as an opened case; whoever raises it answers for it until somebody takes it.

    No words and no photo are asked for: the category says enough. `more` is what else `report` keeps: the caller,
    the household. Raises Refused as `report` does.
    """
    at = at or timezone.now()
    incident = report(
        actor=actor,
        place=place,
        category=category,
        severity=Severity.URGENT,
        description=description or category.name,
        location=location,
        photos=photos,
        is_emergency=True,
        at=at,
        **more,
    )
    clocks.raised(incident, at)
    incident.level = Tier.COMMUNITY
    incident.opened_at = at
    return make(moves.OPEN_CASE, "raised", incident, actor, at=at)
