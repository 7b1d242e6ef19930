"""From a report to a result: take it up or decline it, dispatch it, take it on, call it back, finish."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Category, Incident, IncidentRequest, Tier
from grid.incidents.rules import is_its_desk
from grid.incidents.selection import departments_for, posts_for
from grid.places.models import Department
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import Reason, Refused, refusals
from portal.files.models import Attachment
from portal.files.services import claim

from . import clocks
from .answering import answer_pending, inform
from .moving import Refuse, judged, locked, make, make_findable, needs_words, parts_ended, write

Kind = IncidentRequest.Kind


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
    is_other = category is not None and category.pk != incident.category_id
    with refusals() as refuse:
        workflow.check(incident, moves.OPEN_CASE, refuse)
    incident.category, incident.severity = category or incident.category, severity or incident.severity
    incident.level = Tier.COMMUNITY
    incident.opened_at = at or timezone.now()
    incident.owner = actor
    clocks.start(incident)
    if is_other and not incident.rule.is_offered:
        raise Refused(Reason(_("This category is not used at that place. Choose another."), "category"))
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

    From then on it is handled at the level of that person's post; sent down by the street, it is the community's again.
    An objection to the dispatch before this one is granted with it. Raises Refused unless exactly one of the two is
    named and stands in reach of the incident's place, and for the community while it is with the street.
    """
    incident = locked(incident)
    before = [incident.holder] if incident.holder else []
    post = posts_for(incident).filter(user=holder).first() if holder else None
    with refusals() as refuse:
        workflow.check(incident, moves.DISPATCH, refuse)
        street_only(incident, actor, refuse)
        if bool(holder) == bool(department):
            refuse(_("Choose one person or one department."), field="holder")
        if holder and not post:
            refuse(_("%(name)s holds no post over this place.") % {"name": holder}, field="holder")
        if department and not departments_for(incident).filter(pk=department.pk).exists():
            refuse(_("This department belongs to another street."), field="department")
    incident.holder, incident.department = holder, department
    incident.level = Tier.of(post.place.level) if post and post.place else Tier.DEPARTMENT
    incident.at_street = incident.at_street and department is not None
    incident.dispatched_at, incident.arrived_at = at or timezone.now(), None
    clocks.dispatched(incident, incident.dispatched_at)
    answer_pending(incident, Kind.RETURN, actor=actor, granted=True, note=note, at=at)
    data = {"holder": holder and str(holder), "department": department and str(department)}
    entry = write(moves.DISPATCH, "dispatched", incident, actor, at=at, note=note, data=data)
    inform([user for user in before if user not in (holder, actor)], "taken_off", incident, entry=entry.pk, at=at)
    return incident


@transaction.atomic
def take(incident: Incident, *, actor: User, note: str = "", at: datetime | None = None) -> Incident:
    """Accept what was dispatched; from now on whoever takes it answers for it (首问负责 ends here).

    Whoever objected before takes the objection back with it.
    """
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.TAKE, refuse)
    answer_pending(incident, Kind.RETURN, actor=actor, note=note, at=at)
    incident.holder = incident.owner = actor
    incident.taken_at = incident.taken_at or at or timezone.now()  # again after rework: begun is begun
    return make(moves.TAKE, "taken", incident, actor, at=at, note=note)


@transaction.atomic
def hand_back(incident: Incident, *, actor: User, note: str, at: datetime | None = None) -> Incident:
    """撤回: call back what was dispatched, saying why; it waits to be dispatched anew, and the office answers for it.

    Whoever holds it hears of it, and has an objection granted. Raises Refused for the community once the street has it.
    """
    incident = locked(incident)
    before = [incident.holder] if incident.holder else []
    with refusals() as refuse:
        workflow.check(incident, moves.RETURN, refuse)
        street_only(incident, actor, refuse)
        needs_words(note, refuse)
    answer_pending(incident, Kind.RETURN, actor=actor, granted=True, note=note, at=at)
    answer_pending(incident, Kind.EXTENSION, actor=actor, note=note, at=at)
    incident.holder = incident.department = None
    incident.owner = actor
    incident.level = desk_level(incident)
    entry = write(moves.RETURN, "recalled", incident, actor, at=at, note=note)
    inform([user for user in before if user != actor], "taken_off", incident, entry=entry.pk, at=at)
    return incident


@transaction.atomic
def finish(
    incident: Incident,
    *,
    actor: User,
    outcome: str,
    photos: Iterable[Attachment] = (),
    at: datetime | None = None,
) -> Incident:
    """Say what was done; the result waits for verification by somebody else.

    Raises Refused without a photo taken afterwards where the rule wants one.
    """
    photos = list(photos)
    incident = locked(incident)
    incident.outcome = outcome
    with refusals() as refuse:
        workflow.check(incident, moves.FINISH, refuse)
        parts_ended(incident, refuse)
        if incident.rule.photo_after and not photos:
            refuse(_("Add a photo taken afterwards: this category needs one."), field="after")
    incident.handled_by, incident.finished_at, incident.verified_by = actor, at or timezone.now(), None
    claim(photos, incident, actor=actor, kind=Attachment.Kind.AFTER)
    answer_pending(incident, Kind.RETURN, Kind.EXTENSION, actor=actor, at=at)
    return make(moves.FINISH, "finished", incident, actor, at=at, note=outcome)


def desk_level(incident: Incident) -> Tier:
    """Where it lies undispatched: with the community, or with the street it was passed up to."""
    return Tier.STREET if incident.at_street else Tier.COMMUNITY


def street_only(incident: Incident, actor: User, refuse: Refuse) -> None:
    """Refuse the community what is with the street."""
    if not is_its_desk(actor, incident):
        refuse(_("It is with the street: only the street dispatches and decides now."))
