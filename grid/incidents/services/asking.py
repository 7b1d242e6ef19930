"""退回, 延期, 重开: whoever holds or reported an incident asks; the office decides, and the effect comes with it.

One of a kind waits at a time. What is granted happens in the same transaction; what is refused is answered in words.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import RATED_WITHIN, Incident, IncidentRequest
from grid.incidents.rules import is_asker
from grid.incidents.selection import departments_for, posts_for
from grid.places.models import Department
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import Refused, refusals
from portal.files.models import Attachment
from portal.files.services import claim

from . import clocks
from .answering import answer, answer_pending
from .casework import desk_level, dispatch, street_only
from .moving import Refuse, locked, make, needs_words, record
from .voice import start_over

Kind = IncidentRequest.Kind
MOST_DAYS = 30
HALF = Decimal("0.5")
EFFECTS = {Kind.RETURN: moves.RETURN, Kind.EXTENSION: moves.EXTEND, Kind.REOPEN: moves.REOPEN}


@transaction.atomic
def ask_return(
    incident: Incident,
    *,
    actor: User,
    reason: str,
    suggested_holder: User | None = None,
    suggested_department: Department | None = None,
    at: datetime | None = None,
) -> IncidentRequest:
    """退回/派单异议: say that it is not one's own, and perhaps whose it is.

    Raises Refused without a reason, while the same waits, and after it was decided that it stays.
    """
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.ASK_RETURN, refuse)
        needs_words(reason, refuse, field="reason")
        _once(incident, Kind.RETURN, refuse)
        _reachable(incident, actor, suggested_holder, suggested_department, refuse)
        if _was_to_stay(incident, actor):
            refuse(_("It was decided that this stays with you: take it on."))
    suggested = {"suggested_holder": suggested_holder, "suggested_department": suggested_department}
    return _ask(incident, Kind.RETURN, actor, reason, at, **suggested)


@transaction.atomic
def ask_extension(
    incident: Incident, *, actor: User, days: Decimal, reason: str, at: datetime | None = None
) -> IncidentRequest:
    """延期: ask for more working days, saying why. Raises Refused unless they are half or whole days, 30 at most."""
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.ASK_EXTENSION, refuse)
        needs_words(reason, refuse, field="reason")
        _once(incident, Kind.EXTENSION, refuse)
        if not 0 < days <= MOST_DAYS or days % HALF:
            refuse(_("Ask for half or whole working days, %(most)d at most.") % {"most": MOST_DAYS}, field="days")
    return _ask(incident, Kind.EXTENSION, actor, reason, at, days=days)


@transaction.atomic
def ask_reopen(
    incident: Incident,
    *,
    actor: User,
    reason: str,
    photos: Iterable[Attachment] = (),
    at: datetime | None = None,
) -> IncidentRequest:
    """重开: say that it is not solved, within 30 days of the closing.

    Raises Refused later, and for whoever neither reported it, nor saw the same, nor speaks for a caller.
    """
    incident, now = locked(incident), at or timezone.now()
    with refusals() as refuse:
        workflow.check(incident, moves.ASK_REOPEN, refuse)
        needs_words(reason, refuse, field="reason")
        _once(incident, Kind.REOPEN, refuse)
        if incident.closed_at and incident.closed_at < now - RATED_WITHIN:
            refuse(_("It was closed more than 30 days ago: report it anew."))
        if not incident.is_on_behalf and not is_asker(actor, incident):
            refuse(_("Only whoever reported it, or saw the same, asks to reopen it."))
    claim(list(photos), incident, actor=actor, kind=Attachment.Kind.BEFORE)
    return _ask(incident, Kind.REOPEN, actor, reason, at)


@transaction.atomic
def withdraw(request: IncidentRequest, *, actor: User, at: datetime | None = None) -> IncidentRequest:
    """Take back what one asked for. Raises Refused when it has been decided, and for anybody else."""
    incident, request = _locked(request)
    with refusals() as refuse:
        if request.asked_by_id != actor.pk:
            refuse(_("Only whoever asked takes it back."))
    answer(request, actor=actor, granted=False, at=at)
    record("withdrawn", incident, actor, at=at, data={"request": request.pk, "kind": request.kind})
    return request


@transaction.atomic
def decide(
    request: IncidentRequest,
    *,
    actor: User,
    granted: bool,
    reply: str = "",
    holder: User | None = None,
    department: Department | None = None,
    at: datetime | None = None,
) -> IncidentRequest:
    """Grant what is asked, which then happens at once, or refuse it (维持) in words that the asker reads.

    What is granted to be handed back may be dispatched in the same step. Raises Refused when somebody else has decided,
    for whoever asked, and for the community once it is with the street.
    """
    incident, request = _locked(request)
    with refusals() as refuse:
        if request.asked_by_id == actor.pk:
            refuse(_("Somebody else decides what you ask for."))
        street_only(incident, actor, refuse)
        if granted:
            workflow.check(incident, EFFECTS[Kind(request.kind)], refuse)
        else:
            needs_words(reply, refuse, field="reply")
    answer(request, actor=actor, granted=granted, note=reply, at=at)
    if not granted:
        record("kept", incident, actor, at=at, note=reply, data={"request": request.pk, "kind": request.kind})
    elif request.kind == Kind.RETURN:
        _hand_back(incident, request, actor, reply, at)
        if holder or department:
            dispatch(incident, actor=actor, holder=holder, department=department, note=reply, at=at)
    elif request.kind == Kind.EXTENSION:
        assert request.days is not None  # noqa: S101  the database holds it
        clocks.extended(incident, request.days)
        days = {"request": request.pk, "days": str(request.days)}
        make(moves.EXTEND, "extended", incident, actor, at=at, note=reply, data=days)
    else:
        _reopen(incident, request, actor, reply, at)
    return request


def _hand_back(incident: Incident, request: IncidentRequest, actor: User, reply: str, at: datetime | None) -> None:
    answer_pending(incident, Kind.EXTENSION, actor=actor, note=reply, at=at)
    incident.holder = incident.department = None
    incident.owner = actor
    incident.level = desk_level(incident)
    make(moves.RETURN, "returned", incident, actor, at=at, note=reply, data={"request": request.pk})


def _reopen(incident: Incident, request: IncidentRequest, actor: User, reply: str, at: datetime | None) -> None:
    """It stands where an opened case stands, with fresh clocks; who did what before stays on its timeline."""
    start_over(incident)
    incident.reopened_count += 1
    incident.closed_at = incident.dispatched_at = incident.taken_at = incident.arrived_at = incident.act_due_at = None
    incident.holder = incident.department = None
    incident.at_street = False
    incident.level = desk_level(incident)
    incident.owner = actor
    clocks.reopened(incident, at or timezone.now())
    make(moves.REOPEN, "reopened", incident, actor, at=at, note=reply, data={"request": request.pk})


def _ask(
    incident: Incident, kind: str, actor: User, reason: str, at: datetime | None, **asked: object
) -> IncidentRequest:
    now = at or timezone.now()
    request = IncidentRequest.objects.create(
        incident=incident, kind=kind, reason=reason, asked_by=actor, asked_at=now, **asked
    )
    holder, department = request.suggested_holder, request.suggested_department
    data = {"request": request.pk, "holder": holder and str(holder), "department": department and str(department)}
    if request.days is not None:
        data["days"] = str(request.days)
    record(f"asked_{kind}", incident, actor, at=at, note=reason, data=data)
    return request


def _locked(request: IncidentRequest) -> tuple[Incident, IncidentRequest]:
    """The incident and the request as they stand, held to the end. Raises Refused when it is decided."""
    incident = locked(request.incident)
    request = IncidentRequest.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=request.pk)
    if not request.is_pending:
        raise Refused(_("%(name)s has answered this already.") % {"name": request.decided_by})
    return incident, request


def _once(incident: Incident, kind: str, refuse: Refuse) -> None:
    if incident.requests.pending().filter(kind=kind).exists():
        refuse(_("This has been asked for already and waits for a decision."))


def _was_to_stay(incident: Incident, actor: User) -> bool:
    """Somebody else has refused the same to the same person since it was dispatched to them."""
    if incident.dispatched_at is None:
        return False
    refused = incident.requests.filter(kind=Kind.RETURN, asked_by=actor, is_granted=False)
    return refused.filter(decided_at__gte=incident.dispatched_at).exclude(decided_by=F("asked_by")).exists()


def _reachable(
    incident: Incident, actor: User, holder: User | None, department: Department | None, refuse: Refuse
) -> None:
    if holder and department:
        refuse(_("Suggest one person or one department."), field="suggested_holder")
    if holder and (holder.pk == actor.pk or not posts_for(incident).filter(user=holder).exists()):
        refuse(_("%(name)s holds no post over this place.") % {"name": holder}, field="suggested_holder")
    if department and not departments_for(incident).filter(pk=department.pk).exists():
        refuse(_("This department belongs to another street."), field="suggested_department")
