"""What is counted: each figure under one key, offered by the app whose records it counts (in its `figures.py`).

Flows and distinct values are counted from the records of a day and stored by day; stocks are looked at when a day has
ended; ratios and scores are worked out of these when somebody reads them and stand nowhere.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What every figure says of itself.

    `key` (`room.name`) is a contract with whoever reads the figures. `words` is its formula in plain words: what is
    counted, on which day, what is left out. `permission` says who may see the records behind it, "" whoever may see the
    place.
    """

    kind: ClassVar[Kind]
    key: str
    label: Text
    unit: Text
    words: Text
    permission: str = ""

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise ValueError(f"{self.key} is no key of a figure: room.name")

    @property
    def parts(self) -> tuple[str, ...]:
        """Keys of the figures it is worked out of."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Tally(Figure):
    """A figure that is counted rather than worked out of others.

    One that `is_part` only serves to work out others; of one that `counts_people` nobody is told groups of 1–4.
    """

    is_part: bool = False
    counts_people: bool = False


@dataclass(frozen=True, kw_only=True)
class Flow(Tally):
    """The number of records whose `moment` falls in the period, of those for which `where` holds.

    `moment` is a column, a path or an annotation of the source's rows. With `only_passed` it counts of a day that still
    runs what has passed by now, such as deadlines. One that `grows` does so after its period, because what it counts
    may come about later. `kept_as` is the key of a flow that says the same of every day that has ended: only that one
    is stored.
    """

    kind: ClassVar[Kind] = Kind.FLOW
    source: Source
    moment: str = "reported_at"
    where: Q = field(default_factory=Q)
    only_passed: bool = False
    grows: bool = False
    kept_as: str = ""

    def passed(self, key: str, label: Text, words: Text = "") -> "Flow":
        """The same as a part, of a day that still runs only what has passed by now; nothing more is stored for it."""
        kept_as = self.kept_as or self.key
        return replace(self, key=key, label=label, words=words, is_part=True, only_passed=True, kept_as=kept_as)


@dataclass(frozen=True, kw_only=True)
class Distinct(Tally):
    """How many different values `of` the records of a period have; counted anew for each period and level."""

    kind: ClassVar[Kind] = Kind.DISTINCT
    source: Source
    moment: str
    of: str = "reporter_id"
    where: Q = field(default_factory=Q)


@dataclass(frozen=True, kw_only=True)
class Stock(Tally):
    """How many there are when a day ends.

    `by_place(day)` gives rows of (id of the lowest place, number) of the whole portal; `count` the number of one place;
    `records` the records behind that number, None where there are none to show. One that is `slow` to count over many
    communities is read there as it stood last night.
    """

    kind: ClassVar[Kind] = Kind.STOCK
    by_place: Callable[[date], QuerySet]
    count: Callable[[Place, date], int]
    records: Callable[[Place, date], QuerySet] | None = None
    slow: bool = False


@dataclass(frozen=True, kw_only=True)
class Ratio(Figure):
    """So many per cent: the weighted sum of the figures `of` against the figure `over`; "—" when that is 0."""

    kind: ClassVar[Kind] = Kind.RATIO
    unit: Text = PERCENT
    of: tuple[tuple[Decimal | int, str], ...]
    over: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (*(key for _weight, key in self.of), self.over)


@dataclass(frozen=True, kw_only=True)
class Score(Figure):
    """Ratios weighed against each other; "—" when one of them is."""

    kind: ClassVar[Kind] = Kind.SCORE
    unit: Text = POINTS
    of: tuple[tuple[Decimal, str], ...]

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


def shown() -> Iterator[AnyFigure]:
    """All that says something by itself: parts of others are left out."""
    return (figure for figure in figures if not (isinstance(figure, Tally) and figure.is_part))


def is_of_people(figure: AnyFigure) -> bool:
    """Whether a small number of it would point at somebody; what is worked out of others says no number."""
    return isinstance(figure, Tally) and figure.counts_people


def counted() -> Iterator[Flow | Distinct]:
    """All that is counted from records day by day."""
    return (figure for figure in figures if isinstance(figure, Counted))


def stocks() -> Iterator[Stock]:
    """All that is looked at when a day has ended."""
    return (figure for figure in figures if isinstance(figure, Stock))


def grows(figure: AnyFigure) -> bool:
    """Whether it, or something it is worked out of, goes on growing when its period has ended."""
    return (isinstance(figure, Flow) and figure.grows) or any(grows(by_key(key)) for key in figure.parts)


def sources() -> dict[str, list[Counted]]:
    """The figures of each source that are stored, by its name; raises ValueError when two sources have one name."""
    found: dict[str, list[Counted]] = {}
    for figure in counted():
        if isinstance(figure, Flow) and figure.kept_as:
            continue
        same = found.setdefault(figure.source.name, [])
        if same and same[0].source is not figure.source:
            raise ValueError(f"two sources are called {figure.source.name}")
        same.append(figure)
    return found
