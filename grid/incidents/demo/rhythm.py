"""When people walk their stairs, when the office is open, and from which day a deadline runs out on another."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from portal.core.clock import SHANGHAI, day_of
from portal.workdays import calendar

EPOCH = date(2021, 1, 1)
DAY = timedelta(days=1)
MORNING, NOON = (time(8, 30), time(12)), (time(14), time(17, 30))
ROUNDS = ((7, 9, 4), (9, 12, 2), (15, 18, 2), (18, 21, 3))  # from, to, how often


class Rhythm:
    """Days and hours of the neighbourhood, by the working-day calendar as it stands."""

    def __init__(self) -> None:
        self.calendar = calendar.load(EPOCH)

    def on_a_round(self, chance: random.Random, day: date) -> datetime:
        """A moment at which leaders are about: early, or after supper."""
        first, last, _often = chance.choices(ROUNDS, [often for _first, _last, often in ROUNDS])[0]
        return at_time(day, time(first)) + timedelta(minutes=chance.randrange(60 * (last - first)))

    def in_office(self, chance: random.Random, moment: datetime) -> datetime:
        """This moment, or soon after the office opens again."""
        for opens, closes in self._openings(day_of(moment)):
            if moment < closes - timedelta(minutes=5):
                return max(moment, opens + timedelta(minutes=chance.triangular(2, 140, 15)))
        raise AssertionError("the office opens again some day")

    def by_day(self, chance: random.Random, moment: datetime) -> datetime:
        """This moment, or the next one at which one may ring at a door."""
        day = day_of(moment)
        if moment < (opens := at_time(day, time(7, 30))):
            return opens + timedelta(minutes=chance.randint(0, 90))
        if moment < at_time(day, time(21)):
            return moment
        return at_time(day + DAY, time(7, 30)) + timedelta(minutes=chance.randint(0, 120))

    def reported_for(self, due: date, *, days: int, before: date) -> date:
        """The last day before `before` on which a report with so many working days ran out on `due`, or sooner."""
        while not self.calendar.is_working(due):
            due += DAY if due >= before else -DAY
        day = before - DAY
        while self.calendar.deadline(at_time(day, time(12)), days=days).last_day > due:
            day -= DAY
        return day

    def _openings(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for offset in range(60):
            today = day + DAY * offset
            if self.calendar.is_working(today):
                for opens, closes in (MORNING, NOON):
                    yield at_time(today, opens), at_time(today, closes)


def at_time(day: date, at: time) -> datetime:
    """A time of day in Shanghai."""
    return datetime.combine(day, at, SHANGHAI)
