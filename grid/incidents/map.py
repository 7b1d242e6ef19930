"""The incidents of a place on a schematic of it: grids as regions, building groups as blocks; of a street, communities.

A block is as broad as many live there, carries its number, and is coloured in five steps towards the largest number of
the drawing. Two queries for incidents and places and one for the buildings, however large the place is.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.places.models import Level, Place
from grid.roster.facade_layers import facade_layers
from grid.roster.models import Household
from portal.core.clock import day_of
from portal.core.refusals import Text

from .blocks import size_of, skyline, told_apart
from .heat import key, step_of
from .models import Incident, IncidentQuerySet


@dataclass(frozen=True)
class Measure:
    """What the blocks count; `pick` narrows incidents, `query` is the list behind a number."""

    key: str
    label: Text
    pick: Callable[[IncidentQuerySet, datetime], IncidentQuerySet]
    query: Callable[[datetime], dict[str, str]]


def _reported_within(days: int, label: Text) -> Measure:
    length = timedelta(days=days)
    return Measure(
        str(days),
        label,
        lambda incidents, now: incidents.filter(reported_at__gte=now - length),
        lambda now: {"scope": "all", "since": f"{day_of(now - length):%Y-%m-%d}"},
    )


MEASURES = {
    measure.key: measure
    for measure in (
        Measure("open", gettext_lazy("Open"), lambda found, now: found.open(), lambda now: {"scope": "open"}),
        Measure(
            "overdue",
            gettext_lazy("Overdue"),
            lambda found, now: found.overdue(now),
            lambda now: {"scope": "open", "overdue": "on"},
        ),
        _reported_within(30, gettext_lazy("Reported in 30 days")),
        _reported_within(90, gettext_lazy("Reported in 90 days")),
        _reported_within(365, gettext_lazy("Reported in a year")),
    )
}


@dataclass(frozen=True)
class Block:
    """One building group, or one community of a street: its number, its colour step (0 to 5) and its size (1 to 5)."""

    place: Place
    number: int
    url: str
    buildings: int = 0
    homes: int = 0
    size: int = 1
    step: int = 0
    skyline: str = ""
    skyline_width: int = 0
    name: tuple[str, str, str] = ("", "", "")  # what its region says already, what tells it apart, what all are called

    @property
    def facts(self) -> str:
        """How large it is, in words."""
        if not self.homes:
            return ""
        if self.place.is_community:
            return _("Building groups: %(count)d") % {"count": self.homes}
        return _("Buildings: %(buildings)d, flats: %(homes)d") % {"buildings": self.buildings, "homes": self.homes}


@dataclass(frozen=True)
class Region:
    """One grid with its blocks, or all communities of a street; `at_large` was reported at none of the blocks."""

    place: Place
    blocks: list[Block]
    url: str = ""
    at_large: int = 0
    at_large_url: str = ""

    @property
    def number(self) -> int:
        return self.at_large + sum(block.number for block in self.blocks)


@dataclass(frozen=True)
class Schematic:
    """All regions of a place under one measure, and what the colours mean."""

    place: Place
    measure: Measure
    regions: list[Region]
    most: int
    at_large: int
    at_large_url: str
    now: datetime
    key: list[tuple[int, str]]

    @property
    def number(self) -> int:
        return self.at_large + sum(region.number for region in self.regions)

    @property
    def blocks(self) -> list[tuple[Region, Block]]:
        return [(region, block) for region in self.regions for block in region.blocks]


@dataclass(frozen=True)
class Buildings:
    """What stands in a building group: flats, and the floors of each building."""

    homes: int
    floors: list[int]


def schematic_of(place: Place, measure: Measure) -> Schematic:
    """Draw a street, a community or a grid; three queries."""
    now = timezone.now()
    counted = _count(place, measure, now)
    regions = [_street(place, counted, measure)] if place.is_street else _grids(place, counted, measure, now)
    most = max((block.number for region in regions for block in region.blocks), default=0)
    drawn = [_coloured(region, most) for region in regions]
    at_large = counted[place.pk] if place.is_street or place.is_community else 0
    return Schematic(place, measure, drawn, most, at_large, _list(place, measure, now), now, key(most))


def _count(place: Place, measure: Measure, now: datetime) -> Counter[int]:
    """Incidents by the place where they are today; of a street, by community. One query."""
    found = measure.pick(Incident.objects.within(place), now).order_by()
    where = Coalesce("community", "place") if place.is_street else Coalesce("place__merged_into", "place")
    return Counter(dict(found.annotate(where=where).values_list("where").annotate(number=Count("pk"))))


def _street(place: Place, counted: Counter[int], measure: Measure) -> Region:
    groups = Count("places", Q(places__level=Level.BUILDING_GROUP, places__closed_on=None))
    communities = place.children.open().annotate(groups=groups)
    largest = max((one.groups for one in communities), default=0)
    blocks = [
        Block(
            one,
            counted[one.pk],
            _map(one, measure),
            homes=one.groups,
            size=size_of(one.groups, largest),
        )
        for one in communities
    ]
    return Region(place, blocks)


def _grids(place: Place, counted: Counter[int], measure: Measure, now: datetime) -> list[Region]:
    grids, groups = _places(place)
    built = _built(place)
    largest = max((one.homes for one in built.values()), default=0)
    regions = []
    for grid in grids:
        blocks = [_block(group, counted, built.get(group.pk), largest) for group in groups[grid.pk]]
        url = "" if grid.pk == place.pk else _map(grid, measure)
        regions.append(Region(grid, blocks, url, counted[grid.pk], _list(grid, measure, now)))
    return regions


def _places(place: Place) -> tuple[list[Place], dict[int, list[Place]]]:
    """The open grids of a community (or the one grid) with their building groups; one query."""
    found = Place.objects.open().filter(community=place.community_id, level__gte=Level.GRID).order_by("code")
    if place.level == Level.GRID:
        found = found.filter(Q(pk=place.pk) | Q(parent=place.pk))
    groups: dict[int, list[Place]] = defaultdict(list)
    grids = []
    for one in found:
        if one.level == Level.GRID:
            grids.append(one)
        elif one.parent_id:
            groups[one.parent_id].append(one)
    return grids, groups


def _built(place: Place) -> dict[int, Buildings]:
    """What stands in the building groups of a community or grid; one query."""
    homes = Household.objects.within(place).order_by().values_list("place", "building_key")
    built: dict[int, Buildings] = {}
    rows = homes.annotate(homes=Count("pk"), top=Max("floor")).order_by("place", F("top").desc(nulls_last=True))
    for pk, _building, count, top in rows:
        known = built.get(pk, Buildings(0, []))
        built[pk] = Buildings(known.homes + count, [*known.floors, max(top or 1, 1)])
    return built


def _block(group: Place, counted: Mapping[int, int], built: Buildings | None, largest: int) -> Block:
    layer = {"layer": "incidents"} if "incidents" in facade_layers.items else None
    url = reverse("roster:buildings", args=[group.pk], query=layer)
    if built is None:
        return Block(group, counted[group.pk], url)
    drawn, width = skyline(built.floors)
    return Block(
        group,
        counted[group.pk],
        url,
        len(built.floors),
        built.homes,
        size_of(built.homes, largest),
        skyline=drawn,
        skyline_width=width,
    )


def _coloured(region: Region, most: int) -> Region:
    names = told_apart([block.place.name for block in region.blocks])
    coloured = [
        replace(block, step=step_of(block.number, most), name=name)
        for block, name in zip(region.blocks, names, strict=True)
    ]
    return replace(region, blocks=coloured)


def _map(place: Place, measure: Measure) -> str:
    """The schematic of a place under the same measure."""
    return reverse("incidents_at:map", args=[place.pk], query={"show": measure.key})


def _list(place: Place, measure: Measure, now: datetime) -> str:
    """The incidents behind a number."""
    return reverse("incidents:list", query={"place": place.pk, **measure.query(now)})


def measure_of(asked: Any) -> Measure:
    """The measure that an address names; what is open when it names none."""
    return MEASURES.get(str(asked), MEASURES["open"])
