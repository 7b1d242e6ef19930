"""Predicates about posts, and who may do what with places: a role says what, the place's subtree on which."""

from typing import Any

import rules
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.core.rights import describe

from .models import Appointment, Department, Level, Place, Role
from .territory import territory_of

OFFICE = (Role.STREET_ADMIN, Role.SECRETARY, Role.STAFF)
APPOINTS: dict[Role, frozenset[Role]] = {
    Role.STREET_ADMIN: frozenset(Role),
    Role.SECRETARY: frozenset({Role.STAFF, Role.SOCIAL_WORKER, Role.GRID_LEADER, Role.BUILDING_LEADER}),
    Role.STAFF: frozenset({Role.GRID_LEADER, Role.BUILDING_LEADER}),
}


def holds(*roles: Role) -> rules.Predicate:
    """The user holds one of these roles over the subject's place; anywhere, when asked without a subject."""

    @rules.predicate(name=f"holds:{','.join(roles)}")
    def held(user: Any, subject: Any = None) -> bool:
        return bool(territory_of(user).roles_at(place_of(subject)) & set(roles))

    return held


@rules.predicate
def is_in_assigned_department(user: Any, subject: Any = None) -> bool:
    """The subject is assigned to a department the user works in; any department, when asked without a subject."""
    departments = territory_of(user).departments
    return bool(departments) if subject is None else getattr(subject, "department_id", None) in departments


@rules.predicate
def is_appointed(user: Any, subject: Any = None) -> bool:
    """The user holds any post today."""
    return bool(territory_of(user).posts)


@rules.predicate
def outranks(user: Any, appointment: Any = None) -> bool:
    """The user could have given this appointment; without a subject, any appointment at all."""
    if not isinstance(appointment, Appointment):
        return any(post.role in APPOINTS for post in territory_of(user).posts)
    return can_appoint(user, Role(appointment.role), place_of(appointment))


@rules.predicate
def can_appoint_somebody(user: Any, subject: Any = None) -> bool:
    """There is a post at this place, or in this department, that the user may give; anywhere, without a subject."""
    if subject is None:
        return any(post.role in APPOINTS for post in territory_of(user).posts)
    return bool(roles_to_give(user, subject))


@rules.predicate
def can_open_below(user: Any, subject: Any = None) -> bool:
    """Places may be added right below this one: communities by the street, grids and building groups by the office."""
    if subject is None:
        return any(post.role in OFFICE for post in territory_of(user).posts)
    if not isinstance(subject, Place) or not Level.STREET <= subject.level < Level.BUILDING_GROUP:
        return False
    return not subject.is_closed and bool(territory_of(user).roles_at(subject) & set(OFFICE))


@rules.predicate
def can_name(user: Any, subject: Any = None) -> bool:
    """Name and code of a place may be put right: the office those of its grids and below, the street all of its own."""
    if subject is None:
        return any(post.role in OFFICE for post in territory_of(user).posts)
    if not isinstance(subject, Place) or subject.level < Level.STREET:
        return False
    may = set(OFFICE) if subject.level > Level.COMMUNITY else {Role.STREET_ADMIN}
    return bool(territory_of(user).roles_at(subject) & may)


@rules.predicate
def has_duty_phone(user: Any, subject: Any = None) -> bool:
    """The office keeps the number of its community, the street its own; anywhere, without a subject."""
    if subject is None:
        return any(post.role in OFFICE for post in territory_of(user).posts)
    if not isinstance(subject, Place) or subject.level not in (Level.STREET, Level.COMMUNITY):
        return False
    may = set(OFFICE) if subject.is_community else {Role.STREET_ADMIN}
    return bool(territory_of(user).roles_at(subject) & may)


@rules.predicate
def is_below_community(user: Any, subject: Any = None) -> bool:
    """Only grids and building groups are redrawn; true when asked without one."""
    return subject is None or (isinstance(subject, Place) and subject.level > Level.COMMUNITY)


