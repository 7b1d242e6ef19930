"""How a place was redrawn, in words: read from the audit trail, so that nothing is written down twice."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core import audit
from portal.core.refusals import Text

from .models import Place

WORDS: dict[str, Text] = {
    "place.opened": _("Set up"),
    "place.renamed": _("Renamed"),
    "place.duty_phone": _("Duty telephone changed"),
    "place.recoded": _("Numbered anew"),
    "place.moved": _("Moved to another grid"),
    "place.merged": _("Merged into another"),
    "place.enlarged": _("Another was merged into it"),
    "place.split": _("A new one was split off"),
    "place.closed": _("Closed down"),
}


@dataclass(frozen=True)
class Event:
    """One redrawing: what, from what to what, who did it, when and why."""

    title: Text
    old: str
    new: str
    who: str
    at: datetime
    note: str


def chronicle_of(place: Place) -> list[Event]:
    """What was done to the boundaries of a place, the newest first; one query."""
    return [_event(entry) for entry in audit.timeline(place).filter(action__in=WORDS).reverse()]


def _event(entry: Any) -> Event:
    old, new = (_name(entry.data.get(side, "")) for side in ("old", "new"))
    return Event(WORDS[entry.action], old, new, str(entry.actor or ""), entry.happened_at, entry.note)


def _name(fact: Any) -> str:
    return fact.get("name", "") if isinstance(fact, dict) else str(fact)
