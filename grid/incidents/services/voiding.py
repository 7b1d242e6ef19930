"""作废: what was entered by mistake ends without a result."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Incident, IncidentRequest
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import refusals

from .answering import answer_pending
from .casework import street_only
from .moving import locked, make, needs_words, parts_ended


@transaction.atomic
def void(incident: Incident, *, actor: User, note: str, at: datetime | None = None) -> Incident:
    """Void an incident, saying why; what was asked for is answered with it.

    Raises Refused while parts of it are open or repeats are merged into it, and for the community once the street has
    it.
    """
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.VOID, refuse)
        needs_words(note, refuse)
        street_only(incident, actor, refuse)
        parts_ended(incident, refuse)
        if incident.merged.exists():
            refuse(_("Others were merged into it: take them apart first."))
    incident.suspended_at = None
    answer_pending(incident, *IncidentRequest.Kind.values, actor=actor, note=note, at=at)
    return make(moves.VOID, "voided", incident, actor, at=at, note=note)
