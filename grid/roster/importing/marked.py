"""The user's own file with what is wrong marked in it, to be corrected and sent again."""

import tempfile
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from portal.core.spreadsheet import NOT_IN_TITLES, safe_cell

from .archives import column_index
from .columns import Mapping
from .problems import Problem, Problems
from .reading import Sheet

RED, AMBER = "#ffc7ce", "#ffeb9c"
MOST_IN_COMMENT = 5


def marked_workbook(sheet: Sheet, mapping: Mapping, problems: Problems) -> bytes:
    """An .xlsx with the rows as they were, a first column that says what is wrong, and the cells concerned in colour.

    Merged cells come apart, their text in each row, so that the file means the same when it is read again. Every text
    is neutralised (`safe_cell`). The rows pass through a private temporary file that is gone afterwards.
    """
    by_row: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems.kept:
        by_row[problem.row].append(problem)
    buffer = BytesIO()
    with tempfile.TemporaryDirectory() as directory:
        options = {
            "constant_memory": True,
            "tmpdir": directory,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_date_format": "yyyy-mm-dd",
        }
        with xlsxwriter.Workbook(buffer, options) as book:
            _Marked(book, sheet, mapping).write(by_row)
    return buffer.getvalue()


class _Marked:
    def __init__(self, book: xlsxwriter.Workbook, sheet: Sheet, mapping: Mapping) -> None:
        self.sheet, self.mapping = sheet, mapping
        self.page = book.add_worksheet(NOT_IN_TITLES.sub(" ", sheet.title[:31]) or None)
        self.bold = book.add_format({"bold": True})
        self.red = book.add_format({"bg_color": RED})
        self.amber = book.add_format({"bg_color": AMBER})
        self.page.set_column(0, 0, 40)

    def write(self, by_row: dict[int, list[Problem]]) -> None:
        for number, values in _unmerged(self.sheet, self.mapping):
            wrong = by_row.get(number, [])
            cells: dict[int, list[Problem]] = defaultdict(list)
            for problem in wrong:
                if problem.column:
                    cells[column_index(problem.column)].append(problem)
            if number == max(self.mapping.header, 1):
                self.page.write_string(number - 1, 0, _("Problems"), self.bold)
            elif wrong:
                self.page.write_string(number - 1, 0, _words(wrong), self._colour(wrong))
            width = max(len(values), *(at + 1 for at in cells)) if cells else len(values)
            for at in range(width):
                told = cells.get(at, [])
                self._cell(number - 1, at + 1, values[at] if at < len(values) else "", told)

    def _cell(self, row: int, column: int, value: Any, wrong: list[Problem]) -> None:
        style = self._colour(wrong) if wrong else None
        value = safe_cell(value)
        if isinstance(value, str):
            if value:
                self.page.write_string(row, column, value, style)
            elif style:
                self.page.write_blank(row, column, None, style)
        elif isinstance(value, bool):
            self.page.write_boolean(row, column, value, style)
        elif isinstance(value, int | float):
            self.page.write_number(row, column, value, style)
        elif isinstance(value, datetime | date | time | timedelta):
            self.page.write_string(row, column, str(value), style)
        if wrong:
            self.page.write_comment(row, column, _words(wrong))

    def _colour(self, wrong: list[Problem]) -> Any:
        return self.red if any(problem.is_error for problem in wrong) else self.amber


def _words(wrong: list[Problem]) -> str:
    """What is wrong, the worst first."""
    told = [problem.message for problem in sorted(wrong, key=lambda problem: not problem.is_error)]
    return "\n".join(dict.fromkeys(told[:MOST_IN_COMMENT]))


def _unmerged(sheet: Sheet, mapping: Mapping) -> Any:
    """The rows with the text of merged cells in each of their rows."""
    starts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for first, left, last, _right in sheet.merges:
        if last > first > mapping.header:
            starts[first].append((left, last))
    open_cells: dict[int, tuple[int, Any]] = {}
    for number, values in sheet.rows():
        open_cells = {at: cell for at, cell in open_cells.items() if cell[0] >= number}
        for at, (_last, value) in open_cells.items():
            if at < len(values) and values[at] == "":
                values[at] = value
        for at, last in starts.get(number, ()):
            if at < len(values):
                open_cells[at] = (last, values[at])
        yield number, values
