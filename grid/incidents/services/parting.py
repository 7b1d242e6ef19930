"""One incident, several parties: each gets a part with clocks of its own, and the whole ends after all its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Category, Incident
from grid.places.models import Department
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import Reason, Refused, refusals

from . import clocks
from .casework import dispatch, open_case
from .moving import locked, make, record
from .reporting import report


@dataclass(frozen=True)
class Piece:
    """What one party is to do."""

    what: str
    category: Category
    holder: User | None = None
    department: Department | None = None


@transaction.atomic
def part(
    incident: Incident, *, actor: User, pieces: Sequence[Piece], note: str = "", at: datetime | None = None
) -> Incident:
    """Part an incident among several parties; whoever parts it coordinates, unless somebody has taken it on already.

    Whoever reported it goes on hearing of the whole only. Raises Refused when a part says nothing to do or goes to
    nobody who can be reached, or when the incident is itself a part.
    """
    incident = locked(incident)
    at = at or timezone.now()
    with refusals() as refuse:
        workflow.check(incident, moves.PART, refuse)
        if not pieces:
            refuse(_("Say what at least one party is to do."))
        if incident.parent_id:
            refuse(_("It is a part itself: parts are not parted again."))
        if incident.requests.pending().exists():
            refuse(_("Something asked for waits for a decision: decide first."))
        for number, piece in enumerate(pieces, 1):
            if not piece.what.strip():
                refuse(_("Part %(number)d: say what is to be done.") % {"number": number})
    _let_coordinate(incident, actor, at)
    made = make(moves.PART, "parted", incident, actor, at=at, note=note, data={"parts": len(pieces)})
    for number, piece in enumerate(pieces, 1):
        _make_part(made, number, piece, actor, at)
    return made


def _let_coordinate(incident: Incident, actor: User, at: datetime) -> None:
    if incident.rule_frozen_at is None:
        clocks.dispatched(incident, at)
    incident.dispatched_at = incident.dispatched_at or at
    if incident.taken_at is None or incident.holder_id is None:
        incident.holder = incident.owner = actor
        incident.department = None
        incident.taken_at = at


def _make_part(whole: Incident, number: int, piece: Piece, actor: User, at: datetime) -> None:
    made = report(
        actor=actor,
        place=whole.place,
        category=piece.category,
        severity=whole.severity,
        description=piece.what,
        location=whole.location,
        household=whole.household,
        is_emergency=whole.is_emergency,
        parent=whole,
        at=at,
    )
    record("part_made", made, actor, at=at, data={"other": whole.number}, announce=False)
    open_case(made, actor=actor, at=at)
    try:
        dispatch(made, actor=actor, holder=piece.holder, department=piece.department, at=at)
    except Refused as refused:
        names = {"number": number}
        raise Refused(*[Reason(_("Part %(number)d: ") % names + str(one)) for one in refused.reasons]) from refused
