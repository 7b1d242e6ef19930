"""Estates are kept by the committee: what they are called, who manages them, which building groups belong to them."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid.places import redrawing
from grid.places.models import Level, Place
from grid.roster.models import Estate, EstateGroup
from portal.core import audit
from portal.core.refusals import refusals

Refuse = Callable[..., None]


@dataclass(frozen=True)
class Facts:
    """What is to be known of an estate."""

    name: str
    property_company: str = ""
    council: str = Estate.Council.NONE


@transaction.atomic
def add(community: Place, *, facts: Facts, groups: Iterable[Place], actor: Any) -> Estate:
    """Add an estate with its building groups.

    Raises Refused when the place is no community, has an estate of this name, or a group belongs elsewhere.
    """
    redrawing.stay_as_drawn(community.pk)
    wanted = _ids(groups)
    with refusals() as refuse:
        if not community.is_community:
            refuse(_("An estate lies in one community: choose it."))
        _check_name(refuse, community.pk, facts)
        _check_groups(refuse, community.pk, wanted)
    estate = Estate.objects.create(place=community, **asdict(facts))
    audit.record("estate.added", estate, actor=actor)
    _assign(estate, wanted, actor=actor)
    return estate


@transaction.atomic
def correct(estate: Estate, *, facts: Facts, groups: Iterable[Place], actor: Any) -> Estate:
    """Put right what is known of an estate, and which building groups belong to it. Raises Refused as `add` does."""
    redrawing.stay_as_drawn(estate.community_id)
    estate, wanted = Estate.objects.select_for_update().get(pk=estate.pk), _ids(groups)
    with refusals() as refuse:
        _check_name(refuse, estate.place_id, facts, but=estate)
        _check_groups(refuse, estate.place_id, wanted, but=estate)
    changed = sorted(name for name, value in asdict(facts).items() if getattr(estate, name) != value)
    for name in changed:
        setattr(estate, name, getattr(facts, name))
    if changed:
        estate.save(update_fields=changed)
        audit.record("estate.corrected", estate, actor=actor, data={"fields": changed})
    _assign(estate, wanted, actor=actor)
    return estate


@transaction.atomic
def follow(from_group: Place, to_group: Place, *, actor: Any, leaves: bool) -> None:
    """Let a building group that takes over flats of another belong to the same estate, unless it has one of its own.

    With `leaves` the first group no longer belongs to it: nothing of it is left.
    """
    here = EstateGroup.objects.select_related("estate").filter(group=from_group).first()
    if here is None:
        return
    made = not EstateGroup.objects.filter(group=to_group).exists()
    if made:
        EstateGroup.objects.create(estate=here.estate, group=to_group)
    if leaves:
        here.delete()
    if made or leaves:
        data = {"added": [to_group.pk] if made else [], "removed": [from_group.pk] if leaves else []}
        audit.record("estate.regrouped", here.estate, actor=actor, data=data)


def _assign(estate: Estate, wanted: set[int], *, actor: Any) -> None:
    held = set(EstateGroup.objects.filter(estate=estate).values_list("group", flat=True))
    EstateGroup.objects.filter(estate=estate, group__in=held - wanted).delete()
    EstateGroup.objects.bulk_create(
        [EstateGroup(estate=estate, group_id=group, community_id=estate.place_id) for group in sorted(wanted - held)]
    )
    if held != wanted:
        data = {"added": sorted(wanted - held), "removed": sorted(held - wanted)}
        audit.record("estate.regrouped", estate, actor=actor, data=data)


def _ids(groups: Iterable[Place]) -> set[int]:
    return {group.pk for group in groups}


def _check_name(refuse: Refuse, community: int, facts: Facts, but: Estate | None = None) -> None:
    same = Estate.objects.filter(community=community, name=facts.name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        refuse(_("The community has an estate of this name already."), field="name")


def _check_groups(refuse: Refuse, community: int, wanted: set[int], but: Estate | None = None) -> None:
    here = Place.objects.filter(pk__in=wanted, community=community, level=Level.BUILDING_GROUP).count()
    if here != len(wanted):
        refuse(_("Only building groups of this community can belong to the estate."), field="groups")
    taken = EstateGroup.objects.filter(group__in=wanted).select_related("estate", "group").order_by("group__code")
    for membership in taken.exclude(estate=but) if but else taken:
        words = {"group": membership.group, "estate": membership.estate}
        refuse(_("%(group)s belongs to %(estate)s already.") % words, field="groups")
