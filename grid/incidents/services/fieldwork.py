"""What whoever holds an incident does on the way to its result: passes it to a colleague, arrives on site."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Incident, IncidentRequest, Tier
from grid.incidents.selection import colleagues_of
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import refusals

from . import clocks
from .answering import answer_pending
from .moving import locked, make, needs_words


@transaction.atomic
def transfer(incident: Incident, *, actor: User, holder: User, note: str, at: datetime | None = None) -> Incident:
    """转派: pass what one took on to a colleague of the department or of the place, who takes it on or objects.

    Whoever had accepted it answers for it until then (首问负责). Raises Refused for anybody who is no such colleague.
    """
    incident = locked(incident)
    colleague = next((post for post in colleagues_of(actor, incident) if post.user_id == holder.pk), None)
    with refusals() as refuse:
        workflow.check(incident, moves.TRANSFER, refuse)
        needs_words(note, refuse)
        if colleague is None:
            names = {"name": holder}
            refuse(_("%(name)s is no colleague of yours for this place.") % names, field="holder")
    assert colleague is not None  # noqa: S101  refused above
    incident.holder = holder
    incident.level = Tier.of(colleague.place.level) if colleague.place else Tier.DEPARTMENT
    incident.dispatched_at, incident.arrived_at = at or timezone.now(), None
    clocks.dispatched(incident, incident.dispatched_at)
    answer_pending(incident, IncidentRequest.Kind.RETURN, actor=actor, note=note, at=at)
    data = {"holder": str(holder)}
    return make(moves.TRANSFER, "transferred", incident, actor, at=at, note=note, data=data)


@transaction.atomic
def arrive(incident: Incident, *, actor: User, note: str = "", at: datetime | None = None) -> Incident:
    """到场: keep when somebody was on site, once for each dispatch."""
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.ARRIVE, refuse)
        if incident.arrived_at is not None:
            refuse(_("The arrival is on record already."))
    incident.arrived_at = at or timezone.now()
    return make(moves.ARRIVE, "arrived", incident, actor, at=at, note=note)
