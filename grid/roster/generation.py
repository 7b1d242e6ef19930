"""Made-up flats and the people in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from grid.places.generation import GIVEN, GROUPS, SURNAMES, Ground
from grid.roster.models import Estate, EstateGroup, Household, Resident
from portal.core.generation import Lot, Part, copy_in, ids, register
from portal.core.identity import check_digit
from portal.core.personal import blind_index, encrypt
from portal.core.pinyin import keys_of

ESTATES = ("中路小区", "花园", "富苑", "加富花园", "御居")
SIZES = (1, 2, 2, 3, 3, 4)  # people in a flat; one in twenty stands empty
TO_A_FLOOR = 4
CAME, MOBILISED, LEFT = date(2020, 6, 1), date(2021, 3, 1), date(2023, 9, 1)
BORN_FROM, BIRTHDAYS = date(1935, 1, 1), 31_000
RELATIONS = ("户主", "配偶", "子", "女")


@dataclass
class Homes:
    """The flats of a community, by building group."""

    flats: dict[int, list[int]] = field(default_factory=dict)


def make(lot: Lot) -> None:
    """Build the flats of every building group and settle people in them, and join the groups to estates."""
    ground: Ground = lot.made[Ground]
    chance, homes = lot.random("roster"), Homes()
    flats: list[tuple[int, int, int]] = []  # group, number in the group, how many live there
    wanted = [lot.size.residents * (n + 1) // GROUPS - lot.size.residents * n // GROUPS for n in range(GROUPS)]
    for group, people in zip(ground.groups, wanted, strict=True):
        left, number = people, 0
        while left:
            living = 0 if chance.random() < 0.05 else min(left, chance.choice(SIZES))
            flats.append((group, number, living))
            left, number = left - living, number + 1
    keys = ids(Household, len(flats))
    for key, (group, _number, _living) in zip(keys, flats, strict=True):
        homes.flats.setdefault(group, []).append(key)
    buildings = {group: position for position, group in enumerate(ground.groups, start=1)}
    copy_in(Household, (_flat(ground, key, buildings[flat[0]], *flat) for key, flat in zip(keys, flats, strict=True)))
    lot.counts["households"] += len(flats)
    lot.counts["residents"] += copy_in(Resident, _people(lot, ground, keys, flats))
    _open_estates(ground)
    lot.made[Homes] = homes


def _flat(ground: Ground, key: int, building: int, group: int, number: int, living: int) -> dict:
    floor, side = number // TO_A_FLOOR + 1, number % TO_A_FLOOR + 1
    room = f"{floor}0{side}"
    return {
        "id": key,
        "place_id": group,
        "community_id": ground.community,
        "building": f"{building}栋",
        "unit": "",
        "room": room,
        "building_key": str(building),
        "unit_key": "",
        "room_key": room,
        "floor": floor,
        "area_m2": Decimal(60 + number % 5 * 15),
        "occupancy": ("registered", "rented", "")[number % 3] if living else "vacant",
    }


def _people(lot: Lot, ground: Ground, keys: range, flats: list[tuple[int, int, int]]) -> Iterator[dict]:
    chance, serial = lot.random("names"), (lot.number - 1) * lot.size.residents
    for key, (group, number, living) in zip(keys, flats, strict=True):
        for member in range(living):
            dice = chance.randrange(200)
            name = chance.choice(SURNAMES) + chance.choice(GIVEN) + (chance.choice(GIVEN) if dice % 5 else "")
            found = keys_of(name)
            birth = BORN_FROM + timedelta(days=serial * 7919 % BIRTHDAYS)
            start = f"440113{birth:%Y%m%d}{serial // BIRTHDAYS % 1000:03d}"
            id_number, mobile = start + check_digit(start), f"13{serial % 10**9:09d}"
            has_left = dice % 50 == 7
            represents = member == 0 and number % 5 < 2 and not has_left
            yield {
                "place_id": group,
                "community_id": ground.community,
                "household_id": key,
                "name": name,
                "given_name": found.given_name,
                "sort_key": found.sort_key,
                "initials": found.initials,
                "relation": RELATIONS[member],
                "sex": "male" if int(start[-1]) % 2 else "female",
                "birth": birth,
                "id_number": encrypt(id_number),
                "id_number_index": blind_index(id_number),
                "mobile": encrypt(mobile),
                "mobile_index": blind_index(mobile),
                "is_party_member": dice % 12 == 0,
                "mobilised_since": MOBILISED if represents or dice % 3 else None,
                "represents_since": MOBILISED if represents else None,
                "since": CAME,
                "left_because": "moved_out" if has_left else "",
                "until": LEFT if has_left else None,
                "away_since": LEFT if dice == 9 else None,
            }
            serial += 1


def _open_estates(ground: Ground) -> None:
    estates = [
        Estate.objects.create(place_id=ground.community, community_id=ground.community, name=name) for name in ESTATES
    ]
    members = (
        {"estate_id": estates[position % len(estates)].pk, "group_id": group, "community_id": ground.community}
        for position, group in enumerate(ground.groups)
    )
    copy_in(EstateGroup, members)


def _finds_others(expected: Mapping[str, int]) -> bool:
    return not expected.get("households") and Household.objects.exists()


register(Part("roster", 15, make, _finds_others))
