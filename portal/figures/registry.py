"""What is counted: each figure under one key, offered by the app whose records it counts (in its `figures.py`)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from grid.places.models import Place
from portal.core.refusals import Text
from portal.core.tiles import Registry

KEY = re.compile(r"[a-z_]+\.[a-z_]+")
Count = Callable[[Place, date, date], int]


class Kind(Enum):
    STOCK = "stock"  # how many there are at the end of a day
    FLOW = "flow"  # how many came about from one day to another, both included


STOCK, FLOW = Kind.STOCK, Kind.FLOW


@dataclass(frozen=True)
class Figure:
    """A count of records at a place of any level and below it.

    `count(place, first, last)` counts a stock as it stood when `last` ended, and a flow from `first` to `last`, under
    the places as they were then. The key (`room.name`) is a contract with whoever reads the figures.
    """

    key: str
    label: Text
    unit: Text
    count: Count
    kind: Kind = STOCK

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise ValueError(f"{self.key} is no key of a figure: room.name")


figures: Registry[Figure] = Registry()


def register(*offered: Figure) -> None:
    """Offer figures; raises ValueError for a key that is taken."""
    for figure in offered:
        figures.add(figure.key, figure)
