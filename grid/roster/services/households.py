"""Flats are entered, corrected, moved to another building group, and given somebody who speaks for them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from grid.places import redrawing
from grid.places.models import Place
from grid.roster.addresses import building_key, floor_of, is_shop, room_key, unit_key
from grid.roster.blueprint import Blueprint
from grid.roster.models import ADULT_FROM, EarlierTerm, Household, HouseholdSpan, Resident
from grid.roster.signals import households_moved
from portal.core import audit
from portal.core.clock import start_of, today
from portal.core.refusals import refusals

Refuse = Callable[..., None]
NAMED = 5  # of the flats that stand in the way, so many are named


@dataclass(frozen=True)
class Facts:
    """What is to be known of a flat; an empty floor is read from the room, a shop is known by its name."""

    building: str
    room: str
    unit: str = ""
    floor: int | None = None
    area_m2: Decimal | None = None
    occupancy: str = ""
    use: str = ""

    def as_fields(self) -> dict[str, Any]:
        """As the columns of a household, with the keys of its address."""
        return {
            "building": self.building,
            "unit": self.unit,
            "room": self.room,
            "building_key": building_key(self.building),
            "unit_key": unit_key(self.unit),
            "room_key": room_key(self.room),
            "floor": floor_of(self.room) if self.floor is None else self.floor,
            "area_m2": self.area_m2,
            "occupancy": self.occupancy,
            "use": self.use or (Household.Use.SHOP if is_shop(self.room) else Household.Use.DWELLING),
        }


@transaction.atomic
def enter(place: Place, *, facts: Facts, actor: Any) -> Household:
    """Put a flat or shop on the roster. Raises Refused when it is there already or the place is no building group."""
    place, fields = _standing(place), facts.as_fields()
    with refusals() as refuse:
        _check_group(refuse, place)
        _check_once(refuse, place, fields)
    household = Household.objects.create(place=place, **fields)
    audit.record("household.entered", household, actor=actor)
    return household


@transaction.atomic
def build(place: Place, *, blueprint: Blueprint, actor: Any) -> int:
    """Put a whole building on the roster, leaving out what is there already; returns how many flats are new.

    Doing it twice adds nothing. Raises Refused when the place is no building group.
    """
    place = _standing(place)
    with refusals() as refuse:
        _check_group(refuse, place)
    there = addresses_in(place)
    new = [home for home in blueprint.homes() if key_of(home) not in there]
    for home in new:
        home.place, home.community_id = place, place.community_id
    Household.objects.bulk_create(new, batch_size=500)
    if new:
        audit.record("households.entered", place, actor=actor, data={"households": len(new)})
    return len(new)


@transaction.atomic
def correct(household: Household, *, facts: Facts, actor: Any) -> Household:
    """Put right what is known of a flat. Raises Refused when another has this address already."""
    household = _locked(household)
    fields = facts.as_fields()
    with refusals() as refuse:
        _check_once(refuse, household.place, fields, but=household)
    changed = sorted(name for name, value in fields.items() if getattr(household, name) != value)
    for name in changed:
        setattr(household, name, fields[name])
    if changed:
        household.save(update_fields=changed)
        shown = [name for name in changed if not name.endswith("_key")]
        audit.record("household.corrected", household, actor=actor, data={"fields": shown})
    return household


@transaction.atomic
def choose_representative(
    household: Household, *, resident: Resident | None, actor: Any, on: date | None = None
) -> Resident | None:
    """Let a member of the household speak for it (户代表) from `on`, default today; None leaves it without anybody.

    Whoever did so before no longer does from that day. Choosing the same one again changes nothing. Raises Refused for
    somebody who does not live there or is not of age (Civil Code art. 17).
    """
    household, day = _locked(household), on or today()
    members = list(Resident.objects.select_for_update().filter(household=household, until=None).order_by("pk"))
    chosen = next((member for member in members if resident and member.pk == resident.pk), None)
    before = next((member for member in members if member.is_representative), None)
    with refusals() as refuse:
        if resident and not (chosen and chosen.since <= day):
            refuse(_("%(name)s does not live in this household.") % {"name": resident}, field="resident")
        elif chosen and is_under_age(chosen, day):
            words = {"name": chosen, "years": ADULT_FROM}
            refuse(_("%(name)s is not %(years)s years old yet.") % words, field="resident")
        if day > today():
            refuse(_("This day is still to come."), field="on")
        if chosen and chosen.represents_until and day < chosen.represents_until:
            words = {"name": chosen, "day": chosen.represents_until.isoformat()}
            refuse(_("%(name)s represented the household until %(day)s already.") % words, field="on")
        if before and before != chosen and before.represents_since and before.represents_since > day:
            refuse(_("Whoever speaks for it now began later than this day."), field="resident")
    if before == chosen:
        return chosen
    at = start_of(day) if day < today() else None
    if before:
        before.represents_until = day
        before.save(update_fields=["represents_until"])
        audit.record("resident.represents_no_more", before, actor=actor, at=at)
    if chosen:
        if chosen.represents_since and chosen.represents_until:
            EarlierTerm.objects.create(resident=chosen, since=chosen.represents_since, until=chosen.represents_until)
        chosen.represents_since, chosen.represents_until = day, None
        chosen.mobilised_since = min(chosen.mobilised_since or day, day)
        chosen.save(update_fields=["represents_since", "represents_until", "mobilised_since"])
        audit.record("resident.represents", chosen, actor=actor, at=at)
    return chosen


@transaction.atomic
def move(households: Iterable[Household], to: Place, actor: Any, on: date | None = None) -> int:
    """Let households stand in another building group from `on`, default today; who lives there comes along.

    Where they stood before is kept; records of what happened stay where it happened. Returns how many have moved: one
    that stands there already has not. Raises Refused when the place is no building group or has one of the addresses.
    """
    to, day = _standing(to), on or today()
    wanted = [household.pk for household in households]
    moving = list(
        Household.objects.select_for_update()
        .filter(pk__in=wanted)
        .exclude(place=to)
        .select_related("place")
        .order_by("pk")
    )
    with refusals() as refuse:
        _check_group(refuse, to)
        _check_day(refuse, moving, to, day)
        for words in against(moving, to):
            refuse(words, field="to")
    HouseholdSpan.objects.bulk_create(
        [HouseholdSpan(household=household, place_id=household.place_id, until=day) for household in moving]
    )
    Household.objects.filter(pk__in=[household.pk for household in moving]).update(place=to, community=to.community_id)
    at = start_of(day) if day < today() else None
    for household in moving:
        data = {"from": household.place_id, "to": to.pk}
        audit.record("household.moved", household, actor=actor, at=at, data=data)
    if moving:
        households_moved.send(Household, households=[household.pk for household in moving], to=to)
    return len(moving)


@transaction.atomic
def remove(household: Household, *, actor: Any) -> None:
    """Take back a flat that was entered by mistake. Raises Refused when anybody has ever lived there."""
    household = _locked(household)
    with refusals() as refuse:
        if was_ever_lived_in(household):
            refuse(_("Somebody has lived here: the flat stays on the roster, vacant."))
    audit.record("household.removed", household.place, actor=actor)
    household.delete()


def against(households: Iterable[Household], to: Place) -> list[str]:
    """What speaks against moving households to a building group: addresses that it has already."""
    there = addresses_in(to)
    twice = [household.address for household in households if key_of(household) in there]
    if not twice:
        return []
    named = _(", ").join(twice[:NAMED]) + ("…" if len(twice) > NAMED else "")
    return [_("%(place)s has these already: %(addresses)s.") % {"place": to, "addresses": named}]


def addresses_in(place: Place) -> set[tuple[str, str, str]]:
    """The keys of all addresses of a building group."""
    return set(Household.objects.filter(place=place).values_list("building_key", "unit_key", "room_key"))


def key_of(household: Household) -> tuple[str, str, str]:
    return household.building_key, household.unit_key, household.room_key


def is_under_age(resident: Resident, on: date | None = None) -> bool:
    """Known to be under age; whoever has no date of birth is taken for an adult."""
    age = resident.age(on)
    return age is not None and age < ADULT_FROM


def was_ever_lived_in(household: Household) -> bool:
    return household.residents.exists() or household.former_residents.exists()


def _standing(place: Place) -> Place:
    """The place as it is, and stays until the transaction ends."""
    redrawing.stay_as_drawn(place.community_id)
    return Place.objects.get(pk=place.pk)


def _locked(household: Household) -> Household:
    return Household.objects.select_for_update(of=("self",)).select_related("place").get(pk=household.pk)


def _check_group(refuse: Refuse, place: Place) -> None:
    if not place.is_building_group:
        refuse(_("Households stand in building groups: choose one."), field="to")
    elif place.is_closed:
        refuse(_("%(place)s is closed.") % {"place": place}, field="to")


def _check_day(refuse: Refuse, moving: Iterable[Household], to: Place, day: date) -> None:
    """No flat is in two groups at a time, and none in a group that there was not yet."""
    came = HouseholdSpan.objects.filter(household__in=[one.pk for one in moving]).aggregate(last=Max("until"))["last"]
    opened = to.spans.aggregate(first=Min("since"))["first"]
    first = max((known for known in (came, opened) if known), default=None)
    if day > today():
        refuse(_("This day is still to come."), field="on")
    elif first and day < first:
        refuse(
            _("That is before %(day)s, since when they stand where they are or the group is open.")
            % {"day": first.isoformat()},
            field="on",
        )


def _check_once(refuse: Refuse, place: Place, fields: dict[str, Any], but: Household | None = None) -> None:
    same = Household.objects.filter(
        place=place, **{name: fields[name] for name in ("building_key", "unit_key", "room_key")}
    )
    if (same.exclude(pk=but.pk) if but else same).exists():
        refuse(_("This flat is on the roster already."), field="room")
