"""What an incident's page shows of those who looked at the result and of those whom it concerned."""

from typing import Any

from portal.core.workflow import is_open

from . import workflow
from .models import TRIES, CallBack, Incident, Resolution
from .move_forms import MOVES
from .rules import is_involved
from .services.voice import is_spoken_for

Shown = dict[str, Any]
ASK_REOPEN = "ask-reopen"


def verifications(incident: Incident, user: Any) -> Shown | None:
    """Who looked at the result, how, when, and what they saw; what was drawn says so before anybody has."""
    if not (incident.finished_at or incident.rework_count or incident.reopened_count):
        return None
    looks = list(incident.verifications.select_related("household", "recorded_by"))
    return {"looks": looks} if looks or incident.waits_for_look else None


def voices(incident: Incident, user: Any) -> Shown | None:
    """What was said of the result, how often a caller was rung back, and the way to hand out a link."""
    rating = getattr(incident, "rating", None)
    shown = {
        "rating": rating,
        "is_disputed": bool(rating and not rating.is_solved and incident.resolution == Resolution.SOLVED),
        "earlier": list(incident.ratings.filter(counts_for=None)) if incident.reopened_count else [],
        "tries": _tries(incident, rating),
        "may_link": _may_link(incident, user, rating),
    }
    if not any(shown.values()):
        return None
    return {**shown, "most": TRIES, "may_ask": shown["is_disputed"] and _may_ask(incident, user)}


def _tries(incident: Incident, rating: Any) -> list[CallBack]:
    """The attempts since it was closed that reached nobody."""
    if not incident.is_on_behalf or incident.closed_at is None or rating:
        return []
    return [call for call in incident.call_backs.all() if not call.was_reached and call.at >= incident.closed_at]


def _may_link(incident: Incident, user: Any, rating: Any) -> bool:
    if is_involved(user, incident) or not user.has_perm("incidents.link", incident):
        return False
    if is_open(incident, workflow.VERIFY):
        return incident.resident_confirmed_at is None
    return is_open(incident, workflow.RATE) and rating is None and is_spoken_for(incident)


def _may_ask(incident: Incident, user: Any) -> bool:
    """Whether this user is offered to ask for reopening."""
    asks = next((form for form in MOVES if form.slug == ASK_REOPEN), None)
    return asks is not None and asks.is_offered(incident, user)
