"""The part of an incident's page that says who else saw it, and lets a reader say so."""

from typing import Any

from .beside import has_beside
from .models import Incident
from .move_forms.joining import JoinForm


def others_who_saw_it(incident: Incident, user: Any) -> dict[str, Any] | None:
    """Whoever said "me too", oldest first, and whether the reader may still; one query."""
    found = list(incident.co_reports.select_related("reporter")) if has_beside(incident, "co_reports") else []
    has_joined = any(one.reporter_id == user.pk for one in found)
    may_join = not has_joined and JoinForm.is_offered(incident, user)
    return {"others": found, "has_joined": has_joined, "may_join": may_join} if found or may_join else None
