"""What a check of a file has found, as it is shown before anybody agrees to it.

Names, addresses and the values that a problem is about stand in it, so it is kept encrypted. Numbers that are right
appear only masked.
"""

import json
import re
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from grid.roster.models import Household, Resident
from portal.core.identity import mask_id_number
from portal.core.personal import decrypt, mask_mobile

from .changes import Comparison, Counts
from .columns import Mapping
from .problems import KINDS, Problem, Problems, shown
from .reading import Sheet, letter
from .template import BY_FIELD

PREVIEWED = {
    "added": 200,
    "changed": 500,
    "moved": 500,
    "absent": 1000,
    "new_households": 200,
    "changed_households": 500,
}
SAMPLES = 3
LONG_NUMBER = re.compile(r"[0-9０-９]{8,}[Xx]?")
FIELDS = (
    "name",
    "relation",
    "is_representative",
    "is_mobilised",
    "sex",
    "id_number",
    "birth",
    "mobile",
    "is_party_member",
    "remark",
)
FLAT_FIELDS = ("floor", "area_m2", "occupancy")

PEOPLE = """
    SELECT COALESCE(r.id, 0), p.row_no, COALESCE(s.name, r.name), f.place_id, f.building || f.unit || f.room,
        CASE WHEN p.moved THEN home.building || home.unit || home.room ELSE '' END, p.fields,
        ARRAY[r.name, r.relation, p.was_representative::text, p.was_mobilised::text, r.sex, r.id_number, r.birth::text,
            r.mobile, r.is_party_member::text, r.remark],
        ARRAY[s.name, s.relation, p.represents::text, p.mobilised::text, s.sex, s.id_number, s.birth::text,
            s.mobile, s.is_party_member::text, s.remark]
    FROM import_plan p
    JOIN import_flat f USING (flat_no)
    LEFT JOIN import_row s ON s.row_no = p.row_no
    LEFT JOIN roster_resident r ON r.id = p.resident_id
    LEFT JOIN roster_household home ON home.id = r.household_id
    WHERE CASE %(which)s WHEN 'added' THEN p.resident_id IS NULL WHEN 'moved' THEN p.moved ELSE NOT p.moved END
    ORDER BY p.row_no, r.id LIMIT %(limit)s
"""
ABSENT = """
    SELECT r.id, 0, r.name, home.place_id, home.building || home.unit || home.room, '', '{}'::text[], NULL, NULL
    FROM import_absent a
    JOIN roster_resident r ON r.id = a.resident_id
    JOIN roster_household home ON home.id = a.household_id
    ORDER BY home.place_id, home.building_key, home.unit_key, home.floor, home.room_key, r.id LIMIT %(limit)s
"""
FLATS = """
    SELECT COALESCE(f.household_id, 0), (SELECT min(row_no) FROM unnest(f.rows) AS of_flat (row_no)) AS first,
        f.place_id, f.building || f.unit || f.room, f.fields,
        ARRAY[h.floor::text, h.area_m2::text, h.occupancy], ARRAY[f.floor::text, f.area_m2::text, f.occupancy]
    FROM import_flat f LEFT JOIN roster_household h ON h.id = f.household_id
    WHERE CASE WHEN %(new)s THEN f.household_id IS NULL ELSE f.fields <> '{}' END
    ORDER BY first LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Column:
    """A column of the file as it was understood; `field` "" where it is not used, `samples` its first values."""

    index: int
    letter: str
    heading: str
    field: str = ""
    confidence: str = ""
    doubled: bool = False
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """A field that would have another value; numbers are masked."""

    field: str
    old: str
    new: str

    @property
    def label(self) -> str | Promise:
        return BY_FIELD[self.field].heading

    @property
    def old_text(self) -> str:
        return _in_words(self.field, self.old)

    @property
    def new_text(self) -> str:
        return _in_words(self.field, self.new)


@dataclass(frozen=True)
class Person:
    """Somebody of the file or the roster; `resident` 0 is not on the roster yet, `row` 0 not in the file."""

    resident: int
    row: int
    name: str
    place: str
    address: str
    from_address: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Flat:
    """A household that would be entered (`household` 0) or corrected."""

    household: int
    row: int
    place: str
    address: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class NewGroup:
    grid: str
    name: str


@dataclass(frozen=True)
class NewPlaces:
    """What would be made before anybody can move in; `joined` are building groups that would join an estate."""

    grids: tuple[str, ...] = ()
    groups: tuple[NewGroup, ...] = ()
    estates: tuple[str, ...] = ()
    joined: int = 0

    def __bool__(self) -> bool:
        return bool(self.grids or self.groups or self.estates)


@dataclass(frozen=True)
class Findings:
    """All that is shown of a checked file; lists are cut at PREVIEWED, counts are complete."""

    sheet: str = ""
    header: int = 0
    columns: tuple[Column, ...] = ()
    missing: tuple[str, ...] = ()
    rows: int = 0
    problems: tuple[Problem, ...] = ()
    problem_counts: dict[str, int] = field(default_factory=dict)
    residents: Counts = field(default_factory=Counts)
    households: Counts = field(default_factory=Counts)
    new_places: NewPlaces = NewPlaces()
    covered: tuple[str, ...] = ()
    added: tuple[Person, ...] = ()
    changed: tuple[Person, ...] = ()
    moved: tuple[Person, ...] = ()
    absent: tuple[Person, ...] = ()
    new_households: tuple[Flat, ...] = ()
    changed_households: tuple[Flat, ...] = ()
    fingerprint: str = ""

    @property
    def mapping(self) -> Mapping:
        """The columns as they were understood, to be corrected."""
        used = [column for column in self.columns if column.field]
        headings = [column.heading for column in self.columns]
        fields = {column.field: column.index for column in used}
        return Mapping(self.header, headings, fields, {column.field: column.confidence for column in used})

    @property
    def errors(self) -> int:
        return sum(count for code, count in self.problem_counts.items() if KINDS[code].severity == "error")

    @property
    def warnings(self) -> int:
        return sum(self.problem_counts.values()) - self.errors

    @property
    def can_be_applied(self) -> bool:
        return not self.missing and not self.errors

    @property
    def changes_anything(self) -> bool:
        """Whether applying would write anything, even if nobody who is absent is removed."""
        written = (
            *(
                getattr(counts, one)
                for counts in (self.residents, self.households)
                for one in ("added", "changed", "moved")
            ),
        )
        return any(written) or bool(self.new_places) or bool(self.new_places.joined)

    def to_json(self) -> str:
        stored = asdict(self) | {"problems": [problem.as_list() for problem in self.problems]}
        return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Findings":
        stored = json.loads(text)
        places = stored["new_places"]
        return cls(
            **stored
            | {name: tuple(_person(one) for one in stored[name]) for name in ("added", "changed", "moved", "absent")}
            | {name: tuple(_flat(one) for one in stored[name]) for name in ("new_households", "changed_households")}
            | {
                "columns": tuple(Column(**one | {"samples": tuple(one["samples"])}) for one in stored["columns"]),
                "missing": tuple(stored["missing"]),
                "covered": tuple(stored["covered"]),
                "problems": tuple(Problem.from_list(one) for one in stored["problems"]),
                "residents": Counts(**stored["residents"]),
                "households": Counts(**stored["households"]),
                "new_places": NewPlaces(
                    tuple(places["grids"]),
                    tuple(NewGroup(**group) for group in places["groups"]),
                    tuple(places["estates"]),
                    places["joined"],
                ),
            }
        )


def understood(sheet: Sheet, mapping: Mapping) -> dict[str, Any]:
    """What can be said of a file before its rows are read, as fields of `Findings`."""
    fields = {index: name for name, index in mapping.columns.items()}
    doubled = {index for indexes in mapping.doubles.values() for index in indexes}
    below = [values for number, values in sheet.head if number > mapping.header]
    columns = tuple(
        Column(
            index,
            letter(index),
            heading,
            fields.get(index, ""),
            mapping.confidence.get(fields.get(index, ""), ""),
            index in doubled,
            _samples(below, index),
        )
        for index, heading in enumerate(mapping.headings)
    )
    return {"sheet": sheet.title, "header": mapping.header, "columns": columns, "missing": tuple(mapping.missing)}


def previewed(comparison: Comparison, problems: Problems) -> dict[str, Any]:
    """What the temporary tables hold after a comparison, as fields of `Findings`."""
    gazetteer = comparison.gazetteer
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT place_id FROM import_flat")
        covered = sorted(gazetteer.name_of(place) for (place,) in cursor.fetchall())

        def people(which: str, statement: str = PEOPLE) -> tuple[Person, ...]:
            cursor.execute(statement, {"which": which, "limit": PREVIEWED[which]})
            return tuple(
                Person(resident, row, name, gazetteer.name_of(place), address, before or "", _changes(FIELDS, *what))
                for resident, row, name, place, address, before, *what in cursor.fetchall()
            )

        def flats(which: str) -> tuple[Flat, ...]:
            cursor.execute(FLATS, {"new": which == "new_households", "limit": PREVIEWED[which]})
            return tuple(
                Flat(household, row, gazetteer.name_of(place), address, _changes(FLAT_FIELDS, *what))
                for household, row, place, address, *what in cursor.fetchall()
            )

        groups = tuple(NewGroup(gazetteer.grid_name_of(group.grid), group.name) for group in gazetteer.new_groups)
        return {
            "problems": tuple(problems.kept),
            "problem_counts": dict(problems.counts),
            "residents": comparison.residents,
            "households": comparison.households,
            "new_places": NewPlaces(
                tuple(gazetteer.new_grids), groups, tuple(gazetteer.new_estates), len(gazetteer.joined)
            ),
            "covered": tuple(covered),
            "added": people("added"),
            "changed": people("changed"),
            "moved": people("moved"),
            "absent": people("absent", ABSENT),
            "new_households": flats("new_households"),
            "changed_households": flats("changed_households"),
            "fingerprint": comparison.fingerprint,
        }


def _changes(
    names: tuple[str, ...], changed: list[str] | None, old: list | None, new: list | None
) -> tuple[Change, ...]:
    if not changed or old is None or new is None:
        return ()
    return tuple(
        Change(name, _masked(name, before), _masked(name, after))
        for name, before, after in zip(names, old, new, strict=True)
        if name in changed
    )


def _masked(name: str, value: str | None) -> str:
    if not value or name not in ("id_number", "mobile"):
        return value or ""
    return (mask_id_number if name == "id_number" else mask_mobile)(decrypt(value))


YES_NO = {"true": gettext_lazy("Yes"), "false": gettext_lazy("No")}
CHOICES: dict[str, dict[str, Any]] = {
    "sex": dict(Resident.Sex.choices),
    "occupancy": dict(Household.Occupancy.choices),
    "is_representative": YES_NO,
    "is_mobilised": YES_NO,
    "is_party_member": YES_NO,
}


def _in_words(name: str, value: str) -> str:
    if not value:
        return "—"
    return str(CHOICES.get(name, {}).get(value, value))


def _samples(rows: list[list[Any]], index: int) -> tuple[str, ...]:
    values = (shown(row[index]) for row in rows if index < len(row) and row[index] != "")
    return tuple(LONG_NUMBER.sub(lambda found: mask_mobile(found[0]), value) for value in islice(values, SAMPLES))


def _person(stored: dict[str, Any]) -> Person:
    return Person(**stored | {"changes": tuple(Change(**one) for one in stored["changes"])})


def _flat(stored: dict[str, Any]) -> Flat:
    return Flat(**stored | {"changes": tuple(Change(**one) for one in stored["changes"])})
