"""Putting an incident on record, and settling a small one on the spot."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Category, Incident, Severity, Tier
from grid.places.models import Place
from grid.roster.models import Household
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import refusals
from portal.files.models import Attachment
from portal.files.services import claim

from . import clocks
from .moving import Refuse, judged, locked, make, make_findable, names, record
from .sampling import is_drawn


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
    household: Household | None = None,
    is_emergency: bool = False,
    parent: Incident | None = None,
    at: datetime | None = None,
) -> Incident:
    """Put an incident on record; its deadline runs from now, in working days by category and severity.

    Raises Refused when neither words nor a photo say what is wrong, when a call-back number is missing, when the
    category is not offered at that place, or wants a photo of what is seen on the walk (no emergency waits for one).
    """
    photos = list(photos)
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
        owner=actor,
        household=household,
        is_emergency=is_emergency,
        parent=parent,
        caller_name=caller_name,
        caller_mobile=caller_mobile,
        reported_at=at,
    )
    clocks.start(incident)
    with refusals() as refuse:
        if not description and not photos:
            refuse(_("Take a photo or write a few words: others must see what is wrong."), field="description")
        if source == Incident.Source.CALL and not caller_mobile:
            refuse(_("Enter the number at which the caller can be reached."), field="caller_mobile")
        if household and not Household.objects.within(place).filter(pk=household.pk).exists():
            refuse(_("This flat does not lie in the chosen place."), field="flat")
        _as_the_rule_says(incident, photos, refuse)
    make_findable(incident)
    incident.save()
    claim(photos, incident, actor=actor, kind=Attachment.Kind.BEFORE)
    record("reported", incident, actor, at=at, note=description, data=judged(incident))
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
    incident = locked(incident)
    incident.outcome = outcome
    with refusals() as refuse:
        workflow.check(incident, moves.SETTLE, refuse)
        if not incident.rule.settle_alone:
            refuse(_("“%(category)s” is no small thing: report it, the committee takes it up.") % names(incident))
        if incident.severity != Severity.GENERAL:
            refuse(_("Only what is not serious may be settled on the spot."), field="severity")
        if not photos:
            refuse(_("Add a photo taken afterwards: whoever confirms it must see the result."), field="after")
    at = at or timezone.now()
    incident.settled_on_the_spot, incident.rule_frozen_at = True, at
    incident.is_sampled = is_drawn(incident.pk, incident.rule.sampled_percent)
    incident.handled_by = incident.holder = incident.owner = actor
    incident.opened_at, incident.finished_at = at, at
    claim(photos, incident, actor=actor, kind=Attachment.Kind.AFTER)
    return make(moves.SETTLE, "settled", incident, actor, at=at, note=outcome)


def _as_the_rule_says(incident: Incident, photos: list[Attachment], refuse: Refuse) -> None:
    """Refuse what the rule of the place does not allow; a part is no new report, but made of one."""
    if incident.parent_id:
        return
    if not incident.rule.is_offered:
        refuse(_("This category is not used at that place. Choose another."), field="category")
    is_seen = incident.source == Incident.Source.WALK and not incident.is_emergency
    if is_seen and incident.rule.photo_before and not photos:
        refuse(_("This category needs a photo: others must see what is wrong."), field="photos")
