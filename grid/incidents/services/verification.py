"""核查 before 结案: somebody else looks at the result, sends it back, or closes it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Incident, Resolution
from grid.incidents.rules import is_handler
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import Refused, refusals
from portal.files.models import Attachment

from .moving import locked, make, needs_words, somebody_else


@transaction.atomic
def verify(incident: Incident, *, actor: User, note: str = "", at: datetime | None = None) -> Incident:
    """核查: confirm on the spot that the result is there; closing follows.

    Raises Refused when the actor handled it, or reported what they settled themselves, or it is confirmed already.
    """
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.VERIFY, refuse)
        somebody_else(incident, actor, refuse)
        if incident.verified_by_id:
            refuse(_("%(name)s has confirmed it already.") % {"name": incident.verified_by})
    incident.verified_by = actor
    return make(moves.VERIFY, "verified", incident, actor, at=at, note=note)


@transaction.atomic
def rework(incident: Incident, *, actor: User, note: str, at: datetime | None = None) -> Incident:
    """返工: send a result back to whoever handled it, saying what is wrong; it is not settled on the spot any more.

    Raises Refused when the actor handled it: whoever finds their own work wanting says so to somebody else.
    """
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.REWORK, refuse)
        somebody_else(incident, actor, refuse)
        needs_words(note, refuse)
    incident.rework_count += 1
    incident.settled_on_the_spot = False
    incident.verified_by = incident.finished_at = incident.resident_confirmed_at = None
    return make(moves.REWORK, "sent_back", incident, actor, at=at, note=note)


@transaction.atomic
def close(
    incident: Incident,
    *,
    actor: User,
    resolution: str = Resolution.SOLVED,
    note: str = "",
    at: datetime | None = None,
) -> Incident:
    """结案: close a verified incident; its reporter hears of it once this commits.

    Whoever closes an unverified one verifies it by closing. Raises Refused when they handled it, unless somebody else
    has verified it and an after-photo is attached.
    """
    incident = locked(incident)
    with refusals() as refuse:
        if incident.verified_by_id is None and incident.resident_confirmed_at is None:
            somebody_else(incident, actor, refuse)
            incident.verified_by = actor
        elif is_handler(actor, incident) and not incident.photos.filter(kind=Attachment.Kind.AFTER).exists():
            refuse(_("You handled it yourself: close it only with a photo taken afterwards."))
        workflow.check(incident, moves.CLOSE, refuse)
    incident.closed_at, incident.resolution = at or timezone.now(), resolution
    return make(moves.CLOSE, "closed", incident, actor, at=at, note=note, data={"resolution": resolution})


def close_several(incidents: Iterable[Incident], *, actor: User) -> dict[Incident, str]:
    """Close each on its own; says for each why it was refused, "" when it is closed."""
    results = {}
    for incident in incidents:
        try:
            close(incident, actor=actor)
            results[incident] = ""
        except Refused as refused:
            results[incident] = str(refused)
    return results
