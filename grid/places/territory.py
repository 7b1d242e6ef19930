"""Territory: which records somebody sees follows from the places and departments they look after today.

Resolved once per request from the user's current appointments (at most two queries) and kept on the user object, so
that an appointment ended in mid-session counts from the next request.
"""

import copy
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model, Q

from portal.core.clock import today

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


def only(user: Any, post: Post) -> Any:
    """The user as they would be with this one post: what it allows, apart from what their others do."""
    alone = copy.copy(user)
    alone._territory = Territory((post,))
    return alone


def _resolve(user: Any) -> Territory:
    day = today()
    with connection.cursor() as cursor:
        cursor.execute(HELD, [user.pk, day, day])
        held = [_read(row) for row in cursor]
    places = [appointment.place for appointment, _merged in held if appointment.place]
    below = _below([one for one in places if one.level not in (Level.COMMUNITY, Level.BUILDING_GROUP)])
    return Territory(tuple(_post(appointment, merged_here, below) for appointment, merged_here in held))


def _columns(alias: str, model: type[Model]) -> str:
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


# Asked with every page, and written out because the ORM takes several times as long to say it as PostgreSQL to answer:
# the posts that somebody holds on a day, with their place, what stands above it, and what was merged into it.
CHAIN = ("place", "above", "over", "top")
HELD = f"""
    SELECT {_columns("held", Appointment)}, {_columns("department", Department)}, {_columns("street", Place)},
        {", ".join(_columns(alias, Place) for alias in CHAIN)},
        ARRAY(SELECT id FROM places_place merged WHERE merged.merged_into_id = held.place_id)
    FROM places_appointment held
    LEFT JOIN places_department department ON department.id = held.department_id
    LEFT JOIN places_place street ON street.id = department.street_id
    LEFT JOIN places_place place ON place.id = held.place_id
    LEFT JOIN places_place above ON above.id = place.parent_id
    LEFT JOIN places_place over ON over.id = above.parent_id
    LEFT JOIN places_place top ON top.id = over.parent_id
    WHERE held.user_id = %s AND held.since <= %s AND (held.until IS NULL OR held.until > %s)
    ORDER BY place.code, held.role, held.since, held.id
"""  # noqa: S608 - names of columns


def _read(row: tuple) -> tuple[Appointment, list[int]]:
    """The appointment of a row of `HELD` with all that belongs to it, and what was merged into its place."""
    values = iter(row)
    appointment = _made(Appointment, values)
    department, street = _made(Department, values), _made(Place, values)
    chain = [_made(Place, values) for _alias in CHAIN]
    if department:
        department.street = street
    for place, above in itertools.pairwise(chain):
        if place:
            place.parent = above
    appointment.department, appointment.place = department, chain[0]
    return appointment, next(values)


def _made(model: type[Any], values: Iterator[Any]) -> Any:
    """The next object of a row; None where an outer join found nothing."""
    names = [field.attname for field in model._meta.concrete_fields]
    found = [next(values) for _name in names]
    return None if found[0] is None else model.from_db(connection.alias, names, found)


def _below(places: Sequence[Place]) -> list[tuple[int, int, int | None, int | None]]:
    """(id, level, parent, grandparent) of what lies in grids, and between a district and its communities.

    What was merged into a building group of a grid comes with that grid, wherever it stood before.
    """
    levels = {place.level for place in places}
    wanted = [BELOW[where] for where in BELOW if levels & where]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(wanted), {"ids": [place.pk for place in places]})
        return [(pk, level, parent, into or above) for pk, level, parent, above, into in cursor]


# Asked with every page as well. Each part by its index: one condition for all three would read every place there is;
# and only the parts that places of these levels have anything in, for planning them takes longer than answering.
FOUND = """
    SELECT child.id, child.level, child.parent_id, above.parent_id, target.parent_id
    FROM places_place child
    LEFT JOIN places_place above ON above.id = child.parent_id
    LEFT JOIN places_place target ON target.id = child.merged_into_id
    WHERE {where}"""
BELOW = {
    frozenset({Level.DISTRICT, Level.STREET, Level.GRID}): FOUND.format(where="child.parent_id = ANY(%(ids)s)"),
    frozenset({Level.DISTRICT}): FOUND.format(
        where=f"child.level <= {Level.COMMUNITY.value} AND above.parent_id = ANY(%(ids)s)"
    ),
    frozenset({Level.GRID}): FOUND.format(
        where=f"child.level = {Level.BUILDING_GROUP.value} AND target.parent_id = ANY(%(ids)s)"
    ),
}


def _post(held: Appointment, merged_here: list[int], below: list[tuple[int, int, int | None, int | None]]) -> Post:
    role, place = Role(held.role), held.place
    if place is None:
        return Post(role, None, held.department, appointment=held)
    mine = [(pk, level) for pk, level, parent, above in below if place.pk in (parent, above)]
    inside = [place.pk, *merged_here, *(pk for pk, _level in mine)]
    if place.level > Level.COMMUNITY:
        return Post(
            role, place, None, places=frozenset(inside), community_of_places=place.community_id, appointment=held
        )
    communities = [place.pk] if place.is_community else [pk for pk, level in mine if level == Level.COMMUNITY]
    return Post(role, place, None, communities=frozenset(communities), places=frozenset(inside), appointment=held)
