"""The three clocks of an incident: until it is taken up, until work begins, until it is closed.

Accept and resolve run from the report (or from when it was reopened), act from each dispatch. Until the first dispatch
the limits follow the rule that holds; from then on they are frozen with its version, and only more time granted, a
clock that stood, or days off that were not known yet move them. All set fields only: the caller saves.
"""

from datetime import datetime
from decimal import Decimal

from grid.incidents.models import Incident, holding
from grid.incidents.timing import EMERGENCY_ACCEPT, EMERGENCY_ACT
from grid.incidents.workflow import State
from portal.core.clock import day_of
from portal.workdays.calendar import Calendar, Deadline, last_day_of, load
from portal.workdays.halves import Half


def start(incident: Incident) -> None:
    """Set the accept and resolve clocks of a new or newly judged incident by the rule that holds at its place.

    What its clock stood, or was granted, stays on top. An emergency that was taken up keeps its minutes.
    """
    incident.rule = holding(incident.category, incident.place)
    calendar = load(day_of(_since(incident)))
    if not (incident.is_emergency and incident.opened_at):
        incident.accept_due_at = _accept(incident, calendar)
    _set(incident, _resolve(incident, calendar))


def dispatched(incident: Incident, at: datetime) -> None:
    """Start the act clock; the first dispatch freezes what the incident is judged by."""
    if incident.rule_frozen_at is None:
        start(incident)
        incident.rule_frozen_at = at
    incident.act_due_at = _act(incident, at, load(day_of(at)))
    incident.taken_at = None


def extended(incident: Incident, days: Decimal) -> None:
    """Move the deadline on by so many working days (multiples of a half), counted from the deadline itself.

    Raises ValueError unless `days` is more than 0.
    """
    if days <= 0:
        raise ValueError("more time is more than none")
    later = load(last_day_of(incident.due_at)).extend(incident.due_at, days=days)
    incident.more_days += days
    _set(incident, Deadline(later.at, later.is_certain and incident.due_is_certain))


def reopened(incident: Incident, at: datetime) -> None:
    """Let the accept and resolve clocks run afresh from `at`, by the rule that was frozen; act waits for a dispatch."""
    incident.reopened_at, incident.resumed_at, incident.stood_halves, incident.more_days = at, None, 0, Decimal(0)
    incident.act_due_at = incident.taken_at = None
    calendar = load(day_of(at))
    incident.accept_due_at = _accept(incident, calendar)
    _set(incident, _resolve(incident, calendar))


def raised(incident: Incident, at: datetime) -> None:
    """Make it an emergency: from `at` on minutes count to take it up and to begin, never later than was promised."""
    incident.is_emergency = True
    if incident.opened_at is None:
        incident.accept_due_at = min(incident.accept_due_at, at + EMERGENCY_ACCEPT)
    if incident.act_due_at and incident.taken_at is None:
        incident.act_due_at = min(incident.act_due_at, at + EMERGENCY_ACT)


def resumed(incident: Incident, at: datetime) -> int:
    """Give back the half days that the clock stood since `suspended_at`; returns how many.

    What was missed before it stood stays missed. A second pause within the same half of a day, which was given back
    already, gives nothing more: pausing again and again gains no time.
    """
    stood = incident.suspended_at
    assert stood is not None  # noqa: S101  the database holds it
    calendar = load(day_of(stood))
    given = incident.resumed_at and Half.at(incident.resumed_at) == Half.at(stood) == Half.at(at)
    halves = 0 if given or stood >= incident.due_at else calendar.touched(stood, at)
    if halves:
        later = load(last_day_of(incident.due_at)).moved(incident.due_at, halves=halves)
        incident.stood_halves += halves
        _set(incident, Deadline(later.at, later.is_certain and incident.due_is_certain))
    if incident.act_due_at and incident.taken_at is None:
        incident.act_due_at = calendar.resume(incident.act_due_at, stood=stood, until=at).at
    incident.resumed_at = at
    return halves


def recounted(incident: Incident) -> bool:
    """Count running clocks by the calendar as it is known now, never earlier than promised; whether any has moved."""
    before = (incident.accept_due_at, incident.act_due_at, incident.due_at)
    calendar = load(day_of(_since(incident)))
    if incident.state == State.REPORTED and not incident.is_emergency:
        incident.accept_due_at = max(incident.accept_due_at, _accept(incident, calendar))
    promised, sent = incident.act_due_at, incident.dispatched_at
    if incident.state == State.DISPATCHED and promised and sent and not incident.is_emergency:
        incident.act_due_at = max(promised, _act(incident, sent, calendar))
    now = _resolve(incident, calendar)
    reach = range(day_of(_since(incident)).year, last_day_of(max(now.at, incident.due_at)).year + 1)
    _set(incident, Deadline(max(now.at, incident.due_at), all(map(calendar.is_known, reach))))
    return before != (incident.accept_due_at, incident.act_due_at, incident.due_at)


def _since(incident: Incident) -> datetime:
    return incident.reopened_at or incident.reported_at


def _accept(incident: Incident, calendar: Calendar) -> datetime:
    limit = calendar.deadline(_since(incident), days=incident.rule.accept(incident.severity)).at
    return _since(incident) + EMERGENCY_ACCEPT if incident.is_emergency else limit


def _act(incident: Incident, at: datetime, calendar: Calendar) -> datetime:
    limit = calendar.deadline(at, days=incident.rule.act(incident.severity)).at
    return at + EMERGENCY_ACT if incident.is_emergency else limit


def _resolve(incident: Incident, calendar: Calendar) -> Deadline:
    """The limit of the rule, with what the clock stood and what was granted on top of it."""
    limit = calendar.deadline(_since(incident), days=incident.rule.days(incident.severity))
    stood = calendar.moved(limit.at, halves=incident.stood_halves) if incident.stood_halves else limit
    due = calendar.extend(stood.at, days=incident.more_days) if incident.more_days else stood
    return Deadline(due.at, limit.is_certain and stood.is_certain and due.is_certain)


def _set(incident: Incident, due: Deadline) -> None:
    incident.due_at, incident.due_is_certain = due.at, due.is_certain
