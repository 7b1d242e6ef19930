"""How the blocks of a schematic are drawn: how broad, what stands at their foot, and how they are called."""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from math import ceil

SIZES = 5
SHOWN = 14  # buildings
BUILDING, BETWEEN, STOREY, HIGHEST = 9, 3, 2, 33  # units of the drawing


def size_of(part: int, largest: int) -> int:
    """How broad a block is, 1 to 5."""
    return max(1, ceil(SIZES * part / largest)) if largest else 1


def skyline(floors: Sequence[int]) -> tuple[str, int]:
    """The buildings of a group side by side, as a path and its width; the more floors, the higher."""
    parts = []
    for at, number in enumerate(floors[:SHOWN]):
        height = min(3 + number * STOREY, HIGHEST)
        parts.append(f"M{at * (BUILDING + BETWEEN)} {HIGHEST}v-{height}h{BUILDING}v{height}z")
    return "".join(parts), len(parts) * (BUILDING + BETWEEN)


def told_apart(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Names in three parts: 岐山中路 | 1–2栋 | 楼栋小组, 岐山中路 | 3栋 | 楼栋小组. Only the middle part is drawn."""
    if len(names) < 2:
        return [("", name, "") for name in names]
    before = re.sub(r"[0-9A-Za-z]+$", "", _beginning(names))
    after = re.sub(r"^(栋|幢|座|号)", "", _beginning([name[::-1] for name in names])[::-1])
    parts = []
    for name in names:
        middle = name.removeprefix(before).removesuffix(after)
        parts.append((before, middle, after) if middle else ("", name, ""))
    return parts


def _beginning(names: Iterable[str]) -> str:
    """What all names begin with."""
    columns = zip(*names, strict=False)
    return "".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))
