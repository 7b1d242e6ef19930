"""Reads a workbook in a process of its own, limited in memory and time: whatever is in the file, only this one ends.

Run as a program with two numbers, bytes of memory and seconds; the workbook comes on standard input, its length first.
It knows nothing of the portal and imports none of it. It writes one JSON text a line: for each worksheet its measures,
its first rows where it is answered "head", and where it is answered "rows" all rows, some hundred a line. Dates are
`{"d": …}`: the parent makes dates of them again.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import islice
from typing import Any

HEAD = 60
AT_ONCE = 500
MOST_SHEETS = 20
MOST_MERGES = 100_000


def main() -> None:
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))
    try:
        _read(content)
    except MemoryError:
        _tell({"failed": "memory"})
    except BaseException as error:
        _tell({"failed": "password" if type(error).__name__ == "PasswordError" else "damaged"})


def _read(content: bytes) -> None:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
        sheets = [
            (index, meta) for index, meta in enumerate(book.sheets_metadata) if meta.typ == SheetTypeEnum.WorkSheet
        ]
        sheets.sort(key=lambda found: found[1].visible != SheetVisibleEnum.Visible)
        for index, meta in sheets[:MOST_SHEETS]:
            sheet = book.get_sheet_by_index(index)
            first = sheet.start[1] if sheet.start else 0
            rows = enumerate(sheet.iter_rows(), start=1) if sheet.start else iter(())
            _tell(
                {
                    "title": meta.name,
                    "index": index,
                    "height": sheet.end[0] + 1 if sheet.end else 0,
                    "width": first + sheet.width,
                    "merges": (sheet.merged_cell_ranges or [])[:MOST_MERGES],
                }
            )
            answer = sys.stdin.buffer.readline().strip()
            if answer == b"head":
                _tell([[number, [""] * first + row] for number, row in islice(rows, HEAD)])
                answer = sys.stdin.buffer.readline().strip()
                rows = enumerate(sheet.iter_rows(), start=1) if sheet.start else iter(())
            if answer == b"rows":
                blank = [""] * first
                while chunk := [[number, blank + row] for number, row in islice(rows, AT_ONCE)]:
                    _tell(chunk)
                break
            del sheet, rows
    _tell(None)


def _tell(what: Any) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False, separators=(",", ":"), default=_plain))
    sys.stdout.write("\n")
    sys.stdout.flush()


def _plain(value: Any) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"m": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return {"t": str(value) if isinstance(value, time | timedelta) else ""}


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    main()
