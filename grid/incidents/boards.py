"""What incidents show on the boards: how they are handled, what residents say of it, and how one reads in a list."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place
from portal.core import boards
from portal.core.boards import Line, Lines, Panel, Shown, Trend
from portal.core.refusals import Text

from .due import due_of
from .models import Incident, Rating

boards.offer(
    Panel(
        "incidents",
        _("Incidents at a glance"),
        (
            Shown("incidents.overdue", -1),
            Shown("incidents.reported"),
            Shown("incidents.closed"),
            Shown("incidents.due_to_close"),
            Shown("incidents.closing_in_time_rate", 1),
            Shown("incidents.satisfaction_rate", 1),
            Shown("incidents.overall_score", 1),
        ),
        trends=(
            Trend("flows", _("Reported and closed"), ("incidents.reported", "incidents.closed")),
            Trend("in_time", _("Closed in time, of those due"), ("incidents.closing_in_time_rate",)),
        ),
        first="incidents.overdue",
        beside="incidents.reported",
        order=10,
    ),
    Panel(
        "handling",
        _("How they are handled"),
        (
            Shown("incidents.opened"),
            Shown("incidents.settled_on_the_spot", 1),
            Shown("incidents.handling_rate", 1),
            Shown("incidents.handling_in_time_rate", 1),
            Shown("incidents.closing_rate", 1),
            Shown("incidents.closing_in_time_rate", 1),
            Shown("incidents.rework_rate", -1),
        ),
        trends=(
            Trend(
                "handled",
                _("Handled and closed"),
                ("incidents.handling_in_time_rate", "incidents.closing_in_time_rate"),
            ),
            Trend("rework", _("Sent back for rework"), ("incidents.rework_rate",)),
        ),
        beside="incidents.closing_in_time_rate",
        order=20,
    ),
    Panel(
        "voice",
        _("What residents say"),
        (
            Shown("incidents.response_rate", 1),
            Shown("incidents.solving_rate", 1),
            Shown("incidents.satisfaction_rate", 1),
            Shown("incidents.overall_score", 1),
        ),
        trends=(
            Trend("said", _("Solved and satisfied"), ("incidents.solving_rate", "incidents.satisfaction_rate")),
            Trend("score", _("Overall score"), ("incidents.overall_score",)),
        ),
        beside="incidents.satisfaction_rate",
        order=30,
    ),
)


def _with_names(incidents: QuerySet) -> QuerySet:
    return incidents.select_related("category", "place", "community").defer("search", "caller_name", "caller_mobile")


def _line(incident: Incident) -> Line:
    """What and where; who reported it, and their words, stand on its own page."""
    tag, tone = _standing(incident)
    return Line(
        title=incident.category,
        url=incident.get_absolute_url(),
        meta=f"{incident.number} · {incident.place} {incident.location}".strip(),
        tag=tag,
        tone=tone,
        at=incident.reported_at,
        community=_community_of(incident),
    )


def _standing(incident: Incident) -> tuple[Text, str]:
    """Where it stands; that it is late, or was, comes before all else."""
    if incident.is_overdue:
        return due_of(incident.due_at, is_open=True, stands=False, now=timezone.now()).words, "red"
    if incident.closed_at and incident.due_at and incident.closed_at > incident.due_at:
        return _("Closed late"), "amber"
    return incident.state_and_result, "grey"


def _community_of(incident: Incident) -> Place | None:
    """Where that is not said by the place itself."""
    return incident.community if incident.community_id != incident.place_id else None


def _rating_line(rating: Rating) -> Line:
    incident: Incident = rating.incident
    return Line(
        title=incident.category,
        url=incident.get_absolute_url(),
        meta=f"{incident.number} · {incident.place}",
        tag=rating.get_satisfaction_display(),
        at=rating.rated_at,
        community=_community_of(incident),
    )


boards.lines.add("incidents.Incident", Lines(_with_names, _line, order=("due_at", "pk")))
boards.lines.add(
    "incidents.Rating",
    Lines(
        lambda ratings: ratings.select_related("incident__category", "incident__place", "incident__community"),
        _rating_line,
    ),
)
