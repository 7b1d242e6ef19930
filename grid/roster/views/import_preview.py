"""What the pages of an import show: where it stands, and what applying it would change, a tab at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from grid.roster.importing.findings import Findings
from grid.roster.importing.problems import ERROR, KINDS
from grid.roster.models import RosterImport
from grid.roster.services import imports as services
from portal.core.pagination import Page, page_of
from portal.core.tiles import Stat

State = RosterImport.State
ROWS = 50
END = re.compile(r"[.。;；]")
STEPS = ("upload", "columns", "preview", "done")
STANDS_AT = {State.CHECKED: "preview", State.APPLYING: "done", State.APPLIED: ""}


def steps_of(roster_import: RosterImport, *, at: str = "") -> list[dict[str, Any]]:
    """The steps bar: upload, columns, preview, done; none for a file that was refused or given up."""
    if roster_import.state in (State.REFUSED, State.DISCARDED):
        return []
    current = at or STANDS_AT.get(State(roster_import.state), "columns")
    labels = (_("Upload"), _("Match the columns"), _("Check the changes"), _("Done"))
    passed = STEPS.index(current) if current else len(STEPS)
    marks = ("done" if number < passed else "current" if number == passed else "todo" for number in range(len(STEPS)))
    return [{"label": label, "state": mark} for label, mark in zip(labels, marks, strict=True)]


@dataclass(frozen=True)
class Progress:
    """How far the worker is with a file."""

    words: Any
    done: int
    total: int

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0


def progress_of(roster_import: RosterImport) -> Progress:
    """What the worker does at the moment, in words, and how many rows of how many it has done."""
    words = services.STAGES.get(roster_import.stage) or _("Waiting for its turn")
    return Progress(words, min(roster_import.done, roster_import.total), roster_import.total)


@dataclass(frozen=True)
class Tab:
    """A list of what would change: how many there are in all, and those that are kept to be shown."""

    key: str
    label: str
    count: int
    rows: Sequence[Any]
    is_people: bool = True
    has_changes: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of problem, how often it occurs, and whether it holds the import up."""

    code: str
    count: int

    @property
    def is_error(self) -> bool:
        return KINDS[self.code].severity == ERROR

    @property
    def title(self) -> str:
        """The first sentence of what is said of it; the row it names differs from cell to cell."""
        return END.split(str(KINDS[self.code].message).replace("%(other)d", "…"))[0]


class Preview:
    """What would change, parted into tabs; the address names the tab, the page and the kind of problem."""

    def __init__(self, request: HttpRequest, findings: Findings) -> None:
        self.request, self.findings = request, findings

    @cached_property
    def tabs(self) -> list[Tab]:
        found, people, flats = self.findings, self.findings.residents, self.findings.households
        return [
            Tab("problems", _("Problems"), found.errors + found.warnings, found.problems),
            Tab("added", _("Added"), people.added, found.added),
            Tab("changed", _("People changed"), people.changed, found.changed, has_changes=True),
            Tab("moved", _("Moved"), people.moved, found.moved, has_changes=True),
            Tab("absent", _("Absent"), people.absent, found.absent),
            Tab("new_households", _("New households"), flats.added, found.new_households, is_people=False),
            Tab(
                "changed_households",
                _("Changed households"),
                flats.changed,
                found.changed_households,
                is_people=False,
                has_changes=True,
            ),
        ]

    @cached_property
    def tab(self) -> Tab:
        """The one asked for; else the problems while there are errors, and then the first that holds something."""
        asked = self.request.GET.get("tab", "")
        filled = [tab for tab in self.tabs if tab.count and (tab.key != "problems" or self.findings.errors)]
        return next((tab for tab in self.tabs if tab.key == asked), next(iter(filled), self.tabs[1]))

    @cached_property
    def page(self) -> Page:
        rows = [one for one in self.tab.rows if not self.kind or one.code == self.kind]
        if self.tab.key == "problems":
            rows.sort(key=lambda problem: not problem.is_error)  # within them in the order of the file
        return page_of(self.request, rows, size=ROWS)

    @cached_property
    def kind(self) -> str:
        """The kind of problem to which the list is narrowed."""
        asked = self.request.GET.get("kind", "")
        return asked if self.tab.key == "problems" and asked in self.findings.problem_counts else ""

    @cached_property
    def kinds(self) -> list[Kind]:
        """Errors first, the most frequent first."""
        kinds = [Kind(code, count) for code, count in self.findings.problem_counts.items()]
        return sorted(kinds, key=lambda kind: (not kind.is_error, -kind.count, kind.code))

    @property
    def is_cut(self) -> bool:
        """More are counted than are kept to be shown."""
        return not self.kind and self.tab.count > len(self.tab.rows)

    @property
    def is_same(self) -> bool:
        """There is nothing to agree to, and nobody who could be ticked."""
        found = self.findings
        return found.can_be_applied and not found.changes_anything and not found.residents.absent

    @property
    def figures(self) -> list[Stat]:
        """How much would change: people, households, places."""
        people, flats, places = self.findings.residents, self.findings.households, self.findings.new_places
        return [
            Stat("added", _("People added"), people.added, url=self._link("added", people.added)),
            Stat("changed", _("People changed"), people.changed, url=self._link("changed", people.changed)),
            Stat("moved", _("Moved"), people.moved, url=self._link("moved", people.moved)),
            Stat(
                "absent",
                _("Absent"),
                people.absent,
                url=self._link("absent", people.absent),
                tone="amber" if people.absent else "",
            ),
            Stat("unchanged", _("Unchanged"), people.unchanged),
            Stat("households", _("New households"), flats.added, url=self._link("new_households", flats.added)),
            Stat("places", _("New grids and groups"), len(places.grids) + len(places.groups) + len(places.estates)),
        ]

    @staticmethod
    def _link(tab: str, count: int) -> str:
        return f"?tab={tab}#changes" if count else ""
