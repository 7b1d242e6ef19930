"""Telling a household at its door, taking a mark back, and going along when the household comes to another group."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.notices.models import DoorPassing, Notice
from grid.places.models import Place
from portal.core import audit
from portal.core.refusals import refusals

from .holding import hold


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


def go_along(households: Collection[int], to: Place) -> int:
    """Let what these households have still to be told wait in the building group in which they stand now.

    What they were told stays where it was told, as records do. Part of the transaction that moves them; returns how
    many doors came along.
    """
    standing = Notice.objects.standing().order_by().values("pk")
    waiting = DoorPassing.objects.waiting().filter(household__in=households, notice__in=standing).exclude(place=to)
    return DoorPassing.objects.filter(pk__in=hold(waiting)).update(place=to, community=to.community_id)
