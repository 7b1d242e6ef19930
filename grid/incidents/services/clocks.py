"""The three clocks of an incident: until it is taken up, until work begins, until it is closed.

Accept and resolve run from the report, act from each dispatch. Until the first dispatch the limits follow the rule that
holds; from then on they are frozen with its version, and only more time granted or a clock that stood moves them.
"""

from datetime import datetime, timedelta

from grid.incidents.models import Incident, holding
from portal.core.clock import day_of
from portal.workdays.calendar import load

EMERGENCY_ACCEPT = timedelta(minutes=30)
EMERGENCY_ACT = timedelta(hours=1)


def start(incident: Incident) -> None:
    """Set the accept and resolve clocks of a new or newly judged incident by the rule that holds at its place."""
    incident.rule = holding(incident.category, incident.place)
    calendar = load(day_of(incident.reported_at))
    accept = calendar.deadline(incident.reported_at, days=incident.rule.accept(incident.severity))
    due = calendar.deadline(incident.reported_at, days=incident.rule.days(incident.severity))
    incident.accept_due_at = incident.reported_at + EMERGENCY_ACCEPT if incident.is_emergency else accept.at
    incident.due_at, incident.due_is_certain = due.at, due.is_certain


def dispatched(incident: Incident, at: datetime) -> None:
    """Start the act clock; the first dispatch freezes what the incident is judged by."""
    if incident.rule_frozen_at is None:
        start(incident)
        incident.rule_frozen_at = at
    limit = load(day_of(at)).deadline(at, days=incident.rule.act(incident.severity)).at
    incident.act_due_at = at + EMERGENCY_ACT if incident.is_emergency else limit
    incident.taken_at = None
