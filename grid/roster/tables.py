"""People as lines of a list and as rows of a spreadsheet that can be brought in again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from portal.core.refusals import Text

from .importing.template import COLUMNS
from .models import ELDERLY_FROM, Household, Resident

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
YES, NO = "是", "否"  # the roster's own words, whatever language the reader's screen has
SEXES: dict[str, str] = {Resident.Sex.MALE: "男", Resident.Sex.FEMALE: "女"}
OCCUPANCIES: dict[str, str] = {
    Household.Occupancy.REGISTERED: "户籍",
    Household.Occupancy.RENTED: "租住",
    Household.Occupancy.VACANT: "空置",
}
IDENTIFIERS = ("id_number", "mobile")
LEFT = ("离开日期", "离开原因")


@dataclass(frozen=True)
class Tag:
    """Something one wants to know of somebody at a glance."""

    text: Text
    tone: str = "grey"


@dataclass(frozen=True)
class Line:
    """Somebody in a list."""

    resident: Resident
    tags: tuple[Tag, ...]


def lines(residents: Sequence[Resident]) -> list[Line]:
    """Residents with their tags; whoever lives alone is found in one query."""
    homes = {resident.household_id for resident in residents}
    counted = Resident.objects.present().filter(household__in=homes).order_by().values_list("household")
    people = dict(counted.annotate(people=Count("pk")))
    return [Line(one, tuple(tags_of(one, is_alone=people.get(one.household_id) == 1))) for one in residents]


def tags_of(resident: Resident, *, is_alone: bool) -> list[Tag]:
    """The tags of somebody; whoever has left has but one."""
    if not resident.is_present:
        return [Tag(resident.get_left_because_display() if resident.until else _("Not here yet"))]
    said = (
        (resident.is_representative, Tag(_("Representative"), "blue")),
        (resident.is_party_member, Tag(_("Party member"), "red")),
        ((resident.age() or 0) >= ELDERLY_FROM, Tag(_("60+"), "amber")),
        (is_alone, Tag(_("Living alone"), "amber")),
        (resident.household.occupancy == Household.Occupancy.RENTED, Tag(_("Rented"))),
        (resident.is_mobilised and not resident.is_representative, Tag(_("Mobilised"), "green")),
        (resident.away_since is not None, Tag(_("Away"))),
    )
    return [tag for holds, tag in said if holds]


def header(*, with_left: bool = False) -> list[str]:
    """The headings of the template, so that the file can be imported again."""
    return [column.heading for column in COLUMNS] + (list(LEFT) if with_left else [])


def row(resident: Resident, *, with_identifiers: bool, with_left: bool = False) -> list[Any]:
    """Somebody in the order of `header`; a cell that is left empty erases nothing when it comes in again."""
    cells = [
        None if column.field in IDENTIFIERS and not with_identifiers else CELLS[column.field](resident)
        for column in COLUMNS
    ]
    return cells + ([resident.until, resident.get_left_because_display()] if with_left else [])


def _yes(holds: bool) -> str:
    return YES if holds else NO


def _estate(resident: Resident) -> str:
    membership = getattr(resident.place, "estate_membership", None)
    return membership.estate.name if membership else ""


CELLS: dict[str, Callable[[Resident], Any]] = {
    "grid": lambda one: one.place.parent.name if one.place.parent else "",
    "group": lambda one: one.place.name,
    "estate": _estate,
    "building": lambda one: one.household.building,
    "unit": lambda one: one.household.unit,
    "room": lambda one: one.household.room,
    "floor": lambda one: one.household.floor,
    "area_m2": lambda one: one.household.area_m2,
    "name": lambda one: one.name,
    "relation": lambda one: one.relation,
    "is_representative": lambda one: _yes(one.is_representative),
    "is_mobilised": lambda one: _yes(one.is_mobilised),
    "sex": lambda one: SEXES.get(one.sex, ""),
    "id_number": lambda one: one.id_number,
    "birth": lambda one: one.birth,
    "mobile": lambda one: one.mobile,
    "is_party_member": lambda one: _yes(one.is_party_member),
    "occupancy": lambda one: OCCUPANCIES.get(one.household.occupancy, ""),
    "remark": lambda one: one.remark,
}
