"""Days, months, quarters and years: how they are named, what came before them, and what they are made of."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

DAY, MONTH, QUARTER, YEAR, RANGE = "day", "month", "quarter", "year", "range"
KINDS = (DAY, MONTH, QUARTER, YEAR, RANGE)
ONE_DAY = timedelta(days=1)
EARLIEST = date(2000, 1, 1)  # of what is looked at or counted anew
MOST_DAYS = 3700  # ten years: nobody compares more, and an address may name any days

_TOKENS = {
    YEAR: re.compile(r"([0-9]{4})"),
    QUARTER: re.compile(r"([0-9]{4})-Q([1-4])"),
    MONTH: re.compile(r"([0-9]{4})-([0-9]{2})"),
    DAY: re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})"),
    RANGE: re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})_([0-9]{4}-[0-9]{2}-[0-9]{2})"),
}
_MONTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}


@dataclass(frozen=True)
class Period:
    """From one day to another, both included. One that still runs ends today: `whole` tells where it will end."""

    kind: str
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.first > self.last:
            raise ValueError(f"{self.kind} {self.first} – {self.last} is no period")

    @property
    def whole(self) -> "Period":
        """The month, quarter or year to its end."""
        return whole(self.kind, self.first) if self.kind in _MONTHS else self

    @property
    def is_whole(self) -> bool:
        return self == self.whole

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def token(self) -> str:
        """As an address names it; `parse` reads it."""
        match self.kind:
            case "year":
                return f"{self.first.year:04}"
            case "quarter":
                return f"{self.first.year:04}-Q{_quarter(self.first)}"
            case "month":
                return f"{self.first.year:04}-{self.first.month:02}"
            case "day":
                return self.first.isoformat()
        return f"{self.first.isoformat()}_{self.last.isoformat()}"

    @property
    def label(self) -> str:
        match self.kind:
            case "year":
                return _("%(year)d") % {"year": self.first.year}
            case "quarter":
                return _("%(year)d, quarter %(number)d") % {"year": self.first.year, "number": _quarter(self.first)}
            case "month":
                return date_format(self.first, "YEAR_MONTH_FORMAT")
            case "day":
                return date_format(self.first, "DATE_FORMAT")
        return _("%(first)s to %(last)s") % {
            "first": date_format(self.first, "DATE_FORMAT"),
            "last": date_format(self.last, "DATE_FORMAT"),
        }

    def before(self) -> "Period":
        """The comparable period before; of one that still runs, as many days of the one before."""
        if self.kind not in _MONTHS:
            return Period(self.kind, self.first - timedelta(days=self.days), self.first - ONE_DAY)
        full = whole(self.kind, self.first - ONE_DAY)
        if self.is_whole:
            return full
        return Period(self.kind, full.first, min(full.last, full.first + timedelta(days=self.days - 1)))

    def parts(self) -> list["Period"]:
        """The days of a month or of any days, the months of a quarter or a year, up to where the period ends."""
        if self.kind in (QUARTER, YEAR):
            return list(_months(self.first, self.last))
        return [Period(DAY, day, day) for day in each_day(self.first, self.last)]

    def until(self, day: date) -> "Period":
        """This period, cut off after a day; unchanged when it ends sooner or begins later."""
        return Period(self.kind, self.first, min(self.last, day)) if self.first <= day else self


def parse(token: str) -> Period:
    """The whole period an address names. Raises ValueError."""
    for kind, pattern in _TOKENS.items():
        if found := pattern.fullmatch(token):
            return _parsed(kind, found.groups())
    raise ValueError(f"{token[:40]!r} names no period")


def current(kind: str, today: date) -> Period:
    """The day, month, quarter or year that runs today, up to today."""
    return whole(kind, today).until(today)


def whole(kind: str, day: date) -> Period:
    """The day, month, quarter or year that a day lies in. Raises ValueError for another kind."""
    if kind == DAY:
        return Period(DAY, day, day)
    if kind not in _MONTHS:
        raise ValueError(f"{kind} has no bounds of its own")
    months = _MONTHS[kind]
    begins = date(day.year, (day.month - 1) // months * months + 1, 1)
    ends = begins.month + months - 1
    return Period(kind, begins, date(begins.year, ends, monthrange(begins.year, ends)[1]))


def each_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _months(first: date, last: date) -> Iterator[Period]:
    while first <= last:
        month = whole(MONTH, first)
        yield month.until(last)
        first = month.last + ONE_DAY


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


def _parsed(kind: str, words: tuple[str, ...]) -> Period:
    match kind:
        case "day":
            return whole(DAY, date.fromisoformat(words[0]))
        case "range":
            first, last = (date.fromisoformat(word) for word in words)
            if (last - first).days >= MOST_DAYS:
                raise ValueError("so many days are no period")
            return Period(RANGE, first, last)
        case "quarter":
            return whole(QUARTER, date(int(words[0]), int(words[1]) * 3, 1))
    return whole(kind, date(int(words[0]), int(words[1]) if len(words) > 1 else 1, 1))
