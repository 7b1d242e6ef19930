"""Whether an .xlsx may be opened at all: looked at before anything of it is unpacked into memory."""

import re
import zipfile
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.core.refusals import Refused

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_TIMES = 200  # unpacked against packed; a roster is 8 to 15 times
SMALL = 4 * 1024 * 1024  # unpacked; a small part may well be blanks
MOST_MEMBERS = 500
MOST_ROWS = 200_000
MOST_COLUMNS = 100
MOST_ERROR_CELLS = 10_000
CHUNK = 1 << 20
OVERLAP = 512

# A cell that holds something beyond column CV or row 200,000; one that is only coloured is no harm.
FAR_CELL = re.compile(
    rb' r="((?:[A-Z]{3}|[D-Z][A-Z]|C[W-Z])[0-9]{1,7}|[A-Z]{1,2}(?:[2-9][0-9]{5}|1[0-9]{6}))"(?:[^<>]*[^<>/])?><'
)
DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
ERROR_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="[0-9]+")? t="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>(#[^<]*)'
)
SINCE_1904 = re.compile(rb'date1904="(?:1|true)"')

SHEET = re.compile(rb'<sheet [^>]*name="([^"]*)"[^>]*r:id="([^"]*)"')
RELATION = re.compile(rb'<Relationship (?=[^>]*Id="(?P<id>[^"]*)")(?=[^>]*Target="(?P<part>[^"]*)")')


class Unreadable(Refused):
    """A file that is not read, and why; `code` is a word for tests and logs."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Archive:
    """What was seen in passing: cells whose formula failed, and from when the dates count."""

    since_1904: bool = False
    workbook: bytes = b""
    relations: bytes = b""
    failed: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)  # by part: (row, column): #N/A

    def errors(self, title: str) -> dict[tuple[int, int], str]:
        """The cells of a worksheet whose formula failed; calamine gives them as blanks."""
        if not any(self.failed.values()):
            return {}
        names = {unescape(name.decode()): key for name, key in SHEET.findall(self.workbook)}
        parts = {found["id"]: found["part"] for found in RELATION.finditer(self.relations)}
        part = parts.get(names.get(title, b""), b"").decode().rpartition("/")[2]
        return self.failed.get(f"xl/worksheets/{part}", {})


def examine(content: bytes) -> Archive:
    """Look through the parts of an .xlsx, a piece at a time. Raises Unreadable."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            members = book.infolist()
            _kind(members)
            _measures(members)
            archive = Archive()
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels")):
                    _look_through(book, member, archive)
            return archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise damaged() from error
    except RuntimeError as error:  # an encrypted member
        raise encrypted() from error


def damaged() -> Unreadable:
    return Unreadable("damaged", _("The file is damaged. Save it again as .xlsx in Excel or WPS and upload that."))


def encrypted() -> Unreadable:
    return Unreadable("encrypted", _("The file is protected by a password. Save it without one and upload that."))


def no_workbook() -> Unreadable:
    return Unreadable("format", _("This is no Excel file, whatever its name says. Upload an .xlsx, .xls or .csv file."))


def too_many_rows() -> Unreadable:
    return Unreadable("rows", _("The file has more than 200,000 rows. Divide it and upload the parts."))


def too_large() -> Unreadable:
    return Unreadable(
        "unpacked",
        _("Unpacked, the file is far larger than a roster. Delete the empty rows and columns around it, or divide it."),
    )


def _kind(members: list[zipfile.ZipInfo]) -> None:
    names = {member.filename.lower() for member in members}
    if "xl/workbook.xml" in names:
        return
    if any(name.endswith(("workbook.bin", "content.xml")) for name in names):
        raise Unreadable("format", _("This kind of workbook is not read. Save it as .xlsx and upload that."))
    raise no_workbook()


def _measures(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        raise too_large()
    for member in members:
        if member.file_size > SMALL and member.file_size > MOST_TIMES * max(member.compress_size, 1):
            raise too_large()
        if member.flag_bits & 1:
            raise encrypted()


def _look_through(book: zipfile.ZipFile, member: zipfile.ZipInfo, archive: Archive) -> None:
    name = member.filename.lower()
    is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
    errors = archive.failed.setdefault(member.filename, {}) if is_sheet else {}
    before, first = b"", True
    with book.open(member) as part:  # no more than the size it declares; a part that lies fails its check sum
        while piece := part.read(CHUNK):
            if first and not piece.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
                raise damaged()  # UTF-16, in which nothing would be found
            piece, first = before + piece, False
            if b"<!" in piece and DECLARATION.search(piece):
                raise Unreadable("entities", _("The file holds declarations no spreadsheet writes. It is not read."))
            if is_sheet:
                if found := FAR_CELL.search(piece):
                    raise _far(found[1].decode())
                if b't="e"' in piece and len(errors) < MOST_ERROR_CELLS:
                    errors.update(
                        ((int(row), column_index(letters.decode())), text.decode(errors="replace"))
                        for letters, row, text in ERROR_CELL.findall(piece)
                    )
            elif name == "xl/workbook.xml":
                archive.workbook += piece
                archive.since_1904 = archive.since_1904 or bool(SINCE_1904.search(piece))
            elif name == "xl/_rels/workbook.xml.rels":
                archive.relations += piece
            before = piece[-OVERLAP:]


def _far(cell: str) -> Unreadable:
    if cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == str(MOST_ROWS):
        return too_many_rows()  # row after row, not one cell by itself
    return Unreadable(
        "far",
        _("There is something in cell %(cell)s, far away from any roster. Delete the rows and columns around it.")
        % {"cell": cell},
    )


def column_index(letters: str) -> int:
    """0 for A, 26 for AA."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def letter(index: int) -> str:
    """A for 0, AA for 26."""
    text, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text
