"""What the incident's page shows to those who handle it, and to nobody else."""

from typing import Any

from .beside import has_beside
from .forms.desk import NoteForm
from .models import Incident

SHOWN = 50


def panel(incident: Incident, user: Any) -> dict[str, Any] | None:
    """The newest notes with a form for another; None for whoever may not read them."""
    if not user.has_perm("incidents.note", incident):
        return None
    there = has_beside(incident, "notes")
    notes = list(incident.notes.select_related("author").order_by("-at", "-id")[:SHOWN]) if there else []
    return {"notes": notes[::-1], "form": NoteForm(incident=incident, auto_id="note_%s")}


def paper_panel(incident: Incident, user: Any) -> dict[str, Any] | None:
    """The way to the slip, for those who may print."""
    return {} if user.has_perm("incidents.export", incident) else None
