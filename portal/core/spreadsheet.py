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
from django.utils.translation import gettext as _

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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


def workbook(
    title: str,
    header: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    *,
    about: Sequence[tuple[str, str]] = (),
    widths: Sequence[float] = (),
) -> bytes:
    """One sheet with a frozen, filtered header row; every text cell is neutralised.

    `about` says on a second sheet, and its first two values below every printed page, who took the file out and when.
    With `widths` of its columns, in characters, the rows are written one by one and none is kept in memory.
    """
    buffer = BytesIO()
    options = {"in_memory": not widths, "constant_memory": bool(widths)}
    options |= {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(NOT_IN_TITLES.sub(" ", title[:31]))
        bold = book.add_format({"bold": True, "bg_color": "#f0f3f7", "border": 1})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        tenth = book.add_format({"num_format": "0.0"})
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(header):
            sheet.write_string(0, column, str(name), bold)
        count = 0
        for count, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, count, column, safe_cell(value), moment, day, tenth)
        sheet.autofilter(0, 0, count, len(header) - 1)
        if not widths:
            sheet.autofit(max_width=320)
        if about:
            sheet.set_footer(footer(about))
            _write_about(book.add_worksheet(_("About this export")), about)
    return buffer.getvalue()


def footer(about: Sequence[tuple[str, str]]) -> str:
    """Who and when, and the page's number; Excel takes no more than 255 characters and reads & as a command."""
    words = " ".join(value for _name, value in about[:2]).replace("&", "&&")
    return f"&L{words[:200]}&R&P / &N"


def _write_about(sheet: Any, about: Sequence[tuple[str, str]]) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 80)
    for number, (name, value) in enumerate(about):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, safe_cell(value))


def _write(sheet: Any, row: int, column: int, value: Any, moment: Any, day: Any, tenth: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, moment if isinstance(value, datetime) else day)
    elif isinstance(value, Decimal) and value.as_tuple().exponent == -1:  # a rate: 40.0 stands below 91.2
        sheet.write_number(row, column, value, tenth)
    elif value is not None:
        sheet.write_number(row, column, value)
