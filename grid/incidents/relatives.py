"""What hangs together with an incident: the whole it is a part of, its parts, its repeats, and what it repeats."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from grid.places.territory import territory_of
from portal.files.models import Attachment

from .beside import RELATIVES, has_beside
from .models import Incident
from .workflow import OPEN


@dataclass
class Relatives:
    """One query's worth of relatives, each list in the order in which they were reported."""

    main: Incident | None = None
    whole: Incident | None = None
    merged: list[Incident] = field(default_factory=list)
    parts: list[Incident] = field(default_factory=list)

    @property
    def open_parts(self) -> int:
        return sum(part.state in OPEN for part in self.parts)

    def __bool__(self) -> bool:
        return bool(self.main or self.whole or self.merged or self.parts)


def relatives_of(incident: Incident) -> Relatives:
    """Everything that is linked to an incident, seen by the reader or not; one query at most for each object."""
    if not has_beside(incident, RELATIVES):
        return Relatives()
    if not hasattr(incident, "_relatives"):
        incident._relatives = _find(incident)  # type: ignore[attr-defined]
    return incident._relatives  # type: ignore[attr-defined]


def sees(user: Any, incident: Incident) -> bool:
    """Whether an incident at hand lies in the user's territory; no query."""
    mine = territory_of(user)
    return mine.covers(incident.place) or incident.department_id in mine.departments


def photos_with_merged(incident: Incident, user: Any) -> QuerySet[Attachment]:
    """The photos of an incident and of the repeats merged into it that this reader sees."""
    owners = [incident.pk, *(one.pk for one in relatives_of(incident).merged if sees(user, one))]
    kind = ContentType.objects.get_for_model(Incident)
    return Attachment.objects.filter(owner_type=kind, owner_id__in=owners).order_by("created_at", "pk")


def related_panel(incident: Incident, user: Any) -> dict[str, Any] | None:
    """The relatives with the links that this reader can follow, and whether they may take repeats apart."""
    found = relatives_of(incident)
    if not found:
        return None
    others = filter(None, [found.main, found.whole, *found.merged, *found.parts])
    return {
        "relatives": found,
        "seen": {one.pk for one in others if sees(user, one)},
        "may_separate": bool(found.merged) and user.has_perm("incidents.merge", incident),
    }


def _find(incident: Incident) -> Relatives:
    named = {incident.parent_id, incident.merged_into_id} - {None}
    linked = Q(merged_into=incident.pk) | Q(parent=incident.pk) | Q(pk__in=named)
    found = Relatives()
    for one in Incident.objects.filter(linked).with_names().order_by("reported_at", "id"):
        if one.pk == incident.merged_into_id:
            found.main = one
        elif one.pk == incident.parent_id:
            found.whole = one
        elif one.merged_into_id == incident.pk:
            found.merged.append(one)
        else:
            found.parts.append(one)
    return found
