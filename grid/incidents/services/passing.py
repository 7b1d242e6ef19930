"""Duties that pass with a post."""

from datetime import datetime

from django.db import transaction

from grid.incidents.models import Incident, IncidentQuerySet
from grid.places.models import Place
from portal.accounts.models import User
from portal.core import audit, outbox


@transaction.atomic
def pass_on(
    incidents: IncidentQuerySet,
    *,
    predecessor: User,
    successor: User,
    actor: User | None,
    place: Place | None = None,
    at: datetime | None = None,
) -> int:
    """Let a successor in a post (at `place`) hold the open incidents that their predecessor held; returns how many.

    States, deadlines and who did the work stay as they are. Both are told once, of all of them together.
    """
    held = incidents.open().filter(holder=predecessor).select_for_update(of=("self",)).order_by("pk")
    passed = list(held.only("pk", "state"))
    theirs = Incident.objects.filter(pk__in=[incident.pk for incident in passed])
    theirs.filter(owner=predecessor).update(owner=successor)
    theirs.update(holder=successor)
    entry = None
    for incident in passed:
        data = {"state": incident.state, "from": predecessor.pk, "to": successor.pk}
        entry = audit.record("incident.handed_over", incident, actor=actor, at=at, data=data)
    if entry:
        people = {"predecessor": predecessor.pk, "successor": successor.pk, "place": place and place.pk}
        outbox.send("incidents.handed_over", at=at, entry=entry.pk, count=len(passed), **people)
    return len(passed)
