"""The columns in which incidents leave as a spreadsheet: no caller's name, no caller's number."""

from typing import Any

from django.utils.translation import gettext as _

from portal.workdays.calendar import last_day_of

from .models import Incident

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

WIDTHS = (18, 10, 14, 16, 8, 14, 20, 20, 48, 12, 16, 16, 12, 8, 40, 16, 14)  # characters, in the order of `header`


def header() -> list[str]:
    """The head of the table, in the user's language."""
    return [
        _("Number"),
        _("State"),
        _("Category group"),
        _("Category"),
        _("Severity"),
        _("Community"),
        _("Place"),
        _("Where exactly"),
        _("What happened"),
        _("Reported by"),
        _("Reported at"),
        _("Held by"),
        _("Deadline"),
        _("Overdue"),
        _("What was done"),
        _("Closed at"),
        _("Result"),
    ]


def row(incident: Incident) -> list[Any]:
    """One incident in the order of `header`."""
    return [
        incident.number,
        incident.get_state_display(),
        str(incident.category.group),
        str(incident.category),
        incident.get_severity_display(),
        incident.community and incident.community.name,
        incident.place.name,
        incident.location,
        incident.description,
        incident.reporter.name,
        incident.reported_at,
        str(incident.holder or incident.department or ""),
        last_day_of(incident.due_at),
        _("Yes") if incident.is_overdue else "",
        incident.outcome,
        incident.closed_at,
        incident.result,
    ]
