"""Families move into the flats of a community; some speak for their household, most take part in the mobilisation."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from grid.places.demo.atlas import Community
from grid.places.models import Appointment, Level, Place, Role
from grid.roster.addresses import building_key, room_key, unit_key
from grid.roster.models import ADULT_FROM, Household, Resident, years_before
from portal.core.demonstration import Demonstration

from .buildings import Flat, flats_of
from .families import Family, Known
from .kinds import Kind, fitted
from .naming import Namer, Numbers, is_elder_name
from .plans import CENSUS_FROM, CENSUS_TO, PLANS, REFERENCE, SHAPES

MOBILISED_FROM = date(2021, 3, 1)
REMARKS = (
    "独居，子女不在本区",
    "行动不便，走访请多等一会",
    "听力不好，敲门要响",
    "白天多在儿女家",
    "爱好书法，可写春联",
)
Group = tuple[Place, list[Flat]]


@dataclass(eq=False)
class Home:
    """A flat with whoever lives in it now; `keeps` is true of a building leader's, who stays."""

    household: Household
    people: list[Resident] = field(default_factory=list)
    kind: Kind | None = None
    leader: Known | None = None
    leads_since: date | None = None

    @property
    def keeps(self) -> bool:
        return self.leader is not None

    @property
    def rents(self) -> bool:
        return self.household.occupancy == Household.Occupancy.RENTED

    def take_in(self, *people: Resident) -> None:
        for one in people:
            one.household = self.household
            one.place_id, one.community_id = self.household.place_id, self.household.community_id
        self.people += people


@dataclass
class Settlement:
    """A community on the reference day: its homes, its empty flats and everybody who has ever lived there."""

    place: Place
    homes: list[Home] = field(default_factory=list)
    empty: list[Home] = field(default_factory=list)
    shops: list[Household] = field(default_factory=list)
    everybody: list[Resident] = field(default_factory=list)

    @property
    def households(self) -> Iterator[Household]:
        yield from (home.household for home in [*self.homes, *self.empty])
        yield from self.shops


def settle(scene: Demonstration, community: Community, namer: Namer, numbers: Numbers) -> Settlement:
    """Everybody who lives in a community on the reference day, in numbers that its plan gives."""
    plan, chance = PLANS[community.code], scene.random("roster", community.code)
    settlement = Settlement(Place.objects.get(code=community.code))
    homes = _build(scene, community, settlement, plan.households, chance)
    kinds = fitted(
        chance, households=len(homes), residents=scene.share(plan.residents), elders=scene.share(plan.elders)
    )
    for home, kind in zip(homes, kinds, strict=True):
        home.kind = kind
    _house_leaders(settlement, chance)
    for home in homes:
        _move_in(home, chance, namer, numbers)
        settlement.everybody += home.people
    _mobilise(settlement, scene.share(plan.representatives), scene.share(plan.mobilised), chance)
    return settlement


def _build(
    scene: Demonstration, community: Community, settlement: Settlement, households: int, chance: random.Random
) -> list[Home]:
    """Put up all buildings; choose which flats are lived in, which stand empty, and which shops there are."""
    doors = [(group, flat) for group, flats in _groups(community, chance) for flat in flats]
    dwellings = [door for door in doors if not door[1].is_shop]
    shops = [door for door in doors if door[1].is_shop]
    if len(dwellings) < households:
        raise ValueError(f"{community.name} has {len(dwellings)} flats for {households} households")
    first_of = {group.pk: number for number, (group, _flat) in reversed(list(enumerate(dwellings)))}
    chosen = list(first_of.values())[: scene.share(households)]  # nobody's building stands empty as a whole
    others = sorted(set(range(len(dwellings))) - set(first_of.values()))
    chance.shuffle(others)
    wanted = scene.share(households) - len(chosen)
    chosen, left = sorted(chosen + others[:wanted]), others[wanted:]
    settlement.homes = [Home(_household(*dwellings[number])) for number in chosen]
    empty = sorted(left[: scene.share(len(dwellings) - households)])
    settlement.empty = [Home(_household(*dwellings[number])) for number in empty]
    settlement.shops = [_household(*door) for door in shops[: scene.share(len(shops))]]
    return settlement.homes


