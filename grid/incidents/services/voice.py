"""What those say whom it concerned: the reporter's rating, and what a caller says when rung back."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.incidents import workflow as moves
from grid.incidents.models import Incident, Rating
from grid.incidents.rules import is_handler, is_reporter
from portal.accounts.models import User
from portal.core import workflow
from portal.core.refusals import refusals

from .moving import locked, record


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
    record("rated", incident, actor, at=at, note=comment, data={"satisfaction": satisfaction, "solved": is_solved})
    return rating


@transaction.atomic
def reveal_caller(incident: Incident, *, actor: User) -> str:
    """The caller's name and full number; the look is on record."""
    record("caller_revealed", incident, actor, announce=False)
    return " ".join(filter(None, [incident.caller_name, incident.caller_mobile]))
