"""The building drawn as its façade: floors × flats, a cell a household. Nothing here asks a database.

`draw` makes one `Facade` of the households of a building; `front` parts the households of a building group into such
façades and into rows of houses, where a whole lane is built of houses with one household each. Every room of the portal
may colour the cells: it says of each household what there is to say, as a `Mark`. All numbers are units of the drawing,
sixteen to the size of the reader's type, so that a cell stays a target for a thumb whatever that size is.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from .drawing import Drawing, cell_width, floor_label, shortened
from .pieces import SIDE, Badge, Facade, Flat, Floor, Front, Home, Key, Mark, Row, Unit
from .plan import natural, plan_of

__all__ = [
    "Badge",
    "Facade",
    "Flat",
    "Floor",
    "Front",
    "Home",
    "Key",
    "Mark",
    "Row",
    "Unit",
    "draw",
    "floor_label",
    "front",
    "legend",
    "natural",
    "rows",
]


def draw(households: Iterable[Home], mark: Callable[[Any], Mark]) -> Facade:
    """The façade of one building.

    A flat stands in the same column on every floor, as its number tells, so that a missing one leaves a hole. Shops
    below the lowest flats, and those that belong to no unit, share the whole width.
    """
    return Drawing(plan_of(households), mark).facade()


def front(households: Iterable[Home], mark: Callable[[Any], Mark]) -> Front:
    """Buildings and rows of houses of a building group, each in the order of their numbers."""
    buildings: dict[str, list[Home]] = defaultdict(list)
    for home in households:
        buildings[home.building_key].append(home)
    ordered = [buildings[key] for key in sorted(buildings, key=natural)]
    houses = [homes[0] for homes in ordered if len(homes) == 1 and homes[0].floor in (None, 1)]
    if len(houses) < 2:
        houses = []
    alone = {id(home) for home in houses}
    facades = [draw(homes, mark) for homes in ordered if id(homes[0]) not in alone]
    return Front(tuple(facades), tuple(rows(houses, mark)))


def rows(houses: Iterable[Home], mark: Callable[[Any], Mark]) -> list[Row]:
    """Houses lane by lane: 凌边大街 1号, 2号, 3号 …"""
    found = []
    for lane, group in groupby(sorted(houses, key=lambda home: natural(home.building_key)), key=_lane):
        homes = list(group)
        names = [home.building.removeprefix(lane).strip() or home.building for home in homes]
        width = cell_width(names)
        flats = [
            Flat(home, mark(home), 0, 0, width, shortened(name, width - 2 * SIDE))
            for home, name in zip(homes, names, strict=True)
        ]
        found.append(Row(lane, tuple(flats)))
    return found


def legend(flats: Iterable[Flat]) -> list[Key]:
    """What the tones and symbols mean, and how often each occurs, the most frequent first."""
    marks: Counter[tuple[str, str, str]] = Counter()
    badges: Counter[tuple[str, str]] = Counter()
    for flat in flats:
        marks[flat.mark.tone, flat.mark.symbol, str(flat.mark.label)] += 1
        badges.update((badge.symbol, str(badge.label)) for badge in flat.mark.badges)
    shown = [Key(label, symbol, tone, count) for (tone, symbol, label), count in marks.most_common()]
    return [*shown, *(Key(label, symbol, "", count) for (symbol, label), count in badges.most_common())]


def _lane(home: Home) -> str:
    """凌边大街 of 凌边大街12号; nothing where the name is little more than a number."""
    lane = re.split(r"\d", unicodedata.normalize("NFKC", home.building), maxsplit=1)[0]
    return lane if len(lane) > 1 and home.building.startswith(lane) else ""
