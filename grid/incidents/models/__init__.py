"""Incidents with all that belongs to them: what can happen, what happened, what is asked, and what people say of it."""

from .asking import IncidentRequest
from .catalogue import (
    Category,
    CategoryGroup,
    CategoryRule,
    Severity,
    holding,
    street_of,
    streets_edited_by,
    streets_seen_by,
)
from .companions import Clock, CoReport, Escalation, InternalNote
from .desk import AnswerTemplate, SavedView
from .incidents import NOT_SOLVED, RATED_WITHIN, TO_RING_BACK, TRIES, Incident, IncidentQuerySet, Resolution, Tier
from .voice import CallBack, Rating, Verification, VoiceLink

__all__ = [
    "NOT_SOLVED",
    "RATED_WITHIN",
    "TO_RING_BACK",
    "TRIES",
    "AnswerTemplate",
    "CallBack",
    "Category",
    "CategoryGroup",
    "CategoryRule",
    "Clock",
    "CoReport",
    "Escalation",
    "Incident",
    "IncidentQuerySet",
    "IncidentRequest",
    "InternalNote",
    "Rating",
    "Resolution",
    "SavedView",
    "Severity",
    "Tier",
    "Verification",
    "VoiceLink",
    "holding",
    "street_of",
    "streets_edited_by",
    "streets_seen_by",
]
