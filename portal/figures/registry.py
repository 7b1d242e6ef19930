"""What is counted: each figure under one key, offered by the app whose records it counts (in its `figures.py`).

Flows and distinct values are counted from the records of a day and stored by day; stocks are looked at when a day has
ended; ratios and scores are worked out of these when somebody reads them and stand nowhere.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place
from portal.core.refusals import Text
from portal.core.tiles import Registry

KEY = re.compile(r"[a-z_]+\.[a-z_]+")
PERCENT, POINTS = "%", _("points")


class Kind(Enum):
    STOCK = "stock"  # how many there are when a day ends
    FLOW = "flow"  # how many came about in a period, both ends included
    DISTINCT = "distinct"  # how many different ones in a period: two days do not add up
    RATIO = "ratio"  # a part of a whole, in per cent
    SCORE = "score"  # ratios weighed against each other


@dataclass(frozen=True)
class Source:
    """One table of records, read once for all figures of the same moment.

    `rows` gives them all; `place` is the path to the id of the place a record belongs to, as the ORM writes it.
    """

    name: str
    rows: Callable[[], QuerySet]
    place: str = "place_id"


@dataclass(frozen=True)
class Figure:
    """What every figure says of itself.

    `key` (`room.name`) is a contract with whoever reads the figures. `words` is its formula in plain words: what is
    counted, on which day, what is left out. `permission` says who may see the records behind it, "" whoever may see the
    place. One that `is_part` only serves to work out others; of one that `counts_people` nobody is told groups of 1–4.
    """

    kind: ClassVar[Kind]
    key: str
    label: Text
    unit: Text
    words: Text

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise ValueError(f"{self.key} is no key of a figure: room.name")

    @property
    def parts(self) -> tuple[str, ...]:
        """Keys of the figures it is worked out of."""
        return ()


@dataclass(frozen=True)
class Flow(Figure):
    """The number of records whose `moment` falls in the period, of those for which `where` holds.

    `moment` is a column, a path or an annotation of the source's rows.
    """

    kind: ClassVar[Kind] = Kind.FLOW
    source: Source
    moment: str = "reported_at"
    where: Q = field(default_factory=Q)
    permission: str = ""
    is_part: bool = False
    counts_people: bool = False


@dataclass(frozen=True)
class Distinct(Figure):
    """How many different values `of` the records of a period have; counted anew for each period and level."""

    kind: ClassVar[Kind] = Kind.DISTINCT
    source: Source
    moment: str
    of: str = "reporter_id"
    where: Q = field(default_factory=Q)
    permission: str = ""
    is_part: bool = False
    counts_people: bool = False


@dataclass(frozen=True)
class Stock(Figure):
    """How many there are when a day ends.

    `by_place(day)` gives rows of (id of the lowest place, number) of the whole portal; `count` the number of one place;
    `records` the records behind that number, None where there are none to show. One that is `slow` to count over many
    communities is read there as it stood last night.
    """

    kind: ClassVar[Kind] = Kind.STOCK
    by_place: Callable[[date], QuerySet]
    count: Callable[[Place, date], int]
    records: Callable[[Place, date], QuerySet] | None = None
    permission: str = ""
    is_part: bool = False
    counts_people: bool = False
    slow: bool = False


@dataclass(frozen=True, init=False)
class Ratio(Figure):
    """So many per cent: the weighted sum of the figures `of` against the figure `over`; "—" when that is 0."""

    kind: ClassVar[Kind] = Kind.RATIO
    of: tuple[tuple[Decimal | int, str], ...]
    over: str
    permission: str
    is_part: bool
    counts_people: bool

    def __init__(
        self,
        key: str,
        label: Text,
        words: Text,
        of: Iterable[tuple[Decimal | int, str]],
        over: str,
        permission: str = "",
        is_part: bool = False,
        counts_people: bool = False,
    ) -> None:
        _fill(self, key=key, label=label, unit=PERCENT, words=words, of=tuple(of), over=over)
        _fill(self, permission=permission, is_part=is_part, counts_people=counts_people)
        self.__post_init__()

    @property
    def parts(self) -> tuple[str, ...]:
        return (*(key for _weight, key in self.of), self.over)


@dataclass(frozen=True, init=False)
class Score(Figure):
    """Ratios weighed against each other; "—" when one of them is."""

    kind: ClassVar[Kind] = Kind.SCORE
    of: tuple[tuple[Decimal, str], ...]
    permission: str
    is_part: bool
    counts_people: bool

    def __init__(
        self,
        key: str,
        label: Text,
        words: Text,
        of: Iterable[tuple[Decimal, str]],
        unit: Text = POINTS,
        permission: str = "",
        is_part: bool = False,
        counts_people: bool = False,
    ) -> None:
        _fill(self, key=key, label=label, unit=unit, words=words, of=tuple(of))
        _fill(self, permission=permission, is_part=is_part, counts_people=counts_people)
        self.__post_init__()

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(key for _weight, key in self.of)


Counted = Flow | Distinct
AnyFigure = Flow | Distinct | Stock | Ratio | Score
figures: Registry[AnyFigure] = Registry()


def register(*offered: AnyFigure) -> None:
    """Offer figures; raises ValueError for a key that is taken."""
    for figure in offered:
        figures.add(figure.key, figure)


def by_key(key: str) -> AnyFigure:
    """The figure of a key; raises KeyError."""
    return figures.items[key]


def counted() -> Iterator[Flow | Distinct]:
    """All that is counted from records day by day."""
    return (figure for figure in figures if isinstance(figure, Counted))


def stocks() -> Iterator[Stock]:
    """All that is looked at when a day has ended."""
    return (figure for figure in figures if isinstance(figure, Stock))


def sources() -> dict[str, list[Counted]]:
    """The figures of each source, by its name; raises ValueError when two sources have one name."""
    found: dict[str, list[Counted]] = {}
    for figure in counted():
        same = found.setdefault(figure.source.name, [])
        if same and same[0].source is not figure.source:
            raise ValueError(f"two sources are called {figure.source.name}")
        same.append(figure)
    return found


def _fill(figure: Figure, **fields: object) -> None:
    for name, value in fields.items():
        object.__setattr__(figure, name, value)
