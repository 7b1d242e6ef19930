"""People are entered, corrected, move, leave, go away and come back.

Days may lie in the past: what is entered late is on record with the day it happened and the moment it was written down.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from grid.roster.models import ELDERLY_FROM, Household, Resident, ResidentSpan
from grid.roster.services.households import is_under_age
from portal.core import audit
from portal.core.clock import start_of, today
from portal.core.identity import parse_id_number
from portal.core.personal import blind_index, clean_mobile, normalised_mobile
from portal.core.pinyin import keys_of, written_name
from portal.core.refusals import refusals

Refuse = Callable[..., None]
LANDLINE = re.compile(r"(\+?86)?0[1-9][0-9]{8,10}|[2-8][0-9]{6,7}|[48]00[0-9]{7}")
HEAD = "户主"  # as the roster files of every committee write it


@dataclass(frozen=True)
class Facts:
    """What is to be known of a person. A number that is None stays as it is; "" takes it off the roster."""

    name: str
    relation: str = ""
    sex: str = ""
    birth: date | None = None
    id_number: str | None = None
    mobile: str | None = None
    is_party_member: bool = False
    mobilised_since: date | None = None
    remark: str = ""


@transaction.atomic
def enter(household: Household, *, facts: Facts, actor: Any, since: date | None = None) -> Resident:
    """Put somebody on the roster of a household from `since`, default today.

    Raises Refused when a number cannot be, contradicts the rest or is another's, or they are there already.
    """
    household, since = _locked_home(household.pk), since or today()
    with refusals() as refuse:
        fields = _checked(facts, household, refuse)
        _not_to_come(since, refuse, field="since")
        if household.residents.filter(name=fields["name"], until=None).exists():
            refuse(_("Somebody of this name lives in this household already."), field="name")
    resident = Resident.objects.create(household=household, since=since, **fields)
    _lived_in(household, actor=actor)
    _record("entered", resident, actor, since)
    return resident


@transaction.atomic
def correct(resident: Resident, *, facts: Facts, actor: Any) -> Resident:
    """Put right what is known of somebody; the trail names the facts that changed and keeps no value of theirs."""
    resident = _locked(resident)
    with refusals() as refuse:
        fields = _checked(facts, resident.household, refuse, but=resident)
        if resident.is_representative:
            _check_representative(resident, fields, refuse)
    changed = sorted(name for name, value in fields.items() if getattr(resident, name) != value)
    for name in changed:
        setattr(resident, name, fields[name])
    if changed:
        resident.save(update_fields=changed)
        shown = [name for name in changed if name in Facts.__dataclass_fields__]
        audit.record("resident.corrected", resident, actor=actor, data={"fields": shown})
    return resident


@transaction.atomic
def move(resident: Resident, *, to: Household, actor: Any, on: date | None = None) -> Resident:
    """Let somebody live in another household of the community from `on`, default today; where they lived is kept.

    Whoever represents the household they leave no longer does. Raises Refused when they do not live here any more, the
    flat is the same or another community's, or the day cannot be.
    """
    day = on or today()
    homes = {pk: _locked_home(pk) for pk in sorted({resident.household_id, to.pk})}
    resident = _locked(resident)
    left, to = homes.get(resident.household_id) or resident.household, homes[to.pk]
    with refusals() as refuse:
        _check_here(resident, refuse)
        _check_day(resident, day, refuse, field="on")
        if to == left:
            refuse(_("They live in this flat already."), field="to")
        elif to.community_id != left.community_id:
            refuse(_("Another community's flat: let them move out here and enter them there."), field="to")
    ResidentSpan.objects.create(resident=resident, household=left, until=day)
    _speak_no_more(resident, day)
    resident.household, resident.relation = to, ""
    resident.save()
    _record("moved", resident, actor, day, data={"from": left.pk, "to": to.pk})
    _left(left, actor=actor)
    _lived_in(to, actor=actor)
    return resident


@transaction.atomic
def leave(resident: Resident, *, why: str, actor: Any, on: date | None = None) -> Resident:
    """Take somebody off the roster from `on`, default today; whoever was entered by mistake was never there.

    Raises Refused when they left before or the day cannot be.
    """
    resident = _locked(resident)
    day = resident.since if why == Resident.Left.MISTAKE else on or today()
    with refusals() as refuse:
        _check_here(resident, refuse)
        if why not in Resident.Left.values or why == Resident.Left.STILL_HERE:
            refuse(_("Say why they leave."), field="why")
        _check_day(resident, day, refuse, field="on")
    _speak_no_more(resident, day)
    resident.until, resident.left_because, resident.away_since = day, why, None
    resident.save()
    _record("left", resident, actor, day, data={"why": why})
    _left(resident.household, actor=actor)
    return resident


@transaction.atomic
def restore(resident: Resident, *, actor: Any) -> Resident:
    """Take a leaving back that was recorded by mistake; whoever spoke for the household has to be chosen anew.

    Raises Refused when they are here, or somebody else has their ID number by now.
    """
    resident = _locked(resident)
    with refusals() as refuse:
        if resident.until is None:
            refuse(_("%(name)s lives here.") % {"name": resident})
        elif holder_of(resident.id_number, resident.household, but=resident):
            refuse(_("Somebody on the roster of this community has this ID number."))
    resident.until, resident.left_because = None, ""
    resident.save()
    audit.record("resident.restored", resident, actor=actor)
    _lived_in(resident.household, actor=actor)
    return resident


@transaction.atomic
def go_away(resident: Resident, *, actor: Any, since: date | None = None) -> Resident:
    """Note that somebody is away for a time (外出) and stays on the roster. Raises Refused when the day cannot be."""
    resident, day = _locked(resident), since or today()
    with refusals() as refuse:
        _check_here(resident, refuse)
        _check_day(resident, day, refuse, field="since")
        if resident.away_since:
            refuse(_("%(name)s is away already.") % {"name": resident}, field="since")
    resident.away_since = day
    resident.save(update_fields=["away_since"])
    _record("away", resident, actor, day)
    return resident


@transaction.atomic
def come_back(resident: Resident, *, actor: Any, on: date | None = None) -> Resident:
    """Note that somebody is back. Raises Refused when they were not away, or that day lies before they went."""
    resident, day = _locked(resident), on or today()
    with refusals() as refuse:
        if resident.away_since is None:
            refuse(_("%(name)s is not away.") % {"name": resident})
        elif day < resident.away_since:
            refuse(_("That is before they went away."), field="since")
        _not_to_come(day, refuse, field="since")
    resident.away_since = None
    resident.save(update_fields=["away_since"])
    _record("back", resident, actor, day)
    return resident


def consequences(resident: Resident) -> list[str]:
    """What it touches when somebody leaves their household, in words, to be read before it is done."""
    others = list(resident.household.residents.filter(until=None).exclude(pk=resident.pk).order_by("birth", "pk"))
    found = []
    if resident.is_representative:
        found.append(_("%(name)s represents the household: it will have no representative.") % {"name": resident})
    if resident.relation == HEAD and others:
        found.append(_("%(name)s is the head of the household: say who is head now.") % {"name": resident})
    if not others:
        found.append(_("Nobody else lives there: the flat becomes vacant."))
    elif len(others) == 1 and (others[0].age() or 0) >= ELDERLY_FROM:
        words = {"name": others[0], "age": others[0].age()}
        found.append(_("%(name)s, %(age)s years old, will live there alone.") % words)
    return found


def holder_of(id_number: str, household: Household, *, but: Resident | None = None) -> Resident | None:
    """Whoever on the roster of the household's community has this ID number."""
    if not id_number:
        return None
    index = blind_index(id_number)
    here = Resident.objects.filter(community=household.community_id, id_number_index=index, until=None)
    return (here.exclude(pk=but.pk) if but else here).first()


