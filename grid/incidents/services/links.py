"""Links for people without an account: each lets one person say one thing, once, within 14 days.

The token is shown once, to whoever issues it, and stands nowhere: the table knows a digest, the logs nothing.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Incident, Rating, Verification, VoiceLink
from grid.incidents.rules import is_involved
from grid.roster.models import Household
from portal.accounts.models import User
from portal.core import workflow
from portal.core.logs import scrub
from portal.core.refusals import Refused, refusals

from .moving import locked, make, record
from .verification import check_household, keep_verification
from .voice import Said, check_spoken_for, check_unrated, keep_rating

OPEN_FOR = timedelta(days=14)
BYTES = 24  # 192 bits: nobody guesses one
WITH_NAMES = ("incident__category", "incident__place", "incident__community", "household")
RATE, CONFIRM = VoiceLink.Purpose.RATE, VoiceLink.Purpose.CONFIRM


class LinkGone(Refused):
    """The link has been used, has run out or is needed no more; nothing was written down."""


def digest_of(token: str) -> str:
    """What the table keeps of a token. Being random throughout, it needs neither salt nor stretching."""
    return hashlib.sha256(token.encode()).hexdigest()


def found(token: str) -> VoiceLink | None:
    """The link that opens with this token, used and run-out ones as well."""
    return VoiceLink.objects.select_related(*WITH_NAMES).filter(digest=digest_of(token)).first()


def outcome_shown(link: VoiceLink) -> str:
    """What was done, in the words of whoever did it, without numbers of people; "" when it is not to be shown."""
    return scrub(link.incident.outcome) if link.shows_outcome else ""


def found_again(link: VoiceLink) -> VoiceLink:
    """The link as it stands now."""
    return VoiceLink.objects.select_related(*WITH_NAMES).get(pk=link.pk)


def open_of(incident: Incident) -> QuerySet[VoiceLink]:
    """The links to an incident that still open, the newest first."""
    links = VoiceLink.objects.filter(incident=incident, purpose=purpose_of(incident), used_at=None)
    return links.filter(expires_at__gt=timezone.now()).select_related("household", "issued_by")


def purpose_of(incident: Incident) -> str:
    """What a resident could say of it now: whether the result is there, or what they think of it; "" for nothing."""
    if workflow.is_open(incident, moves.VERIFY):
        return CONFIRM
    return RATE if workflow.is_open(incident, moves.RATE) else ""


@transaction.atomic
def issue(
    incident: Incident,
    *,
    actor: User,
    household: Household | None = None,
    shows_outcome: bool = True,
    at: datetime | None = None,
) -> tuple[VoiceLink, str]:
    """A new link and its token, which is nowhere kept; earlier ones to the same household end.

    To be rated by the caller or the household once it is closed, to be confirmed by a resident of the building before.
    Raises Refused when the actor did the work, when there is nothing to say now, or nobody to say it.
    """
    incident, now = locked(incident), at or timezone.now()
    purpose = purpose_of(incident)
    with refusals() as refuse:
        if is_involved(actor, incident):
            refuse(_("You handled this yourself: somebody else sends the link."))
        if purpose == CONFIRM:
            check_household(incident, household, refuse)
        elif purpose == RATE:
            check_unrated(incident, refuse)
            check_spoken_for(incident, refuse)
        else:
            refuse(_("There is no result yet on which anybody could say something."))
    household = household if purpose == CONFIRM else incident.household
    earlier = VoiceLink.objects.filter(incident=incident, purpose=purpose, household=household, used_at=None)
    earlier.filter(expires_at__gt=now).update(expires_at=now)
    token = secrets.token_urlsafe(BYTES)
    link = VoiceLink.objects.create(
        incident=incident,
        purpose=purpose,
        digest=digest_of(token),
        household=household,
        shows_outcome=shows_outcome,
        issued_by=actor,
        issued_at=now,
        expires_at=now + OPEN_FOR,
    )
    record("link_sent", incident, actor, at=at, announce=False, data={"purpose": purpose})
    return link, token


@transaction.atomic
def rate_by_link(
    link: VoiceLink, *, satisfaction: str, is_solved: bool, was_contacted: bool = True, comment: str = ""
) -> Rating:
    """Keep what a caller says through their link, which is used up by it. Raises LinkGone when it is open no more."""
    incident = _use(link, RATE)
    said = Said(satisfaction, is_solved, was_contacted, comment)
    return keep_rating(incident, said, channel=Rating.Channel.LINK, rated_by=None)


@transaction.atomic
def confirm_by_link(link: VoiceLink, *, is_confirmed: bool, note: str = "") -> Verification:
    """Keep what a resident says of a result through their link, which is used up by it.

    Raises LinkGone when it is open no more, and Refused when the result is not there and no words say what is wrong.
    """
    with refusals() as refuse:
        if not is_confirmed and not note.strip():
            refuse(_("Write what is still missing, so that it can be put right."), field="note")
    incident = _use(link, CONFIRM)
    if is_confirmed:
        incident.resident_confirmed_at = timezone.now()
    via = Verification.Via.LINK
    kept = keep_verification(
        incident, via=via, is_confirmed=is_confirmed, household=link.household, note=note, recorded_by=None
    )
    what = "resident_confirmed" if is_confirmed else "resident_denied"
    make(moves.VERIFY, what, incident, None, at=None, note=note, data={"via": via})
    return kept


def is_of_use(link: VoiceLink) -> bool:
    """Whether the link is open and what it asks has not been answered otherwise in the meantime."""
    incident = link.incident
    if not link.is_open or purpose_of(incident) != link.purpose:
        return False
    return link.purpose == CONFIRM or not Rating.objects.filter(counts_for=incident).exists()


def _use(link: VoiceLink, purpose: str) -> Incident:
    """Use the link up: the incident is locked first, as everywhere, and then the link, so that it opens once."""
    incident = locked(link.incident)
    mine = VoiceLink.objects.select_for_update().get(pk=link.pk)
    mine.incident = incident
    if mine.purpose != purpose or not is_of_use(mine):
        raise LinkGone(_("This link is not open any more."))
    mine.used_at = timezone.now()
    mine.save(update_fields=["used_at"])
    return incident
