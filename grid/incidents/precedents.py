"""How the same was solved before: closed incidents of the community that resemble one at hand, the nearest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from portal.core import search
from portal.core.clock import day_of

from .models import Incident, Resolution
from .rules import is_assignee
from .timeline import RESULTS
from .workflow import BEFORE_RESULT, State

RECENT = 500  # of the community's closings, by an index
SCORED = 60
SHOWN = 5
ALIKE = 0.34  # of the shorter text's pairs of characters


@dataclass(frozen=True)
class Precedent:
    """One that was solved before: how near it was, how alike (0 to 1), how many days it took."""

    incident: Incident
    nearness: int
    likeness: float
    days: int

    @property
    def tone(self) -> str:
        return RESULTS.get(Resolution(self.incident.resolution), "grey")


def precedents_of(incident: Incident, user: Any, *, most: int = SHOWN) -> list[Precedent]:
    """What was closed in this community of the same category or in similar words; one query.

    The same building first, then the same grid, then the community; among these the most alike, then the newest.
    """
    mine = set(search.tokens(incident.description))
    recent = Incident.objects.visible_to(user).filter(community=incident.community_id, state=State.CLOSED)
    newest = recent.exclude(pk=incident.pk).order_by("-closed_at").values("pk")[:RECENT]
    alike = search.any_of(incident.description)
    same = Q(category=incident.category_id) | Q(search=alike) if alike else Q(category=incident.category_id)
    found = Incident.objects.filter(same, pk__in=newest).select_related("category", "place", "handled_by", "department")
    scored = [_scored(one, incident, mine) for one in found.defer("search").order_by("-closed_at")[:SCORED]]
    kept = [one for one in scored if one.incident.category_id == incident.category_id or one.likeness >= ALIKE]
    return sorted(kept, key=lambda one: (one.nearness, -one.likeness, -_moment(one.incident).timestamp()))[:most]


def alike_panel(incident: Incident, user: Any) -> dict[str, Any] | None:
    """For whoever is to decide or to act: the way to what is alike, which is looked for when they ask."""
    is_asked = incident.state in BEFORE_RESULT and incident.community_id is not None
    return {} if is_asked and (is_assignee(user, incident) or user.has_perm("incidents.open", incident)) else None


def _scored(one: Incident, incident: Incident, mine: set[str]) -> Precedent:
    theirs = set(search.tokens(one.description))
    shorter = min(len(mine), len(theirs))
    likeness = len(mine & theirs) / shorter if shorter else 0.0
    grids = {incident.place_id, incident.place.parent_id} - {incident.community_id}
    near = 0 if one.place_id == incident.place_id else 1 if {one.place_id, one.place.parent_id} & grids else 2
    days = (day_of(_moment(one)) - day_of(one.reported_at)).days
    return Precedent(one, near, likeness, days)


def _moment(one: Incident) -> datetime:
    return one.closed_at or one.reported_at
