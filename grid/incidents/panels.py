"""The parts of an incident's page with a story of their own: each says what it shows, or that it has nothing to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import clock_panel, joined, notes, precedents, relatives, requests, verdicts
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


PANELS: tuple[Panel, ...] = (
    Panel("incidents/panels/clocks.html", clock_panel.panel, column="aside", order=10),
    Panel("incidents/panels/requests.html", requests.panel, order=5),
    Panel("incidents/panels/related.html", relatives.related_panel, order=10),
    Panel("incidents/panels/verification.html", verdicts.verifications, order=40),
    Panel("incidents/panels/voices.html", verdicts.voices, order=50),
    Panel("incidents/panels/joined.html", joined.others_who_saw_it, column="aside", order=30),
    Panel("incidents/panels/notes.html", notes.panel, order=80),
    Panel("incidents/panels/paper.html", notes.paper_panel, column="aside", order=90),
    Panel("incidents/panels/alike.html", precedents.alike_panel, order=90),
)


def panels_for(incident: Incident, user: Any, column: str) -> list[Shown]:
    """The parts of one column that have something to show to this user, in their order."""
    found = []
    for panel in sorted(PANELS, key=lambda one: one.order):
        shown = panel.build(incident, user) if panel.column == column else None
        if shown is not None:
            found.append({"template": panel.template, **shown})
    return found
