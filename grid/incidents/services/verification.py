"""核查 before 结案: somebody else looks at the result, or a resident says what they see; it is sent back, or closed."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.incidents import workflow as moves
from grid.incidents.models import Incident, Resolution, Verification
from grid.incidents.rules import is_handler
from grid.roster.models import Household, Resident
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import Refused, refusals
from portal.files.models import Attachment
from portal.files.services import claim

from .moving import Refuse, locked, make, needs_words, parts_ended, somebody_else

DRAWN = gettext_lazy("Drawn to be looked at: somebody else looks on site, or a resident confirms it, before it closes.")


@transaction.atomic
def verify(
    incident: Incident,
    *,
    actor: User,
    is_confirmed: bool = True,
    note: str = "",
    photos: Iterable[Attachment] = (),
    at: datetime | None = None,
) -> Incident:
    """核查: look on site whether the result is there; closing follows, or rework when it is not.

    Raises Refused when the actor handled it, or reported what they settled themselves, or it is confirmed already; and
    when the result is not there and no words say what is wrong.
    """
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.VERIFY, refuse)
        somebody_else(incident, actor, refuse)
        if incident.verified_by_id:
            refuse(_("%(name)s has confirmed it already.") % {"name": incident.verified_by})
        if not is_confirmed:
            needs_words(note, refuse)
    claim(list(photos), incident, actor=actor, kind=Attachment.Kind.PHOTO)
    incident.verified_by = actor if is_confirmed else None
    keep_verification(incident, is_confirmed=is_confirmed, note=note, recorded_by=actor, at=at)
    return make(moves.VERIFY, "verified" if is_confirmed else "not_there", incident, actor, at=at, note=note)


@transaction.atomic
def confirm_at_door(
    incident: Incident,
    *,
    actor: User,
    is_confirmed: bool,
    household: Household | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Incident:
    """Write down what a resident of the building says at the door: the result is there, or it is not.

    Raises Refused when the actor handled it, when no household of the building is named although the roster knows some,
    or when the household is the handler's own.
    """
    incident = locked(incident)
    with refusals() as refuse:
        workflow.check(incident, moves.VERIFY, refuse)
        somebody_else(incident, actor, refuse)
        check_household(incident, household, refuse)
        if not is_confirmed:
            needs_words(note, refuse)
    if is_confirmed:
        incident.resident_confirmed_at = at or timezone.now()
    via = Verification.Via.DOOR
    keep_verification(
        incident, via=via, is_confirmed=is_confirmed, household=household, note=note, recorded_by=actor, at=at
    )
    what = "resident_confirmed" if is_confirmed else "resident_denied"
    return make(moves.VERIFY, what, incident, actor, at=at, note=note, data={"via": via})


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
    """结案: close a verified incident and say what came of it; its reporter hears of it once this commits.

    Whoever closes an unverified one verifies it by closing. Raises Refused when they handled it, unless somebody else
    has verified it and an after-photo is attached; when it was drawn to be looked at and nobody has; when it is to be
    closed as solved and whoever looked last did not find the result; and when it is closed otherwise than solved
    without words for the reporter.
    """
    incident = locked(incident)
    with refusals() as refuse:
        if incident.waits_for_look:
            refuse(
                _("Drawn to be looked at: somebody else looks on site, or a resident confirms it, before it closes.")
            )
        if not incident.is_confirmed:
            somebody_else(incident, actor, refuse)
            incident.verified_by = actor
        elif is_handler(actor, incident) and not incident.photos.filter(kind=Attachment.Kind.AFTER).exists():
            refuse(_("You handled it yourself: close it only with a photo taken afterwards."))
        if resolution != Resolution.SOLVED and not note.strip():
            refuse(_("It is not solved: say how it stands, the reporter reads it."), field="note")
        _not_denied(incident, resolution, refuse)
        parts_ended(incident, refuse)
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


def keep_verification(
    incident: Incident,
    *,
    is_confirmed: bool,
    recorded_by: User | None,
    via: str = Verification.Via.SITE,
    household: Household | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Verification:
    """Write down who looked, how, and what they saw."""
    return Verification.objects.create(
        incident=incident,
        via=via,
        is_confirmed=is_confirmed,
        household=household,
        note=note,
        recorded_by=recorded_by,
        at=at or timezone.now(),
    )


def households_at(incident: Incident) -> QuerySet[Household]:
    """The flats whose residents may be asked: those of its building group, without the handler's own home.

    None for what happened in a wider area. Whoever did the work is known by their mobile number.
    """
    if not incident.place.is_building_group:
        return Household.objects.none()
    here = Household.objects.filter(place=incident.place, community=incident.community_id).in_order()
    index = incident.handled_by.mobile_index if incident.handled_by else None
    if not index:
        return here
    return here.exclude(pk__in=Resident.objects.present().filter(mobile_index=index).values("household"))


def check_household(incident: Incident, household: Household | None, refuse: Refuse) -> None:
    """Refuse a household that is none of the building, or the handler's own; and none where the roster knows some."""
    askable = households_at(incident)
    if household is None and askable.exists():
        refuse(_("Choose the household whose resident speaks."), field="household")
    elif household and household.place_id != incident.place_id:
        refuse(_("This household does not belong to the building."), field="household")
    elif household and not askable.filter(pk=household.pk).exists():
        refuse(_("Whoever handled it lives there: ask somebody else."), field="household")


def _not_denied(incident: Incident, resolution: str, refuse: Refuse) -> None:
    """Whoever looked last and did not find the result is heard before it is closed as solved."""
    looks = Verification.objects.filter(incident=incident)
    if incident.finished_at:
        looks = looks.filter(at__gte=incident.finished_at)
    last = looks.last()
    if resolution == Resolution.SOLVED and last and not last.is_confirmed:
        refuse(_("Whoever looked at it did not find the result: send it back, or have it looked at again."))
