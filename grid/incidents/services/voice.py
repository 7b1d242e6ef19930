"""What those say whom it concerned: in their own words, at the door, when rung back; and their number, on record."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import CallBack, Incident, Rating, VoiceLink
from grid.incidents.rules import is_handler, is_reporter
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import refusals

from .moving import Refuse, locked, record


@dataclass(frozen=True)
class Said:
    """What somebody says of a result."""

    satisfaction: str
    is_solved: bool
    was_contacted: bool = True
    comment: str = ""


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
    incident = locked(incident)
    with refusals() as refuse:
        check_unrated(incident, refuse)
        _not_the_handler(incident, actor, refuse)
        if not incident.is_on_behalf and not is_reporter(actor, incident):
            refuse(_("Only whoever reported it rates it."))
    said = Said(satisfaction, is_solved, was_contacted, comment)
    if incident.is_on_behalf:
        CallBack.objects.create(incident=incident, was_reached=True, by=actor, at=at or timezone.now())
        return keep_rating(incident, said, channel=Rating.Channel.CALL_BACK, rated_by=actor, at=at)
    return keep_rating(incident, said, channel=Rating.Channel.SELF, rated_by=actor, at=at)


@transaction.atomic
def rate_at_door(
    incident: Incident,
    *,
    actor: User,
    satisfaction: str,
    is_solved: bool,
    was_contacted: bool = True,
    comment: str = "",
    at: datetime | None = None,
) -> Rating:
    """Write down what a caller, or the household it concerned, says of the result at the door.

    Raises Refused when it is not closed or rated already, when whoever handled it would write it down, and when neither
    a caller nor a household stands behind it: then its reporter rates it.
    """
    incident = locked(incident)
    with refusals() as refuse:
        check_unrated(incident, refuse)
        _not_the_handler(incident, actor, refuse)
        check_spoken_for(incident, refuse)
    said = Said(satisfaction, is_solved, was_contacted, comment)
    return keep_rating(incident, said, channel=Rating.Channel.DOOR, rated_by=actor, at=at)


def keep_rating(
    incident: Incident, said: Said, *, channel: str, rated_by: User | None, at: datetime | None = None
) -> Rating:
    """Write a rating down; it counts until the incident is reopened."""
    rating = Rating.objects.create(
        incident=incident,
        counts_for=incident,
        channel=channel,
        rated_by=rated_by,
        rated_at=at or timezone.now(),
        **asdict(said),
    )
    data = {"satisfaction": said.satisfaction, "solved": said.is_solved, "via": channel}
    record("rated", incident, rated_by, at=at, note=said.comment, data=data)
    return rating


def start_over(incident: Incident) -> None:
    """What a reopening forgets: earlier ratings count no more, open links end, and the result is looked at anew.

    The locked incident is changed and not saved; whoever reopens it does that with the move.
    """
    Rating.objects.filter(counts_for=incident).update(counts_for=None)
    VoiceLink.objects.filter(incident=incident, used_at=None).update(expires_at=timezone.now())
    incident.resolution = ""
    incident.is_sampled = incident.settled_on_the_spot = False
    incident.verified_by = incident.resident_confirmed_at = incident.finished_at = None


@transaction.atomic
def reveal_caller(incident: Incident, *, actor: User) -> str:
    """The caller's name and full number; the look is on record."""
    record("caller_revealed", incident, actor, announce=False)
    return " ".join(filter(None, [incident.caller_name, incident.caller_mobile]))


def check_unrated(incident: Incident, refuse: Refuse) -> None:
    """Refuse what is not closed, and what has been rated since it was closed."""
    workflow.check(incident, moves.RATE, refuse)
    if Rating.objects.filter(counts_for=incident).exists():
        refuse(_("It has been rated already."))


def check_spoken_for(incident: Incident, refuse: Refuse) -> None:
    """Refuse when nobody without an account reported it: whoever has one speaks for themselves."""
    if not is_spoken_for(incident):
        refuse(_("Whoever reported it rates it in the portal."))


def is_spoken_for(incident: Incident) -> bool:
    """Whether a caller, a walk-in or a household stands behind it, who has no account."""
    return incident.is_on_behalf or incident.household_id is not None


def _not_the_handler(incident: Incident, actor: User, refuse: Refuse) -> None:
    if is_handler(actor, incident):
        refuse(_("Whoever handled an incident does not rate it."))
