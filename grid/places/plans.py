"""What a redrawing would change and touch, and what speaks against it.

Read before it is agreed to, and again under locks. Nothing is written here; `boundaries` does what was agreed to.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from portal.core.handover import Duty, duties_of
from portal.core.refusals import Reason, Text

from .models import Appointment, Level, Place
from .redrawing import Selection, Touched, against, choices_of, touched_in
from .services import check_code, check_name


@dataclass(frozen=True)
class Change:
    """One fact before and after."""

    label: Text
    old: str
    new: str


@dataclass
class Plan:
    """What a step changes, what it touches, whose posts end with it, and why it cannot be done."""

    changes: list[Change] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    ending: list[Appointment] = field(default_factory=list)
    heir: Appointment | None = None
    duties: list[Duty] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)

    def refuse(self, message: Text, *, field: str = "") -> None:
        self.reasons.append(Reason(message, field))

    @property
    def coming(self) -> list[Touched]:
        return [line for line in self.touched if not line.stays]

    @property
    def staying(self) -> list[Touched]:
        return [line for line in self.touched if line.stays]

    @property
    def seen(self) -> str:
        """A digest of what a reader was shown: what they agree to is this and nothing that came in between."""
        facts = (
            [(change.old, change.new) for change in self.changes],
            [(line.number, line.stays) for line in self.touched],
            [post.pk for post in self.ending],
            self.heir and self.heir.pk,
            [duty.count for duty in self.duties],
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def of_name(place: Place, *, name: str, code: str) -> Plan:
    """A name and a division code put right; the codes below that begin with it follow."""
    plan = Plan()
    _open(plan, place)
    if name != place.name:
        plan.changes.append(Change(_("Name of the place"), place.name, name))
        check_name(plan.refuse, name, place.parent, of=place)
    if code != place.code:
        _plan_code(plan, place, code)
    if not plan.changes:
        plan.refuse(_("Nothing would change."))
    return plan


def of_move(place: Place, *, to: Place, code: str = "") -> Plan:
    """A building group under another grid of its community, with all that lies in it."""
    plan = Plan(touched=touched_in([place]))
    plan.changes.append(Change(_("Grid"), str(place.parent), to.name))
    if place.level != Level.BUILDING_GROUP or to.level != Level.GRID or to.community_id != place.community_id:
        plan.refuse(_("A building group moves to another grid of its community."), field="to")
    elif to.pk == place.parent_id:
        plan.refuse(_("It belongs to this grid already."), field="to")
    else:
        check_name(plan.refuse, place.name, to)
    _open(plan, place, to)
    if code and code != place.code:
        _plan_code(plan, place, code)
    return plan


def of_merge(place: Place, *, into: Place) -> Plan:
    """A building group or grid that becomes part of another and is closed."""
    plan = Plan(touched=touched_in([place]), ending=_posts_at(place), heir=_head_of(into))
    plan.changes.append(Change(_("Merged into"), place.name, into.name))
    if place.pk == into.pk or place.level != into.level or place.community_id != into.community_id:
        plan.refuse(_("Only two of a kind in one community are merged."), field="into")
    _open(plan, place, into)
    if place.level == Level.GRID:
        _plan_children(plan, list(place.children.open()), into)
    else:
        for reason in against(place, into):
            plan.refuse(reason)
    plan.duties = _duties_at(place, plan.ending)
    return plan


def of_split(place: Place, *, name: str, code: str, chosen: Selection) -> Plan:
    """A new building group beside this one, with the buildings and households that were chosen."""
    chosen = chosen or frozenset()
    plan = Plan(touched=touched_in([place], chosen))
    plan.changes.append(Change(_("The new building group"), "", f"{name} {code}"))
    _plan_new(plan, place, name, code)
    if not chosen & {choice.key for choice in choices_of(place)}:
        plan.refuse(_("Choose what goes to the new group."), field="chosen")
    elif _moving(plan.touched) >= _moving(touched_in([place])):
        plan.refuse(_("Something must stay: if all of it goes, rename the group instead."), field="chosen")
    for reason in against(place, None, chosen):
        plan.refuse(reason)
    return plan


def of_split_grid(place: Place, *, name: str, code: str, groups: Sequence[Place]) -> Plan:
    """A new grid beside this one, with the building groups that were chosen."""
    plan = Plan(touched=touched_in(groups) if groups else [])
    plan.changes.append(Change(_("The new grid"), "", f"{name} {code}"))
    plan.touched.insert(0, Touched(_("Building groups"), len(groups)))
    _plan_new(plan, place, name, code)
    inside = set(place.children.open().values_list("pk", flat=True))
    if not groups or not inside >= {group.pk for group in groups}:
        plan.refuse(_("Choose building groups of this grid."), field="groups")
    elif len(groups) == len(inside):
        plan.refuse(_("Something must stay: if all of it goes, rename the grid instead."), field="groups")
    return plan


def of_close(place: Place) -> Plan:
    """An empty grid or building group that is no more."""
    plan = Plan(touched=touched_in([place]), ending=_posts_at(place))
    plan.changes.append(Change(_("Closed down"), place.name, ""))
    _open(plan, place)
    if place.level <= Level.COMMUNITY:
        plan.refuse(_("Only grids and building groups are closed."))
    if place.children.open().exists():
        plan.refuse(_("There are still building groups in it: move or merge them first."))
    for line in plan.touched:
        if line.waits or not line.stays:
            plan.refuse(_("It is not empty: %(what)s %(count)d.") % {"what": line.label, "count": line.number})
    return plan


def _plan_code(plan: Plan, place: Place, code: str) -> None:
    plan.changes.append(Change(_("Division code"), place.code, code))
    check_code(plan.refuse, code, Level(place.level), of=place)
    below = below_with_code(place)
    if below:
        plan.touched.append(Touched(_("Division codes below that follow"), len(below)))
        wanted = [f"{code}{one.code[len(place.code) :]}" for one in below]
        taken = Place.objects.filter(code__in=wanted).exclude(pk__in=[one.pk for one in below])
        for other in taken:
            plan.refuse(_("The division code %(code)s is taken.") % {"code": other.code}, field="code")


def below_with_code(place: Place) -> list[Place]:
    """Open places below whose codes begin with this one's, as they should."""
    if place.level == Level.BUILDING_GROUP or place.level < Level.COMMUNITY:
        return []
    inside = Place.objects.open().filter(community=place.community_id, level__gt=place.level)
    return list(inside.filter(code__startswith=place.code))


