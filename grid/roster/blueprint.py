"""A building in a few numbers: how many units, floors and flats; from them follow all its rooms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .addresses import building_key, room_key, unit_key
from .models import Household

MOST = 2000  # rooms of one building


@dataclass(frozen=True)
class Blueprint:
    """A building as somebody describes it: 3栋, two units, floors 1 to 9 with four flats each, three shops.

    Rooms are numbered as everywhere: floor and flat, 502; floors of `left_out` do not exist (4, 14). Without units
    (`units` empty) rooms belong to the building; shops always do.
    """

    building: str
    units: tuple[str, ...]
    first_floor: int
    last_floor: int
    flats: int
    shops: int = 0
    left_out: frozenset[int] = frozenset()

    @property
    def floors(self) -> list[int]:
        return [floor for floor in range(self.first_floor, self.last_floor + 1) if floor and floor not in self.left_out]

    @property
    def size(self) -> int:
        return max(len(self.units), 1) * len(self.floors) * self.flats + self.shops

    def homes(self) -> list[Household]:
        """All rooms as households that are not saved yet."""
        return [*self._flats(), *(self._home("", f"商铺{number}", 1) for number in range(1, self.shops + 1))]

    def _flats(self) -> Iterator[Household]:
        for unit in self.units or ("",):
            for floor in self.floors:
                for number in range(1, self.flats + 1):
                    yield self._home(unit, f"{floor}{number:02d}".replace("-", "负"), floor)

    def _home(self, unit: str, room: str, floor: int) -> Household:
        return Household(
            building=self.building,
            unit=unit,
            room=room,
            floor=floor,
            building_key=building_key(self.building),
            unit_key=unit_key(unit),
            room_key=room_key(room),
            use=Household.Use.SHOP if room.startswith("商铺") else Household.Use.DWELLING,
        )


def unit_names(text: str) -> tuple[str, ...]:
    """`3` means three units, 1单元 to 3单元; anything else names them one by one: A座, B座."""
    text = text.strip()
    if re.fullmatch(r"\d{1,2}", text):
        return tuple(f"{number}单元" for number in range(1, int(text) + 1))
    return tuple(dict.fromkeys(part for part in re.split(r"[\s,，、;；]+", text) if part))
