"""How an import's state and the cells of its file are shown, wherever they are."""

import re
from typing import Any

from django import template

from grid.roster.importing.template import BY_FIELD
from grid.roster.models import RosterImport

register = template.Library()
State = RosterImport.State
TONES = {
    State.CHECKED: "amber",
    State.APPLIED: "green",
    State.REFUSED: "red",
    State.DISCARDED: "grey",
}
LONG_NUMBER = re.compile(r"\d(?:[\s-]?\d){9,}[\s-]?[\dXx]")  # eleven digits and more, however they are grouped


@register.inclusion_tag("components/status_tag.html")
def import_state(*, roster_import: RosterImport) -> dict[str, Any]:
    """The state of an import in a word on a tint; what waits for somebody is amber."""
    tone, text = state_of(roster_import)
    return {"tone": tone, "text": text, "icon": ""}


@register.simple_tag
def state_of(roster_import: RosterImport) -> tuple[str, str]:
    """Tone and word of an import's state."""
    return TONES.get(State(roster_import.state), "blue"), roster_import.get_state_display()


@register.filter
def field_heading(field: str) -> str:
    """What the template calls a column; "" for none."""
    return BY_FIELD[field].heading if field in BY_FIELD else ""


@register.filter
def without_numbers(value: Any) -> str:
    """What stands in a cell, the middle of any ID or phone number in it left out."""
    return LONG_NUMBER.sub(lambda found: f"{found[0][:3]}****{found[0][-4:]}", str(value))
