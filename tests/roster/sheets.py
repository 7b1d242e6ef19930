"""Roster files as tests need them: .xlsx, .xls and .csv of given rows."""

import csv
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter
import xlwt

from grid.roster.importing.columns import Mapping, guess
from grid.roster.importing.problems import Problems
from grid.roster.importing.reading import open_sheet
from grid.roster.importing.rows import Row, read_rows
from grid.roster.importing.template import BY_FIELD, FIELDS

TODAY = date(2023, 5, 31)
Rows = Iterable[Sequence[Any]]
Merge = tuple[int, int, int, int]  # first row, column, last row, column; rows from 1, columns from 0

HEADINGS = [BY_FIELD[field].heading for field in FIELDS]
# Two flats and a shop, three people and an empty flat.
PLAIN = [
    {
        "grid": "第1网格", "group": "3栋小组", "estate": "龙基花园", "building": "3栋", "unit": "1单元", "room": "502",
        "floor": 5, "area_m2": 89.5, "name": "陈家生", "relation": "户主",
        "is_representative": "是", "is_mobilised": "是",
        "sex": "男", "id_number": "440511195703081232", "birth": "1957-03-08", "mobile": "13800138000",
        "is_party_member": "否", "occupancy": "户籍", "remark": "",
    },
    {
        "grid": "第1网格", "group": "3栋小组", "estate": "龙基花园", "building": "3栋", "unit": "1单元", "room": "502",
        "floor": 5, "area_m2": 89.5, "name": "林丽芳", "relation": "配偶",
        "is_representative": "否", "is_mobilised": "是",
        "sex": "女", "id_number": "440511196011221243", "birth": "1960-11-22", "mobile": "13800138001",
        "is_party_member": "是", "occupancy": "户籍", "remark": "每周三值班",
    },
    {
        "grid": "第1网格", "group": "3栋小组", "estate": "龙基花园", "building": "3栋", "unit": "1单元", "room": "503",
        "floor": 5, "area_m2": 72, "name": "买买提·吐尔逊", "relation": "户主",
        "is_representative": "", "is_mobilised": "",
        "sex": "男", "id_number": "", "birth": "1990-01-01", "mobile": "", "is_party_member": "", "occupancy": "租住",
        "remark": "",
    },
    {
        "grid": "第1网格", "group": "3栋小组", "estate": "龙基花园", "building": "3栋", "unit": "1单元", "room": "504",
        "occupancy": "空置",
    },
]  # fmt: skip


def table(people: Iterable[dict[str, Any]], fields: Sequence[str] = FIELDS) -> list[list[Any]]:
    """Rows with the template's headings above them."""
    return [
        [BY_FIELD[field].heading for field in fields],
        *([row.get(field, "") for field in fields] for row in people),
    ]


def xlsx(rows: Rows, merges: Iterable[Merge] = (), title: str = "花名册", before: Rows | None = None) -> bytes:
    """One worksheet, or two where `before` has rows for another in front of it."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        if before is not None:
            _fill(book.add_worksheet("封面"), before, day)
        page = book.add_worksheet(title)
        kept = _fill(page, rows, day)
        for first, left, last, right in merges:
            page.merge_range(first - 1, left, last - 1, right, "")
            _write(page, first - 1, left, kept[first - 1][left], day)
    return buffer.getvalue()


def xls(rows: Rows, merges: Iterable[Merge] = ()) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("花名册", cell_overwrite_ok=True)
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value not in ("", None):
                page.write(row, column, value, day) if isinstance(value, date) else page.write(row, column, value)
    for first, left, last, right in merges:
        page.merge(first - 1, last - 1, left, right)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def csv_file(rows: Rows, encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    text = StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def zipped(parts: dict[str, bytes | Callable[[Any], None]]) -> bytes:
    """An archive of given parts; a part may write itself into the open member, for what is too large to hold."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            if callable(part):
                with book.open(name, "w", force_zip64=True) as member:
                    part(member)
            else:
                book.writestr(name, part)
    return buffer.getvalue()


def rezipped(content: bytes, changed: dict[str, Callable[[bytes], bytes]]) -> bytes:
    """A workbook with some of its parts changed."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    return zipped({name: changed[name](part) if name in changed else part for name, part in parts.items()})


def read(
    content: bytes, name: str = "名册.xlsx", remembered: dict[str, str] | None = None
) -> tuple[list[Row], Problems]:
    """The rows and problems of a file whose columns are guessed."""
    with open_sheet(content, name) as sheet:
        return cleaned(sheet, guess(sheet, remembered))


def cleaned(sheet: Any, mapping: Mapping) -> tuple[list[Row], Problems]:
    problems = Problems()
    return list(read_rows(sheet, mapping, problems, TODAY)), problems


class Rowed:
    """Rows as a sheet has them, without a file around them."""

    since_1904 = False

    def __init__(self, rows: Rows, merges: Iterable[Merge] = ()) -> None:
        self.merges = list(merges)
        self.head = [(number, list(values)) for number, values in enumerate(rows, start=1)]

    def rows(self) -> Any:
        return ((number, list(values)) for number, values in self.head)


def named(problems: Problems) -> set[tuple[str, int, str]]:
    """(code, row, field) of every problem."""
    return {(problem.code, problem.row, problem.field) for problem in problems}


def _fill(page: Any, rows: Rows, day: Any) -> list[Sequence[Any]]:
    kept = list(rows)
    for row, values in enumerate(kept):
        for column, value in enumerate(values):
            _write(page, row, column, value, day)
    return kept


def _write(page: Any, row: int, column: int, value: Any, day: Any) -> None:
    if isinstance(value, date | datetime):
        page.write_datetime(row, column, value, day)
    elif isinstance(value, str):
        page.write_string(row, column, value) if value else None
    elif value is not None:
        page.write(row, column, value)
