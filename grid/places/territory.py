"""Territory: which records somebody sees follows from the places and departments they look after today.

Resolved once per request from the user's current appointments (one query) and kept on the user object, so
that an appointment ended in mid-session counts from the next request.
"""

import copy
import itertools
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model, Q

from portal.core.clock import today
from portal.core.written import columns, made

from .models import Appointment, Department, Level, Place, Role

NOTHING = Q(pk__in=[])
FEW = 5  # communities that a query names one by one


@dataclass(frozen=True)
class Post:
    """One current appointment with the ids of the places it covers."""

    role: Role
    place: Place | None
    department: Department | None
    communities: frozenset[int] = frozenset()
    places: frozenset[int] = frozenset()
    community_of_places: int | None = None
    appointment: Appointment | None = None

    def __str__(self) -> str:
        return f"{self.place or self.department} · {self.role.label}"

    def covers(self, place: Place) -> bool:
        """Whether the place lies in this post's subtree."""
        return place.pk in self.places or (place.community_id is not None and place.community_id in self.communities)


@dataclass(frozen=True)
class Territory:
    """Everything that a user's posts cover. An empty territory sees nothing."""

    posts: tuple[Post, ...]

    @property
    def communities(self) -> frozenset[int]:
        """Communities covered whole."""
        return frozenset().union(*(post.communities for post in self.posts))

    @property
    def only_communities(self) -> frozenset[int]:
        """The communities in which everything seen lies; none when more than that may be seen."""
        found = {post.place.community_id if post.place else None for post in self.posts}
        return frozenset() if None in found or len(found) > FEW else frozenset(pk for pk in found if pk)

    @property
    def departments(self) -> frozenset[int]:
        return frozenset(post.department.pk for post in self.posts if post.department)

    @property
    def streets(self) -> frozenset[int]:
        """Streets covered, and the street above each community, grid or building group covered."""
        found = set()
        for post in self.posts:
            place = post.place
            while place and place.level > Level.STREET:
                place = place.parent
            if place and place.level == Level.STREET:
                found.add(place.pk)
        return frozenset(found)

    def roles_at(self, place: Place | None) -> set[Role]:
        """The roles held over a place; over anywhere when place is None."""
        return {post.role for post in self.posts if place is None or (post.place and post.covers(place))}

    def covers(self, place: Place) -> bool:
        return any(post.covers(place) for post in self.posts)

    def as_q(self, model: type[Model]) -> Q:
        """Rows of a `Placed` model in this territory, or assigned to one of its departments."""
        seen = NOTHING
        if self.communities:
            seen |= Q(community__in=self.communities)
        for post in self.posts:
            if post.community_of_places and post.community_of_places not in self.communities:
                seen |= Q(community=post.community_of_places, place__in=post.places)
            elif post.place and post.place.level < Level.COMMUNITY:
                seen |= Q(community=None, place__in=post.places)
        if self.departments and any(field.name == "department" for field in model._meta.fields):
            seen |= Q(department__in=self.departments)
        return seen

    def places_q(self) -> Q:
        """The places covered, whole communities with all below them; closed ones too."""
        return Q(pk__in=self._place_ids()) | Q(community__in=self.communities)

    def departments_q(self) -> Q:
        """Departments of the streets covered or standing above what is covered, and one's own."""
        return Q(pk__in=self.departments) | Q(street__in=self.streets)

    def appointments_q(self) -> Q:
        """Appointments at the places covered, or in departments of the streets covered."""
        return (
            Q(place__in=self._place_ids())
            | Q(place__community__in=self.communities)
            | Q(department__street__in=self._place_ids())
        )

    def _place_ids(self) -> frozenset[int]:
        return frozenset().union(*(post.places for post in self.posts))


def territory_of(user: Any) -> Territory:
    """What the user's current appointments cover; resolved once for each user object, that is for each request."""
    if not user.is_authenticated or not user.is_active:
        return Territory(())
    if not hasattr(user, "_territory"):
        user._territory = _resolve(user)
    return user._territory


