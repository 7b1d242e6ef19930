"""A year laid out as a wall calendar: twelve months of weeks, and its holidays in words."""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from django.utils.translation import pgettext_lazy

from portal.core.refusals import Text

from .arrangements import in_words
from .models import SpecialDay

MONDAY_FIRST = calendar.Calendar(firstweekday=calendar.MONDAY)
WEEKDAYS: tuple[Text, ...] = (
    pgettext_lazy("column of a calendar", "Mon"),
    pgettext_lazy("column of a calendar", "Tue"),
    pgettext_lazy("column of a calendar", "Wed"),
    pgettext_lazy("column of a calendar", "Thu"),
    pgettext_lazy("column of a calendar", "Fri"),
    pgettext_lazy("column of a calendar", "Sat"),
    pgettext_lazy("column of a calendar", "Sun"),
)


@dataclass(frozen=True)
class Square:
    """One day of a month's sheet; `special` is the row that makes it differ from its weekday."""

    day: date
    special: SpecialDay | None
    is_today: bool

    @property
    def is_off(self) -> bool:
        """A day off that has a name."""
        return self.special is not None and not self.special.is_working

    @property
    def is_half(self) -> bool:
        """Only the morning is worked."""
        return self.special is not None and self.special.morning_only

    @property
    def is_made_up(self) -> bool:
        """A weekend day that is worked, be it in the morning alone."""
        return self.special is not None and self.special.is_working and self.day.isoweekday() > 5

    @property
    def kind(self) -> str:
        """Which mark stands on it: "off", "half" or "work"."""
        return "off" if self.is_off else "half" if self.is_half else "work"

    @property
    def is_free(self) -> bool:
        """Nobody works, be it a holiday or a plain weekend."""
        return self.is_off or (not self.is_made_up and self.day.isoweekday() > 5)


@dataclass(frozen=True)
class Month:
    """A month as weeks of seven squares; None stands where a day belongs to another month."""

    first: date
    weeks: list[list[Square | None]]


@dataclass(frozen=True)
class Break:
    """Days off in a row under one name, with the weekend days worked to make up for them.

    Among `worked` are those of which only the morning is worked; `halves` are the weekdays whose afternoon is off.
    """

    name: str
    days: list[date]
    worked: list[SpecialDay]
    halves: list[SpecialDay] = field(default_factory=list)

    @property
    def holiday(self) -> str:
        """The name in the reader's language."""
        return in_words(self.name)

    @property
    def first(self) -> date | None:
        return self.days[0] if self.days else None

    @property
    def last(self) -> date | None:
        return self.days[-1] if self.days else None


def months(year: int, special: Iterable[SpecialDay], *, today: date) -> Iterator[Month]:
    """The twelve months of a year with its special days in their places."""
    found = {row.day: row for row in special}
    for month in range(1, 13):
        yield Month(
            date(year, month, 1),
            [
                [Square(day, found.get(day), day == today) if day.month == month else None for day in week]
                for week in MONDAY_FIRST.monthdatescalendar(year, month)
            ],
        )


def breaks(special: Iterable[SpecialDay]) -> list[Break]:
    """Holidays in the order of the year; a name that occurs twice, apart from each other, makes two."""
    rows = sorted(special, key=lambda row: row.day)
    off = [row for row in rows if not row.is_working]
    runs = groupby(enumerate(off), key=lambda pair: (pair[1].name, pair[1].day - timedelta(days=pair[0])))
    found = [Break(name, [row.day for _place, row in run], []) for (name, _start), run in runs]
    for row in rows:
        if row.is_working:
            holiday = _belongs_to(row, found)
            (holiday.worked if row.day.isoweekday() > 5 else holiday.halves).append(row)
    return found


def _belongs_to(row: SpecialDay, found: list[Break]) -> Break:
    """The nearest holiday of that name; one of its own for a working day whose holiday nobody entered."""
    named = [one for one in found if one.name == row.name and one.days]
    if not named:
        named = [Break(row.name, [], [])]
        found += named
    return min(named, key=lambda one: abs(one.days[0] - row.day) if one.days else timedelta(0))
