"""Kinds of families, and how many of each live in a community so that its people come to given numbers."""

import random
from collections import defaultdict
from dataclasses import dataclass

ELDERLY_SLOTS = {"elder", "elder_spouse", "parent"}


@dataclass(frozen=True)
class Kind:
    """Who lives together, the head first; `often` is how frequent it is, `rented` how many of them rent.

    Slots: `adult` and `elder` are heads under and from 60, `spouse` and `elder_spouse` theirs, `mate` shares the flat,
    `child` is the head's and not on its own feet, `grown` is; `parent` is the head's, `in_law` and `grandchild` go with
    `grown`.
    """

    slots: tuple[str, ...]
    often: float
    rented: float

    @property
    def size(self) -> int:
        return len(self.slots)

    @property
    def elders(self) -> int:
        return sum(slot in ELDERLY_SLOTS for slot in self.slots)

    @property
    def head_is_elder(self) -> bool:
        return self.slots[0] == "elder"


def _kind(slots: str, often: float, rented: float) -> Kind:
    return Kind(tuple(slots.split()), often, rented)


KINDS = (
    _kind("adult", 28, 0.5),
    _kind("elder", 5, 0.05),
    _kind("adult spouse", 19, 0.42),
    _kind("elder elder_spouse", 5.5, 0.03),
    _kind("elder spouse", 1.2, 0.03),
    _kind("elder grown", 1.6, 0.06),
    _kind("adult child", 4, 0.35),
    _kind("mate mate", 4, 1.0),
    _kind("adult parent", 1, 0.1),
    _kind("adult spouse child", 13, 0.3),
    _kind("mate mate mate", 1.5, 1.0),
    _kind("elder elder_spouse grown", 1.5, 0.04),
    _kind("adult spouse parent", 1, 0.08),
    _kind("adult child parent", 0.6, 0.1),
    _kind("adult spouse child child", 6, 0.3),
    _kind("adult spouse child parent", 2.2, 0.12),
    _kind("elder grown in_law grandchild", 1, 0.04),
    _kind("adult spouse parent parent", 0.5, 0.05),
    _kind("adult spouse child child child", 0.4, 0.4),
    _kind("adult spouse child child parent", 1.2, 0.1),
    _kind("adult spouse child parent parent", 1, 0.06),
    _kind("elder elder_spouse grown in_law grandchild", 1.1, 0.03),
    _kind("adult spouse child child parent parent", 0.7, 0.05),
)
NEWCOMERS = tuple(kind for kind in KINDS if kind.rented >= 0.3)
OFTEN = [kind.often for kind in KINDS]


def fitted(chance: random.Random, *, households: int, residents: int, elders: int) -> list[Kind]:
    """Kinds for so many households that come to exactly so many residents and elders among them.

    Drawn freely at first; then one household after another is exchanged for one a head larger or smaller, and for one
    with an elder more or less. Numbers that no households could have would never come out: they are refused.
    """
    if not (households <= residents <= 4 * households and elders <= residents // 2):
        raise ValueError(f"{households} households cannot have {residents} residents with {elders} elders")
    by_numbers = defaultdict(list)
    for kind in KINDS:
        by_numbers[kind.size, kind.elders].append(kind)
    drawn = chance.choices(KINDS, OFTEN, k=households)
    _bring(drawn, chance, by_numbers, residents, size=1)
    _bring(drawn, chance, by_numbers, elders, size=0)
    return drawn


def _bring(
    drawn: list[Kind], chance: random.Random, by_numbers: dict[tuple[int, int], list[Kind]], wanted: int, *, size: int
) -> None:
    """Exchange kinds until the residents (`size` 1) or else the elders come to `wanted`."""
    missing = wanted - sum(kind.size if size else kind.elders for kind in drawn)
    while missing:
        step = 1 if missing > 0 else -1
        number = chance.randrange(len(drawn))
        kind = drawn[number]
        numbers = (kind.size + step, kind.elders) if size else (kind.size, kind.elders + step)
        if others := by_numbers.get(numbers):
            drawn[number] = chance.choices(others, [other.often for other in others])[0]
            missing -= step
