"""What people choose among: who may handle an incident, where one may be reported, what a list is narrowed to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from grid.places.choosing import worth_choosing
from grid.places.models import Appointment, Department, Level, Place, Role
from grid.places.territory import Post, Territory, only, territory_of
from portal.accounts.models import User

from .models import Incident, IncidentRequest
from .models.asking import RequestQuerySet

CHAIN = (Role.BUILDING_LEADER, Role.GRID_LEADER, Role.STAFF, Role.SECRETARY, Role.STREET_ADMIN)
HANDLERS = (Role.BUILDING_LEADER, Role.GRID_LEADER, Role.STAFF, Role.SECRETARY, Role.SOCIAL_WORKER)


def posts_for(incident: Incident) -> QuerySet[Appointment]:
    """Current posts over the incident's place up to its community, the nearest first."""
    return _posts_at(_above(incident))


@dataclass(frozen=True)
class Reach:
    """Who may handle some of several incidents: a user's posts, one for each reached; the departments reach all."""

    people: dict[int, list[Appointment]]
    departments: list[Department]


def reach_of(incidents: Sequence[Incident]) -> Reach:
    """Who may handle how many of these, the nearest posts first; two queries."""
    above = {incident.pk: _above(incident) for incident in incidents}
    people: dict[int, dict[int, Appointment]] = {}
    for post in _posts_at(set().union(*above.values())):
        for pk, places in above.items():
            if post.place_id in places:
                people.setdefault(post.user_id, {}).setdefault(pk, post)
    streets = {one.community.parent_id if one.community else one.place_id for one in incidents}
    departments = list(Department.objects.filter(street__in=streets, is_active=True)) if len(streets) == 1 else []
    return Reach({user: list(posts.values()) for user, posts in people.items()}, departments)


def _above(incident: Incident) -> set[int]:
    """The incident's place and those above it, up to its community."""
    place = incident.place
    above = {place.pk, place.parent_id, incident.community_id}
    if place.merged_into:  # whoever leads what has taken its place
        above |= {place.merged_into_id, place.merged_into.parent_id}
    return {pk for pk in above if pk}


def _posts_at(places: set[int]) -> QuerySet[Appointment]:
    return (
        Appointment.objects.current()
        .filter(place__in=places, role__in=HANDLERS, user__is_active=True)
        .select_related("user", "place")
        .order_by("-place_level", "role", "user__name")
    )


def colleagues_of(user: Any, incident: Incident) -> list[Appointment]:
    """To whom whoever holds an incident may pass it: their department's other officers, else posts over its place."""
    posts: QuerySet[Appointment] = posts_for(incident)
    if incident.department_id in territory_of(user).departments:
        officers = Appointment.objects.current().filter(department=incident.department_id, user__is_active=True)
        posts = officers.select_related("user", "place", "department").order_by("user__name")
    return [post for post in posts if post.user_id != user.pk]


def chain_above(incident: Incident) -> list[User]:
    """Everybody up the chain over its place: who leads the building group and the grid, the offices of community and
    street.
    """
    place = incident.place
    street = place.community.parent_id if place.community else None
    above = {place.pk, place.parent_id, incident.community_id, street} - {None}
    posts = Appointment.objects.current().filter(place__in=above, role__in=CHAIN, user__is_active=True)
    return list({post.user: None for post in posts.select_related("user").order_by("-place_level", "pk")})


def office_of(incident: Incident) -> list[User]:
    """Those who decide and dispatch: the community's office, or the street's once it was passed up there."""
    office = Appointment.objects.current().filter(user__is_active=True).select_related("user").order_by("pk")
    if incident.at_street and incident.community:
        found = office.filter(place=incident.community.parent_id, role=Role.STREET_ADMIN)
    else:
        found = office.filter(place=incident.community_id, role__in=(Role.SECRETARY, Role.STAFF))
    return list({post.user: None for post in found})


def to_decide(user: Any) -> RequestQuerySet:
    """What waits for this user's decision: what is with the street for the street, everything else for its community.

    What they asked for themselves is somebody else's to decide.
    """
    mine = territory_of(user)
    streets = [post for post in mine.posts if post.role == Role.STREET_ADMIN]
    offices = [post for post in mine.posts if post.role in (Role.SECRETARY, Role.STAFF)]
    at_street = Q(incident__at_street=True, incident__community__in=_communities(streets))
    here = Q(incident__at_street=False, incident__community__in=_communities(offices))
    return IncidentRequest.objects.pending().filter(at_street | here).exclude(asked_by=user)


def _communities(posts: Iterable[Post]) -> frozenset[int]:
    return frozenset().union(*(post.communities for post in posts))


def departments_for(incident: Incident) -> QuerySet[Department]:
    """Active departments of the street above the incident's place."""
    street = incident.community.parent_id if incident.community else incident.place_id
    return Department.objects.filter(street=street, is_active=True)


def places_to_report_at(user: Any, permission: str) -> QuerySet[Place]:
    """Where the user's posts allow putting an incident on record, from their communities down."""
    territory = Territory(tuple(_posts_allowing(user, permission)))
    return worth_choosing(territory).filter(level__gte=Level.COMMUNITY).select_related("community")


def nearest_place(user: Any, permission: str) -> Place | None:
    """The place preselected in a report: the lowest the user has such a post at, in order of division codes."""
    mine = [post.place for post in _posts_allowing(user, permission) if post.place]
    near = [place for place in mine if place.level >= Level.COMMUNITY]
    return min(near, key=lambda place: (-place.level, place.code), default=None)


def _posts_allowing(user: Any, permission: str) -> list[Post]:
    return [post for post in territory_of(user).posts if only(user, post).has_perm(permission)]