@rules.predicate
def is_department(user: Any, subject: Any = None) -> bool:
    """The subject is a department; true when asked without one."""
    return subject is None or isinstance(subject, Department)


@rules.predicate
def can_appoint_below(user: Any, subject: Any = None) -> bool:
    """Building leaders below this community or grid are the user's to appoint; anywhere, without a subject."""
    if subject is None:
        return any(post.role in APPOINTS for post in territory_of(user).posts)
    is_above = isinstance(subject, Place) and Level.COMMUNITY <= subject.level < Level.BUILDING_GROUP
    return is_above and not subject.is_closed and can_appoint(user, Role.BUILDING_LEADER, subject)


@rules.predicate
def is_street(user: Any, subject: Any = None) -> bool:
    """The subject is a street; true when asked without one."""
    return subject is None or (isinstance(subject, Place) and subject.level == Level.STREET)


def roles_to_give(user: Any, subject: Place | Department) -> list[Role]:
    """The roles of this level, or of a department, that the user's posts allow giving here, highest first."""
    level = subject.level if isinstance(subject, Place) else None
    is_over = subject.is_closed if isinstance(subject, Place) else not subject.is_active
    if is_over:
        return []
    return [role for role in Role if role.level == level and can_appoint(user, role, place_of(subject))]


def can_appoint(user: Any, role: Role, place: Place | None) -> bool:
    """Whether the user's posts over `place` allow giving the post `role` there."""
    return place is not None and any(role in APPOINTS.get(mine, ()) for mine in territory_of(user).roles_at(place))


def can_reset_password(user: Any, other: User) -> bool:
    """Whether the other person has posts, held or promised, and the user could have given every one of them."""
    posts = list(Appointment.objects.standing().filter(user=other).select_related("place", "department__street"))
    return other.pk != user.pk and bool(posts) and all(outranks(user, post) for post in posts)


def place_of(subject: Any) -> Place | None:
    """The place of a record; a place is its own, a department belongs to its street."""
    if subject is None or isinstance(subject, Place):
        return subject
    if isinstance(subject, Department):
        return subject.street
    return subject.place or place_of(subject.department)


rules.add_perm("places.view", is_appointed)
describe("places.view", _("see who leads each area, who stands in, and what is counted there"))
rules.add_perm("places.open", can_open_below)
describe("places.open", _("add communities, grids and building groups below"))
rules.add_perm("places.rename", can_name)
describe("places.rename", _("put names and division codes right"))
rules.add_perm("places.duty_phone", has_duty_phone)
describe("places.duty_phone", _("keep the duty telephone right, which emergencies call"))
rules.add_perm("places.redraw", can_name & is_below_community)
describe("places.redraw", _("move, merge, split and close grids and building groups"))
rules.add_perm("places.appoint", can_appoint_somebody)
describe("places.appoint", _("appoint people to posts below your own and print their first sign-in slip"))
rules.add_perm("places.appoint_leaders", can_appoint_below)
describe("places.appoint_leaders", _("appoint a whole list of building leaders and print all their slips"))
rules.add_perm("places.dismiss", outranks)
describe("places.dismiss", _("end such appointments"))
rules.add_perm("places.replace", outranks)
describe("places.replace", _("replace such people by a successor, who takes over their duties"))
rules.add_perm("places.reset_password", outranks)
describe("places.reset_password", _("give such people a new first password"))
rules.add_perm("places.add_department", is_street & holds(Role.STREET_ADMIN))
describe("places.add_department", _("add departments to the street"))
rules.add_perm("places.edit_department", is_department & holds(Role.STREET_ADMIN))
describe("places.edit_department", _("rename departments, and deactivate those that are no more"))
rules.add_perm("workdays.view", is_appointed)
describe("workdays.view", _("see which days are working days"))
rules.add_perm("workdays.edit", holds(Role.STREET_ADMIN))
describe("workdays.edit", _("change which days are working days"))
