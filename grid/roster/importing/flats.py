"""Which flat a row means: from its own cells, or from the rows above where its cells are left blank."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from grid.roster.addresses import building_key, floor_of, is_shop, parse_address, room_key, unit_key

MOST_REMEMBERED = 5_000
UNKNOWN: Any = object()


class Flat(NamedTuple):
    """A flat as a row names it, with the keys by which rows that mean the same flat are alike."""

    grid: str | None
    group: str | None
    estate: str | None
    building: str
    unit: str | None
    room: str
    building_key: str
    unit_key: str
    room_key: str
    floor: int | None  # as the room tells it
    is_shop: bool


class Address(NamedTuple):
    """The part of a flat that is the same whatever row names it, as it is remembered."""

    room: str
    building_key: str
    unit_key: str
    room_key: str
    floor: int | None
    is_shop: bool
    is_elsewhere: bool


class Flats:
    """Tells the flats of rows that come one by one; `say` names a problem of a field in the present row."""

    def __init__(self, columns: Collection[str], say: Callable[..., None]) -> None:
        self._say = say
        self._has_groups, self._has_units = "group" in columns, "unit" in columns
        self._addresses: dict[tuple[str, str | None, str], Address] = {}
        self._groups: dict[tuple[str | None, str, str], str | None] = {}
        self._with_units: set[tuple[str | None, str]] = set()
        self._above: Flat | None = None  # the flat of the row right above
        self._above_number = 0
        self._building_told = 0  # the row whose building the blank ones below it have

    def forget(self) -> None:
        """What follows does not continue the row above."""
        self._above = None

    def of(
        self,
        number: int,
        parts: tuple[str | None, str | None, str | None, str | None, str | None, str | None],
        is_named: bool,
    ) -> Flat | None:
        """The flat of a row by its grid, group, estate, building, unit and room; None, and named, if it is not told."""
        grid, group, estate, building, unit, room = parts
        above = self._above
        if building is None or room is None:
            told = self._continued(building, unit, room, is_named)
            if told is None or above is None:
                self._above = None
                return None
            building, unit, room = told
            grid, group, estate = grid or above.grid, group or above.group, estate or above.estate
        else:
            self._building_told = number
        address = self._addresses.get((building, unit, room)) or self._address(building, unit, room)
        if address.is_elsewhere:
            self._say("room_elsewhere", "room", room)
        if self._has_units:
            self._check_unit(estate, unit, address)
        if self._has_groups:
            group = self._group(group, estate, address)
        flat = Flat(grid, group, estate, building, unit, *address[:6])
        self._above, self._above_number = flat, number
        return flat

    def _continued(
        self, building: str | None, unit: str | None, room: str | None, is_named: bool
    ) -> tuple[str, str | None, str] | None:
        """Building, unit and room of a row in which one of them is blank, if the row above leaves no doubt of them."""
        above = self._above
        if building is None and above is None:
            self._say("building_missing", "building")
        elif building is None and above is not None and room is not None:
            if self._building_told:  # said once for all that follow
                self._say("building_continued", "building", other=self._building_told)
                self._building_told = 0
            return above.building, unit or above.unit, room
        if room is not None:
            return None
        if above is None or not is_named or not self._is_in(above, building, unit):
            self._say("room_missing", "room")
            return None
        self._say("room_continued", "room", other=self._above_number)
        return above.building, above.unit, above.room

    @staticmethod
    def _is_in(flat: Flat, building: str | None, unit: str | None) -> bool:
        """Whether a flat is in a building and unit as far as these are told."""
        return (building is None or building_key(building) == flat.building_key) and (
            unit is None or unit_key(unit) == flat.unit_key
        )

    def _address(self, building: str, unit: str | None, room: str) -> Address:
        """The keys of an address; a room written with its building and unit loses them."""
        of_building, of_unit = building_key(building), unit_key(unit) if unit else ""
        is_elsewhere = False
        sought = None if room.isdigit() else parse_address(room)
        if sought and sought.building:
            is_elsewhere = building_key(sought.building) != of_building or sought.unit not in ("", of_unit)
            room = room if is_elsewhere else sought.room.upper()
        address = Address(room, of_building, of_unit, room_key(room), floor_of(room), is_shop(room), is_elsewhere)
        if len(self._addresses) >= MOST_REMEMBERED:
            self._addresses.clear()  # rows of a flat stand together: the next ones mean other flats
        self._addresses[building, unit, address.room] = address
        return address

    def _check_unit(self, estate: str | None, unit: str | None, address: Address) -> None:
        if unit:
            self._with_units.add((estate, address.building_key))
        elif (estate, address.building_key) in self._with_units:
            self._say("unit_missing", "unit")

    def _group(self, group: str | None, estate: str | None, address: Address) -> str | None:
        """The building group; left blank, that of the other rows of the building and unit, if they agree."""
        key = estate, address.building_key, address.unit_key
        known = self._groups.get(key, UNKNOWN)
        if group:
            if known != group:
                self._groups[key] = group if known is UNKNOWN else None
        elif known is UNKNOWN or known is None:
            self._say("group_missing", "group")
        else:
            return known
        return group
