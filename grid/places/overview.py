"""What the page of a place shows: who leads it, what lies below it, what is counted there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core import tiles
from portal.core.refusals import Text
from portal.core.tiles import PlaceColumn, PlaceLink, Stat, ToDo

from .models import HEAD_OF, HEADS, Appointment, Department, Level, Place, Role
from .territory import territory_of

ROLES = list(Role)
BELOW = {
    Level.STREET: _("Streets"),
    Level.COMMUNITY: _("Communities"),
    Level.GRID: _("Grids"),
    Level.BUILDING_GROUP: _("Building groups"),
}


@dataclass(frozen=True)
class Team:
    """Those who hold a post at one place or in one department."""

    head_role: Role | None
    head: Appointment | None
    stand_ins: list[Appointment]
    others: list[Appointment]
    to_come: list[Appointment]

    @property
    def is_vacant(self) -> bool:
        return self.head_role is not None and self.head is None

    @property
    def is_empty(self) -> bool:
        return not (self.head_role or self.others or self.to_come)


def team_of(posts: Iterable[Appointment], head_role: Role | None = None) -> Team:
    """Sort posts that have not ended, the highest first; whoever stands in for the head is named with the head."""
    posts = sorted(posts, key=lambda post: ROLES.index(Role(post.role)))
    held = [post for post in posts if not post.is_to_come]
    head = next((post for post in held if post.role == head_role and not post.stands_in_for_id), None)
    stand_ins = [post for post in held if head_role and post.role == head_role and post.stands_in_for_id]
    others = [post for post in held if post != head and post not in stand_ins]
    return Team(head_role, head, stand_ins, others, [post for post in posts if post.is_to_come])


@dataclass(frozen=True)
class Cell:
    """One count in the table of places."""

    label: Text
    value: int
    tone: str


@dataclass(frozen=True)
class Row:
    """A place in a table of places."""

    place: Place
    team: Team
    cells: list[Cell]
    may_appoint: bool


@dataclass(frozen=True)
class Table:
    """Places of one level, each with its head and its counts."""

    level: Level
    columns: list[PlaceColumn]
    rows: list[Row]

    @property
    def title(self) -> Text:
        return BELOW[self.level]

    @property
    def head_label(self) -> Text:
        return HEAD_OF[self.level].label if self.level in HEAD_OF else ""


@dataclass(frozen=True)
class Overview:
    """Everything on the page of one place; costs the same number of queries however much lies below."""

    place: Place
    trail: list[tuple[Text, str]]
    team: Team
    below: Table | None
    makeup: list[Stat]
    figures: list[Stat]
    waiting: list[ToDo]
    departments: list[tuple[Department, Team]]
    inactive: list[Department]
    closed: list[Place]
    may_end: set[int]
    links: list[PlaceLink]

    @property
    def tag(self) -> tuple[str, Text]:
        if self.place.is_closed:
            return "amber", _("Merged") if self.place.merged_into_id else _("Closed down")
        return "grey", Level(self.place.level).label

    @property
    def below_title(self) -> Text:
        """What lies right below such a place; nothing below a building group."""
        holds_any = self.place.level < Level.BUILDING_GROUP and not self.place.is_closed
        return BELOW.get(Level(self.place.level + 1), "") if holds_any else ""

    @property
    def subtitle(self) -> str:
        return " · ".join([*(f"{stat.label} {stat.value}" for stat in self.makeup), self.place.code])


def overview(place: Place, user: Any) -> Overview:
    """Look at a place as `user` does."""
    children, closed = _around(place)
    found = list(place.departments.all()) if place.level == Level.STREET else []
    departments = [department for department in found if department.is_active]
    at_place, in_department = _posts_around(place, children, departments)
    team = team_of(at_place[place.pk], None if place.is_closed else HEAD_OF.get(Level(place.level)))
    stats = [stat for source in tiles.place_stats for stat in source(user, place)]
    return Overview(
        place=place,
        trail=trail_to(place, user),
        team=team,
        below=_table(children, at_place, user) if children else None,
        makeup=[stat for stat in stats if stat.key.startswith("places.") and stat.key != "places.vacant"],
        figures=[stat for stat in stats if not stat.key.startswith("places.")],
        waiting=_waiting(stats, team, place, user),
        departments=[(department, team_of(in_department[department.pk])) for department in departments],
        inactive=[department for department in found if not department.is_active],
        closed=closed,
        may_end={
            post.pk
            for post in chain(at_place[place.pk], *in_department.values())
            if post.user_id != user.pk and user.has_perm("places.dismiss", post)
        },
        links=[link for source in tiles.place_links for link in source(user, place)],
    )


def _around(place: Place) -> tuple[list[Place], list[Place]]:
    """Open places right below, and closed ones that were below or have been merged into this one; one query."""
    if place.level < Level.COMMUNITY:
        return list(place.children.all()), []
    here = Place.objects.filter(Q(parent=place) | Q(merged_into=place), community=place.community_id)
    found = list(here.select_related("merged_into").order_by("code"))
    for one in found:
        if one.parent_id == place.pk:
            one.parent = place
    return [one for one in found if not one.is_closed], [one for one in found if one.is_closed]


def trail_to(place: Place, user: Any, here: Text = "") -> list[tuple[Text, str]]:
    """The way down to a place or to a page of it, `here`; what lies above the user's territory leads nowhere."""
    territory = territory_of(user)
    above = [(one.name, one.get_absolute_url() if territory.covers(one) else "") for one in place.ancestors]
    return [*above, (place.name, place.get_absolute_url()), (here, "")] if here else [*above, (place.name, "")]