# What is checked


def _checked(facts: Facts, household: Household, refuse: Refuse, but: Resident | None = None) -> dict[str, Any]:
    """The columns of a resident, with the keys they are found by."""
    name = written_name(facts.name)
    keys = keys_of(name)
    fields: dict[str, Any] = {
        "name": name,
        "sort_key": keys.sort_key,
        "initials": keys.initials,
        "given_name": keys.given_name,
        "relation": facts.relation,
        "sex": facts.sex,
        "birth": facts.birth,
        "is_party_member": facts.is_party_member,
        "mobilised_since": facts.mobilised_since,
        "remark": facts.remark,
    }
    if not name:
        refuse(_("Enter the name."), field="name")
    fields |= _numbers(facts, refuse)
    known = fields.get("id_number", but.id_number if but else "")
    if known:
        _check_against_number(known, fields, refuse)
    if "id_number" in fields and holder_of(known, household, but=but):
        refuse(_("Somebody on the roster of this community has this ID number."), field="id_number")
    for field in ("birth", "mobilised_since"):
        if fields[field]:
            _not_to_come(fields[field], refuse, field=field)
    return fields


def _numbers(facts: Facts, refuse: Refuse) -> dict[str, str]:
    """Those numbers that are given, in their normal form and with their blind indexes."""
    found: dict[str, str] = {}
    if facts.id_number is not None:
        number = _cleaned("id_number", facts.id_number, lambda text: parse_id_number(text).number, refuse)
        found |= {"id_number": number, "id_number_index": blind_index(number)}
    if facts.mobile is not None:
        number = _cleaned("mobile", facts.mobile, _mobile, refuse)
        found |= {"mobile": number, "mobile_index": blind_index(number)}
    return found


