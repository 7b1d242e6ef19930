"""Deadlines that rest on a calendar nobody had published are counted again once it is known better."""

from django.db import transaction
from django.utils import timezone

from grid.incidents.models import Incident

from . import clocks
from .moving import record

BATCH = 200
FIELDS = ("accept_due_at", "act_due_at", "due_at", "due_is_certain")


@transaction.atomic
def recount_uncertain(*, after: int = 0, batch: int = BATCH) -> int | None:
    """Count uncertain deadlines of open incidents again, never earlier than promised; next `after`, None at the end.

    Running it again changes nothing more, unless the calendar has changed again.
    """
    uncertain = Incident.objects.open().filter(due_is_certain=False, pk__gt=after).order_by("pk")
    found = list(uncertain.select_related("rule").defer("search").select_for_update(of=("self",))[:batch])
    for incident in found:
        before, certain = incident.due_at, incident.due_is_certain
        moved = clocks.recounted(incident)
        if moved or certain != incident.due_is_certain:
            incident.save(update_fields=FIELDS)
        if moved:
            data = {"from": before.isoformat(), "due": incident.due_at.isoformat()}
            record("deadline_moved", incident, None, at=timezone.now(), data=data, announce=False)
    return found[-1].pk if len(found) == batch else None
