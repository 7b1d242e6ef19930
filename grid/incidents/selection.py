"""Who may be asked to handle an incident, and in which order they are offered."""

from django.db.models import Q, QuerySet

from grid.places.models import Appointment, Department, Level, Place, Role
from portal.accounts.models import User

from .models import Incident

HANDLERS = (Role.BUILDING_LEADER, Role.GRID_LEADER, Role.STAFF, Role.SECRETARY, Role.SOCIAL_WORKER)


def posts_for(incident: Incident) -> QuerySet[Appointment]:
    """Current posts over the incident's place up to its community, the nearest first."""
    above = {incident.place_id, incident.place.parent_id, incident.community_id} - {None}
    return (
        Appointment.objects.current()
        .filter(place__in=above, role__in=HANDLERS, user__is_active=True)
        .select_related("user", "place")
        .order_by("-place_level", "role", "user__name")
    )


def handlers_for(incident: Incident) -> QuerySet[User]:
    """Users who may hold this incident."""
    return User.objects.filter(pk__in=posts_for(incident).order_by().values("user"))


def departments_for(incident: Incident) -> QuerySet[Department]:
    """Active departments of the street above the incident's place."""
    streets = Place.objects.filter(level=Level.STREET)
    place = incident.place
    above = (
        Q(pk=place.pk)
        | Q(children=place.pk)
        | Q(children__children=place.pk)
        | Q(children__children__children=place.pk)
    )
    return Department.objects.filter(street__in=streets.filter(above).values("pk"), is_active=True)
