"""Text files with separated values, in the encodings and with the separators that Excel and WPS write in China."""

import codecs
import csv
from collections.abc import Callable, Iterator
from io import BytesIO, TextIOWrapper
from itertools import islice
from typing import Any

from django.utils.translation import gettext_lazy as _

from .archives import CHUNK, MOST_COLUMNS, MOST_ROWS, Unreadable, damaged, too_large, too_many_rows
from .confined import HEAD

NumberedRow = tuple[int, list[Any]]
SEPARATORS = (",", "\t", ";", "|")
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",  # what Excel calls "Unicode text"
    codecs.BOM_UTF16_BE: "utf-16",
}


class SeparatedText:
    """A .csv file: its encoding and separator found by trying, its rows read one by one."""

    title = ""
    merges: tuple[()] = ()

    def __init__(self, content: bytes, is_roster: Callable[[list[NumberedRow]], bool]) -> None:
        self._content = content
        self.encoding = encoding_of(content)
        self.separator = self._separator(is_roster)
        self.head: list[NumberedRow] = list(islice(self.rows(), HEAD))
        self.height = sum(1 for _row in self.rows())

    def _separator(self, is_roster: Callable[[list[NumberedRow]], bool]) -> str:
        counts: dict[str, int] = {}
        refusal: Unreadable | None = None
        for separator in SEPARATORS:
            self.separator = separator
            try:
                head = list(islice(self.rows(), HEAD))
            except Unreadable as refused:
                refusal = refusal or refused
                continue
            if is_roster(head):
                return separator
            counts[separator] = sum(len(values) - 1 for _number, values in head)
        if refusal and not any(counts.values()):
            raise refusal
        return max(counts, key=lambda separator: counts[separator], default=",")

    def rows(self) -> Iterator[NumberedRow]:
        """Every record as Excel numbers it: a text with line breaks in quotes is one row."""
        with TextIOWrapper(BytesIO(self._content), encoding=self.encoding, newline="") as text:
            try:
                for number, values in enumerate(csv.reader(text, delimiter=self.separator), start=1):
                    if number > MOST_ROWS:
                        raise too_many_rows()
                    if len(values) > MOST_COLUMNS:
                        if any(values[MOST_COLUMNS:]):
                            raise too_large()
                        del values[MOST_COLUMNS:]
                    yield number, values
            except csv.Error as error:  # above all a quotation mark that is never closed
                raise damaged() from error

    def close(self) -> None:
        """Nothing is open."""


def encoding_of(content: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, or GB18030, which includes GBK. Raises Unreadable."""
    marked = next((name for mark, name in BYTE_ORDER_MARKS.items() if content.startswith(mark)), "")
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        if _fits(content, encoding):
            return encoding
    raise Unreadable(
        "encoding", _("The characters of this file cannot be read. Save it as .xlsx in Excel or WPS and upload that.")
    )


def _fits(content: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), CHUNK):
            decoder.decode(content[start : start + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