def _waiting(stats: list[Stat], team: Team, place: Place, user: Any) -> list[ToDo]:
    """What needs doing: figures that give cause for concern, the worst first, and a post that nobody holds."""
    found = [
        ToDo(title=stat.label, url=stat.url, tag=str(stat.value), tone=stat.tone)
        for stat in stats
        if stat.value and stat.tone in ("red", "amber")
    ]
    if team.head_role and team.is_vacant:
        page = "places:appoint" if user.has_perm("places.appoint", place) else "places:history"
        url = reverse(page, args=[place.pk])
        found.append(ToDo(title=team.head_role.label, url=url, tag=_("Vacant"), tone="amber"))
    return sorted(found, key=lambda entry: entry.tone != "red")


def _posts_around(
    place: Place, children: list[Place], departments: list[Department]
) -> tuple[dict[int, list[Appointment]], dict[int, list[Appointment]]]:
    """Posts at a place, the heads right below it and the officers of its departments, not ended; one query."""
    around = Q(place=place)
    if children:
        around |= Q(place__in=children, role__in=HEADS)
    if departments:
        around |= Q(department__in=departments)
    known_places = {one.pk: one for one in (place, *children)}
    known_departments = {department.pk: department for department in departments}
    at_place: dict[int, list[Appointment]] = defaultdict(list)
    in_department: dict[int, list[Appointment]] = defaultdict(list)
    posts = Appointment.objects.standing().filter(around).select_related("user", "stands_in_for__user")
    for post in posts.order_by("since", "pk"):
        if post.place_id:
            post.place = known_places[post.place_id]
            at_place[post.place_id].append(post)
        elif post.department_id:
            post.department = known_departments[post.department_id]
            in_department[post.department_id].append(post)
    return at_place, in_department


def _table(places: list[Place], at_place: dict[int, list[Appointment]], user: Any) -> Table:
    level = Level(places[0].level)
    columns: list[PlaceColumn] = []
    cells: dict[int, list[Cell]] = defaultdict(list)
    for source in tiles.place_columns:
        shown = [at for at, column in enumerate(source.columns) if not column.levels or level in column.levels]
        columns += [source.columns[at] for at in shown]
        numbers = source.count(places) if shown else {}
        for place in places:
            counted = numbers.get(place.pk)
            cells[place.pk] += [_cell(source.columns[at], counted[at] if counted else 0) for at in shown]
    rows = []
    for place in places:
        team = team_of(at_place[place.pk], HEAD_OF.get(level))
        may_appoint = team.is_vacant and user.has_perm("places.appoint", place)
        rows.append(Row(place, team, cells[place.pk], may_appoint))
    return Table(level, columns, rows)


def _cell(column: PlaceColumn, value: int) -> Cell:
    return Cell(column.label, value, column.tone if value else "")
