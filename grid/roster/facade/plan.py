"""What stands where in a building, before anything is measured: units, columns, and rows that belong to no unit."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from .pieces import LEAST_IN_ROW, Home

T = TypeVar("T")


@dataclass(frozen=True)
class Tower:
    """The flats of one unit by floor, and in which column each of them stands."""

    label: str
    floors: Mapping[int, list[Home]]
    columns: int
    column_of: Mapping[int, int]  # by the identity of the household: an unsaved one has no key


@dataclass(frozen=True)
class Plan:
    """A building sorted: towers, and the rows that lie above, below or beside them."""

    homes: list[Home]
    towers: list[Tower]
    podium: list[tuple[int, list[Home]]]
    basement: list[tuple[int, list[Home]]]
    loose: list[Home]
    knows_floors: bool


def plan_of(households: Iterable[Home]) -> Plan:
    """Sort the households of one building."""
    homes = sorted(households, key=lambda home: (natural(home.unit_key), natural(home.room_key)))
    floors = {id(home): _floor(home) for home in homes}
    has_units = any(home.unit_key for home in homes if home.use != "shop")
    lived = [number for home in homes if home.use != "shop" and (number := floors[id(home)]) is not None]
    lowest = min((number for number in lived if number >= 0), default=None)
    towers: dict[str, dict[int, list[Home]]] = defaultdict(lambda: defaultdict(list))
    podium: dict[int, list[Home]] = defaultdict(list)
    basement: dict[int, list[Home]] = defaultdict(list)
    loose: list[Home] = []
    for home in homes:
        number = floors[id(home)]
        if number is None:
            loose.append(home)
        elif number < 0:
            basement[number].append(home)
        elif home.use == "shop" and (lowest is None or number < lowest or (has_units and not home.unit_key)):
            podium[number].append(home)
        else:
            towers[home.unit_key][number].append(home)
    knows_floors = bool(towers or podium or basement)
    if not knows_floors:
        towers, loose = _guessed(loose), []
    labels = {home.unit_key: home.unit for home in homes}
    return Plan(
        homes=homes,
        towers=[_tower(labels[key], towers[key]) for key in sorted(towers, key=lambda key: (key == "", natural(key)))],
        podium=sorted(podium.items(), reverse=True),
        basement=sorted(basement.items(), reverse=True),
        loose=loose,
        knows_floors=knows_floors,
    )


def _floor(home: Home) -> int | None:
    """A shop whose floor nobody has said is on the ground."""
    return 1 if home.floor is None and home.use == "shop" else home.floor


def _guessed(homes: list[Home]) -> dict[str, dict[int, list[Home]]]:
    """A building of which no floor is known: its flats in rows, unit by unit."""
    towers: dict[str, dict[int, list[Home]]] = {}
    for key, group in groupby(homes, key=lambda home: home.unit_key):
        found = parted(list(group), LEAST_IN_ROW)
        towers[key] = dict(zip(range(len(found), 0, -1), found, strict=True))
    return towers


def _tower(label: str, floors: Mapping[int, list[Home]]) -> Tower:
    widest = max(len(homes) for homes in floors.values())
    spots = {number: [_spot(home, number) for home in homes] for number, homes in floors.items()}
    known = sorted({spot for row in spots.values() for spot in row}, key=natural)
    is_clear = all(len(set(row)) == len(row) for row in spots.values())
    if is_clear and len(known) <= widest + 2:
        at = {spot: column for column, spot in enumerate(known)}
        columns = {
            id(home): at[spot]
            for number, homes in floors.items()
            for home, spot in zip(homes, spots[number], strict=True)
        }
        return Tower(label, floors, len(known), columns)
    return Tower(label, floors, widest, {id(home): at for row in floors.values() for at, home in enumerate(row)})


def _spot(home: Home, number: int) -> str:
    """Where on its floor a flat lies, by its number: 2 of 502 and of 1102."""
    return home.room_key.removeprefix(str(number)).lstrip("0") or home.room_key


def natural(key: str) -> list[tuple[int, int, str]]:
    """Sorts 2 before 10, and numbers before words."""
    parts = re.findall(r"\d+|\D+", key)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def parted(found: Sequence[T], size: int) -> list[list[T]]:
    """Rows of at most `size`."""
    return [list(found[start : start + size]) for start in range(0, len(found), size)]
