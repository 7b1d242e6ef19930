"""Telling a household at its door, and taking a mark back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.notices.models import DoorPassing
from portal.core import audit
from portal.core.refusals import refusals


@transaction.atomic
def mark(door: DoorPassing, outcome: str, *, actor: Any, at: datetime | None = None) -> DoorPassing:
    """Tick a household off as told or not met, or take the tick back (`WAITING`); the same again changes nothing.

    The row itself says who knocked and when; what is taken back or put right besides stands in the trail.
    Raises Refused when the notice has been withdrawn.
    """
    door = DoorPassing.objects.select_for_update(of=("self",)).select_related("notice", "household").get(pk=door.pk)
    with refusals() as refuse:
        if door.is_withdrawn:
            refuse(_("This notice has been withdrawn: do not pass it on any more."))
        if outcome not in DoorPassing.Outcome.values:
            refuse(_("Say whether the household was told or nobody was home."))
    if door.outcome == outcome:
        return door
    before = door.outcome
    waits = outcome == DoorPassing.Outcome.WAITING
    door.outcome, door.by, door.at = outcome, None if waits else actor, None if waits else at or timezone.now()
    door.save(update_fields=["outcome", "by", "at"])
    if before:
        told = {"door": door.pk, "household": door.household_id, "before": before, "now": outcome}
        audit.record("notice.door_corrected", door.notice, actor=actor, at=at, data=told)
    return door
