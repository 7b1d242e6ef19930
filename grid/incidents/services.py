"""What people do with incidents. Each locks the row, checks the move, writes, records, and announces after the commit.

`at` is when it happened (default now), so that histories can be entered later; what is entered a day late tells nobody.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.places.models import Department, Place
from portal.accounts.models import User
from portal.core import audit, outbox, search, workflow
from portal.core.refusals import Refused, refusals
from portal.core.workflow import Move
from portal.files.models import Attachment
from portal.files.services import claim
from portal.workdays.calendar import deadline

from . import workflow as moves
from .models import Category, Incident, IncidentQuerySet, Rating, Severity, Tier
from .rules import is_handler, is_involved, is_reporter
from .selection import departments_for, posts_for

Refuse = Callable[..., None]


@transaction.atomic
def report(
    *,
    actor: User,
    place: Place,
    category: Category,
    severity: str = Severity.GENERAL,
    description: str = "",
    location: str = "",
    photos: Iterable[Attachment] = (),
    source: str = Incident.Source.WALK,
    caller_name: str = "",
    caller_mobile: str = "",
    at: datetime | None = None,
) -> Incident:
    """Put an incident on record; its deadline runs from now, in working days by category and severity.

    Raises Refused when neither words nor a photo say what is wrong, or when a call-back number is missing.
    """
    photos = list(photos)
    with refusals() as refuse:
        if not description and not photos:
            refuse(_("Take a photo or write a few words: others must see what is wrong."), field="description")
        if source == Incident.Source.CALL and not caller_mobile:
            refuse(_("Enter the number at which the caller can be reached."), field="caller_mobile")
    at = at or timezone.now()
    incident = Incident(
        place=place,
        category=category,
        severity=severity,
        description=description,
        location=location,
        source=source,
        level=Tier.of(place.level),
        reporter=actor,
        caller_name=caller_name,
        caller_mobile=caller_mobile,
        reported_at=at,
    )
    _set_deadline(incident)
    _make_findable(incident)
    incident.save()
    claim(photos, incident, actor=actor, kind=Attachment.Kind.BEFORE)
    _record("reported", incident, actor, at=at, note=description, data=_judged(incident))
    return incident


@transaction.atomic
def settle(
    incident: Incident,
    *,
    actor: User,
    outcome: str,
    photos: Iterable[Attachment] = (),
    at: datetime | None = None,
) -> Incident:
    """Settle a small thing on the spot; it waits for another person's confirmation (domain: before/after photo).

    Raises Refused when the category or the severity is none of the small things, or an after-photo is missing.
    """
    photos = list(photos)
    incident = _locked(incident)
    incident.outcome = outcome
    with refusals() as refuse:
        workflow.check(incident, moves.SETTLE, refuse)
        if not incident.category.settle_alone:
            refuse(_("“%(category)s” is no small thing: report it, the committee takes it up.") % _names(incident))
        if incident.severity != Severity.GENERAL:
            refuse(_("Only what is not serious may be settled on the spot."), field="severity")
        if not photos:
            refuse(_("Add a photo taken afterwards: whoever confirms it must see the result."), field="after")
    at = at or timezone.now()
    incident.settled_on_the_spot, incident.handled_by, incident.holder = True, actor, actor
    incident.opened_at, incident.finished_at = at, at
    claim(photos, incident, actor=actor, kind=Attachment.Kind.AFTER)
    return _make(moves.SETTLE, "settled", incident, actor, at=at, note=outcome)


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
    incident = _locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.OPEN_CASE, refuse)
    incident.category, incident.severity = category or incident.category, severity or incident.severity
    incident.level = Tier.COMMUNITY
    incident.opened_at = at or timezone.now()
    _set_deadline(incident)
    _make_findable(incident)
    return _make(moves.OPEN_CASE, "opened", incident, actor, at=at, note=note, data=_judged(incident))


@transaction.atomic
def decline(incident: Incident, *, actor: User, note: str, at: datetime | None = None) -> Incident:
    """Refuse a report with a reason that its reporter reads."""
    incident = _locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.DECLINE, refuse)
        _needs_words(note, refuse)
    return _make(moves.DECLINE, "declined", incident, actor, at=at, note=note)


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
    incident = _locked(incident)
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
    incident.dispatched_at = at or timezone.now()
    data = {"holder": holder and str(holder), "department": department and str(department)}
    return _make(moves.DISPATCH, "dispatched", incident, actor, at=at, note=note, data=data)


@transaction.atomic
def take(incident: Incident, *, actor: User, note: str = "", at: datetime | None = None) -> Incident:
    """Accept what was dispatched; from now on whoever takes it answers for it (首问负责 ends here)."""
    incident = _locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.TAKE, refuse)
    incident.holder = actor
    return _make(moves.TAKE, "taken", incident, actor, at=at, note=note)


@transaction.atomic
def hand_back(incident: Incident, *, actor: User, note: str, at: datetime | None = None) -> Incident:
    """退回: hand back what is not mine, saying why; it waits to be dispatched anew."""
    incident = _locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.RETURN, refuse)
        _needs_words(note, refuse)
    incident.holder = incident.department = None
    incident.level = Tier.COMMUNITY
    return _make(moves.RETURN, "returned", incident, actor, at=at, note=note)


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
    incident = _locked(incident)
    incident.outcome = outcome
    with refusals() as refuse:
        workflow.check(incident, moves.FINISH, refuse)
    incident.handled_by, incident.finished_at, incident.verified_by = actor, at or timezone.now(), None
    claim(list(photos), incident, actor=actor, kind=Attachment.Kind.AFTER)
    return _make(moves.FINISH, "finished", incident, actor, at=at, note=outcome)


@transaction.atomic
def verify(incident: Incident, *, actor: User, note: str = "", at: datetime | None = None) -> Incident:
    """核查: confirm on the spot that the result is there; closing follows.

    Raises Refused when the actor handled it, or reported what they settled themselves, or it is confirmed already.
    """
    incident = _locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.VERIFY, refuse)
        _somebody_else(incident, actor, refuse)
        if incident.verified_by_id:
            refuse(_("%(name)s has confirmed it already.") % {"name": incident.verified_by})
    incident.verified_by = actor
    return _make(moves.VERIFY, "verified", incident, actor, at=at, note=note)


@transaction.atomic
def rework(incident: Incident, *, actor: User, note: str, at: datetime | None = None) -> Incident:
    """返工: send a result back to whoever handled it, saying what is wrong; it is not settled on the spot any more.

    Raises Refused when the actor handled it: whoever finds their own work wanting says so to somebody else.
    """
    incident = _locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.REWORK, refuse)
        _somebody_else(incident, actor, refuse)
        _needs_words(note, refuse)
    incident.rework_count += 1
    incident.settled_on_the_spot = False
    incident.verified_by = incident.finished_at = None
    return _make(moves.REWORK, "sent_back", incident, actor, at=at, note=note)


@transaction.atomic
def close(incident: Incident, *, actor: User, note: str = "", at: datetime | None = None) -> Incident:
    """结案: close a verified incident; its reporter hears of it once this commits.

    Whoever closes an unverified one verifies it by closing. Raises Refused when they handled it, unless somebody else
    has verified it and an after-photo is attached.
    """
    incident = _locked(incident)
    with refusals() as refuse:
        if incident.verified_by_id is None:
            _somebody_else(incident, actor, refuse)
            incident.verified_by = actor
        elif is_handler(actor, incident) and not incident.photos.filter(kind=Attachment.Kind.AFTER).exists():
            refuse(_("You handled it yourself: close it only with a photo taken afterwards."))
        workflow.check(incident, moves.CLOSE, refuse)
    incident.closed_at = at or timezone.now()
    return _make(moves.CLOSE, "closed", incident, actor, at=at, note=note)


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


@transaction.atomic
def rate(
    incident: Incident,
    *,
    actor: User,
    satisfaction: str,
    is_solved: bool,
    was_contacted: bool = True,
    comment: str = "",
    at: datetime | None = None,
) -> Rating:
    """Keep what the reporter says of the result: their own words, or what a caller says when the committee calls back.

    Raises Refused when it is not closed or rated already, or when whoever handled it would rate it.
    """
    incident = _locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.RATE, refuse)
        if Rating.objects.filter(incident=incident).exists():
            refuse(_("It has been rated already."))
        if is_handler(actor, incident):
            refuse(_("Whoever handled an incident does not rate it."))
        if not incident.is_on_behalf and not is_reporter(actor, incident):
            refuse(_("Only whoever reported it rates it."))
    rating = Rating.objects.create(
        incident=incident,
        channel=Rating.Channel.CALL_BACK if incident.is_on_behalf else Rating.Channel.SELF,
        was_contacted=was_contacted,
        is_solved=is_solved,
        satisfaction=satisfaction,
        comment=comment,
        rated_by=actor,
        rated_at=at or timezone.now(),
    )
    _record("rated", incident, actor, at=at, note=comment, data={"satisfaction": satisfaction, "solved": is_solved})
    return rating


@transaction.atomic
def pass_on(
    incidents: IncidentQuerySet,
    *,
    predecessor: User,
    successor: User,
    actor: User | None,
    place: Place | None = None,
    at: datetime | None = None,
) -> int:
    """Let a successor in a post (at `place`) hold the open incidents that their predecessor held; returns how many.

    States, deadlines and who did the work stay as they are. Both are told once, of all of them together.
    """
    held = incidents.open().filter(holder=predecessor).select_for_update(of=("self",)).order_by("pk")
    passed = list(held.only("pk", "state"))
    Incident.objects.filter(pk__in=[incident.pk for incident in passed]).update(holder=successor)
    entry = None
    for incident in passed:
        data = {"state": incident.state, "from": predecessor.pk, "to": successor.pk}
        entry = audit.record("incident.handed_over", incident, actor=actor, at=at, data=data)
    if entry:
        people = {"predecessor": predecessor.pk, "successor": successor.pk, "place": place and place.pk}
        outbox.send("incidents.handed_over", at=at, entry=entry.pk, count=len(passed), **people)
    return len(passed)


@transaction.atomic
def reveal_caller(incident: Incident, *, actor: User) -> str:
    """The caller's name and full number; the look is on record."""
    _record("caller_revealed", incident, actor, announce=False)
    return " ".join(filter(None, [incident.caller_name, incident.caller_mobile]))


