"""Requests are answered: by a decision, by whoever takes one back, or by what happens in the meantime."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from grid.incidents.models import Incident, IncidentRequest
from portal.accounts.models import User
from portal.core import outbox


def answer(request: IncidentRequest, *, actor: User, granted: bool, note: str = "", at: datetime | None = None) -> None:
    """Write an answer down; whoever asked hears of it once this commits. The incident's row is locked by the caller."""
    request.decided_by, request.decided_at = actor, at or timezone.now()
    request.is_granted = granted and actor.pk != request.asked_by_id  # what one does oneself, nobody has granted
    request.answer = note[:500]
    request.save(update_fields=["decided_by", "decided_at", "is_granted", "answer"])
    outbox.send("incidents.decided", at=at, request=request.pk)


def answer_pending(
    incident: Incident,
    *kinds: str,
    actor: User,
    granted: bool = False,
    note: str = "",
    at: datetime | None = None,
) -> None:
    """Answer what waits, by its kinds: granted when it has just been done, refused when it can no longer be."""
    for request in list(incident.requests.pending().filter(kind__in=kinds)):
        answer(request, actor=actor, granted=granted, note=note, at=at)


def inform(users: Iterable[User], what: str, incident: Incident, *, entry: int, at: datetime | None = None) -> None:
    """Tell people of a step by its name in `news.INFORMED`, whom the incident itself names no more."""
    who = sorted({user.pk for user in users})
    if who:
        outbox.send("incidents.informed", at=at, incident=incident.pk, what=what, users=who, entry=entry)
