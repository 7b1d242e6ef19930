"""Escalation by rule: when a clock runs out, the rungs of the ladder are told one after the other.

What is told, to whom, and the reminders are committed together, incident by incident: a killed worker has told
all of it or nothing, and the next run goes on. Two at once share the work: each takes the rows nobody else holds.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.text import format_lazy

from grid.incidents.climbing import DUE, LADDER, TEXTS, Rung, listeners, running
from grid.incidents.models import Clock, Escalation, Incident, IncidentQuerySet
from portal.core.clock import day_of
from portal.reminders.services import remind
from portal.workdays.calendar import Calendar, load

from .moving import record

BATCH = 200
SECONDS = 45  # a worker stops a task after a minute
READ_BACK = timedelta(days=60)  # more than any rung waits, whatever holidays lie between


def escalate_overdue(*, now: datetime | None = None, batch: int = BATCH, seconds: float = SECONDS) -> int:
    """Tell every rung that is due and has not been told; returns how many were. Safe to run twice, or two at once."""
    now, give_up, told = now or timezone.now(), time.monotonic() + seconds, 0
    calendar = load(day_of(now - READ_BACK))
    for rung in LADDER:
        for pk in _due(rung, calendar, now, batch):
            if time.monotonic() > give_up:
                return told
            told += _climb(rung, pk, calendar, now)
    return told


NAMES = ("category", "place__merged_into", "place__community", "holder", "department", "community")


def _due(rung: Rung, calendar: Calendar, now: datetime, batch: int) -> Iterator[int]:
    """Incidents that stand on a rung nobody has been told of, the longest overdue first, a batch at a time."""
    due, last = DUE[rung.clock], None
    waiting = _on(rung, calendar, now).order_by(due, "pk").values_list(due, "pk")
    while True:
        rows = (
            waiting
            if last is None
            else waiting.filter(Q(**{f"{due}__gt": last[0]}) | Q(**{due: last[0], "pk__gt": last[1]}))
        )
        page = list(rows[:batch])
        for last in page:
            yield last[1]
        if len(page) < batch:
            return


def _on(rung: Rung, calendar: Calendar, now: datetime) -> IncidentQuerySet:
    due = DUE[rung.clock]
    until = calendar.latest_extended_to(now, days=rung.after) if rung.after else now
    overdue = {f"{due}__lte" if rung.after else f"{due}__lt": until}
    only = {} if rung.emergency is None else {"is_emergency": rung.emergency}
    same: dict[str, Any] = {"incident": OuterRef("pk"), "clock": rung.clock, "stage": rung.stage}
    told = Escalation.objects.filter(**same, due_at=OuterRef(due))
    return Incident.objects.filter(running(rung.clock), ~Exists(told), **overdue, **only)


@transaction.atomic
def _climb(rung: Rung, pk: int, calendar: Calendar, now: datetime) -> bool:
    """Tell one rung of one incident; False when it has moved on, was told, or somebody else holds it at this moment."""
    rows = _on(rung, calendar, now).select_for_update(of=("self",), skip_locked=True).filter(pk=pk)
    incident = rows.select_related(*NAMES).defer("search").first()
    if incident is None:
        return False
    users = listeners(incident, rung.tells)
    row, is_new = Escalation.objects.get_or_create(
        incident=incident,
        clock=rung.clock,
        stage=rung.stage,
        due_at=getattr(incident, DUE[rung.clock]),
        defaults={"level": rung.level, "at": now},
    )
    if not is_new:  # told between the moment we asked and the moment we held the row
        return False
    row.told.set(users)
    data = {"clock": rung.clock.value, "stage": rung.stage, "holder": "、".join(map(str, users))}
    record("escalated_by_rule", incident, None, at=now, data=data, announce=False)
    words = {"incident": format_lazy("{} {}", incident.place, incident.category)}
    for user in users:
        remind(
            user,
            kind="incidents.escalated_by_rule",
            about=incident,
            stage=f"escalation-{row.pk}",
            text=TEXTS[Clock(rung.clock)],
            words=words,
        )
    return True
