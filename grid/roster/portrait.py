"""What the page of a flat shows: where it lies, who lives there, who did, and what was done to its entry."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.places.territory import territory_of
from portal.core import audit
from portal.core.models import AuditEntry
from portal.core.refusals import Text
from portal.core.workflow import label_of

from .facade import Facade, Row, draw, floor_label, rows
from .marks import as_lived_in, occupants_of
from .models import Estate, Household, HouseholdSpan, Resident, ResidentSpan

HEADS = ("户主", "本人")
TITLES: dict[str, Text] = {
    "household.entered": gettext_lazy("Put on the roster"),
    "household.corrected": gettext_lazy("Corrected"),
    "household.moved": gettext_lazy("Came to another building group"),
}


@dataclass(frozen=True)
class Former:
    """Somebody who lived here until before a day; `url` is empty where the reader may not follow."""

    name: str
    until: date
    why: Text
    url: str


@dataclass(frozen=True)
class Event:
    """One line of what was done to the entry of the flat."""

    title: Text
    at: datetime
    who: str
    detail: str


@dataclass(frozen=True)
class Portrait:
    """A flat on one page; costs the same number of queries however many live or lived there."""

    household: Household
    drawing: Facade | None
    lane: Row | None
    members: list[tuple[Resident, list[Text]]]
    former: list[Former]
    stood: list[HouseholdSpan]
    estate: Estate | None
    events: list[Event]

    @property
    def representative(self) -> Resident | None:
        return next((member for member, _facts in self.members if member.is_representative), None)

    @property
    def position(self) -> str:
        """Where in its building the flat lies, in words."""
        floor = self.household.floor
        parts = (self.household.building, self.household.unit, "" if floor is None else floor_label(floor))
        return " ".join(part for part in parts if part)

    @property
    def can_be_removed(self) -> bool:
        return not self.members and not self.former


def portrait(household: Household, user: Any) -> Portrait:
    """Look at a flat as `user` does."""
    here = list(Resident.objects.filter(household=household).order_by("since", "pk"))
    members = sorted(
        (resident for resident in here if resident.is_present),
        key=lambda one: (not one.is_representative, one.relation not in HEADS),
    )
    building = Household.objects.filter(place=household.place_id, building_key=household.building_key)
    homes = list(building.order_by())
    mark = as_lived_in(occupants_of(Resident.objects.filter(household__in=building.order_by().values("pk"))))
    is_house = len(homes) == 1 and household.floor in (None, 1)
    return Portrait(
        household=household,
        drawing=None if is_house else draw(homes, mark),
        lane=rows(homes, mark)[0] if is_house else None,
        members=[(member, _facts_of(member)) for member in members],
        former=sorted(_former(household, here, user), key=lambda one: one.until, reverse=True),
        stood=list(HouseholdSpan.objects.filter(household=household).select_related("place").order_by("-until", "-pk")),
        estate=Estate.objects.filter(members__group=household.place_id).first(),
        events=[_event(entry) for entry in audit.timeline(household)],
    )


def _facts_of(member: Resident) -> list[Text]:
    age = member.age()
    years = _("%(age)d years old") % {"age": age} if age is not None else ""
    return [
        fact for fact in (member.relation, member.sex and member.get_sex_display(), years, member.masked_mobile) if fact
    ]


def _former(household: Household, here: Iterable[Resident], user: Any) -> Iterable[Former]:
    for resident in here:
        if resident.until and not resident.is_present:
            yield Former(
                resident.name, resident.until, resident.get_left_because_display(), resident.get_absolute_url()
            )
    territory = territory_of(user)
    spans = ResidentSpan.objects.filter(household=household).select_related("resident__place")
    for span in spans:
        url = span.resident.get_absolute_url() if territory.covers(span.resident.place) else ""
        yield Former(span.resident.name, span.until, _("Moved within the community"), url)


def _event(entry: AuditEntry) -> Event:
    fields = entry.data.get("fields", ())
    detail = _(", ").join(str(label_of(Household(), name)) for name in fields)
    return Event(TITLES.get(entry.action, entry.action), entry.happened_at, str(entry.actor or ""), detail)
