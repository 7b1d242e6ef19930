"""逐级上报: up from the building group to the grid, the community and the street, which whistles for a department."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Incident, IncidentRequest, Tier
from grid.incidents.rules import is_assignee, looks_after_its_level
from grid.incidents.selection import posts_for
from grid.places.models import Appointment, Role
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import refusals

from . import clocks
from .answering import answer_pending
from .moving import Refuse, locked, make, needs_words

Kind = IncidentRequest.Kind
ENDS_AT = (Tier.STREET, Tier.DEPARTMENT)


@transaction.atomic
def escalate(incident: Incident, *, actor: User, note: str, at: datetime | None = None) -> Incident:
    """Pass an incident up one level, saying why: to the grid's leader, or to the office of the community or the street.

    A grid without a leader is skipped, and so is whoever passes it up. Whoever answered for it does so until somebody
    takes it (首问负责). Raises Refused at the street, and for whoever does not look after the level where it is.
    """
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.ESCALATE, refuse)
        needs_words(note, refuse)
        _passable(incident, actor, refuse)
    now = at or timezone.now()
    answer_pending(incident, Kind.RETURN, Kind.EXTENSION, actor=actor, note=note, at=at)
    incident.opened_at = incident.opened_at or now
    leader = _leader_above(incident, actor)
    if leader is not None:
        return _to_grid(incident, leader, actor, note, now, at)
    incident.at_street = incident.level == Tier.COMMUNITY
    incident.level = Tier.STREET if incident.at_street else Tier.COMMUNITY
    incident.holder = incident.department = None
    data = {"level": incident.level}
    return make(moves.ESCALATE, "escalated", incident, actor, at=at, note=note, data=data)


def _passable(incident: Incident, actor: User, refuse: Refuse) -> None:
    if incident.level in ENDS_AT:
        refuse(_("It has come to the street already: nothing stands above it."))
    elif not (is_assignee(actor, incident) or looks_after_its_level(actor, incident)):
        level = incident.get_level_display()
        refuse(_("It is with the %(level)s now: those who look after that level pass it up.") % {"level": level})


def _leader_above(incident: Incident, actor: User) -> Appointment | None:
    """Whoever leads the grid of what is at a building group, unless they are the one who passes it up."""
    if incident.level != Tier.BUILDING_GROUP:
        return None
    leaders = posts_for(incident).filter(role=Role.GRID_LEADER)
    found = list(leaders)
    return None if any(post.user_id == actor.pk for post in found) else next(iter(found), None)


def _to_grid(
    incident: Incident, leader: Appointment, actor: User, note: str, now: datetime, at: datetime | None
) -> Incident:
    incident.holder, incident.department = leader.user, None
    incident.level = Tier.GRID
    incident.dispatched_at, incident.arrived_at = now, None
    clocks.dispatched(incident, now)
    data = {"holder": str(leader.user), "level": incident.level}
    return make(moves.ESCALATE_TO_GRID, "escalated", incident, actor, at=at, note=note, data=data)
