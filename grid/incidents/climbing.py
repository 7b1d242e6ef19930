"""Who hears when a clock runs out: rules as data. Each rung is told once for a clock and its deadline.

`after` counts whole and half working days from the deadline. An emergency that nobody takes up climbs at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter

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
    return next(users for _incident, users in listeners_of([incident], tells))


def listeners_of(incidents: Sequence[Incident], tells: tuple[Ear, ...]) -> Iterator[tuple[Incident, list[User]]]:
    """Each of some incidents with its `listeners`; one query for all of them."""
    posts = _posts_over(incidents)
    for incident in incidents:
        found = _by_ear(incident, posts)
        users = [user for ear in tells for user in found.get(ear, ())]
        if not users:
            above = UPWARDS[max((UPWARDS.index(ear) for ear in tells if ear in UPWARDS), default=-1) + 1 :]
            users = next((found[ear] for ear in above if ear in found), [])
        yield incident, list({user.pk: user for user in users}.values())


Where = tuple[int | None, int | None]  # a post's place and department: one of them
Posts = dict[Where, list[tuple[int, Appointment]]]  # with their rank: by role, then by name


def _posts_over(incidents: Iterable[Incident]) -> Posts:
    over = set().union(*map(_over, incidents))
    places, departments = ({one[part] for one in over} - {None} for part in (0, 1))
    posts = Appointment.objects.current().filter(Q(place__in=places) | Q(department__in=departments))
    found: Posts = {}
    held = posts.filter(user__is_active=True).select_related("user").order_by("role", "user__name", "pk")
    for rank, post in enumerate(held):
        found.setdefault((post.place_id, post.department_id), []).append((rank, post))
    return found


def _over(incident: Incident) -> set[Where]:
    """Where the posts are held that an incident may concern."""
    place = incident.place
    at = {place.pk, place.parent_id, incident.community_id, street_of(place)}
    if place.merged_into:
        at |= {place.merged_into_id, place.merged_into.parent_id}
    return {(one, None) for one in at - {None}} | {(None, one) for one in {incident.department_id} - {None}}


def _by_ear(incident: Incident, posts: Posts) -> dict[str, list[User]]:
    found: dict[str, list[User]] = {}
    for _rank, post in sorted((one for where in _over(incident) for one in posts.get(where, ())), key=itemgetter(0)):
        found.setdefault(post.role, []).append(post.user)
    handlers = [incident.holder] if incident.holder else found.get(Role.DEPARTMENT_OFFICER, [])
    if incident.state == State.AWAITING_VERIFICATION or not handlers:  # the office is to move
        handlers = found.get(Ear.STREET if incident.at_street else Ear.STAFF, [])
    if handlers:
        found[Ear.HANDLER] = handlers
    return found