def _mobile(text: str) -> str:
    if LANDLINE.fullmatch(normalised_mobile(text)):
        raise ValidationError(_("This is a landline: enter a mobile number, and the landline under remarks."))
    return clean_mobile(text)


def _cleaned(field: str, text: str, clean: Callable[[str], str], refuse: Refuse) -> str:
    try:
        return clean(text) if text.strip() else ""
    except ValidationError as error:
        refuse(" ".join(error.messages), field=field)
        return ""


def _check_against_number(number: str, fields: dict[str, Any], refuse: Refuse) -> None:
    """Birth and sex come from the ID number when they are left out, and may not contradict it."""
    says = parse_id_number(number)
    fields["birth"], fields["sex"] = fields["birth"] or says.birth, fields["sex"] or says.sex
    if fields["birth"] != says.birth:
        refuse(_("The ID number says %(day)s.") % {"day": says.birth.isoformat()}, field="birth")
    if fields["sex"] != says.sex:
        refuse(_("The ID number says %(sex)s.") % {"sex": Resident.Sex(says.sex).label}, field="sex")


def _check_representative(resident: Resident, fields: dict[str, Any], refuse: Refuse) -> None:
    """Whoever represents the household is of age and takes part since then at the latest."""
    began = resident.represents_since
    if began is None:
        return
    if is_under_age(Resident(birth=fields["birth"]), began):
        refuse(_("Whoever represents a household is of age."), field="birth")
    if fields["mobilised_since"] is None or fields["mobilised_since"] > began:
        words = {"day": began.isoformat()}
        refuse(
            _("They represent the household since %(day)s and take part since then.") % words, field="mobilised_since"
        )


def _check_here(resident: Resident, refuse: Refuse) -> None:
    if resident.until is not None:
        refuse(_("%(name)s does not live here any more.") % {"name": resident})


def _check_day(resident: Resident, day: date, refuse: Refuse, *, field: str) -> None:
    """Not in the future, nor before they came to where they live."""
    _not_to_come(day, refuse, field=field)
    last = resident.spans.order_by("-until").first()
    came = last.until if last else resident.since
    if day < came:
        refuse(_("They live there since %(day)s.") % {"day": came.isoformat()}, field=field)


def _not_to_come(day: date, refuse: Refuse, *, field: str) -> None:
    if day > today():
        refuse(_("This day is still to come."), field=field)


# What follows


def _speak_no_more(resident: Resident, day: date) -> None:
    if resident.is_representative and resident.represents_since:
        resident.represents_until = max(day, resident.represents_since)


def _lived_in(household: Household, *, actor: Any) -> None:
    """A flat that was vacant is so no more; how it is lived in is for people to say."""
    if household.occupancy == Household.Occupancy.VACANT:
        _set_occupancy(household, Household.Occupancy.UNKNOWN, actor)


def _left(household: Household, *, actor: Any) -> None:
    """A flat that everybody has left is vacant."""
    is_empty = not household.residents.filter(until=None).exists()
    if is_empty and household.occupancy != Household.Occupancy.VACANT:
        _set_occupancy(household, Household.Occupancy.VACANT, actor)


def _set_occupancy(household: Household, occupancy: str, actor: Any) -> None:
    household.occupancy = occupancy
    household.save(update_fields=["occupancy"])
    audit.record("household.corrected", household, actor=actor, data={"fields": ["occupancy"]})


def _record(what: str, resident: Resident, actor: Any, day: date, *, data: dict[str, Any] | None = None) -> None:
    at = start_of(day) if day < today() else None
    audit.record(f"resident.{what}", resident, actor=actor, at=at, data=data)


def _locked(resident: Resident) -> Resident:
    rows = Resident.objects.select_for_update(of=("self",)).select_related("household")
    return rows.get(pk=resident.pk)


def _locked_home(pk: int) -> Household:
    return Household.objects.select_for_update(of=("self",)).select_related("place").get(pk=pk)
