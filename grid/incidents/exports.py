"""Which incidents a list holds, for those who take it out: asked by a page, or again by a worker."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from .filters import IncidentFilter, Scope
from .models import Incident

UNSAID = ("q", "household")  # what was typed may hold a name, and a flat is somebody's
LABELS = {"category": _("Category"), "counts": _("Only what counts")}  # of filters that only links use


@dataclass(frozen=True)
class Asking:
    """Whoever asks, and what for: all that a filter wants of a request."""

    user: Any
    GET: QueryDict
    method: str = "GET"


def chosen(user: Any, query: QueryDict) -> IncidentFilter:
    """The filters of a list's address, for this user."""
    return IncidentFilter(query, queryset=Incident.objects.visible_to(user), request=Asking(user, query))  # type: ignore[arg-type]


def in_words(found: IncidentFilter) -> list[str]:
    """What is chosen, to be read by whoever opens the file; of what was typed, that something was."""
    words = [str(Scope(found.scope).label)]
    if found.is_plain or not found.is_valid():
        return words
    cleaned = found.form.cleaned_data
    for name, field in found.form.fields.items():
        value = cleaned.get(name)
        if value and name not in UNSAID:
            label = LABELS.get(name, field.label)
            words.append(str(label) if value is True else f"{label}: {_said(field, value)}")
    if any(cleaned.get(name) for name in UNSAID):
        words.append(str(_("found by a search")))
    return words


def _said(field: Any, value: Any) -> Any:
    return dict(field.choices).get(value, value) if isinstance(value, str) and hasattr(field, "choices") else value