def _groups(community: Community, chance: random.Random) -> Iterator[Group]:
    places = Place.objects.filter(community__code=community.code, level=Level.BUILDING_GROUP).select_related("parent")
    found = {(place.parent.name, place.name): place for place in places}
    for grid in community.grids:
        for part, name in zip(grid.parts.split(), grid.groups, strict=True):
            yield found[grid.name, name], list(flats_of(grid, part, SHAPES[grid.name], chance))


def _household(group: Place, flat: Flat) -> Household:
    return Household(
        place=group,
        community_id=group.community_id,
        building=flat.building,
        unit=flat.unit,
        floor=flat.floor,
        room=flat.room,
        building_key=building_key(flat.building),
        unit_key=unit_key(flat.unit),
        room_key=room_key(flat.room),
        area_m2=flat.area,
        use=Household.Use.SHOP if flat.is_shop else Household.Use.DWELLING,
        occupancy=Household.Occupancy.UNKNOWN if flat.is_shop else Household.Occupancy.VACANT,
    )


def _house_leaders(settlement: Settlement, chance: random.Random) -> None:
    """Give whoever ever led a building group a home there, with a family that suits their age."""
    posts = Appointment.objects.filter(
        role=Role.BUILDING_LEADER, place__community=settlement.place, stands_in_for=None
    ).select_related("user")
    homes = defaultdict(list)
    for home in settlement.homes:
        homes[home.household.place_id].append(home)
    for post in posts.order_by("place__code", "since", "pk"):
        is_elder = is_elder_name(post.user.name)
        free = [home for home in homes[post.place_id] if not home.leader and home.kind.slots[0] != "mate"]
        chance.shuffle(free)
        if free:
            home = min(free, key=lambda home: (home.kind.head_is_elder != is_elder, home.kind.size == 1))
            home.leader, home.leads_since = Known(post.user.name, post.user.mobile), post.since


def _move_in(home: Home, chance: random.Random, namer: Namer, numbers: Numbers) -> None:
    rents = not home.leader and chance.random() < home.kind.rented
    since = CENSUS_FROM if home.leader else _some_day(chance, rents)
    family = Family(home.kind, REFERENCE, rents, since, chance, namer, numbers, home.leader)
    home.household.occupancy = Household.Occupancy.RENTED if rents else Household.Occupancy.REGISTERED
    home.take_in(*family.members)
    if home.kind.slots == ("elder",) and not home.leader and chance.random() < 0.3:
        home.people[0].remark = chance.choice(REMARKS)


def _some_day(chance: random.Random, rents: bool) -> date:
    """On the roster since the first census, or since they moved in later."""
    first, last = CENSUS_FROM, CENSUS_TO
    if chance.random() < (0.45 if rents else 0.12):
        first, last = CENSUS_TO, REFERENCE - timedelta(days=5)
    return first + timedelta(days=chance.randint(0, (last - first).days))


def _mobilise(settlement: Settlement, representatives: int, mobilised: int, chance: random.Random) -> None:
    """Exactly so many households are represented and so many people mobilised; whoever leads comes first."""
    homes = sorted(settlement.homes, key=lambda home: (not home.keeps, chance.random() ** (0.4 if home.rents else 1.0)))
    grown_up = years_before(REFERENCE, ADULT_FROM)
    for home in homes[:representatives]:
        adults = [one for one in home.people[:2] if one.birth <= grown_up]
        one = adults[0] if home.keeps or chance.random() < 0.62 else adults[-1]
        one.mobilised_since = _mobilised_day(one, home, chance)
        one.represents_since = min(one.mobilised_since + timedelta(days=chance.choice((0, 0, 0, 30, 90))), REFERENCE)
    left = [
        (home, one)
        for home in settlement.homes
        for one in home.people
        if one.birth <= grown_up and one.mobilised_since is None
    ]
    for home, one in chance.sample(left, mobilised - representatives):
        one.mobilised_since = _mobilised_day(one, home, chance)


def _mobilised_day(one: Resident, home: Home, chance: random.Random) -> date:
    """Leaders before they lead; the others more and more in the two years."""
    first = max(one.since, MOBILISED_FROM)
    if home.keeps and one is home.people[0]:
        return min(max(one.since, home.leads_since), REFERENCE)
    return first + timedelta(days=chance.randint(0, (REFERENCE - first).days))
