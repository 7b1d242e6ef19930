"""Halves of days: the morning until 12:00, the afternoon until 24:00, Shanghai time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from portal.core.clock import SHANGHAI, end_of, start_of

MORNING, AFTERNOON = 0, 1
NOON = time(12)


def count(days: Decimal | int) -> int:
    """How many halves so many days have. Raises ValueError for other parts of a day, and for less than none."""
    halves = days * 2
    if halves != int(halves):
        raise ValueError(f"only half days are counted, not {days}")
    if halves < 0:
        raise ValueError("working days are counted forwards")
    return int(halves)


@dataclass(frozen=True)
class Half:
    """One half of a Shanghai day; the first, unless it is said to be the second."""

    day: date
    part: int = MORNING

    @classmethod
    def at(cls, moment: datetime) -> "Half":
        """The half in which a moment lies; 12:00 belongs to the afternoon."""
        local = moment.astimezone(SHANGHAI)
        return cls(local.date(), AFTERNOON if local.time() >= NOON else MORNING)

    @classmethod
    def before(cls, moment: datetime) -> "Half":
        """The half that a moment ends, or in which it lies."""
        return cls.at(moment - timedelta(microseconds=1))

    @classmethod
    def of(cls, day: date) -> "tuple[Half, Half]":
        """Both halves of a day."""
        return cls(day, MORNING), cls(day, AFTERNOON)

    @property
    def start(self) -> datetime:
        return start_of(self.day) if self.part == MORNING else datetime.combine(self.day, NOON, SHANGHAI)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.day, NOON, SHANGHAI) if self.part == MORNING else end_of(self.day)

    @property
    def next(self) -> "Half":
        return Half(self.day, AFTERNOON) if self.part == MORNING else Half(self.day + timedelta(days=1), MORNING)

    @property
    def previous(self) -> "Half":
        return Half(self.day, MORNING) if self.part == AFTERNOON else Half(self.day - timedelta(days=1), AFTERNOON)
