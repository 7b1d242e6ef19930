"""What happened to an incident, in words: read from the audit trail, so that nothing is written down twice."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core import audit
from portal.core.clock import day_of
from portal.core.refusals import Text

from .models import Incident

WORDS: dict[str, tuple[Text, str]] = {
    "reported": (_("Report made"), "grey"),
    "settled": (_("Settled on the spot"), "blue"),
    "opened": (_("Case opened"), "blue"),
    "declined": (_("Declined"), "grey"),
    "dispatched": (_("Dispatched"), "blue"),
    "taken": (_("Taken on"), "blue"),
    "returned": (_("Handed back"), "amber"),
    "handed_over": (_("Passed to the successor in the post"), "blue"),
    "finished": (_("Finished"), "blue"),
    "verified": (_("Verified"), "green"),
    "sent_back": (_("Sent back for rework"), "amber"),
    "closed": (_("Closed"), "green"),
    "rated": (_("Rated"), "green"),
    "caller_revealed": (_("Caller's number looked at"), "grey"),
}


@dataclass(frozen=True)
class Event:
    """One line of the timeline: what, who, when it happened, when it was written down if another day, and why."""

    title: Text
    tone: str
    who: str
    at: datetime
    recorded: datetime | None
    note: str
    to: str


def timeline_of(incident: Incident) -> list[Event]:
    """The life of an incident, oldest first; one query."""
    return [_event(entry) for entry in audit.timeline(incident)]


def _event(entry: Any) -> Event:
    title, tone = WORDS[entry.action.removeprefix("incident.")]
    return Event(
        title=title,
        tone=tone,
        who=str(entry.actor or ""),
        at=entry.happened_at,
        recorded=entry.recorded_at if day_of(entry.recorded_at) != day_of(entry.happened_at) else None,
        note=entry.note,
        to=entry.data.get("holder") or entry.data.get("department") or "",
    )