def _locked(incident: Incident) -> Incident:
    """The row as it stands, held until the transaction ends; what it is found by is neither read nor written again."""
    rows = Incident.objects.select_for_update(of=("self",)).select_related("category", "place", "verified_by")
    return rows.defer("search").get(pk=incident.pk)


def _make(move: Move, what: str, incident: Incident, actor: User, *, at: datetime | None, **entry: Any) -> Incident:
    incident.state = move.target
    incident.save()
    _record(what, incident, actor, at=at, **entry)
    return incident


def _record(
    what: str,
    incident: Incident,
    actor: User,
    *,
    at: datetime | None = None,
    note: str = "",
    data: dict[str, Any] | None = None,
    announce: bool = True,
) -> None:
    data = {"state": incident.state, **(data or {})}
    entry = audit.record(f"incident.{what}", incident, actor=actor, at=at, note=note, data=data)
    if announce:
        outbox.send("incidents.moved", at=at, incident=incident.pk, what=what, actor=actor.pk, entry=entry.pk)


def _judged(incident: Incident) -> dict[str, str]:
    """What the deadline follows from: opening may change it, and the trail keeps what it was before."""
    return {"category": incident.category.code, "severity": incident.severity}


def _set_deadline(incident: Incident) -> None:
    due = deadline(incident.reported_at, days=incident.category.days(incident.severity))
    incident.due_at, incident.due_is_certain = due.at, due.is_certain


def _make_findable(incident: Incident) -> None:
    words = f"{incident.description} {incident.location} {incident.category.name} {incident.category.name_en}"
    incident.search = search.vector(words)


def _somebody_else(incident: Incident, actor: User, refuse: Refuse) -> None:
    if is_involved(actor, incident):
        refuse(_("You handled this yourself: somebody else has to verify it."))


def _needs_words(note: str, refuse: Refuse) -> None:
    if not note.strip():
        refuse(_("Say why: the others read it."), field="note")


def _names(incident: Incident) -> dict[str, str]:
    return {"category": str(incident.category)}
