"""How an incident stands with its three clocks, read from itself alone: what was promised, and how it was kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from portal.core.clock import day_of
from portal.workdays.calendar import ends_at_noon, last_day_of

from .models import Clock, Incident
from .workflow import State

EMERGENCY_ACCEPT = timedelta(minutes=30)
EMERGENCY_ACT = timedelta(hours=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Reading:
    """One clock: its limit in working days (or as a span, for emergencies), when time is up, and when it was met.

    `met_at` is None while it runs, and for good when the incident ended before; `is_running` tells these apart.
    """

    clock: Clock
    limit: Decimal | timedelta
    due_at: datetime
    met_at: datetime | None
    is_running: bool
    is_standing: bool
    now: datetime

    @property
    def label(self) -> str:
        return str(self.clock.label)

    @property
    def is_late(self) -> bool:
        """Met too late, or running on past its end; while it stands it is as late as when it was stopped."""
        return self.until > self.due_at and (self.met_at is not None or self.is_running or self.is_standing)

    @property
    def is_in_time(self) -> bool:
        """Met, and not too late."""
        return self.met_at is not None and self.met_at <= self.due_at

    @property
    def until(self) -> datetime:
        """Up to which moment it is to be looked at."""
        return self.met_at or self.now

    @property
    def tone(self) -> str:
        """The colour that helps the word."""
        if self.is_late:
            return "red"
        if self.is_in_time:
            return "green"
        return "blue" if self.is_running and not self.is_standing else "grey"

    @property
    def icon(self) -> str:
        """The picture beside the word."""
        if self.is_standing:
            return "pause-circle"
        if self.is_late:
            return "exclamation-circle"
        return "check-circle" if self.is_in_time else "clock" if self.is_running else ""

    @property
    def words(self) -> str:
        """How it stands, in a word."""
        if self.is_standing:
            return (
                _("stands, missed by %(span)s") % {"span": self.late_by}
                if self.is_late
                else pgettext("clock", "stands")
            )
        if self.met_at:
            return _("too late by %(span)s") % {"span": self.late_by} if self.is_late else pgettext("clock", "in time")
        if not self.is_running:
            return _("ended before")
        return _("missed by %(span)s") % {"span": self.late_by} if self.is_late else pgettext("clock", "runs")

    @property
    def late_by(self) -> str:
        """By how much it is too late: days, or hours and minutes on the first."""
        return span_in_words(self.until - self.due_at)

    @property
    def limit_in_words(self) -> str:
        """What was allowed."""
        return span_in_words(self.limit) if isinstance(self.limit, timedelta) else days_in_words(self.limit)

    @property
    def last_day(self) -> date:
        return last_day_of(self.due_at)

    @property
    def at_noon(self) -> bool:
        """Time is up at 12:00 of the last day."""
        return ends_at_noon(self.due_at)

    @property
    def at_moment(self) -> bool:
        """Minutes were promised, so the moment counts."""
        return isinstance(self.limit, timedelta)


def readings(incident: Incident, now: datetime | None = None) -> Iterator[Reading]:
    """The three clocks in the order in which they run; act only after a dispatch."""
    now, since = now or timezone.now(), incident.reopened_at or incident.reported_at
    stopped = incident.suspended_at
    opened = incident.opened_at and max(incident.opened_at, since)
    accept = incident.rule.accept(incident.severity)
    yield Reading(
        clock=Clock.ACCEPT,
        limit=EMERGENCY_ACCEPT if incident.is_emergency else accept,
        due_at=incident.accept_due_at,
        met_at=opened,
        is_running=incident.state == State.REPORTED,
        is_standing=False,
        now=now,
    )
    if incident.act_due_at:
        yield Reading(
            clock=Clock.ACT,
            limit=EMERGENCY_ACT if incident.is_emergency else incident.rule.act(incident.severity),
            due_at=incident.act_due_at,
            met_at=incident.taken_at,
            is_running=incident.state == State.DISPATCHED,
            is_standing=False,
            now=now,
        )
    yield Reading(
        clock=Clock.RESOLVE,
        limit=incident.rule.days(incident.severity),
        due_at=incident.due_at,
        met_at=incident.closed_at,
        is_running=incident.is_open,
        is_standing=stopped is not None,
        now=stopped or now,
    )


def days_in_words(days: Decimal) -> str:
    """So many working days; 0 is the same day."""
    if not days:
        return _("the same day")
    if days == Decimal("0.5"):
        return _("half a working day")
    number = int(days) if days == int(days) else days.normalize()
    return ngettext("%(number)s working day", "%(number)s working days", int(days) + (days != int(days))) % {
        "number": number
    }


def span_in_words(span: timedelta) -> str:
    """Whole days, else whole hours, else minutes, begun ones counted."""
    if span >= DAY:
        return ngettext("%(number)d day", "%(number)d days", span // DAY) % {"number": span // DAY}
    if span >= HOUR:
        return ngettext("%(number)d hour", "%(number)d hours", span // HOUR) % {"number": span // HOUR}
    minutes = -(-span // timedelta(minutes=1))
    return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}


def halves_as_days(halves: int) -> Decimal:
    """So many half days, in days."""
    return Decimal(halves) / 2


def expected_is_over(incident: Incident, now: datetime | None = None) -> bool:
    """Suspended, and the day on which it was to go on has passed."""
    return incident.expected_on is not None and incident.expected_on < day_of(now or timezone.now())
