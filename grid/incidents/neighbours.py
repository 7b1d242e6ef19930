"""Which incidents stand before and after one in a list, wherever it stands now: found by its place in the order."""

from dataclasses import dataclass

from django.db.models import Q

from .filters import IncidentFilter, Scope
from .models import Incident, IncidentQuerySet


@dataclass(frozen=True)
class Neighbours:
    """Keys of the incidents before and after; None at either end of the list."""

    previous: int | None
    next: int | None


def neighbours_of(incident: Incident, chosen: IncidentFilter) -> Neighbours:
    """The neighbours of an incident in a filtered list, also when it has left that list meanwhile; two queries."""
    found = chosen.qs
    if chosen.scope in (Scope.OPEN, Scope.VERIFY):
        return Neighbours(_first(found, "-due_at", "-id", incident), _first(found, "due_at", "id", incident))
    return Neighbours(_first(found, "reported_at", "id", incident), _first(found, "-reported_at", "-id", incident))


def _first(found: IncidentQuerySet, moment: str, key: str, incident: Incident) -> int | None:
    """The first beyond an incident in this order. The plain bound lets an index begin there."""
    name, beyond = moment.lstrip("-"), "lt" if moment.startswith("-") else "gt"
    at = getattr(incident, name)
    after = Q(**{f"{name}__{beyond}": at}) | Q(**{name: at, f"id__{beyond}": incident.pk})
    bounded = found.filter(after, **{f"{name}__{beyond}e": at})
    return bounded.order_by(moment, key).values_list("pk", flat=True).first()
