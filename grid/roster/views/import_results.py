"""What became of imports: what each brought, who did what and when, and what files may hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from grid.roster.importing.archives import MOST_BYTES, MOST_ROWS
from grid.roster.models import RosterImport
from portal.core import audit
from portal.core.models import AuditEntry
from portal.core.refusals import Text
from portal.core.tiles import Stat

APPLIED = "roster.imported"
COUNTED: dict[str, Text] = {
    "added": _("Added"),
    "changed": _("People changed"),
    "moved": _("Moved"),
    "removed": _("Taken off"),
    "households_added": _("New households"),
    "households_changed": _("Changed households"),
    "grids": _("New grids"),
    "building_groups": _("New building groups"),
    "estates": _("New estates"),
}
WORDS: dict[str, tuple[Text, str]] = {
    APPLIED: (_("Roster brought up to date"), "green"),
    "roster.discarded": (_("File discarded"), "grey"),
}


@dataclass(frozen=True)
class Event:
    """One line of an import's timeline."""

    title: Text
    tone: str
    who: str
    at: datetime


def brought_by(imports: Iterable[RosterImport]) -> dict[int, list[Stat]]:
    """What the applied ones of some imports changed, as the audit trail has it; one query."""
    kept = AuditEntry.objects.filter(
        action=APPLIED,
        subject_type=ContentType.objects.get_for_model(RosterImport),
        subject_id__in=[one.pk for one in imports],
    )
    return {pk: _stats(data) for pk, data in kept.values_list("subject_id", "data")}


def timeline_of(roster_import: RosterImport) -> list[Event]:
    """What was done with the file, oldest first; one query."""
    uploaded = Event(_("File uploaded"), "grey", str(roster_import.uploaded_by or ""), roster_import.created_at)
    entries = [entry for entry in audit.timeline(roster_import) if entry.action in WORDS]
    return [uploaded, *(Event(*WORDS[entry.action], str(entry.actor or ""), entry.happened_at) for entry in entries)]


def limits() -> dict[str, Any]:
    """How large a file may be, in words."""
    return {"size": filesizeformat(MOST_BYTES), "rows": f"{MOST_ROWS:,}"}


def _stats(data: Mapping[str, Any]) -> list[Stat]:
    return [Stat(key, label, data[key]) for key, label in COUNTED.items() if data.get(key)]
