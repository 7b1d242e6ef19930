"""The fixed cast: every test reads like a scene in 石碁镇.

大龙社区 has two grids. The first, led by 吴, holds 岐山中路楼栋小组 with its leader 陈 and 龙基花园楼栋小组 with 黄.
张 is the community's secretary, 李 its clerk. 凌边社区 next door has a clerk of its own, 周. 何 looks after the
whole street, 林 works in its urban-management department.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from grid.places import services
from grid.places.models import Appointment, Department, Level, Place, PlaceSpan, Role
from portal.accounts.models import User
from portal.accounts.services import CONSENT_VERSION
from portal.core.models import AuditEntry

from .keeping import Kept

SINCE = date(2021, 1, 1)
PASSWORD = "kuai-2468-lehuo"


@dataclass
class Person:
    """Somebody of the cast: who they are, and the place (or department) they look after."""

    user: User
    place: Place
    department: Department | None = None

    @property
    def pk(self) -> int:
        return self.user.pk


@dataclass
class Map:
    """The places of the cast."""

    district: Place
    street: Place
    dalong: Place
    grid: Place
    qishan: Place
    longji: Place
    second_grid: Place
    fuyi: Place
    lingbian: Place
    lingbian_grid: Place
    lingbian_group: Place


def make_user(username: str, name: str, **fields: Any) -> User:
    """An account whose owner has agreed to the purposes and changed the first password."""
    fields = {"consented_version": CONSENT_VERSION, **fields}
    return User.objects.create_user(username, PASSWORD, name=name, **fields)


PLACES = (Place, PlaceSpan, AuditEntry)
POSTS = (User, Appointment, AuditEntry)
KEPT: dict[str, Kept] = {}


def kept(name: str, make: Callable[[], Any], *models: type[Model]) -> Any:
    """What this makes; made once in a process, then put back."""
    if name in KEPT:
        return KEPT[name].put_back()
    KEPT[name] = Kept.by(make, *models)
    return KEPT[name].handed_out()


@pytest.fixture
def places(db: None) -> Map:
    return kept("places", _opened, *PLACES)


def _opened() -> Map:
    def opened(level: Level, code: str, name: str, parent: Place | None) -> Place:
        return services.open_place(level=level, code=code, name=name, parent=parent, actor=None, since=SINCE)

    district = opened(Level.DISTRICT, "440113", "番禺区", None)
    street = opened(Level.STREET, "440113106", "石碁镇", district)
    dalong = opened(Level.COMMUNITY, "440113106001", "大龙社区", street)
    grid = opened(Level.GRID, "440113106001001", "第一网格", dalong)
    second = opened(Level.GRID, "440113106001002", "第二网格", dalong)
    lingbian = opened(Level.COMMUNITY, "440113106002", "凌边社区", street)
    lingbian_grid = opened(Level.GRID, "440113106002001", "凌边第一网格", lingbian)
    return Map(
        district=district,
        street=street,
        dalong=dalong,
        grid=grid,
        qishan=opened(Level.BUILDING_GROUP, "440113106001001001", "岐山中路楼栋小组", grid),
        longji=opened(Level.BUILDING_GROUP, "440113106001001002", "龙基花园楼栋小组", grid),
        second_grid=second,
        fuyi=opened(Level.BUILDING_GROUP, "440113106001002001", "富怡苑楼栋小组", second),
        lingbian=lingbian,
        lingbian_grid=lingbian_grid,
        lingbian_group=opened(Level.BUILDING_GROUP, "440113106002001001", "凌边大街楼栋小组", lingbian_grid),
    )


def _person(username: str, name: str, role: Role, place: Place) -> Person:
    return Person(kept(username, lambda: _appointed(username, name, role, place), *POSTS), place)


def _appointed(username: str, name: str, role: Role, place: Place) -> User:
    user = make_user(username, name)
    services.appoint(user, role=role, place=place, actor=None, since=SINCE)
    return user


@pytest.fixture
def chen(places: Map) -> Person:
    """陈丽芳, building leader of 岐山中路楼栋小组."""
    return _person("chen", "陈丽芳", Role.BUILDING_LEADER, places.qishan)


@pytest.fixture
def huang(places: Map) -> Person:
    """黄伟强, building leader of 龙基花园楼栋小组."""
    return _person("huang", "黄伟强", Role.BUILDING_LEADER, places.longji)


@pytest.fixture
def wu(places: Map) -> Person:
    """吴建国, grid leader of 大龙's first grid."""
    return _person("wu", "吴建国", Role.GRID_LEADER, places.grid)


@pytest.fixture
def li(places: Map) -> Person:
    """李敏, committee staff of 大龙社区."""
    return _person("li", "李敏", Role.STAFF, places.dalong)


@pytest.fixture
def zhang(places: Map) -> Person:
    """张国华, secretary of 大龙社区."""
    return _person("zhang", "张国华", Role.SECRETARY, places.dalong)


@pytest.fixture
def zhou(places: Map) -> Person:
    """周婷, committee staff of 凌边社区."""
    return _person("zhou", "周婷", Role.STAFF, places.lingbian)


@pytest.fixture
def he(places: Map) -> Person:
    """何志明, street-office admin of 石碁镇."""
    return _person("he", "何志明", Role.STREET_ADMIN, places.street)


@pytest.fixture
def urban(places: Map) -> Department:
    """综合行政执法办, a department of 石碁镇."""
    return Department.objects.create(street=places.street, name="综合行政执法办")


@pytest.fixture
def lin(places: Map, urban: Department) -> Person:
    """林浩, officer of the urban-management department."""
    user = make_user("lin", "林浩")
    services.appoint(user, role=Role.DEPARTMENT_OFFICER, department=urban, actor=None, since=SINCE)
    return Person(user, places.street, urban)


@pytest.fixture
def nobody(db: None) -> User:
    """An account without any post."""
    return make_user("nobody", "无任职")


@pytest.fixture
def client_of() -> Any:
    """A browser in which this person has signed in."""

    def signed_in(person: Person | User) -> Client:
        client = Client()
        client.force_login(person if isinstance(person, User) else person.user)
        return client

    return signed_in
