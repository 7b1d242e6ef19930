"""What apps show on the boards: which of their figures, what is drawn over time, and how a record behind one reads.

An app fills these registries in its `boards.py`. They live below whoever fills them, as those of `tiles` do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from .refusals import Text
from .tiles import Registry


@dataclass(frozen=True)
class Shown:
    """A figure on a board, by its key; `better` says whether more of it is good (1), bad (-1) or neither (0).

    One that counts places of a level stands beside places above it only: a grid has one grid.
    """

    key: str
    better: int = 0
    counts_level: int | None = None

    def suits(self, level: int) -> bool:
        """Whether it says anything of a place of this level."""
        return self.counts_level is None or level < self.counts_level


@dataclass(frozen=True)
class Trend:
    """Figures of one unit that are drawn over time in one picture."""

    key: str
    title: Text
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Panel:
    """Figures of one subject, side by side in this order.

    `first` stands on top of the board while there is any of it, and counts no people; `beside` is drawn of all places
    below until a reader orders them by another.
    """

    key: str
    title: Text
    figures: tuple[Shown, ...]
    trends: tuple[Trend, ...] = ()
    first: str = ""
    beside: str = ""
    order: int = 100


@dataclass(frozen=True)
class Line:
    """One record behind a figure: no more of a person than may hang on a wall, and the way to the record itself.

    `community` is where it lies, told to whoever looks from above the communities.
    """

    title: Any
    url: str
    meta: Text = ""
    tag: Text = ""
    tone: str = "grey"
    at: Any = None
    community: Any = None


@dataclass(frozen=True)
class Lines:
    """How records of one model read: `prepare` loads all that `line` shows, in one query or a few for a whole page.

    `order` is that of records which are there on a day, without having come about on it.
    """

    prepare: Callable[[QuerySet], QuerySet]
    line: Callable[[Any], Line]
    order: tuple[str, ...] = ("pk",)


panels: Registry[Panel] = Registry()
lines: Registry[Lines] = Registry()


def offer(*offered: Panel) -> None:
    """Put panels on the boards; raises ValueError for a key that is taken."""
    for panel in offered:
        panels.add(panel.key, panel)


def lines_of(model: type[Model]) -> Lines | None:
    """How records of this model read; None when nobody has said so, and then none of them is shown."""
    return lines.items.get(model._meta.label)
