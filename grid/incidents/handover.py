"""Open incidents are duties: they pass to whoever follows in the post."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from grid.places.models import Department, Place
from portal.core.handover import Duty, Source, duties

from . import services
from .models import Incident, IncidentQuerySet
from .workflow import State


def of(user: Any, where: Place | Department) -> Iterable[Duty]:
    """What somebody holds there: to be handled, and handled but not yet verified; one query."""
    waits = Q(state=State.AWAITING_VERIFICATION)
    counts = _held(user, where).aggregate(handle=Count("pk", ~waits), verify=Count("pk", waits))
    area = {"place": str(where.pk)} if isinstance(where, Place) else {}
    if counts["handle"]:
        url = reverse("incidents:list", query={**area, "scope": "open"})
        yield Duty(_("Open incidents held"), counts["handle"], url)
    if counts["verify"]:
        url = reverse("incidents:list", query={**area, "scope": "verify"})
        yield Duty(_("Incidents handled and awaiting verification"), counts["verify"], url)


def hand_over(predecessor: Any, successor: Any, where: Place | Department, actor: Any) -> int:
    """Pass them on; returns how many."""
    people = {"predecessor": predecessor, "successor": successor, "actor": actor}
    return services.pass_on(_held(predecessor, where), place=where if isinstance(where, Place) else None, **people)


def held_by(department: Department) -> Iterable[Duty]:
    """What a department has been whistled for and has not finished."""
    number = Incident.objects.open().filter(department=department).count()
    if number:
        yield Duty(_("Open incidents"), number, reverse("incidents:list"))


def _held(user: Any, where: Place | Department) -> IncidentQuerySet:
    held = Incident.objects.open().filter(holder=user)
    if isinstance(where, Department):
        return held.filter(department=where)
    return held.within(where).filter(department=None)


duties.add("incidents", Source(list=of, hand_over=hand_over, held_by=held_by))
