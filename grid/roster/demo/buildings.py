"""What stands in a building group: buildings, units, floors, flats, and shops on the ground floor."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from grid.places.demo.atlas import Grid

from .plans import Shape

PART = re.compile(r"(?P<before>\D*)(?P<first>\d+)(?:–(?P<last>\d+))?(?P<after>.*)")
UNITS = {"一单元": "1单元", "二单元": "2单元"}
SHOP_AREAS = (18, 46)


@dataclass(frozen=True, slots=True)
class Flat:
    """A flat or a shop, at its address within the building group."""

    building: str
    unit: str
    floor: int
    room: str
    area: Decimal
    is_shop: bool = False


def flats_of(grid: Grid, part: str, shape: Shape, chance: random.Random) -> Iterator[Flat]:
    """Everything with a door in the building group that `part` of a grid's pattern names."""
    for building, unit in _buildings(grid, part, shape, chance):
        yield from _building(building, unit, shape, chance)


def _buildings(grid: Grid, part: str, shape: Shape, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Each building as people call it there; with a unit when the group has only that unit of it."""
    word = grid.pattern.partition("{}")[2]
    if word == "巷":
        for number in range(1, chance.randint(*shape.houses) + 1):
            yield f"{part}巷{number}号", ""
    elif found := PART.fullmatch(part):
        first, last = int(found["first"]), int(found["last"] or found["first"])
        name, unit = found["after"] or word, ""
        for words, said in UNITS.items():
            if name.endswith(words):
                name, unit = name.removesuffix(words), said
        for number in range(first, last + 1, 2 if word == "号" else 1):  # street numbers are odd on one side
            yield f"{found['before']}{number}{name}", unit


def _building(building: str, unit: str, shape: Shape, chance: random.Random) -> Iterator[Flat]:
    floors, beside, number = chance.choice(shape.floors), chance.choice(shape.flats), chance.choice(shape.units)
    units = [unit] if unit else [f"{n}单元" for n in range(1, number + 1)] if number > 1 else [""]
    has_shops = chance.random() < shape.shops
    areas = [chance.randint(*shape.areas) for _flat in range(beside)]  # what lies above one another is alike
    penthouse, porter = chance.random() < 0.15, chance.random() < 0.25
    for unit_name in units:
        for floor in range(2 if has_shops else 1, floors + 1):
            for flat in range(1, beside + 1):
                if (penthouse and floor == floors and flat > 1) or (porter and floor == 1 and flat == 1):
                    continue  # one flat over the whole top floor; a porter's lodge and letter boxes below
                area = areas[flat - 1] + (areas[-1] // 2 if penthouse and floor == floors and beside > 1 else 0)
                yield Flat(building, unit_name, floor, f"{floor}{flat:02d}", Decimal(area) + Decimal("0.36"))
    if has_shops:
        for shop in range(1, beside * len(units) + 1):
            yield Flat(building, "", 1, f"商铺{shop}", Decimal(chance.randint(*SHOP_AREAS)), is_shop=True)