def own_place(user: Any, pk: int) -> Place | None:
    """The place itself when the user holds a post right there, with what stands above it: known without a question."""
    return next((post.place for post in territory_of(user).posts if post.place and post.place.pk == pk), None)


def only(user: Any, post: Post) -> Any:
    """The user as they would be with this one post: what it allows, apart from what their others do."""
    alone = copy.copy(user)
    alone._territory = Territory((post,))
    return alone


def _resolve(user: Any) -> Territory:
    day = today()
    with connection.cursor() as cursor:
        cursor.execute(HELD, [user.pk, day, day])
        return Territory(tuple(_read(row) for row in cursor))


# Asked with every page, and written out because the ORM takes several times as long to say it as PostgreSQL to answer:
# the posts that somebody holds on a day, with their place, what stands above it, what was merged into it, and, as pairs
# of id and level, what lies below it: in grids, and between a district and its communities. What was merged into a
# building group of a grid comes with that grid, wherever it stood before. Each part by its index, and only for places
# of levels that have anything in it; nothing depends on how many posts there are, so that one plan is kept for all.
CHAIN = ("place", "above", "over", "top")
FOUND = "ARRAY(SELECT ARRAY[child.id, child.level] FROM places_place child"
HELD = f"""
    SELECT {columns("held", Appointment)}, {columns("department", Department)}, {columns("street", Place)},
        {", ".join(columns(alias, Place) for alias in CHAIN)},
        ARRAY(SELECT id FROM places_place merged WHERE merged.merged_into_id = held.place_id),
        CASE WHEN place.level IN ({Level.DISTRICT.value}, {Level.STREET.value}, {Level.GRID.value})
            THEN {FOUND} WHERE child.parent_id = held.place_id) END,
        CASE WHEN place.level = {Level.DISTRICT.value}
            THEN {FOUND} JOIN places_place between_ ON between_.id = child.parent_id
                WHERE child.level <= {Level.COMMUNITY.value} AND between_.parent_id = held.place_id) END,
        CASE WHEN place.level = {Level.GRID.value}
            THEN {FOUND} JOIN places_place target ON target.id = child.merged_into_id
                WHERE child.level = {Level.BUILDING_GROUP.value} AND target.parent_id = held.place_id) END
    FROM places_appointment held
    LEFT JOIN places_department department ON department.id = held.department_id
    LEFT JOIN places_place street ON street.id = department.street_id
    LEFT JOIN places_place place ON place.id = held.place_id
    LEFT JOIN places_place above ON above.id = place.parent_id
    LEFT JOIN places_place over ON over.id = above.parent_id
    LEFT JOIN places_place top ON top.id = over.parent_id
    WHERE held.user_id = %s AND held.since <= %s AND (held.until IS NULL OR held.until > %s)
    ORDER BY place.code, held.role, held.since, held.id
"""  # noqa: S608 - names of columns and numbers of levels


def _read(row: tuple) -> Post:
    """The post of a row of `HELD`, with its appointment and all that belongs to that."""
    values = iter(row)
    appointment, department, street = (made(model, values) for model in (Appointment, Department, Place))
    chain = [made(Place, values) for _alias in CHAIN]
    if department:
        department.street = street
    for place, above in itertools.pairwise(chain):
        if place:
            place.parent = above
    appointment.department, appointment.place = department, chain[0]
    merged_here, *below = values
    return _post(appointment, merged_here, [found for part in below for found in part or ()])


def _post(held: Appointment, merged_here: list[int], below: list[tuple[int, int]]) -> Post:
    role, place = Role(held.role), held.place
    if place is None:
        return Post(role, None, held.department, appointment=held)
    inside = [place.pk, *merged_here, *(pk for pk, _level in below)]
    if place.level > Level.COMMUNITY:
        return Post(
            role, place, None, places=frozenset(inside), community_of_places=place.community_id, appointment=held
        )
    communities = [place.pk] if place.is_community else [pk for pk, level in below if level == Level.COMMUNITY]
    return Post(role, place, None, communities=frozenset(communities), places=frozenset(inside), appointment=held)
