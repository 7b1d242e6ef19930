"""What happened to an incident, in words: read from the audit trail, so that nothing is written down twice."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core import audit
from portal.core.clock import day_of
from portal.core.refusals import Text

from .models import Clock, Incident, Resolution, Tier

# What closing led to, apart from being closed.
RESULTS = {
    Resolution.SOLVED: "green",
    Resolution.PARTLY: "amber",
    Resolution.EXPLAINED: "grey",
    Resolution.UNSOLVED: "red",
}
BY_LINK = _("By link")
WORDS: dict[str, tuple[Text, str]] = {
    "reported": (_("Report made"), "grey"),
    "settled": (_("Settled on the spot"), "blue"),
    "opened": (_("Case opened"), "blue"),
    "declined": (_("Declined"), "grey"),
    "dispatched": (_("Dispatched"), "blue"),
    "taken": (_("Taken on"), "blue"),
    "returned": (_("Handed back"), "amber"),
    "recalled": (_("Called back"), "amber"),
    "transferred": (_("Passed to a colleague"), "blue"),
    "arrived": (_("Arrived on site"), "blue"),
    "escalated": (_("Passed up"), "amber"),
    "raised": (_("Emergency raised"), "red"),
    "voided": (_("Voided"), "grey"),
    "asked_return": (_("Says that it is not theirs"), "amber"),
    "asked_extension": (_("Asks for more time"), "amber"),
    "asked_reopen": (_("Asks to reopen it"), "amber"),
    "withdrawn": (_("Request taken back"), "grey"),
    "kept": (_("Request refused"), "grey"),
    "reopened": (_("Reopened"), "amber"),
    "handed_over": (_("Passed to the successor in the post"), "blue"),
    "finished": (_("Finished"), "blue"),
    "verified": (_("Verified"), "green"),
    "not_there": (_("Looked at: not done yet"), "red"),
    "resident_confirmed": (_("Confirmed by a resident"), "green"),
    "resident_denied": (_("A resident says: not done yet"), "red"),
    "sent_back": (_("Sent back for rework"), "amber"),
    "closed": (_("Closed"), "green"),
    "rated": (_("Rated"), "green"),
    "merged": (_("Merged into another report of the same"), "grey"),
    "gathered": (_("A report of the same was merged into this"), "blue"),
    "separated": (_("Taken apart again"), "amber"),
    "released": (_("A merged report was taken apart again"), "grey"),
    "parted": (_("Parted among several"), "blue"),
    "part_made": (_("Made as a part"), "blue"),
    "extended": (_("More time given"), "amber"),
    "suspended": (_("Suspended"), "amber"),
    "resumed": (_("Goes on"), "blue"),
    "deadline_moved": (_("Deadline counted anew: the calendar is known now"), "grey"),
    "escalated_by_rule": (_("Time ran out: told those above"), "red"),
    "joined": (_("Somebody else saw it too"), "grey"),
    "not_reached": (_("Rung back, not reached"), "grey"),
    "link_sent": (_("Link handed out"), "grey"),
    "printed": (_("Slip printed"), "grey"),
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


def timeline_of(incident: Incident, *, but: Collection[str] = ()) -> list[Event]:
    """The life of an incident, oldest first, without the steps named in `but`; one query."""
    return [_event(entry) for entry in audit.timeline(incident) if entry.action.removeprefix("incident.") not in but]


def _event(entry: Any) -> Event:
    title, tone = WORDS[entry.action.removeprefix("incident.")]
    result = entry.data.get("resolution")
    if result:
        title, tone = f"{title} · {Resolution(result).label}", RESULTS[Resolution(result)]
    if entry.data.get("clock") in Clock.values:
        title = f"{title} · {Clock(entry.data['clock']).label}"
    return Event(
        title=title,
        tone=tone,
        who=str(entry.actor or BY_LINK if entry.data.get("via") == "link" else entry.actor or ""),
        at=entry.happened_at,
        recorded=entry.recorded_at if day_of(entry.recorded_at) != day_of(entry.happened_at) else None,
        note=entry.note,
        to=entry.data.get("holder") or entry.data.get("department") or _level(entry.data),
    )


def _level(data: dict[str, Any]) -> str:
    """To which level it was passed up."""
    return str(Tier(data["level"]).label) if data.get("level") in Tier.values else ""
