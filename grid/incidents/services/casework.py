"""From a report to a result: take it up or decline it, dispatch it, take it on, hand it back, finish."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Category, Incident, Tier
from grid.incidents.selection import departments_for, posts_for
from grid.places.models import Department
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import refusals
from portal.files.models import Attachment
from portal.files.services import claim

from . import clocks
from .moving import judged, locked, make, make_findable, needs_words


@transaction.atomic
def open_case(
    incident: Incident,
    *,
    actor: User,
    category: Category | None = None,
    severity: str = "",
    note: str = "",
    at: datetime | None = None,
) -> Incident:
    """Take a report up as a case, putting its category and severity right; the deadline follows them."""
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.OPEN_CASE, refuse)
    incident.category, incident.severity = category or incident.category, severity or incident.severity
    incident.level = Tier.COMMUNITY
    incident.opened_at = at or timezone.now()
    incident.owner = actor
    clocks.start(incident)
    make_findable(incident)
    return make(moves.OPEN_CASE, "opened", incident, actor, at=at, note=note, data=judged(incident))


@transaction.atomic
def decline(incident: Incident, *, actor: User, note: str, at: datetime | None = None) -> Incident:
    """Refuse a report with a reason that its reporter reads."""
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.DECLINE, refuse)
        needs_words(note, refuse)
    return make(moves.DECLINE, "declined", incident, actor, at=at, note=note)


@transaction.atomic
def dispatch(
    incident: Incident,
    *,
    actor: User,
    holder: User | None = None,
    department: Department | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Incident:
    """Hand an opened case to a person who looks after its place, or to a department of the street (吹哨).

    From then on it is handled at the level of that person's post. Raises Refused unless exactly one of the two is named
    and stands in reach of the incident's place.
    """
    incident = locked(incident)
    post = posts_for(incident).filter(user=holder).first() if holder else None
    with refusals() as refuse:
        workflow.check(incident, moves.DISPATCH, refuse)
        if bool(holder) == bool(department):
            refuse(_("Choose one person or one department."), field="holder")
        if holder and not post:
            refuse(_("%(name)s holds no post over this place.") % {"name": holder}, field="holder")
        if department and not departments_for(incident).filter(pk=department.pk).exists():
            refuse(_("This department belongs to another street."), field="department")
    incident.holder, incident.department = holder, department
    incident.level = Tier.of(post.place.level) if post and post.place else Tier.DEPARTMENT
    incident.dispatched_at = at = at or timezone.now()
    clocks.dispatched(incident, at)
    data = {"holder": holder and str(holder), "department": department and str(department)}
    return make(moves.DISPATCH, "dispatched", incident, actor, at=at, note=note, data=data)


@transaction.atomic
def take(incident: Incident, *, actor: User, note: str = "", at: datetime | None = None) -> Incident:
    """Accept what was dispatched; from now on whoever takes it answers for it (首问负责 ends here)."""
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.TAKE, refuse)
    incident.holder = incident.owner = actor
    incident.taken_at = at or timezone.now()
    return make(moves.TAKE, "taken", incident, actor, at=at, note=note)


@transaction.atomic
def hand_back(incident: Incident, *, actor: User, note: str, at: datetime | None = None) -> Incident:
    """退回: hand back what is not mine, saying why; it waits to be dispatched anew."""
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.RETURN, refuse)
        needs_words(note, refuse)
    incident.holder = incident.department = None
    incident.level = Tier.COMMUNITY
    return make(moves.RETURN, "returned", incident, actor, at=at, note=note)


@transaction.atomic
def finish(
    incident: Incident,
    *,
    actor: User,
    outcome: str,
    photos: Iterable[Attachment] = (),
    at: datetime | None = None,
) -> Incident:
    """Say what was done; the result waits for verification by somebody else."""
    incident = locked(incident)
    incident.outcome = outcome
    with refusals() as refuse:
        workflow.check(incident, moves.FINISH, refuse)
    incident.handled_by, incident.finished_at, incident.verified_by = actor, at or timezone.now(), None
    claim(list(photos), incident, actor=actor, kind=Attachment.Kind.AFTER)
    return make(moves.FINISH, "finished", incident, actor, at=at, note=outcome)
