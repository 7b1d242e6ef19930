"""What people choose among: who may handle an incident, where one may be reported, what a list is narrowed to."""

from typing import Any

from django.db.models import QuerySet

from grid.places.choosing import worth_choosing
from grid.places.models import Appointment, Department, Level, Place, Role
from grid.places.territory import Post, Territory, only, territory_of

from .models import Incident

HANDLERS = (Role.BUILDING_LEADER, Role.GRID_LEADER, Role.STAFF, Role.SECRETARY, Role.SOCIAL_WORKER)


def posts_for(incident: Incident) -> QuerySet[Appointment]:
    """Current posts over the incident's place up to its community, the nearest first."""
    place = incident.place
    above = {place.pk, place.parent_id, incident.community_id} - {None}
    if place.merged_into:  # whoever leads what has taken its place
        above |= {place.merged_into_id, place.merged_into.parent_id}
    return (
        Appointment.objects.current()
        .filter(place__in=above, role__in=HANDLERS, user__is_active=True)
        .select_related("user", "place")
        .order_by("-place_level", "role", "user__name")
    )


def departments_for(incident: Incident) -> QuerySet[Department]:
    """Active departments of the street above the incident's place."""
    street = incident.community.parent_id if incident.community else incident.place_id
    return Department.objects.filter(street=street, is_active=True)


def places_to_report_at(user: Any, permission: str) -> QuerySet[Place]:
    """Where the user's posts allow putting an incident on record, from their communities down."""
    territory = Territory(tuple(_posts_allowing(user, permission)))
    return worth_choosing(territory).filter(level__gte=Level.COMMUNITY)


def nearest_place(user: Any, permission: str) -> Place | None:
    """The place preselected in a report: the lowest the user has such a post at, in order of division codes."""
    mine = [post.place for post in _posts_allowing(user, permission) if post.place]
    near = [place for place in mine if place.level >= Level.COMMUNITY]
    return min(near, key=lambda place: (-place.level, place.code), default=None)


def _posts_allowing(user: Any, permission: str) -> list[Post]:
    return [post for post in territory_of(user).posts if only(user, post).has_perm(permission)]
