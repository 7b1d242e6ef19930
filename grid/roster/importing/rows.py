"""The rows of a roster file, cleaned one after the other, and everything that is wrong with them, named at its cell."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Protocol

from grid.roster.models import ADULT_FROM, years_before
from portal.core.clock import today as current_day
from portal.core.identity import EARLIEST, IdNumber

from . import cells
from .archives import letter
from .cells import Amiss
from .columns import Mapping
from .dates import birth as read_birth
from .flats import Flats
from .furniture import is_furniture
from .identifiers import id_number, mobile
from .problems import Problems
from .record import Row
from .repeats import Repeats
from .template import FIELDS
from .words import TOTALS

__all__ = ["COMPARED", "Row", "read_rows"]

COLON = re.compile("[:：]")  # 审核人：李四 is nobody's name
MISSING: Any = object()
MOST_REMEMBERED = 10_000  # different texts of a column whose meaning is remembered
SLOT = {name: slot for slot, name in enumerate(FIELDS)}
BIRTH, ID_NUMBER = SLOT["birth"], SLOT["id_number"]
# Told once for the flat: where their cells are merged, every row of the flat has them.
OF_THE_FLAT = ("grid", "group", "estate", "building", "unit", "room", "floor", "area_m2", "occupancy")
COMPARED = (
    "relation", "is_representative", "is_mobilised", "sex", "id_number", "birth", "mobile", "is_party_member", "remark",
)  # fmt: skip
REPEATING: dict[str, Callable[[Any], Any]] = {  # fields whose texts come again and again
    "grid": cells.word,
    "group": cells.word,
    "estate": cells.word,
    "building": cells.building,
    "unit": cells.unit,
    "room": cells.room,
    "floor": cells.floor,
    "area_m2": cells.area,
    "relation": cells.relation,
    "is_representative": cells.represents,
    "is_mobilised": cells.yes_no,
    "sex": cells.sex,
    "is_party_member": cells.party,
    "occupancy": cells.occupancy,
}
PERSONAL: dict[str, Callable[[Any], Any]] = {"name": cells.name, "mobile": mobile, "remark": cells.remark}


class SheetLike(Protocol):
    """What of a sheet is read here."""

    head: list[tuple[int, list[Any]]]
    merges: list[tuple[int, int, int, int]]
    since_1904: bool

    def rows(self) -> Iterator[tuple[int, list[Any]]]: ...


def read_rows(sheet: SheetLike, mapping: Mapping, problems: Problems, today: date | None = None) -> Iterator[Row]:
    """Clean the rows below the header, one by one, in memory that hardly grows with the file.

    Blank rows, totals and signatures are passed over. Rows whose flat or name cannot be told are not yielded, nor those
    that say once more what another has said; both are in `problems`, which is complete when the rows are at their end.
    Raises ValueError while the mapping lacks an indispensable column.
    """
    if mapping.missing:
        raise ValueError("a column is missing")
    return _Reading(sheet, mapping, problems, today or current_day()).rows()


class _Reading:
    def __init__(self, sheet: SheetLike, mapping: Mapping, problems: Problems, today: date) -> None:
        columns = mapping.columns
        self.sheet, self.problems, self.today = sheet, problems, today
        self.header, self.columns = mapping.header or _unknown_header(sheet, mapping), columns
        self.letters = {name: letter(at) for name, at in columns.items()}
        self.blank = [""] * (max(columns.values()) + 1)
        self.earliest, self.of_age = date(EARLIEST, 1, 1), years_before(today, ADULT_FROM)
        self.repeating: list[tuple[int, int, dict[Any, Any], Callable[[Any], Any]]]
        self.repeating = [(SLOT[name], columns[name], {}, read) for name, read in REPEATING.items() if name in columns]
        self.personal = [(SLOT[name], columns[name], read) for name, read in PERSONAL.items() if name in columns]
        self.at_id, self.at_birth = columns.get("id_number"), columns.get("birth")
        self.at_name, self.at_room = columns["name"], columns["room"]
        self.heading = mapping.headings[self.at_name]
        self.flats = Flats(columns, self._say)
        self.repeats = Repeats(problems, self.letters)
        self.number = 0  # of the present row
        self.named: dict[str, int] = {}  # the row in which a problem was last found in the cells of a field

    def rows(self) -> Iterator[Row]:
        problems, is_new = self.problems, self.repeats.is_new
        count = 0
        for number, values in self._filled():
            self.number = number
            if self._is_passed_over(values):
                self.flats.forget()
                continue
            errors = problems.errors
            row = self._row(self._cells(values))
            if row is not None:
                row.faulty = problems.errors > errors
                if is_new(row):
                    count += 1
                    yield row
        if not count and not problems.errors:
            problems.add("no_rows")

    def _filled(self) -> Iterator[tuple[int, list[Any]]]:
        """The rows below the header, padded, what merged cells say of a flat in each of its rows."""
        starts = self._merged()
        fills: dict[int, tuple[int, Any]] = {}
        blank, header = self.blank, self.header
        width = len(blank)
        for number, values in self.sheet.rows():
            if number <= header:
                continue
            if len(values) < width:
                values += blank[len(values) :]
            if fills:
                fills = _fill(fills, number, values)
            if number in starts:
                fills |= {at: (last, values[at]) for at, last in starts[number]}
            yield number, values

    def _merged(self) -> dict[int, list[tuple[int, int]]]:
        """By the row in which they begin: the column and last row of the merged cells that speak of flats."""
        of_the_flat = {self.columns[name] for name in OF_THE_FLAT if name in self.columns}
        starts: dict[int, list[tuple[int, int]]] = {}
        for first, left, last, _right in self.sheet.merges:
            if last > first > self.header and left in of_the_flat:
                starts.setdefault(first, []).append((left, last))
        return starts

    def _is_passed_over(self, values: list[Any]) -> bool:
        """Whether a row is blank, a total or a signature."""
        if not any(values) or not TOTALS.isdisjoint(values):
            return True
        name = values[self.at_name]
        if (
            name
            and values[self.at_room]
            and name != self.heading
            and not (isinstance(name, str) and COLON.search(name))
        ):
            return False
        return is_furniture(values, self.columns)

    def _cells(self, values: list[Any]) -> list[Any]:
        """What each cell means, in the order of the template; the ID number with all that it tells."""
        meant: list[Any] = [None] * len(FIELDS)
        for slot, at, memory, read in self.repeating:
            raw = values[at]
            if raw != "":
                found = memory.get(raw, MISSING)
                if found is MISSING:
                    found = self._read(read, slot, raw)
                    if len(memory) < MOST_REMEMBERED and self.named.get(FIELDS[slot]) != self.number:
                        memory[raw] = found
                meant[slot] = found
        for slot, at, read in self.personal:
            raw = values[at]
            if raw != "":
                meant[slot] = self._read(read, slot, raw)
        identity = None
        if self.at_id is not None and (raw := values[self.at_id]) != "":
            meant[ID_NUMBER] = identity = self._read(self._identity, ID_NUMBER, raw)
        if self.at_birth is not None and (raw := values[self.at_birth]) != "":
            meant[BIRTH] = self._birth(raw, identity)
        return meant

    def _read(self, read: Callable[[Any], Any], slot: int, raw: Any) -> Any:
        try:
            return read(raw)
        except Amiss as amiss:
            self._say(amiss.code, FIELDS[slot], raw)
            return amiss.kept

    def _say(self, code: str, field: str, value: Any = "", other: int = 0) -> None:
        self.named[field] = self.number
        column = self.letters.get(field, "")
        self.problems.add(code, row=self.number, field=field, column=column, value=value, other=other)

    def _is_named(self, *fields: str) -> bool:
        """Whether a problem was found in the present row's cells of these fields."""
        return any(self.named.get(field) == self.number for field in fields)

    def _identity(self, raw: Any) -> IdNumber | None:
        return id_number(raw, self.today)

    def _birth(self, raw: Any, identity: IdNumber | None) -> date | None:
        """The date in the cell; where the ID number tells it too, that is what counts."""
        try:
            found = read_birth(raw, self.today, self.earliest, self.sheet.since_1904)
        except Amiss as amiss:
            if identity is None:
                self._say(amiss.code, "birth", raw)
                return None
            if amiss.code != "birth_incomplete" or str(identity.birth.year) not in str(raw):
                self._say("birth_from_id", "birth", raw)
            return identity.birth
        if identity is not None and found is not None and found != identity.birth:
            self._say("birth_differs", "birth", raw)
            return identity.birth
        return found

    def _row(self, meant: list[Any]) -> Row | None:
        """The row, or None where its flat or its name cannot be told."""
        (grid, group, estate, building, unit, room, floor, area, name, relation, represents, mobilised, sex,
         identity, birth, mobile, party, occupancy, remark) = meant  # fmt: skip
        if (building is None or room is None) and self._is_named("building", "unit", "room"):
            self.flats.forget()  # not blank but unreadable
            return None
        flat = self.flats.of(self.number, (grid, group, estate, building, unit, room), bool(name))
        if flat is None:
            return None
        if not name:
            if not self._is_vacant(name, occupancy, identity or mobile):
                return None
            name, occupancy = None, "vacant"
        elif occupancy == "vacant":
            self._say("vacant_but_named", "occupancy", "空置")
            occupancy = None
        if identity is not None:
            sex, birth = self._sex(sex, identity), identity.birth
        if represents and birth and birth > self.of_age:
            self._say("represents_under_age", "is_representative", "是")
        if represents and not mobilised:
            if mobilised is False:
                self._say("represents_unmobilised", "is_mobilised", "否")
            mobilised = True
        return Row(
            self.number, flat.grid, flat.group, flat.estate, flat.building, flat.unit, flat.room,
            flat.building_key, flat.unit_key, flat.room_key, flat.floor if floor is None else floor, flat.is_shop,
            area, occupancy, name, relation, represents, mobilised, sex, identity and identity.number, birth, mobile,
            party, remark,
        )  # fmt: skip

    def _is_vacant(self, name: str | None, occupancy: str | None, number: Any) -> bool:
        """Whether a row without a name is a flat without residents; else the name is missing."""
        if number is None and (name == "" or occupancy == "vacant"):
            return True
        if not self._is_named("name"):
            self._say("name_missing", "name")
        return False

    def _sex(self, sex: str | None, identity: IdNumber) -> str:
        if sex is not None and sex != identity.sex:
            self._say("sex_differs", "sex", "男" if sex == "male" else "女")
        return identity.sex


def _unknown_header(sheet: SheetLike, mapping: Mapping) -> int:
    """The first row where the user has said what the columns are, if it looks like headings: a room has a digit."""
    heading = mapping.headings[mapping.columns["room"]]
    if not heading or any(char.isdigit() for char in heading):
        return 0
    return next((number for number, values in sheet.head if any(values)), 0)


def _fill(fills: dict[int, tuple[int, Any]], number: int, values: list[Any]) -> dict[int, tuple[int, Any]]:
    """Write into a row that has something what the cells merged with it say; returns the merged cells still open."""
    fills = {at: filled for at, filled in fills.items() if filled[0] >= number}
    if any(values):
        for at, (_last, value) in fills.items():
            if values[at] == "":
                values[at] = value
    return fills
