"""The flat that a report names, as a household of the roster: A7栋203房阳台 is about a flat, 小学门口 about none."""

import re

from grid.places.models import Place
from grid.roster.addresses import building_key, room_key
from grid.roster.models import Household

NAMED = re.compile(r"(?P<building>.+?)(?P<unit>[一二三四五六]单元)?(?P<room>\d{3,4})房")


def flat_at(place: Place, where: str) -> Household | None:
    """The household of a building group whose address is written there, the first if several units have such a room."""
    named = NAMED.match(where)
    if not named:
        return None
    here = Household.objects.filter(community=place.community_id, place=place, room_key=room_key(named["room"]))
    return here.filter(building_key=building_key(named["building"])).order_by("unit_key", "pk").first()
