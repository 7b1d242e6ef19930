"""挂起 and going on: what cannot go on is suspended, and its clock stands until it is resumed."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Incident
from portal.accounts.models import User
from portal.core import workflow
from portal.core.clock import day_of
from portal.core.refusals import refusals

from . import clocks
from .moving import locked, make, needs_words

LONGEST = 365  # days ahead; what waits longer is closed or voided


@transaction.atomic
def suspend(incident: Incident, *, actor: User, note: str, expected_on: date, at: datetime | None = None) -> Incident:
    """Stop the clock, saying why and on which day it is expected to go on; an opened case is then held by nobody.

    Raises Refused without a reason, or when that day is not to come within a year.
    """
    incident, now = locked(incident), at or timezone.now()
    with refusals() as refuse:
        workflow.check(incident, moves.SUSPEND, refuse)
        needs_words(note, refuse)
        if not 0 < (expected_on - day_of(now)).days <= LONGEST:
            refuse(_("Name a day to come, within a year."), field="expected_on")
    if incident.state == moves.State.OPENED:
        incident.holder = incident.department = None
    incident.suspended_at, incident.expected_on = now, expected_on
    data = {"expected_on": expected_on.isoformat()}
    return make(moves.SUSPEND, "suspended", incident, actor, at=at, note=note, data=data)


@transaction.atomic
def resume(incident: Incident, *, actor: User, note: str = "", at: datetime | None = None) -> Incident:
    """Let the clock run on where it stopped: whoever held it goes on, else it waits to be dispatched.

    Every half day that it stood is given back; a deadline that was missed before stays missed.
    """
    incident, now = locked(incident), at or timezone.now()
    move = moves.RESUME if incident.holder_id or incident.department_id else moves.RESUME_UNHELD
    with refusals() as refuse:
        workflow.check(incident, move, refuse)
        if incident.suspended_at and now < incident.suspended_at:
            refuse(_("It cannot go on before it was suspended."))
    halves = clocks.resumed(incident, now)
    incident.suspended_at = incident.expected_on = None
    data = {"halves": halves, "due": incident.due_at.isoformat()}
    return make(move, "resumed", incident, actor, at=at, note=note, data=data)
