"""A roster file opened: whatever it is, its rows come one by one as they are, with the numbers Excel gives them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from .archives import MOST_BYTES, Archive, Unreadable, encrypted, examine, letter, no_workbook
from .columns import is_header
from .texts import SeparatedText
from .workbooks import NumberedRow, Worksheet

__all__ = ["NumberedRow", "Sheet", "Unreadable", "letter", "open_sheet"]

ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<style", b"<meta", b"<div")
NO_TEXT = (b"%PDF", b"Rar!", b"7z\xbc\xaf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"PK\x05", b"\x1f\x8b")


@dataclass(frozen=True)
class _Head:
    head: list[NumberedRow]


class Sheet:
    """The rows of the worksheet that holds the roster. Close it or use it in a `with`: a process may wait behind it."""

    def __init__(self, name: str, kind: str, source: Worksheet | SeparatedText, archive: Archive) -> None:
        self.name = name
        self.kind = kind  # xlsx, xls or csv
        self.title = source.title
        self.height = source.height
        self.merges: list[tuple[int, int, int, int]] = list(source.merges)  # first row, column, last row, column
        self.since_1904 = archive.since_1904
        self._source = source
        self._errors = archive.errors(source.title)
        self.head = self._with_errors(source.head)

    def rows(self) -> Iterator[NumberedRow]:
        """(number, values) of every row; values are as the file has them, "" for a blank cell. May be called again."""
        rows = self._source.rows()
        return iter(self._with_errors(rows)) if self._errors else rows

    def _with_errors(self, rows: Any) -> Any:
        """The rows with what Excel shows where a formula failed."""
        if not self._errors:
            return rows
        by_row: dict[int, list[tuple[int, str]]] = {}
        for (row, column), text in self._errors.items():
            by_row.setdefault(row, []).append((column, text))

        def marked() -> Iterator[NumberedRow]:
            for number, values in rows:
                for column, text in by_row.get(number, ()):
                    values.extend([""] * (column + 1 - len(values)))
                    values[column] = text
                yield number, values

        return list(marked()) if isinstance(rows, list) else marked()

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> "Sheet":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def open_sheet(content: bytes, name: str) -> Sheet:
    """Open a roster file by what it is, whatever it is called.

    Raises Unreadable, with a sentence for the user, for a file that is none or would take too much to read.
    """
    if not content:
        raise Unreadable("empty", _("The file is empty."))
    if len(content) > MOST_BYTES:
        raise Unreadable("size", _("The file is larger than 20 MB. Divide it and upload the parts."))
    if content.startswith(ZIP):
        archive = examine(content)
        return Sheet(name, "xlsx", Worksheet(content, _is_roster), archive)
    if content.startswith(COMPOUND):
        if ENCRYPTED_PACKAGE in content:
            raise encrypted()
        return Sheet(name, "xls", Worksheet(content, _is_roster), Archive())
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.lower().startswith(MARKUP):
        raise Unreadable("format", _("This is a web page that is called a workbook. Save it as .xlsx and upload that."))
    if start.startswith(NO_TEXT) or (b"\0" in content[:1024] and content[:2] not in (b"\xff\xfe", b"\xfe\xff")):
        raise no_workbook()
    return Sheet(name, "csv", SeparatedText(content, _is_roster), Archive())


def _is_roster(head: list[NumberedRow]) -> bool:
    return is_header(_Head(head))
