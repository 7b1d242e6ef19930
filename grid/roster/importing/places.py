"""Which building group each row belongs to, and the places and estates that are not on the roster yet."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place, PlaceSpan
from grid.places.services import next_code
from grid.roster.addresses import building_key
from grid.roster.models import Estate, EstateGroup, Household
from portal.accounts.models import User
from portal.core import audit
from portal.core.clock import today
from portal.core.models import AuditEntry

from .problems import ERROR, WARNING, Problems, declare

LONGEST = 60
MOST_BELOW = 999
GROUP_WORDS = re.compile(r"(楼栋)?小组$")
SPOTS = """
    SELECT grid, group_name, estate, building_key, min(row_no), (array_agg(building ORDER BY row_no))[1]
    FROM import_row GROUP BY grid, group_name, estate, building_key
    ORDER BY group_name = '', grid = '', min(row_no)
"""

declare(
    "no_grid", ERROR, _("Say to which grid the building group “%(value)s” belongs: the community has several, or none.")
)
declare("group_ambiguous", ERROR, _("Several building groups are called “%(value)s”. Say in which grid."))
declare(
    "codes_used_up", ERROR, _("There are not enough division codes for “%(value)s”: a place has at most 999 below it.")
)
declare(
    "group_elsewhere",
    WARNING,
    _("A building group “%(value)s” stands in another grid already; here it would be a new one."),
)
declare("estate_other", WARNING, _("The building group belongs to another estate than “%(value)s”, and stays there."))


@dataclass(frozen=True)
class CellProblems:
    """Problems of one sheet, named at their cells: `letters` says which column a field is in."""

    problems: Problems
    letters: dict[str, str]

    def add(self, code: str, *, row: int = 0, field: str = "", value: str = "", other: int = 0) -> None:
        column = self.letters.get(field, "")
        self.problems.add(code, row=row, field=field, column=column, value=value, other=other)


class Spot(NamedTuple):
    """What the rows of one building say about where it is; "" for what they leave out."""

    grid: str
    group: str
    estate: str
    building_key: str
    row: int
    building: str


@dataclass
class Found:
    """Where a spot is: one place, one of several as each flat may tell, or neither after an error."""

    place: int | None = None
    candidates: list[int] = field(default_factory=list)


class NewGroup(NamedTuple):
    """A building group to be made in a grid; the grid's reference is below zero when it is new as well."""

    grid: int
    name: str


