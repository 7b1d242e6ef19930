"""Who hears when a clock runs out: rules as data. Each rung is told once for a clock and its deadline.

`after` counts whole and half working days from the deadline. An emergency that nobody takes up climbs at once.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grid.places.models import Appointment, Role
from portal.accounts.models import User
from portal.core.refusals import Text

from .models import Clock, Incident, Tier, street_of
from .workflow import OPEN, State


class Ear(StrEnum):
    """Who is told, seen from the incident."""

    HANDLER = "handler"  # whoever is to move next: holder, officers of the department, else the office
    GRID_LEADER = "grid_leader"
    STAFF = "staff"
    SECRETARY = "secretary"
    STREET = "street_admin"


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: `after` so many working days beyond the deadline these are told, at this level."""

    clock: Clock
    stage: int
    after: Decimal
    level: Tier
    tells: tuple[Ear, ...]
    emergency: bool | None = None  # None: for any incident


NOW, ONE, THREE = Decimal(0), Decimal(1), Decimal(3)
LADDER: tuple[Rung, ...] = (
    Rung(Clock.ACCEPT, 1, NOW, Tier.STREET, (Ear.STAFF, Ear.SECRETARY, Ear.STREET), emergency=True),
    Rung(Clock.ACCEPT, 1, NOW, Tier.COMMUNITY, (Ear.STAFF,), emergency=False),
    Rung(Clock.ACCEPT, 2, ONE, Tier.COMMUNITY, (Ear.SECRETARY,), emergency=False),
    Rung(Clock.ACCEPT, 3, THREE, Tier.STREET, (Ear.STREET,), emergency=False),
    Rung(Clock.ACT, 1, NOW, Tier.COMMUNITY, (Ear.HANDLER, Ear.STAFF)),
    Rung(Clock.ACT, 2, ONE, Tier.COMMUNITY, (Ear.SECRETARY,)),
    Rung(Clock.RESOLVE, 1, NOW, Tier.GRID, (Ear.HANDLER, Ear.GRID_LEADER)),
    Rung(Clock.RESOLVE, 2, ONE, Tier.COMMUNITY, (Ear.SECRETARY, Ear.STAFF)),
    Rung(Clock.RESOLVE, 3, THREE, Tier.STREET, (Ear.STREET,)),
)
UPWARDS = (Ear.GRID_LEADER, Ear.STAFF, Ear.SECRETARY, Ear.STREET)  # while a post is vacant, the next one above hears

TEXTS: dict[Clock, Text] = {
    Clock.ACCEPT: _("“%(incident)s” has not been taken up in time."),
    Clock.ACT: _("“%(incident)s” has not been begun in time."),
    Clock.RESOLVE: _("“%(incident)s” has not been closed in time."),
}


def running(clock: Clock) -> Q:
    """The incidents whose clock runs; what is suspended waits. Each condition has an index of its own."""
    match clock:
        case Clock.ACCEPT:
            return Q(state=State.REPORTED)
        case Clock.ACT:
            return Q(state=State.DISPATCHED)
        case _:
            return Q(state__in=OPEN, suspended_at=None)


DUE = {Clock.ACCEPT: "accept_due_at", Clock.ACT: "act_due_at", Clock.RESOLVE: "due_at"}


def listeners(incident: Incident, tells: tuple[Ear, ...]) -> list[User]:
    """The people on a rung, each once; when nobody holds those posts, the nearest above who does. One query."""
    found = _by_ear(incident)
    users = [user for ear in tells for user in found.get(ear, ())]
    if not users:
        above = UPWARDS[max((UPWARDS.index(ear) for ear in tells if ear in UPWARDS), default=-1) + 1 :]
        users = next((found[ear] for ear in above if ear in found), [])
    return list({user.pk: user for user in users}.values())


def _by_ear(incident: Incident) -> dict[str, list[User]]:
    place = incident.place
    at = {place.pk, place.parent_id, incident.community_id, street_of(place)} - {None}
    if place.merged_into:
        at |= {place.merged_into_id, place.merged_into.parent_id}
    officers = Q(department=incident.department_id) if incident.department_id else Q(pk__in=[])
    posts = Appointment.objects.current().filter(Q(place__in=at) | officers, user__is_active=True)
    found: dict[str, list[User]] = {}
    for post in posts.select_related("user").order_by("role", "user__name", "pk"):
        found.setdefault(post.role, []).append(post.user)
    handlers = [incident.holder] if incident.holder else found.get(Role.DEPARTMENT_OFFICER, [])
    if incident.state == State.AWAITING_VERIFICATION or not handlers:  # the office is to move
        handlers = found.get(Ear.STREET if incident.at_street else Ear.STAFF, [])
    if handlers:
        found[Ear.HANDLER] = handlers
    return found
