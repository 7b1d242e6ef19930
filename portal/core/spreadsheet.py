"""Excel files that cannot attack whoever opens them."""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import timezone

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UNSEEN = " \xa0\u3000\u200b\u200c\u200d\u2060\ufeff"  # before a formula: lost when the sheet is saved as CSV
NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]|^'|'$")


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP CSV injection)."""
    if isinstance(value, str):
        return f"'{value}" if value.lstrip(UNSEEN).startswith(FORMULA_STARTS) else value
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, int | float | Decimal | date):
        return value
    return safe_cell(str(value))


def workbook(title: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a frozen, filtered header row; every text cell is neutralised."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(NOT_IN_TITLES.sub(" ", title[:31]))
        bold = book.add_format({"bold": True, "bg_color": "#f0f3f7", "border": 1})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for column, name in enumerate(header):
            sheet.write_string(0, column, str(name), bold)
        count = 0
        for count, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, count, column, safe_cell(value), moment, day)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, count, len(header) - 1)
        sheet.autofit(max_width=320)
    return buffer.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, moment: Any, day: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, moment if isinstance(value, datetime) else day)
    elif value is not None:
        sheet.write_number(row, column, value)
