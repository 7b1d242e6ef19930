"""What is wrong with a file, cell by cell: errors, which stop it, and warnings, which somebody should look at."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ERROR = "error"
WARNING = "warning"
KEPT = 5_000  # problems told one by one; of the others only the number
LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Kind:
    """How bad a kind of problem is and what is said of it: `%(other)d` is the other row, `%(value)s` the value."""

    severity: str
    message: str | Promise


KINDS: dict[str, Kind] = {}


def declare(code: str, severity: str, message: str | Promise) -> None:
    """Make a kind of problem known under its code, which is what is stored; the words follow the reader's language."""
    KINDS[code] = Kind(severity, message)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at its row and column as Excel names them, with the value as the user wrote it."""

    code: str
    row: int = 0
    field: str = ""
    column: str = ""
    value: str = ""
    other: int = 0

    @property
    def severity(self) -> str:
        return KINDS[self.code].severity

    @property
    def is_error(self) -> bool:
        return self.severity == ERROR

    @property
    def message(self) -> str:
        """What is wrong and what to do, in the language of whoever reads it."""
        return str(KINDS[self.code].message) % {"other": self.other, "value": self.value}

    @property
    def cell(self) -> str:
        """The cell as Excel names it, `H12`; only the row where the whole row is meant; "" for the file."""
        return f"{self.column}{self.row or ''}"

    def as_list(self) -> list[Any]:
        return list(astuple(self))

    @classmethod
    def from_list(cls, values: list[Any]) -> "Problem":
        return cls(*values)


class Problems:
    """The problems of one file: the first `keep` of them and the number of every kind; errors displace warnings."""

    def __init__(self, keep: int = KEPT) -> None:
        self.keep = keep
        self.errors = 0
        self.counts: Counter[str] = Counter()
        self._errors: list[Problem] = []
        self._warnings: list[Problem] = []

    def add(
        self, code: str, *, row: int = 0, field: str = "", column: str = "", value: Any = "", other: int = 0
    ) -> None:
        """Note a problem of a declared kind."""
        self.counts[code] += 1
        is_error = KINDS[code].severity == ERROR
        self.errors += is_error
        kept = self._errors if is_error else self._warnings
        if len(kept) < self.keep:
            kept.append(Problem(code, row, field, column, shown(value), other))

    @property
    def warnings(self) -> int:
        return self.counts.total() - self.errors

    @property
    def kept(self) -> list[Problem]:
        """Those told one by one, in the order of the file; where there are too many, errors come before warnings."""
        warnings = self._warnings[: self.keep - len(self._errors)]
        return sorted(
            [*self._errors, *warnings], key=lambda problem: (problem.row, len(problem.column), problem.column)
        )

    @property
    def dropped(self) -> int:
        """How many there are beyond those kept."""
        return self.counts.total() - len(self.kept)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.kept)

    def __len__(self) -> int:
        return self.counts.total()

    def as_dict(self) -> dict[str, Any]:
        """As JSON can keep it; holds values of the file, thus personal data."""
        return {"counts": dict(self.counts), "kept": [problem.as_list() for problem in self.kept]}

    @classmethod
    def from_dict(cls, stored: dict[str, Any], keep: int = KEPT) -> "Problems":
        problems = cls(keep)
        problems.counts.update(stored["counts"])
        problems.errors = sum(number for code, number in problems.counts.items() if KINDS[code].severity == ERROR)
        for values in stored["kept"]:
            problem = Problem.from_list(values)
            (problems._errors if problem.is_error else problems._warnings).append(problem)
        return problems


def shown(value: Any) -> str:
    """A raw value as the user knows it from the screen, cut where it is long."""
    if isinstance(value, float):
        text = str(int(value)) if value.is_integer() and abs(value) < 1e11 else f"{value:.6G}"
    else:
        text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


# The file as a whole.
declare("no_rows", ERROR, _("There is nobody in this file."))
declare("formula_error", ERROR, _("A formula has failed here. Enter the value itself."))

# The address.
declare("building_missing", ERROR, _("The building is missing."))
declare("room_missing", ERROR, _("The room is missing."))
declare("excel_date", ERROR, _("Excel has turned this into a date. Set the column to text and enter it again."))
declare("too_long", ERROR, _("This is too long for its column."))
declare("building_continued", WARNING, _("The building is blank; the one of row %(other)d is assumed from here."))
declare("room_continued", WARNING, _("The room is blank; the household of row %(other)d is assumed."))
declare("group_missing", WARNING, _("The building group is blank, and no other row of this building tells it."))
declare("unit_missing", WARNING, _("The unit is blank, and other flats of this building have one."))
declare("room_elsewhere", WARNING, _("This room names another building or unit than its row does."))
declare("floor", WARNING, _("This is no floor; it is left out."))
declare("area", WARNING, _("This is no floor area in m²; it is left out."))
declare("occupancy", WARNING, _("This kind of residence is not known: registered, rented or vacant. It is left out."))

# The person.
declare("name_missing", ERROR, _("The name is missing. If nobody lives here, enter 空置 as the kind of residence."))
declare("name_unreadable", ERROR, _("A character of this name was lost. Enter the name again."))
declare("name_strange", WARNING, _("This name holds something other than letters. Is it right?"))
declare("name_in_brackets", WARNING, _("What stands in brackets is left out of the name."))
declare("vacant_but_named", ERROR, _("This flat is said to be vacant, and somebody is named. Correct one of the two."))
declare("relation", WARNING, _("This relation cannot be understood; it is left out."))
declare("sex", WARNING, _("This is neither male nor female; it is left out."))
declare("sex_differs", WARNING, _("The ID number tells another sex; the one of the ID number is taken."))
declare("yes_no", ERROR, _("This is neither yes nor no."))
declare("party", WARNING, _("It is not clear whether this means a party member; it is left out."))
declare("represents_unmobilised", WARNING, _("Representatives are mobilised residents; this is taken to be yes."))
declare(
    "represents_under_age",
    ERROR,
    _("Whoever represents a household is of age. Name somebody else, or correct the date of birth."),
)
declare("remark_cut", WARNING, _("The remark is too long; its end is left out."))

# Their numbers and dates.
declare("id_ruined", ERROR, _("Excel has ruined this ID number: it keeps 15 digits. Enter it again as text."))
declare(
    "id_ruined_perhaps",
    WARNING,
    _("This ID number ends in 000, as those that Excel has ruined do. Compare it with the card."),
)
declare("id_old", ERROR, _("This is an old ID number of 15 digits. Enter the one of 18 digits that replaced it."))
declare("id_length", ERROR, _("An ID number has 18 characters."))
declare("id_characters", ERROR, _("An ID number has 17 digits and a last digit or X."))
declare("id_region", ERROR, _("No ID number begins like this."))
declare("id_birth", ERROR, _("The date of birth in this ID number cannot be."))
declare("id_check_digit", ERROR, _("The last digit of this ID number does not fit the others: a digit is mistyped."))
declare("id_other", WARNING, _("This looks like another document than an ID card; it is left out."))
declare("birth", ERROR, _("This date cannot be understood. Write it like 1957-03-08."))
declare("birth_incomplete", ERROR, _("Month or day is missing. Write the date like 1957-03-08."))
declare("birth_unclear", ERROR, _("The century or the order of day and month is not clear. Write it like 1957-03-08."))
declare("birth_implausible", ERROR, _("Nobody alive was born on this day."))
declare("birth_from_id", WARNING, _("This date cannot be used; the one of the ID number is taken."))
declare("birth_differs", WARNING, _("The ID number tells another date of birth; the one of the ID number is taken."))
declare("mobile", WARNING, _("This is no mobile number of 11 digits; it is left out."))
declare("mobile_ruined", WARNING, _("Excel has rounded this number; it is left out."))
declare("mobile_landline", WARNING, _("This is a landline, not a mobile number; it is left out."))
declare("mobile_several", WARNING, _("There are several numbers here; the first mobile number is taken."))

# One row against another.
declare("person_twice", WARNING, _("The same person as in row %(other)d; this row is left out."))
declare("person_differs", ERROR, _("The same person as in row %(other)d, with other details. Keep one of the rows."))
declare("person_elsewhere", ERROR, _("The same person lives elsewhere according to row %(other)d. Keep one row."))
declare("id_of_two", ERROR, _("Row %(other)d has the same ID number under another name."))
declare("mobile_of_two", WARNING, _("Row %(other)d has the same mobile number."))
declare("representative_twice", ERROR, _("Row %(other)d is the representative of this household already."))
declare("household_differs", WARNING, _("Row %(other)d says otherwise of this household; what it says is taken."))
declare("flat_twice", WARNING, _("The same vacant flat as in row %(other)d; this row is left out."))
declare("vacant_and_lived_in", ERROR, _("This row and row %(other)d differ on whether anybody lives in this flat."))
