"""Working days of the PRC, and the deadlines that run in them: `from portal.workdays import calendar as workdays`.

Time is counted in halves of a day, for a morning alone may be worked: a morning ends at 12:00, an afternoon at 24:00.
Every function reads the calendar once (one query), so that an edit on screen counts at once in every process. Whoever
computes for many records reads it once with `load` and asks the `Calendar`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import BooleanField, DateField, F, Func, Value

from portal.core.clock import SHANGHAI, day_of, end_of

from .halves import AFTERNOON, Half
from .halves import count as halves_in
from .models import CalendarYear, SpecialDay

ONE_DAY = timedelta(days=1)
SATURDAY = 5
Days = Decimal | int


@dataclass(frozen=True)
class Deadline:
    """The moment `at` which time is up: 24:00 of the last day, that is 0:00 of the next; 12:00 when a half is counted.

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
    """The calendar from the day `since` on, as it stood when it was read; it answers without any query.

    `special` says of a day whether people work on it; on those among `mornings` they do so until noon.
    """

    special: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    since: date = date.min
    mornings: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether people work on this day, be it in the morning alone. Raises ValueError for a day before `since`."""
        if day < self.since:
            raise ValueError(f"the calendar was read from {self.since} on, not for {day}")
        return self.special.get(day, day.weekday() < SATURDAY)

    def is_worked(self, half: Half) -> bool:
        """Whether people work in this half of a day."""
        return self.is_working(half.day) and not (half.part == AFTERNOON and half.day in self.mornings)

    def is_known(self, year: int) -> bool:
        """Whether the year's days off have been published and entered."""
        return year in self.years

    def deadline(self, start: datetime, *, days: Days) -> Deadline:
        """When a limit that begins at `start` is over; more days are never sooner, nor are fewer days worked.

        Whole days are counted from the next day (Civil Code art. 201), two halves each, until 24:00 (art. 203); 0 days
        until 24:00 of the same day, or of the next working day. With an odd half, counting begins with the half after
        that of `start`, and time is up when the last half ends: at 12:00 or at 24:00.
        """
        count, day = halves_in(days), day_of(start)
        if count % 2:
            within = Half.at(start).next
            whole = self.deadline(start, days=Decimal(count - 1) / 2)
            until = self._nth(within, count)
            return Deadline(max(until.end, whole.at), self._knows(within.day, until.day) and whole.is_certain)
        first = day + ONE_DAY if days else day
        last = self._nth(Half(first), max(count, 1)).day
        return Deadline(end_of(last), self._knows(first, last))

    def extend(self, at: datetime, *, days: Days) -> Deadline:
        """A deadline that was `at`, moved on by so many working days: more time was granted.

        What ended at 24:00 ends so again, unless half a day was granted; what ended at noon is moved on by halves.
        """
        half = Half.before(at)
        if half.part == AFTERNOON:
            return self.deadline(half.start, days=days)
        return self.moved(at, halves=halves_in(days))

    def moved(self, at: datetime, *, halves: int) -> Deadline:
        """A deadline that was `at`, moved on by so many working halves of days; it may end at noon then."""
        half = Half.before(at)
        if not halves:
            return Deadline(at, self._knows(half.day, half.day))
        last = self._nth(half.next, halves)
        return Deadline(last.end, self._knows(half.next.day, last.day))

    def resume(self, at: datetime, *, stood: datetime, until: datetime) -> Deadline:
        """A deadline that was `at`, after its clock stood: each working half touched is given back.

        What was missed before the clock stood stays missed.
        """
        return self.moved(at, halves=self.touched(stood, until) if stood < at else 0)

    def add(self, moment: datetime, *, days: Days) -> datetime:
        """The same time of day on the `days`-th working day after `moment`; `moment` itself for 0 days.

        With an odd half it is the same time within the half of a day, counted on from that of `moment`.
        """
        count, local = halves_in(days), moment.astimezone(SHANGHAI)
        if not count:
            return moment
        half = Half.at(local)
        if count % 2:
            return self._nth(half.next, count).start + (local - half.start)
        return datetime.combine(self._nth(Half(half.day + ONE_DAY), count).day, local.timetz())

    def between(self, start: datetime, end: datetime) -> Days:
        """Working days that lie whole, from 0:00 to 24:00, between two moments; 0 when `end` comes first.

        A day on which the morning alone is worked counts half.
        """
        begins = start.astimezone(SHANGHAI)
        day = begins.date() if begins.time() == time.min else begins.date() + ONE_DAY
        count, stop = 0, day_of(end)
        while day < stop:
            count += sum(map(self.is_worked, Half.of(day)))
            day += ONE_DAY
        return Decimal(count) / 2

    def touched(self, start: datetime, end: datetime) -> int:
        """Working halves of days of which at least a moment lies between two moments; 0 when `end` comes first."""
        half, count = Half.at(start), 0
        while half.start < end and start < end:
            count += self.is_worked(half)
            half = half.next
        return count

    def latest_extended_to(self, now: datetime, *, days: Days) -> datetime:
        """The latest end of a half day that, extended by so many working days, is over by `now`."""
        half = Half.before(now)
        while self.extend(half.end, days=days).at > now:
            half = half.previous
        return half.end

    def _nth(self, first: Half, n: int) -> Half:
        """The n-th working half, counting from `first`, which may be the first one itself."""
        half, left = first, n
        while True:
            left -= self.is_worked(half)
            if left <= 0:
                return half
            half = half.next

    def _knows(self, first: date, last: date) -> bool:
        return all(map(self.is_known, range(first.year, last.year + 1)))


def load(since: date) -> Calendar:
    """Read the calendar from a day on, to compute any number of deadlines; one query."""
    nothing = Value(None, output_field=BooleanField(null=True))
    january = Func(F("year"), Value(1), Value(1), function="make_date", output_field=DateField())
    years = CalendarYear.objects.order_by().values_list(january, nothing, nothing)
    days = SpecialDay.objects.order_by().filter(day__gte=since).values_list("day", "is_working", "morning_only")
    rows = list(days.union(years, all=True))
    return Calendar(
        special={day: is_working for day, is_working, _half in rows if is_working is not None},
        years=frozenset(day.year for day, is_working, _half in rows if is_working is None),
        since=since,
        mornings=frozenset(day for day, _is_working, morning_only in rows if morning_only),
    )


def is_working(day: date) -> bool:
    """Whether people work on this day; in a year that is not known, whether it is no weekend."""
    return load(day).is_working(day)


def is_known(year: int) -> bool:
    """Whether the year's days off have been published and entered."""
    return CalendarYear.objects.filter(year=year).exists()


def deadline(start: datetime, *, days: Days) -> Deadline:
    """See `Calendar.deadline`; one query."""
    return load(day_of(start)).deadline(start, days=days)


def extend(at: datetime, *, days: Days) -> Deadline:
    """See `Calendar.extend`; one query."""
    return load(last_day_of(at)).extend(at, days=days)


def add(moment: datetime, *, days: Days) -> datetime:
    """See `Calendar.add`; one query."""
    return load(day_of(moment)).add(moment, days=days)


def between(start: datetime, end: datetime) -> Days:
    """See `Calendar.between`; one query."""
    return load(day_of(start)).between(start, end)


def last_day_of(at: datetime) -> date:
    """The day that ends at a deadline: 0:00 is 24:00 of the day before."""
    return day_of(at - timedelta(microseconds=1))


def ends_at_noon(at: datetime) -> bool:
    """Whether time is up in the middle of its last day."""
    return at.astimezone(SHANGHAI).time() == time(12)
