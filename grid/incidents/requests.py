"""What is asked of the office about one incident, as its page shows it: what waits first, then what was decided."""

from collections.abc import Iterable
from typing import Any

from .beside import has_beside
from .models import Incident, IncidentRequest
from .rules import is_its_desk

NAMES = ("asked_by", "decided_by", "suggested_holder", "suggested_department")


def requests_of(incident: Incident) -> list[IncidentRequest]:
    """All of an incident, the newest first; read once for each incident on screen."""
    known: list[IncidentRequest] | None = vars(incident).get("_requests")
    if known is None:
        known = list(incident.requests.select_related(*NAMES)) if has_beside(incident, "requests") else []
        for request in known:
            request.incident = incident
        vars(incident)["_requests"] = known
    return known


def read_requests(incidents: Iterable[Incident]) -> None:
    """Read those of several incidents at once, for `requests_of`; one query."""
    rows = {incident.pk: incident for incident in incidents}
    for incident in rows.values():
        vars(incident)["_requests"] = []
    for request in IncidentRequest.objects.filter(incident__in=list(rows)).select_related(*NAMES):
        request.incident = rows[request.incident_id]
        requests_of(request.incident).append(request)


def panel(incident: Incident, user: Any) -> dict[str, Any] | None:
    """What waits, with who may answer it; and the decisions so far."""
    requests = requests_of(incident)
    if not requests:
        return None
    decides = user.has_perm("incidents.decide", incident) and is_its_desk(user, incident)
    waiting = [
        {"request": one, "may_decide": decides and one.asked_by_id != user.pk, "is_mine": one.asked_by_id == user.pk}
        for one in requests
        if one.is_pending
    ]
    return {"waiting": waiting, "decided": [one for one in requests if not one.is_pending]}
