"""The parts of an incident's page that have a story of their own: each says what it shows, or that it has nothing to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .models import Incident

Shown = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """A part of the page: `build` returns what its template reads as `panel`, or None when there is nothing to show.

    `column` is "main" or "aside"; a lower `order` stands higher.
    """

    template: str
    build: Callable[[Incident, Any], Shown | None]
    column: str = "main"
    order: int = 100


PANELS: tuple[Panel, ...] = ()


def panels_for(incident: Incident, user: Any, column: str) -> list[Shown]:
    """The parts of one column that have something to show to this user, in their order."""
    found = []
    for panel in sorted(PANELS, key=lambda one: one.order):
        shown = panel.build(incident, user) if panel.column == column else None
        if shown is not None:
            found.append({"template": panel.template, **shown})
    return found
