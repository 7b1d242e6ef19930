"""The same person, number or flat in two rows, found while the rows pass by: of each row only fingerprints are kept."""

from array import array

from .problems import Problems
from .record import Row

NOT_KNOWN, VACANT, LIVED_IN = 0, 1, 2
OCCUPANCIES = {None: 0, "registered": 1, "rented": 2, "vacant": 3}


class Repeats:
    """What the rows so far said of people and flats, as 64-bit fingerprints: some 450 bytes a person, no text."""

    def __init__(self, problems: Problems, letters: dict[str, str]) -> None:
        self._problems = problems
        self._letters = letters
        # One entry a person, in the order of the rows.
        self._numbers, self._homes, self._names, self._wholes = array("l"), array("q"), array("q"), array("q")
        self._identities, self._births = array("q"), array("l")  # 0 where it is not known
        self._by_id: dict[int, int] = {}
        self._by_mobile: dict[int, int] = {}
        self._by_name: dict[int, int] = {}
        # One entry a flat.
        self._flats: dict[int, int] = {}
        self._state, self._first = array("b"), array("l")
        self._representative, self._area, self._occupancy = array("l"), array("l"), array("b")
        self._home, self._flat = 0, -1

    def is_new(self, row: Row) -> bool:
        """Whether a row is to be used; names what it contradicts. May blank what an earlier row said otherwise."""
        home = hash((row.group, row.estate, row.building_key, row.unit_key, row.room_key))
        if home != self._home or self._flat < 0:
            self._home, self._flat = home, self._flat_of(home, row)
        if row.name is None:
            return self._is_new_vacancy(row)
        if not self._is_new_person(row, home):
            return False
        self._look_at_flat(row)
        return True

    def _flat_of(self, home: int, row: Row) -> int:
        flat = self._flats.setdefault(home, len(self._state))
        if flat == len(self._state):
            self._state.append(NOT_KNOWN)
            self._first.append(row.number)
            self._representative.append(0)
            self._area.append(-1)
            self._occupancy.append(0)
        return flat

    def _is_new_vacancy(self, row: Row) -> bool:
        flat = self._flat
        if self._state[flat] == VACANT:
            self._say("flat_twice", row, "room", row.room, self._first[flat])
            return False
        if self._state[flat] == LIVED_IN:
            self._say("vacant_and_lived_in", row, "occupancy", row.occupancy, self._first[flat])
        self._state[flat] = VACANT
        return True

    def _is_new_person(self, row: Row, home: int) -> bool:
        name, mobile = hash(row.name), row.mobile
        # fmt: off
        whole = hash((
            row.id_number, row.birth, mobile, row.sex, row.relation, row.is_representative, row.is_mobilised,
            row.is_party_member, row.remark, row.area_m2, row.occupancy, row.floor,
        ))
        # fmt: on
        person = len(self._numbers)
        same = person
        if row.id_number:
            same = self._by_id.setdefault(hash(row.id_number), person)
            if same != person and self._names[same] != name:
                self._say("id_of_two", row, "id_number", row.id_number, self._numbers[same])
                same = person
        birth = row.birth.toordinal() if row.birth else 0
        identity = hash(row.id_number) if row.id_number else 0
        namesake = self._by_name.setdefault(hash((home, name)), person)
        if same == person and not (
            _differ(identity, self._identities, namesake) or _differ(birth, self._births, namesake)
        ):
            same = namesake
        if same != person:
            if self._homes[same] != home:
                self._say("person_elsewhere", row, "name", row.name, self._numbers[same])
            elif self._wholes[same] == whole:
                self._say("person_twice", row, "name", row.name, self._numbers[same])
                return False
            else:
                self._say("person_differs", row, "name", row.name, self._numbers[same])
        elif mobile:
            other = self._by_mobile.setdefault(hash(mobile), person)
            if other != person:
                self._say("mobile_of_two", row, "mobile", mobile, self._numbers[other])
        self._numbers.append(row.number)
        self._homes.append(home)
        self._names.append(name)
        self._wholes.append(whole)
        self._identities.append(identity)
        self._births.append(birth)
        return True

    def _look_at_flat(self, row: Row) -> None:
        flat = self._flat
        if self._state[flat] != LIVED_IN:
            if self._state[flat] == VACANT:
                self._say("vacant_and_lived_in", row, "name", row.name, self._first[flat])
            self._state[flat] = LIVED_IN
        if row.is_representative:
            self._look_at_representative(row, flat)
        if row.area_m2 is not None:
            area = int(row.area_m2 * 100)
            if self._area[flat] < 0:
                self._area[flat] = area
            elif self._area[flat] != area:
                self._say("household_differs", row, "area_m2", row.area_m2, self._first[flat])
                row.area_m2 = None
        if row.occupancy is not None:
            occupancy = OCCUPANCIES[row.occupancy]
            if not self._occupancy[flat]:
                self._occupancy[flat] = occupancy
            elif self._occupancy[flat] != occupancy:
                self._say("household_differs", row, "occupancy", row.occupancy, self._first[flat])
                row.occupancy = None

    def _look_at_representative(self, row: Row, flat: int) -> None:
        if other := self._representative[flat]:
            self._say("representative_twice", row, "is_representative", "是", other)
        else:
            self._representative[flat] = row.number

    def _say(self, code: str, row: Row, field: str, value: object, other: int) -> None:
        before = self._problems.errors
        self._problems.add(
            code, row=row.number, field=field, column=self._letters.get(field, ""), value=value, other=other
        )
        row.faulty = row.faulty or self._problems.errors > before


def _differ(value: int, known: "array[int]", person: int) -> bool:
    """Whether two namesakes are two people: both say it, and they say otherwise."""
    return bool(value and person < len(known) and known[person] and known[person] != value)
