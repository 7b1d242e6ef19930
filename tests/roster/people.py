"""Households and residents in the states a scene needs."""

from datetime import date
from typing import Any

from grid.places.models import Place
from grid.roster.addresses import building_key, floor_of, is_shop, room_key, unit_key
from grid.roster.models import Household, Resident
from portal.core.personal import blind_index
from portal.core.pinyin import keys_of

LONG_AGO = date(2021, 1, 1)


def household(place: Place, building: str = "3栋", room: str = "502", unit: str = "", **fields: Any) -> Household:
    """A flat of a building group; a shop when its room says so."""
    fields.setdefault("floor", floor_of(room))
    fields.setdefault("use", Household.Use.SHOP if is_shop(room) else Household.Use.DWELLING)
    return Household.objects.create(
        place=place,
        building=building,
        unit=unit,
        room=room,
        building_key=building_key(building),
        unit_key=unit_key(unit),
        room_key=room_key(room),
        **fields,
    )


def resident(home: Household, name: str = "陈家生", **fields: Any) -> Resident:
    """Somebody of a household since long ago; a representative is mobilised too."""
    keys = keys_of(name)
    if fields.get("represents_since"):
        fields.setdefault("mobilised_since", fields["represents_since"])
    for number in ("id_number", "mobile"):
        if fields.get(number):
            fields[f"{number}_index"] = blind_index(fields[number])
    return Resident.objects.create(
        household=home,
        name=name,
        sort_key=keys.sort_key,
        initials=keys.initials,
        given_name=keys.given_name,
        **{"since": LONG_AGO, **fields},
    )
