"""The measures of a façade, from the roof down."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from .pieces import (
    BETWEEN_UNITS,
    BREAK,
    CELL,
    GAP,
    GROUND,
    HEIGHT,
    LABELS,
    LEAST_IN_ROW,
    PAD,
    PITCH,
    ROOF,
    SIDE,
    SIGN,
    UNIT_OF_TYPE,
    WIDEST_CELL,
    Facade,
    Flat,
    Floor,
    Home,
    Mark,
    Unit,
)
from .plan import Plan, Tower, parted


class Drawing:
    """Measures a plan from the roof down."""

    def __init__(self, plan: Plan, mark: Callable[[Any], Mark]) -> None:
        self.plan, self.mark = plan, mark
        self.cell = cell_width([home.room for home in plan.homes])
        self.breaks: list[int] = []
        self.labels: list[tuple[str, int]] = []
        self.breadth = max(self._towers_breadth(), self._rows_breadth())

    def facade(self) -> Facade:
        plan = self.plan
        has_signs = any(tower.label for tower in plan.towers)
        y = (SIGN if has_signs else 0) + ROOF + PAD + 2
        heights, y = self._storeys(y)
        towers_end = y - GAP + PAD if plan.towers else y - PAD
        podium, ground = self._podium(towers_end + PAD if plan.towers else y) if plan.podium else ((), towers_end)
        units = self._units(heights, towers_end)
        basement, y = self._below(ground + GROUND + PAD, plan.basement)
        loose, y = self._loose(y)
        first = plan.homes[0]
        return Facade(
            label=first.building,
            anchor=min((home.pk for home in plan.homes if home.pk), default=0),
            width=LABELS + self.breadth + PAD,
            height=y,
            ground=ground,
            units=tuple(units),
            podium=podium,
            basement=basement,
            loose=loose,
            breaks=tuple(self.breaks),
            labels=tuple(self.labels),
        )

    def _storeys(self, y: int) -> tuple[dict[int, int], int]:
        """The y of each floor of the towers, the highest first; where floors are left out, a break."""
        heights: dict[int, int] = {}
        numbers = sorted({number for tower in self.plan.towers for number in tower.floors}, reverse=True)
        below = [*numbers[1:], max([number for number, _homes in self.plan.podium], default=0)]
        for number, following in zip(numbers, below, strict=False):
            heights[number] = y
            if self.plan.knows_floors:
                self._label(floor_label(number), y)
            y += PITCH
            if self.plan.knows_floors and number - following > 1:
                self.breaks.append(y - GAP + BREAK // 2)
                y += BREAK
        return heights, y

    def _units(self, heights: Mapping[int, int], bottom: int) -> Iterable[Unit]:
        x = LABELS + (self.breadth - self._towers_breadth()) // 2
        for tower in self.plan.towers:
            floors = []
            for number in sorted(tower.floors, reverse=True):
                places = [
                    (home, x + PAD + tower.column_of[id(home)] * (self.cell + GAP)) for home in tower.floors[number]
                ]
                flats = sorted((self._flat(home, at, heights[number]) for home, at in places), key=lambda flat: flat.x)
                label = floor_label(number) if self.plan.knows_floors else ""
                floors.append(Floor(label, heights[number], tuple(flats)))
            width = self._tower_breadth(tower)
            yield Unit(tower.label, x, floors[0].y - PAD, width, bottom, tuple(floors))
            x += width + BETWEEN_UNITS

    def _podium(self, y: int) -> tuple[tuple[Floor, ...], int]:
        """Shops share the whole width, and wrap where they would become narrower than a cell."""
        floors = []
        for number, homes in self.plan.podium:
            for row in parted(homes, self._in_row()):
                count = max(len(row), 1 if len(homes) == len(row) else self._in_row())
                width = (self.breadth - 2 * PAD - (count - 1) * GAP) // count
                flats = [self._flat(home, LABELS + PAD + at * (width + GAP), y, width) for at, home in enumerate(row)]
                floors.append(Floor(floor_label(number), y, tuple(flats)))
                self._label(floor_label(number), y)
                y += PITCH
        return tuple(floors), y - GAP + PAD

    def _below(self, y: int, found: Sequence[tuple[int, list[Home]]]) -> tuple[tuple[Floor, ...], int]:
        floors = []
        for number, homes in found:
            for row in parted(homes, self._in_row()):
                floors.append(self._row(floor_label(number), y, row))
                y += PITCH
        return tuple(floors), y

    def _loose(self, y: int) -> tuple[tuple[Floor, ...], int]:
        floors = []
        y += PAD if self.plan.loose and self.plan.basement else 0
        for row in parted(self.plan.loose, self._in_row()):
            floors.append(self._row(_("Unknown"), y, row))
            y += PITCH
        return tuple(floors), y

    def _row(self, label: str, y: int, homes: Sequence[Home]) -> Floor:
        self._label(label, y)
        left = LABELS + PAD
        return Floor(
            label, y, tuple(self._flat(home, left + at * (self.cell + GAP), y) for at, home in enumerate(homes))
        )

    def _flat(self, home: Home, x: int, y: int, width: int = 0) -> Flat:
        width = width or self.cell
        return Flat(home, self.mark(home), x, y, width, shortened(home.room, width - 2 * SIDE))

    def _label(self, text: str, y: int) -> None:
        self.labels.append((text, y + HEIGHT // 2 + 6))

    def _tower_breadth(self, tower: Tower) -> int:
        return tower.columns * (self.cell + GAP) - GAP + 2 * PAD

    def _towers_breadth(self) -> int:
        towers = self.plan.towers
        return sum(self._tower_breadth(tower) for tower in towers) + BETWEEN_UNITS * max(len(towers) - 1, 0)

    def _rows_breadth(self) -> int:
        """As wide as the rows without a unit need, up to the width of the towers or a few cells."""
        rows = [homes for _number, homes in (*self.plan.podium, *self.plan.basement)] + [self.plan.loose]
        longest = min(max((len(row) for row in rows), default=0), self._in_row())
        return longest * (self.cell + GAP) - GAP + 2 * PAD if longest else 0

    def _in_row(self) -> int:
        return max((self._towers_breadth() - 2 * PAD + GAP) // (self.cell + GAP), LEAST_IN_ROW)


def floor_label(number: int) -> str:
    """5层; 负1层 below the ground."""
    words = _("B%(floor)d") if number < 0 else _("%(floor)dF")
    return words % {"floor": abs(number)}


def shortened(text: str, room: int) -> str:
    """As much of a text as fits into `room` units, with an ellipsis where it was cut."""
    if _length(text) <= room:
        return text
    while text and _length(text) + UNIT_OF_TYPE * 0.8 > room:
        text = text[:-1]
    return f"{text}…"


def cell_width(names: Iterable[str]) -> int:
    """Wide enough for the longest name, within reason."""
    longest = max((_length(name) for name in names), default=0)
    return min(max(CELL, round(longest) + 2 * SIDE + 1), WIDEST_CELL)


def _length(text: str) -> float:
    """How long a text comes out: a Chinese character is as wide as it is high, a digit a little more than half."""
    return sum(UNIT_OF_TYPE * (1 if unicodedata.east_asian_width(char) in "WF" else 0.6) for char in text)
