"""Made-up streets of communities, and the people who look after them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType

from grid.places.models import Appointment, Department, Level, Place, PlaceSpan, Role
from portal.accounts.models import Consent, User
from portal.accounts.services import CONSENT_VERSION
from portal.core.clock import start_of
from portal.core.demonstration import PASSWORD
from portal.core.generation import STREET, Deed, Lot, Part, copy_in, ids, register
from portal.core.personal import blind_index, encrypt

FOUNDED = date(2020, 12, 1)
DISTRICT = ("440113", "番禺区")
GRIDS, GROUPS = 7, 113  # of a community, as in 大龙社区
STAFF = 6
DEPARTMENTS = ("综合行政执法办公室", "市政服务中心", "应急管理办公室")
SURNAMES = "陈李黄张何梁林刘吴罗王杨曾邓谢郑叶冯蔡卢彭朱麦周胡郭高曹苏徐区冼"
GIVEN = "丽芳伟强建国华敏静婷浩志明秀英杰军勇艳超霞平刚桂玲红梅文辉海燕玉兰少嘉俊子轩雨"
POSTS = {  # what the user names begin with
    Role.STREET_ADMIN: "street",
    Role.DEPARTMENT_OFFICER: "department",
    Role.SECRETARY: "secretary",
    Role.STAFF: "staff",
    Role.SOCIAL_WORKER: "social",
    Role.GRID_LEADER: "grid",
    Role.BUILDING_LEADER: "leader",
}


@dataclass
class Ground:
    """A community with who looks after what in it, by keys; `leaders` and `officers` go by place and department."""

    street: int
    community: int
    code: str
    grids: range = range(0)
    groups: dict[int, int] = field(default_factory=dict)  # group → its grid
    secretary: int = 0
    staff: list[int] = field(default_factory=list)
    social: int = 0
    leaders: dict[int, int] = field(default_factory=dict)
    officers: dict[int, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)  # user → name

    @property
    def places(self) -> list[int]:
        return [self.community, *self.grids, *self.groups]


def sign_in(role: Role, *numbers: int) -> str:
    """As whom to sign in: `leader1-5` leads the fifth building group of the first community."""
    return POSTS[role] + "-".join(map(str, numbers))


@dataclass
class Crew:
    """Collects posts; writes accounts, consents and appointments down in one go each."""

    lot: Lot
    held: list[tuple[Role, Place | Department, str]] = field(default_factory=list)

    def hold(self, role: Role, at: Place | Department, *numbers: int) -> None:
        self.held.append((role, at, sign_in(role, *numbers)))

    def write(self) -> list[tuple[int, str]]:
        """Key and name of whoever holds each post, in the order of the calls."""
        chance, people = self.lot.random("people"), ids(User, len(self.held))
        names = [chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN) for _post in self.held]
        copy_in(User, self._accounts(people, names))
        copy_in(Consent, [{"user_id": pk, "version": CONSENT_VERSION, "given_at": start_of(FOUNDED)} for pk in people])
        copy_in(Appointment, self._appointments(people))
        self.lot.counts["people"] += len(people)
        return list(zip(people, names, strict=True))

    def _accounts(self, people: range, names: list[str]) -> Iterator[dict]:
        password, joined = make_password(PASSWORD), start_of(FOUNDED)  # one for all: a hash for each takes for ever
        for position, (pk, name) in enumerate(zip(people, names, strict=True)):
            number = f"139{self.lot.number:05d}{position:03d}"
            yield {
                "id": pk,
                "username": self.held[position][2],
                "name": name,
                "mobile": encrypt(number),
                "mobile_index": blind_index(number),
                "password": password,
                "consented_version": CONSENT_VERSION,
                "date_joined": joined,
            }

    def _appointments(self, people: range) -> Iterator[dict]:
        for pk, (role, at, _username) in zip(people, self.held, strict=True):
            where = (
                {"place_id": None, "place_level": None, "department_id": at.pk}
                if isinstance(at, Department)
                else {"place_id": at.pk, "place_level": at.level, "department_id": None}
            )
            yield {"user_id": pk, "role": role.value, "since": FOUNDED, **where}


def make(lot: Lot) -> None:
    """Open a community of 7 grids and 113 building groups, the street above it when there is room in none, and fill
    their posts."""
    crew = Crew(lot)
    street = _street(lot, crew)
    places = _community(lot, street)
    community, grids, groups = places[0], places[1 : 1 + GRIDS], places[1 + GRIDS :]
    above = len(crew.held)
    for role, at, number in [
        (Role.SECRETARY, community, ()),
        *((Role.STAFF, community, (n,)) for n in range(1, STAFF + 1)),
        (Role.SOCIAL_WORKER, community, ()),
        *((Role.GRID_LEADER, grid, (n,)) for n, grid in enumerate(grids, start=1)),
        *((Role.BUILDING_LEADER, group, (n,)) for n, group in enumerate(groups, start=1)),
    ]:
        crew.hold(role, at, lot.number, *number)
    people = crew.write()[above:]
    ground = Ground(street.pk, community.pk, community.code, range(grids[0].pk, grids[-1].pk + 1))
    ground.groups = {group.pk: group.parent_id or 0 for group in groups}
    ground.names = dict(people)
    (ground.secretary, *ground.staff, ground.social), led = (
        [pk for pk, _name in people[: STAFF + 2]],
        people[STAFF + 2 :],
    )
    ground.leaders = {place.pk: pk for place, (pk, _name) in zip([*grids, *groups], led, strict=True)}
    officers = Appointment.objects.filter(department__street=street).select_related("user")
    for officer in officers:
        ground.officers[officer.department_id or 0] = officer.user_id
        ground.names[officer.user_id] = officer.user.name
    lot.made[Ground] = ground


def _street(lot: Lot, crew: Crew) -> Place:
    """The street that has room for one more community, opened with its departments and their officers if none has."""
    number = (lot.number - 1) // STREET
    if not lot.opens_street:
        return Place.objects.get(level=Level.STREET, code=f"{DISTRICT[0]}{number + 101}")
    district = Place.objects.filter(level=Level.DISTRICT).first() or _open(lot, Level.DISTRICT, *DISTRICT, None)
    street = _open(lot, Level.STREET, f"{DISTRICT[0]}{number + 101}", f"第{number + 1}街道", district)
    crew.hold(Role.STREET_ADMIN, street, number + 1)
    for position, name in enumerate(DEPARTMENTS, start=1):
        crew.hold(Role.DEPARTMENT_OFFICER, Department.objects.create(street=street, name=name), number + 1, position)
    return street


def _open(lot: Lot, level: Level, code: str, name: str, parent: Place | None) -> Place:
    place = Place.objects.create(level=level, code=code, name=name, parent=parent)
    PlaceSpan.objects.create(place=place, parent=parent, since=FOUNDED)
    lot.counts["places"] += 1
    return place


def _community(lot: Lot, street: Place) -> list[Place]:
    """The community, its grids, their building groups, in this order and with keys that follow each other."""
    keys = iter(ids(Place, 1 + GRIDS + GROUPS))
    code = f"{street.code}{(lot.number - 1) % STREET + 1:03d}"
    community = Place(pk=next(keys), level=Level.COMMUNITY, code=code, name=f"第{lot.number}社区", parent=street)
    grids = [
        Place(pk=next(keys), level=Level.GRID, code=f"{code}{n:03d}", name=f"第{n}网格", parent=community)
        for n in range(1, GRIDS + 1)
    ]
    groups = [
        Place(
            pk=next(keys),
            level=Level.BUILDING_GROUP,
            code=f"{grid.code}{n // GRIDS + 1:03d}",
            name=f"{n + 1}栋楼栋小组",
            parent=grid,
        )
        for n in range(GROUPS)
        for grid in [grids[n % GRIDS]]
    ]
    places = [community, *grids, *groups]
    copy_in(Place, [_columns(place, community.pk) for place in places])
    spans = ({"place_id": place.pk, "parent_id": place.parent_id, "since": FOUNDED} for place in places)
    copy_in(PlaceSpan, spans)
    kind = ContentType.objects.get_for_model(Place).pk
    lot.trail += [Deed("place.opened", kind, place.pk, start_of(FOUNDED)) for place in places]
    lot.subject = places[0]
    lot.counts["places"] += len(places)
    return places


def _columns(place: Place, community: int) -> dict:
    return {
        "id": place.pk,
        "level": int(place.level),
        "code": place.code,
        "name": place.name,
        "parent_id": place.parent_id,
        "community_id": community,
    }


def _finds_others(expected: Mapping[str, int]) -> bool:
    return User.objects.count() != expected.get("people", 0) or Place.objects.count() != expected.get("places", 0)


register(Part("places", 10, make, _finds_others))
