"""石碁镇 as the demonstration shows it: the places, the departments, and the people who look after them."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from grid.places import services
from grid.places.duty_phone import set_duty_phone
from grid.places.models import Appointment, Department, Level, Place, PlaceSpan, Role
from portal.core import demonstration
from portal.core.clock import start_of
from portal.core.demonstration import Deed, Demonstration, Part, SignIn

from .atlas import COMMUNITIES, DALONG, DEPARTMENTS, DISTRICT, LINGBIAN, STREET, Community
from .names import Generation
from .people import FOUNDED, SIGN_INS, Register, some_day

LEADER_AT, LEADER2_AT, ABSENT_AT = "岐山中路12–14栋楼栋小组", "龙基花园A3栋楼栋小组", "龙基花园A5栋楼栋小组"
WHY = ("搬离本小区", "身体原因请辞", "随子女外出居住", "任期届满，不再连任", "改任社区志愿服务队队长")
LONG_AGO = FOUNDED + timedelta(days=20)


def load(scene: Demonstration) -> Place:
    """Open the places and fill the posts; returns the district."""
    district, street = _open_above()
    register = Register(scene.random("people"), scene.today)
    _fill_street(register, street)
    for community in COMMUNITIES:
        _fill_community(register, community, _open_community(street, community))
    _stand_in(register.write(), scene.today)
    return district


def sign_ins() -> Iterator[SignIn]:
    """The accounts that a visitor is told of, each with the first post it holds today."""
    held = Appointment.objects.current().filter(user__username__in=SIGN_INS, stands_in_for=None)
    posts = {
        post.user.username: post
        for post in held.select_related("user", "place__community", "department__street").order_by("-since")
    }
    for username in SIGN_INS:
        if post := posts.get(username):
            yield SignIn(username, post.user.name, f"{_where(post)} · {post.get_role_display()}")


def _where(post: Appointment) -> str:
    if post.department:
        return f"{post.department.street} {post.department}"
    above = post.place.community if post.place.level > Level.COMMUNITY else None
    return f"{above or ''} {post.place}".strip()


def _open_above() -> tuple[Place, Place]:
    code, name = DISTRICT
    district = services.open_place(level=Level.DISTRICT, code=code, name=name, parent=None, actor=None, since=FOUNDED)
    code, name = STREET
    street = services.open_place(level=Level.STREET, code=code, name=name, parent=district, actor=None, since=FOUNDED)
    for name in DEPARTMENTS:
        services.add_department(street, name=name, actor=None)
    set_duty_phone(street, duty_phone="020-55550100", actor=None)  # no exchange of 广州 begins with 5
    return district, street


def _open_community(street: Place, community: Community) -> dict[Place, list[Place]]:
    """Open a community; returns its grids with their building groups, the community itself first with none."""
    top = services.open_place(
        level=Level.COMMUNITY, code=community.code, name=community.name, parent=street, actor=None, since=FOUNDED
    )
    set_duty_phone(top, duty_phone=f"020-555501{top.code[-2:]}", actor=None)
    grids = _open_all(Level.GRID, {top: [grid.name for grid in community.grids]})
    groups = _open_all(
        Level.BUILDING_GROUP, {place: grid.groups for place, grid in zip(grids, community.grids, strict=True)}
    )
    return {top: [], **{grid: [group for group in groups if group.parent_id == grid.pk] for grid in grids}}


def _open_all(level: Level, names: dict[Place, Iterable[str]]) -> list[Place]:
    """Open many places of one level at once, numbered below each parent in the order of their names."""
    opened = Place.objects.bulk_create(
        Place(level=level, code=f"{parent.code}{number:03d}", name=name, parent=parent, community=parent.community)
        for parent, children in names.items()
        for number, name in enumerate(children, start=1)
    )
    PlaceSpan.objects.bulk_create(PlaceSpan(place=place, parent=place.parent, since=FOUNDED) for place in opened)
    demonstration.write_down(Deed("place.opened", place, start_of(FOUNDED)) for place in opened)
    return opened


def _fill_street(register: Register, street: Place) -> None:
    young = Generation.YOUNGER
    register.hold(Role.STREET_ADMIN, street, since=FOUNDED, generation=young, username="street")
    register.hold(Role.STREET_ADMIN, street, since=date(2023, 3, 1), generation=young)
    for department in Department.objects.filter(street=street):
        username = "department" if department.name == DEPARTMENTS[0] else ""
        since = some_day(register.chance, LONG_AGO, date(2021, 5, 1))
        register.hold(Role.DEPARTMENT_OFFICER, department, since=since, generation=young, username=username)


def _fill_community(register: Register, community: Community, places: dict[Place, list[Place]]) -> None:
    top, *grids = places
    is_dalong, young = community is DALONG, Generation.YOUNGER
    if community is LINGBIAN:
        register.pass_on(
            Role.SECRETARY, top, since=LONG_AGO, generation=Generation.ELDER, on=date(2024, 7, 1), why="届满退休"
        )
    else:
        register.hold(Role.SECRETARY, top, since=LONG_AGO, generation=young, username="secretary" if is_dalong else "")
    clerk = {DALONG.code: "staff", LINGBIAN.code: "staff2"}.get(community.code, "")
    register.hold(Role.STAFF, top, since=LONG_AGO, generation=young, username=clerk)
    for number in range(community.staff - 1):  # two from the start: nobody confirms what they handled
        since = some_day(register.chance, date(2021, 7, 1), date(2022, 9, 1)) if number else LONG_AGO
        register.hold(Role.STAFF, top, since=since, generation=young)
    for _number in range(community.social_workers):
        since = some_day(register.chance, date(2021, 3, 1), date(2022, 3, 1))
        register.hold(Role.SOCIAL_WORKER, top, since=since, generation=young)
    if is_dalong:
        left = date(2024, 2, 1)
        register.hold(Role.STAFF, top, since=LONG_AGO, generation=young, until=left, why_ended="考取公务员离职")
    _lead_grids(register, grids, is_dalong=is_dalong)
    groups = [group for inside in places.values() for group in inside]
    vacant = set(register.chance.sample([group.pk for group in groups], community.vacancies))
    for group in groups:
        _lead_group(register, group, is_vacant=group.pk in vacant)


def _lead_grids(register: Register, grids: list[Place], *, is_dalong: bool) -> None:
    for number, grid in enumerate(grids):
        generation = register.chance.choice(list(Generation))
        since = some_day(register.chance, date(2021, 1, 4), date(2021, 4, 30))
        if is_dalong and number == 0:
            register.hold(Role.GRID_LEADER, grid, since=since, generation=generation, username="grid")
        elif number == 3:
            on = date(2023, 9, 1)
            register.pass_on(Role.GRID_LEADER, grid, since=since, generation=generation, on=on, why=WHY[1])
        else:
            register.hold(Role.GRID_LEADER, grid, since=since, generation=generation)


def _lead_group(register: Register, group: Place, *, is_vacant: bool) -> None:
    """Most leaders have been there from the first year; some came later, some after somebody else."""
    chance, role = register.chance, Role.BUILDING_LEADER
    generation = Generation.YOUNGER if chance.random() < 0.12 else Generation.ELDER
    dice, since = chance.random(), some_day(chance, date(2021, 1, 11), date(2021, 6, 1))
    username = {LEADER_AT: "leader", LEADER2_AT: "leader2"}.get(group.name, "")
    ends, why = register.today - timedelta(days=chance.randint(10, 80)), chance.choice(WHY)
    if username:
        register.hold(role, group, since=date(2021, 3, 15), generation=generation, username=username)
    elif is_vacant and dice < 0.6:
        register.hold(role, group, since=since, generation=generation, until=ends, why_ended=why)
    elif is_vacant:
        return
    elif dice < 0.07:
        on = some_day(chance, date(2022, 6, 1), register.today - timedelta(days=60))
        register.pass_on(role, group, since=since, generation=generation, on=on, why=why)
    elif dice < 0.3:
        later = some_day(chance, date(2021, 6, 2), date(2023, 4, 30))
        register.hold(role, group, since=later, generation=generation)
    else:
        register.hold(role, group, since=since, generation=generation)


def _stand_in(posts: dict[str, Appointment], today: date) -> None:
    """Two people are away just now, and one was last summer."""
    leaders = Appointment.objects.current().heads().select_related("user", "place")
    away = leaders.get(place__name=ABSENT_AT)
    grid = leaders.get(place__name="岐山中路第二网格", role=Role.GRID_LEADER)
    for absent, stand_in, first, days in (
        (away, posts["leader2"], today - timedelta(days=9), 26),
        (grid, posts["grid"], today - timedelta(days=4), 15),
        (posts["leader"], away, today - timedelta(days=200), 30),
    ):
        services.appoint(
            stand_in.user,
            role=Role(absent.role),
            place=absent.place,
            since=first,
            until=first + timedelta(days=days),
            stands_in_for=absent,
            actor=posts["secretary"].user,
        )


demonstration.register(
    Part("places", order=10, load=load, finds_others=lambda: Place.objects.exists(), sign_ins=sign_ins)
)
