"""Working days of the PRC, and the deadlines that run in them: `from portal.workdays import calendar as workdays`.

Every function reads the calendar once (one query), so that an edit on screen counts at once in every process. Whoever
computes for many records reads it once with `load` and asks the `Calendar`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import BooleanField, DateField, F, Func, Value

from portal.core.clock import SHANGHAI, day_of, end_of, start_of

from .models import CalendarYear, SpecialDay

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Deadline:
    """The moment `at` which time is up: 24:00 of the last day, that is 0:00 of the next.

    `is_certain` is False when a day counted lies in a year whose days off are not known; weekends alone were assumed.
    """

    at: datetime
    is_certain: bool

    @property
    def last_day(self) -> date:
        """The day on which a reader says that time is up."""
        return last_day_of(self.at)


@dataclass(frozen=True)
class Calendar:
    """The calendar from the day `since` on, as it stood when it was read; it answers without any query."""

    special: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    since: date = date.min

    def is_working(self, day: date) -> bool:
        """Whether people work on this day. Raises ValueError for a day before what was read."""
        if day < self.since:
            raise ValueError(f"the calendar was read from {self.since} on, not for {day}")
        return self.special.get(day, day.weekday() < SATURDAY)

    def is_known(self, year: int) -> bool:
        """Whether the year's days off have been published and entered."""
        return year in self.years

    def deadline(self, start: datetime, *, days: Decimal | int) -> Deadline:
        """24:00 of the `days`-th working day after the day of `start` (Civil Code art. 201: that day is not counted).

        With 0 days it is 24:00 of the same day, or of the next working day when that is a day off (art. 203).
        """
        day = day_of(start)
        first = day + ONE_DAY if days else day
        last = self._working_day(first, max(days, 1) if days >= 0 else days)
        return Deadline(end_of(last), all(map(self.is_known, range(first.year, last.year + 1))))

    def extend(self, at: datetime, *, days: int) -> Deadline:
        """A deadline that was `at`, moved on by so many working days: for more time granted, or a clock that stood."""
        return self.deadline(start_of(last_day_of(at)), days=days)

    def add(self, moment: datetime, *, days: int) -> datetime:
        """The same time of day on the `days`-th working day after `moment`; `moment` itself for 0 days."""
        if days == 0:
            return moment
        local = moment.astimezone(SHANGHAI)
        return datetime.combine(self._working_day(local.date() + ONE_DAY, days), local.timetz())

    def between(self, start: datetime, end: datetime) -> int:
        """Working days that lie whole, from 0:00 to 24:00, between two moments; 0 when `end` comes first."""
        begins = start.astimezone(SHANGHAI)
        day = begins.date() if begins.time() == time.min else begins.date() + ONE_DAY
        count, stop = 0, day_of(end)
        while day < stop:
            count += self.is_working(day)
            day += ONE_DAY
        return count

    def _working_day(self, first: date, n: Decimal | int) -> date:
        """The n-th working day, counting from `first`, which may be the first one itself."""
        if n < 1:
            raise ValueError("working days are counted forwards")
        day = first
        while True:
            n -= self.is_working(day)
            if n <= 0:
                return day
            day += ONE_DAY


def load(since: date) -> Calendar:
    """Read the calendar from a day on, to compute any number of deadlines; one query."""
    nothing = Value(None, output_field=BooleanField(null=True))
    january = Func(F("year"), Value(1), Value(1), function="make_date", output_field=DateField())
    years = CalendarYear.objects.order_by().values_list(january, nothing)
    days = SpecialDay.objects.order_by().filter(day__gte=since).values_list("day", "is_working")
    rows = list(days.union(years, all=True))
    return Calendar(
        special={day: is_working for day, is_working in rows if is_working is not None},
        years=frozenset(day.year for day, is_working in rows if is_working is None),
        since=since,
    )


def is_working(day: date) -> bool:
    """Whether people work on this day; in a year that is not known, whether it is no weekend."""
    return load(day).is_working(day)


def is_known(year: int) -> bool:
    """Whether the year's days off have been published and entered."""
    return CalendarYear.objects.filter(year=year).exists()


def deadline(start: datetime, *, days: Decimal | int) -> Deadline:
    """See `Calendar.deadline`; one query."""
    return load(day_of(start)).deadline(start, days=days)


def extend(at: datetime, *, days: int) -> Deadline:
    """See `Calendar.extend`; one query."""
    return load(last_day_of(at)).extend(at, days=days)


def add(moment: datetime, *, days: int) -> datetime:
    """See `Calendar.add`; one query."""
    return load(day_of(moment)).add(moment, days=days)


def between(start: datetime, end: datetime) -> int:
    """See `Calendar.between`; one query."""
    return load(day_of(start)).between(start, end)


def last_day_of(at: datetime) -> date:
    """The day that ends at a deadline: 0:00 is 24:00 of the day before."""
    return day_of(at - timedelta(microseconds=1))