class Gazetteer:
    """The places and estates of a community, and those the file adds.

    A reference is a primary key; below zero it is that of something new: -1 the first one. Nothing is written before
    `make`, and the same rows in the same order find the same.
    """

    def __init__(self, community: Place, problems: CellProblems) -> None:
        self.community, self.problems = community, problems
        self.places = {place.pk: place for place in Place.objects.open().filter(community=community).order_by("code")}
        self.grids = {plain(place.name): pk for pk, place in self.places.items() if place.level == Level.GRID}
        self.parents: dict[int, int] = {
            pk: place.parent_id or 0 for pk, place in self.places.items() if place.level == Level.BUILDING_GROUP
        }
        self.by_name: defaultdict[str, list[int]] = defaultdict(list)
        self.by_key: defaultdict[str, list[int]] = defaultdict(list)
        for group in self.parents:
            self._index(group, self.places[group].name)
        self.estates = {
            plain(name): pk for pk, name in Estate.objects.filter(community=community).values_list("pk", "name")
        }
        members = EstateGroup.objects.filter(community=community.pk)
        self.membership: dict[int, int] = dict(members.values_list("group", "estate"))
        self.standing: defaultdict[str, list[int]] = defaultdict(list)
        standing = (
            Household.objects.filter(community=community, place__closed_on=None)
            .order_by("place")
            .values_list("building_key", "place")
        )
        for key, place in standing.distinct():
            self.standing[key].append(place)
        self.new_grids: list[str] = []
        self.new_groups: list[NewGroup] = []
        self.new_estates: list[str] = []
        self.joined: dict[int, int] = {}  # group: estate, both as references
        self.shared: set[str] = set()  # buildings that several estates of the file have

    def find(self) -> None:
        """Fill `import_spot`: where the rows of `import_row` belong, as far as they can be told one by one."""
        with connection.cursor() as cursor:
            cursor.execute(SPOTS)
            spots = [Spot(*row) for row in cursor.fetchall()]
        estates = defaultdict(set)
        for spot in spots:
            estates[spot.building_key].add(plain(spot.estate))
        self.shared = {key for key, named in estates.items() if len(named - {""}) > 1}
        with connection.cursor() as cursor, cursor.copy("COPY import_spot FROM STDIN") as copy:
            for spot in spots:
                found = self.place_of(spot)
                copy.write_row((spot.grid, spot.group, spot.estate, spot.building_key, found.place, found.candidates))
        self._check_codes()

    def place_of(self, spot: Spot) -> Found:
        """The building group of a spot, a new one where there is none yet."""
        grid = self._grid(spot.grid)
        estate = self._estate(spot.estate)
        found = self._named(spot, grid) if spot.group else self._of_building(spot, grid, estate)
        if found.place and found.place not in self.standing[spot.building_key]:
            self.standing[spot.building_key].append(found.place)
        if estate and found.place:
            self._join(spot, found.place, estate)
        return found

    def name_of(self, place: int) -> str:
        return self.places[place].name if place > 0 else self.new_groups[-place - 1].name

    def grid_name_of(self, grid: int) -> str:
        return self.places[grid].name if grid > 0 else self.new_grids[-grid - 1]

    # What a spot says

    def _grid(self, name: str) -> int | None:
        if not name:
            return None
        if plain(name) not in self.grids:
            self.new_grids.append(name)
            self.grids[plain(name)] = -len(self.new_grids)
        return self.grids[plain(name)]

    def _estate(self, name: str) -> int | None:
        if not name:
            return None
        if plain(name) not in self.estates:
            self.new_estates.append(name)
            self.estates[plain(name)] = -len(self.new_estates)
        return self.estates[plain(name)]

    def _named(self, spot: Spot, grid: int | None) -> Found:
        called = self.by_name[plain(spot.group)]
        there = [group for group in called if grid in (None, self.parents[group])]
        if len(there) > 1:
            return self._refuse("group_ambiguous", spot, spot.group)
        if there:
            return Found(there[0])
        if called:
            self.problems.add("group_elsewhere", row=spot.row, field="group", value=spot.group)
        return self._open(spot, grid, spot.group)

    def _of_building(self, spot: Spot, grid: int | None, estate: int | None) -> Found:
        """Where no building group is named, each building is one: where it stands already, else the one called so."""
        standing = self._fitting(self.standing[spot.building_key], grid, estate)
        if len(standing) > 1:
            return Found(candidates=standing)
        called = standing or self._fitting(self._called(spot), grid, estate)
        if len(called) > 1:
            return self._refuse("group_ambiguous", spot, spot.building)
        return Found(called[0]) if called else self._open(spot, grid, self._name_for(spot))

    def _called(self, spot: Spot) -> list[int]:
        """Groups whose name is the building's, that of the estate before it or not."""
        with_estate = self.by_name[plain(f"{spot.estate}{spot.building}")]
        return list(dict.fromkeys([*with_estate, *self.by_key[spot.building_key]]))

    def _fitting(self, groups: Iterable[int], grid: int | None, estate: int | None) -> list[int]:
        """Those in the grid and of the estate; of none, if none is known to be of it."""
        there = [group for group in groups if grid in (None, self.parents[group])]
        if estate is None:
            return there
        of_it = [group for group in there if self._estate_of(group) == estate]
        return of_it or [group for group in there if self._estate_of(group) is None]

    def _name_for(self, spot: Spot) -> str:
        """The building's name; with the estate's before it where several estates have such a building."""
        taken = spot.building_key in self.shared or self.by_name[plain(spot.building)]
        return f"{spot.estate}{spot.building}"[:LONGEST] if taken else spot.building

    # What is new

    def _open(self, spot: Spot, grid: int | None, name: str) -> Found:
        if grid is None:
            if len(self.grids) != 1:
                return self._refuse("no_grid", spot, name)
            grid = next(iter(self.grids.values()))
        self.new_groups.append(NewGroup(grid, name))
        group = -len(self.new_groups)
        self.parents[group] = grid
        self._index(group, name)
        return Found(group)

    def _index(self, group: int, name: str) -> None:
        self.by_name[plain(name)].append(group)
        self.by_key[building_key(GROUP_WORDS.sub("", name) or name)].append(group)

    def _estate_of(self, group: int) -> int | None:
        return self.membership.get(group) or self.joined.get(group)

    def _join(self, spot: Spot, group: int, estate: int) -> None:
        if self._estate_of(group) is None:
            self.joined[group] = estate
        elif self._estate_of(group) != estate:
            self.problems.add("estate_other", row=spot.row, field="estate", value=spot.estate)

    def _refuse(self, code: str, spot: Spot, value: str) -> Found:
        self.problems.add(code, row=spot.row, field="group", value=value)
        return Found()

    def _check_codes(self) -> None:
        """Say now where there will not be enough division codes: three digits count up below each place."""
        new = Counter(group.grid for group in self.new_groups)
        for grid, count in [(self.community.pk, len(self.new_grids)), *new.items()]:
            parent = self.places[grid] if grid > 0 else None
            last = int(next_code(parent)) - 1 + count if parent else count
            if count and last > int(f"{parent.code if parent else ''}{MOST_BELOW}"):
                self.problems.add("codes_used_up", value=parent.name if parent else self.grid_name_of(grid))

    # Writing

    def make(self, actor: User | None) -> None:
        """Write what is new and let `import_flat` point at it."""
        grids = self._open_places(self.community, self.new_grids, actor)
        opened: dict[int, int] = {}
        below: defaultdict[int, list[int]] = defaultdict(list)
        for number, group in enumerate(self.new_groups):
            below[group.grid].append(number)
        for grid, numbers in below.items():
            parent = grids[-grid - 1] if grid < 0 else self.places[grid]
            made = self._open_places(parent, [self.new_groups[number].name for number in numbers], actor)
            opened |= {-number - 1: place.pk for number, place in zip(numbers, made, strict=True)}
        if opened:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE import_flat f SET place_id = n.place FROM unnest(%s::bigint[], %s::bigint[]) n(ref, place)"
                    " WHERE f.place_id = n.ref",
                    [list(opened), list(opened.values())],
                )
        self._make_estates(opened, actor)

    def _open_places(self, parent: Place, names: list[str], actor: User | None) -> list[Place]:
        """What `grid.places.services.open_places` does, for any number of places in three statements."""
        if not names:
            return []
        first, day = int(next_code(parent)), today()
        level = Level(parent.level + 1)
        places = Place.objects.bulk_create(
            Place(
                level=level,
                code=str(first + number).zfill(level.digits),
                name=name,
                parent=parent,
                community=self.community,
            )
            for number, name in enumerate(names)
        )
        PlaceSpan.objects.bulk_create(PlaceSpan(place=place, parent=parent, since=day) for place in places)
        record_all("place.opened", places, actor)
        return places

    def _make_estates(self, opened: dict[int, int], actor: User | None) -> None:
        made = Estate.objects.bulk_create(
            Estate(name=name, place=self.community, community=self.community) for name in self.new_estates
        )
        record_all("estate.added", made, actor)
        joined: defaultdict[int, list[int]] = defaultdict(list)
        for group, estate in self.joined.items():
            joined[made[-estate - 1].pk if estate < 0 else estate].append(opened.get(group, group))
        EstateGroup.objects.bulk_create(
            EstateGroup(group_id=group, estate_id=estate, community=self.community)
            for estate, groups in joined.items()
            for group in groups
        )
        for one in Estate.objects.filter(pk__in=joined):
            audit.record("estate.regrouped", one, actor=actor, data={"added": sorted(joined[one.pk]), "removed": []})


def record_all(action: str, subjects: list, actor: User | None) -> None:
    """An audit entry each, in one statement."""
    if subjects:
        kind, now = ContentType.objects.get_for_model(subjects[0]), timezone.now()
        AuditEntry.objects.bulk_create(
            AuditEntry(
                action=action, actor=actor, subject_type=kind, subject_id=one.pk, happened_at=now, recorded_at=now
            )
            for one in subjects
        )


def plain(name: str) -> str:
    """A name without what two people write differently: width, capitals, spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
