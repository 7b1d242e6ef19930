"""What every step has in common: lock the row, make the move, write it down, announce it after the commit."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from grid.incidents.models import Incident
from grid.incidents.models.incidents import word_of_community
from grid.incidents.rules import is_involved
from portal.accounts.models import User
from portal.core import audit, outbox, search
from portal.core.models import AuditEntry
from portal.core.workflow import Move

Refuse = Callable[..., None]


def locked(incident: Incident) -> Incident:
    """The row as it stands, held until the transaction ends; what it is found by is neither read nor written again."""
    names = ("category", "rule", "place", "verified_by")
    return Incident.objects.select_for_update(of=("self",)).select_related(*names).defer("search").get(pk=incident.pk)


def make(
    move: Move, what: str, incident: Incident, actor: User | None, *, at: datetime | None, **entry: Any
) -> Incident:
    """Write the incident down in the state that the move leads to, and record it as `incident.<what>`."""
    write(move, what, incident, actor, at=at, **entry)
    return incident


def write(
    move: Move, what: str, incident: Incident, actor: User | None, *, at: datetime | None, **entry: Any
) -> AuditEntry:
    """What `make` does, for those who need the entry."""
    incident.state = move.target or incident.state
    incident.save()
    return record(what, incident, actor, at=at, **entry)


def record(
    what: str,
    incident: Incident,
    actor: User | None,
    *,
    at: datetime | None = None,
    note: str = "",
    data: dict[str, Any] | None = None,
    announce: bool = True,
) -> AuditEntry:
    """Put a step on the trail; unless told not to, whoever it concerns hears of it once this commits (`news`)."""
    data = {"state": incident.state, **(data or {})}
    entry = audit.record(f"incident.{what}", incident, actor=actor, at=at, note=note, data=data)
    if announce:
        who = actor.pk if actor else None
        outbox.send("incidents.moved", at=at, incident=incident.pk, what=what, actor=who, entry=entry.pk)
    return entry


def judged(incident: Incident) -> dict[str, Any]:
    """What the deadline follows from: opening may change it, and the trail keeps what it was before."""
    return {"category": incident.category.code, "severity": incident.severity, "rule": incident.rule_id}


def make_findable(incident: Incident) -> None:
    """Keep in step what a search looks at."""
    words = f"{incident.description} {incident.location} {incident.category.name} {incident.category.name_en}"
    incident.search = search.vector(f"{words} {word_of_community(incident.place.community_id)}")


def somebody_else(incident: Incident, actor: User, refuse: Refuse) -> None:
    """Refuse whoever did the work: another one looks at the result."""
    if is_involved(actor, incident):
        refuse(_("You handled this yourself: somebody else has to verify it."))


def needs_words(note: str, refuse: Refuse, *, field: str = "note") -> None:
    """Refuse a step that others must understand and nobody gives a reason for."""
    if not note.strip():
        refuse(_("Say why: the others read it."), field=field)


def parts_ended(incident: Incident, refuse: Refuse) -> None:
    """Refuse to end what others still have a part in."""
    waiting = [f"{part.number} {part.category}" for part in incident.parts.open().select_related("category")]
    if waiting:
        refuse(_("Its parts are still open: %(parts)s.") % {"parts": "; ".join(waiting)})


def names(incident: Incident) -> dict[str, str]:
    """How a refusal names what an incident is about."""
    return {"category": str(incident.category)}