def _plan_children(plan: Plan, groups: list[Place], into: Place) -> None:
    if groups:
        plan.touched.insert(0, Touched(_("Building groups"), len(groups)))
    names = {group.name for group in groups}
    for name in into.children.open().filter(name__in=names).values_list("name", flat=True):
        plan.refuse(_("“%(name)s” would be there twice.") % {"name": name})


def _plan_new(plan: Plan, place: Place, name: str, code: str) -> None:
    _open(plan, place)
    check_code(plan.refuse, code, Level(place.level))
    check_name(plan.refuse, name, place.parent)


def _open(plan: Plan, *places: Place) -> None:
    for place in places:
        if place.is_closed:
            plan.refuse(_("“%(place)s” is closed.") % {"place": place})


def _posts_at(place: Place) -> list[Appointment]:
    return list(Appointment.objects.standing().filter(place=place).select_related("user", "place").order_by("pk"))


def _head_of(place: Place) -> Appointment | None:
    return Appointment.objects.current().heads().filter(place=place).select_related("user", "place").first()


def _duties_at(place: Place, posts: Iterable[Appointment]) -> list[Duty]:
    holders: dict[Any, Any] = {post.user_id: post.user for post in posts if not post.is_to_come}
    return [duty for user in holders.values() for duty in duties_of(user, place) if duty.passes]


def _moving(lines: Iterable[Touched]) -> int:
    return sum(line.number for line in lines if not line.stays)
