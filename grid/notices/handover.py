"""What was not read or confirmed passes to whoever follows in a post; the doors stay with the building group."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from grid.places.models import Department, Place
from portal.core.handover import Duty, Source, duties

from .models import DoorPassing, Notice, Receipt, ReceiptQuerySet


def of(user: Any, where: Place | Department) -> Iterable[Duty]:
    """Notices that somebody has at this post and has not dealt with, and households they have still to tell."""
    if isinstance(where, Department):
        return
    unread = _waiting(user, where).count()
    if unread:
        yield Duty(_("Notices to read or confirm"), unread, reverse("notices:list"))
    if where.is_building_group:
        standing = Notice.objects.standing().order_by().values("pk")
        doors = DoorPassing.objects.waiting().filter(notice__in=standing).within(where).count()
        if doors:
            hint = _("They stay with the building group: whoever leads it finds them.")
            yield Duty(_("Households to be told"), doors, reverse("notices:list"), passes=False, hint=hint)


def hand_over(predecessor: Any, successor: Any, where: Place | Department, actor: Any) -> int:
    """Let the successor read what the predecessor has not; returns how many notices passed."""
    if isinstance(where, Department):
        return 0
    has = Receipt.objects.filter(user=successor, place=where).order_by().values("notice")
    return _waiting(predecessor, where).exclude(notice__in=has).update(user=successor, read_at=None)


def _waiting(user: Any, where: Place) -> ReceiptQuerySet:
    standing = Notice.objects.standing().order_by().values("pk")
    open_ = Q(read_at=None) | Q(must_acknowledge=True, acknowledged_at=None)
    return Receipt.objects.valid().filter(open_, user=user, place=where, notice__in=standing)


duties.add("notices", Source(list=of, hand_over=hand_over))
