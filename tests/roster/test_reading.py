"""Files opened: real ones whatever they are, hostile ones refused with a sentence and within limits."""

import resource
import struct
import zipfile
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter

from grid.roster.importing import workbooks
from grid.roster.importing.reading import Unreadable, letter, open_sheet

from .sheets import PLAIN, csv_file, read, rezipped, table, xls, xlsx, zipped

SHEET = "xl/worksheets/sheet1.xml"


def refused(content, name="名册.xlsx"):
    """The code under which a file is refused, by opening it or by reading its rows."""
    with pytest.raises(Unreadable) as refusal, open_sheet(content, name) as sheet:
        list(sheet.rows())
    assert str(refusal.value)
    return refusal.value.code


def values(content, name="名册.xlsx"):
    with open_sheet(content, name) as sheet:
        return list(sheet.rows())


def with_cell(cell):
    """A plain workbook into which a cell is written by hand, as XML."""
    end = b"</sheetData>"
    return rezipped(
        xlsx(table(PLAIN)), {SHEET: lambda part: part.replace(end, b'<row r="900">' + cell + b"</row>" + end)}
    )


class TestRows:
    def test_have_the_numbers_and_columns_that_excel_shows(self):
        with open_sheet(xlsx([[], [], ["", "", "姓名", "房号"], [], ["", "", "陈家生", 502]]), "a.xlsx") as sheet:
            assert list(sheet.rows()) == [
                (1, ["", "", "", ""]),
                (2, ["", "", "", ""]),
                (3, ["", "", "姓名", "房号"]),
                (4, ["", "", "", ""]),
                (5, ["", "", "陈家生", 502.0]),
            ]
            assert sheet.height == 5

    @pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (99, "CV"), (16383, "XFD")])
    def test_columns_have_letters(self, index, letters):
        assert letter(index) == letters

    def test_keep_the_kinds_of_their_values(self):
        day = date(1957, 3, 8)

        assert values(xlsx([["姓名", "房号", "电话"], ["a", 1.5, day]]))[1] == (2, ["a", 1.5, day])
        assert values(xls([["姓名", "房号", "电话"], ["a", 1.5, day]]), "a.xls")[1] == (2, ["a", 1.5, day])

    def test_may_be_read_again(self):
        with open_sheet(xlsx(table(PLAIN)), "a.xlsx") as sheet:
            assert list(sheet.rows()) == list(sheet.rows())
            assert sheet.head == list(sheet.rows())

    @pytest.mark.parametrize("file", [xlsx, xls])
    def test_tell_which_cells_are_merged(self, file):
        with open_sheet(file([["姓名", "房号"], ["a", "502"], ["b", ""]], merges=[(2, 1, 3, 1)]), "a") as sheet:
            assert sheet.merges == [(2, 1, 3, 1)]

    def test_are_those_of_the_worksheet_with_the_roster(self):
        content = xlsx(table(PLAIN), before=[["大龙社区居民花名册"], ["2023年"]])

        with open_sheet(content, "a.xlsx") as sheet:
            assert sheet.title == "花名册"
            assert [number for number, _values in sheet.rows()] == [1, 2, 3, 4, 5]
            assert len(list(sheet.rows())) == 5

    def test_or_of_the_first_with_anything_where_none_is_one(self):
        with open_sheet(xlsx([["甲"], ["乙"]], before=[]), "a.xlsx") as sheet:
            assert (sheet.title, list(sheet.rows())) == ("花名册", [(1, ["甲"]), (2, ["乙"])])

    def test_an_empty_workbook_has_none(self):
        assert values(xlsx([])) == []

    def test_a_failed_formula_is_not_a_blank_cell(self):
        buffer = BytesIO()
        with xlsxwriter.Workbook(buffer) as book:
            book.add_worksheet("封面")
            page = book.add_worksheet("花名册 & 其他")
            page.write_row(0, 0, ["姓名", "房号", "身份证号"])
            page.write_row(1, 0, ["陈家生", "502"])
            page.write_formula(1, 2, '=VLOOKUP("陈",A1:B1,2)', None, "#N/A")

        assert values(buffer.getvalue())[1] == (2, ["陈家生", "502", "#N/A"])

    def test_from_1904_days_are_counted_from_1904(self):
        rows = table([{**PLAIN[2], "birth": 12345.0}])
        content = rezipped(
            xlsx(rows), {"xl/workbook.xml": lambda part: part.replace(b"<workbookPr ", b'<workbookPr date1904="1" ')}
        )

        assert [row.birth for row in read(content)[0]] == [date(1937, 10, 19)]
        assert [row.birth for row in read(xlsx(rows))[0]] == [date(1933, 10, 18)]


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
    @pytest.mark.parametrize("separator", [",", "\t", ";"])
    def test_is_read_in_every_customary_encoding_and_separation(self, encoding, separator):
        with open_sheet(csv_file(table(PLAIN), encoding, separator), "a.csv") as sheet:
            assert [row[8] for _number, row in sheet.rows()] == ["姓名", "陈家生", "林丽芳", "买买提·吐尔逊", ""]
            assert sheet.height == 5

    def test_a_rare_character_is_kept(self):
        assert values(csv_file([["姓名", "房号"], ["㐂𠮷䶮", "1"]], "gb18030"))[1] == (2, ["㐂𠮷䶮", "1"])

    def test_a_line_break_in_quotes_is_no_new_row(self):
        assert values(csv_file([["姓名", "房号"], ["陈\n家生", "1"], ["李四", "2"]]))[2] == (3, ["李四", "2"])

    def test_called_xls_it_is_text_all_the_same(self):
        assert len(values(csv_file(table(PLAIN), "gbk", "\t"), "名册.xls")) == 5

    def test_unreadable_bytes_are_refused(self):
        assert refused("姓名,房号\n陈家生,1".encode("gbk") + b"\xff\xff\xff\n", "a.csv") == "encoding"

    def test_a_quotation_mark_that_never_closes_is_refused(self):
        assert refused(b'name,room\n"' + b"x" * 200_000, "a.csv") == "damaged"

    def test_too_many_rows_are_refused(self):
        assert refused("姓名,房号\n".encode() * 200_001, "a.csv") == "rows"

    def test_too_many_columns_are_refused_unless_they_are_blank(self):
        assert refused(csv_file([["姓名", "房号", *[""] * 200, "x"]]), "a.csv") == "unpacked"
        assert values(csv_file([["姓名", "房号", *[""] * 200]]))[0][1][:3] == ["姓名", "房号", ""]


class TestWhatIsNoRoster:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "empty"),
            (b"%PDF-1.7\n", "format"),
            (b"\x89PNG\r\n\x1a\n", "format"),
            (b"MZ\x90\x00\x03\x00", "format"),
            (b"<html><table><tr><td>\xd0\xd5\xc3\xfb</td></tr></table></html>", "format"),
            (
                b'\xef\xbb\xbf<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
                "format",
            ),
            (zipped({"word/document.xml": b"<w/>"}), "format"),
            (zipped({"xl/workbook.bin": b""}), "format"),
            (zipped({"content.xml": b"<office/>"}), "format"),
            (b"PK\x03\x04 and then nothing", "damaged"),
            (xlsx(table(PLAIN))[:-200], "damaged"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
            (b"x" * (20 * 1024 * 1024 + 1), "size"),
        ],
    )
    def test_is_refused(self, content, code):
        assert refused(content) == code

    def test_an_encrypted_member_is_refused(self):
        content = bytearray(xlsx(table(PLAIN)))
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.index(mark) + at] |= 1

        assert refused(bytes(content)) == "encrypted"


class TestBombs:
    def test_what_unpacks_to_far_more_is_refused_unread(self):
        def zeros(member):
            for _times in range(64):
                member.write(bytes(1 << 20))

        parts = {"xl/workbook.xml": b"<workbook/>", SHEET: zeros}
        content = zipped(parts)

        assert len(content) < 1 << 20
        assert refused(content) == "unpacked"

    def test_what_says_it_unpacks_to_more_than_the_limit_is_refused_unread(self):
        content = bytearray(xlsx(table(PLAIN)))
        at = content.index(b"PK\x01\x02") + 24
        content[at : at + 4] = struct.pack("<I", 0xFFFFFFF0)

        assert refused(bytes(content)) == "unpacked"

    def test_what_lies_about_its_size_is_damaged(self):
        def spaces(member):
            for _times in range(64):
                member.write(b" " * (1 << 20))

        content = bytearray(zipped({"xl/workbook.xml": b"<workbook/>", SHEET: spaces}))
        at = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4) + 24
        content[at : at + 4] = struct.pack("<I", 1000)

        assert refused(bytes(content)) == "damaged"

    def test_too_many_members_are_refused(self):
        parts = {"xl/workbook.xml": b"<workbook/>"} | {f"xl/{n}.xml": b"<x/>" for n in range(501)}

        assert refused(zipped(parts)) == "unpacked"

    @pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml"])
    @pytest.mark.parametrize(
        "declaration",
        [
            b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            b'<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>',
        ],
        ids=["laughs", "xxe"],
    )
    def test_entities_are_refused(self, part, declaration):
        content = rezipped(xlsx(table(PLAIN)), {part: lambda text: text.replace(b"?>", b"?>" + declaration, 1)})

        assert refused(content) == "entities"

    def test_even_behind_a_long_comment(self):
        hidden = b"<!--" + b"x" * (1 << 20) + b"--><!DOCTYPE x>"
        content = rezipped(xlsx(table(PLAIN)), {SHEET: lambda text: text.replace(b"?>", b"?>" + hidden, 1)})

        assert refused(content) in ("entities", "unpacked")

    def test_another_encoding_hides_nothing(self):
        content = rezipped(xlsx(table(PLAIN)), {SHEET: lambda text: text.decode().encode("utf-16")})

        assert refused(content) == "damaged"

    @pytest.mark.parametrize("cell", ["XFD1048576", "XFD900", "CW900", "A1048576", "S250000"])
    def test_a_cell_far_away_is_refused_by_its_name(self, cell):
        with pytest.raises(Unreadable, match=cell) as refusal:
            open_sheet(with_cell(b'<c r="%b" t="n"><v>1</v></c>' % cell.encode()), "a.xlsx")
        assert refusal.value.code == "far"

    def test_a_cell_that_is_only_coloured_is_no_harm(self):
        assert len(values(with_cell(b'<c r="XFD900" s="1"/>'))) == 5

    def test_a_far_cell_written_in_a_way_of_its_own_ends_only_the_reader(self):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        assert refused(with_cell(b"<c r='XFD1048576' t='n'><v>1</v></c>")) in ("unpacked", "rows")
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB

    def test_more_rows_than_a_community_has_are_refused(self):
        def sheet(member):
            member.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            for first in range(1, 201_000, 1000):
                rows = (f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(first, first + 1000))
                member.write("".join(rows).encode())
            member.write(b"</sheetData></worksheet>")

        with zipfile.ZipFile(BytesIO(xlsx(table(PLAIN)))) as book:
            parts = {name: sheet if name == SHEET else book.read(name) for name in book.namelist()}

        assert refused(zipped(parts)) == "rows"

    @pytest.mark.parametrize(
        ("end", "code"), [("SIGXCPU", "time"), ("SIGKILL", "time"), ("SIGABRT", "unpacked"), ("SIGSEGV", "damaged")]
    )
    def test_a_reader_that_is_ended_is_a_refusal(self, end, code, monkeypatch, tmp_path):
        program = tmp_path / "reader.py"
        program.write_text(f"import os, signal; os.kill(os.getpid(), signal.{end})")
        monkeypatch.setattr(workbooks.confined, "__file__", str(program))

        assert refused(xlsx(table(PLAIN))) == code

    def test_the_reader_is_limited(self):
        reader = workbooks.Reader(xlsx(table(PLAIN)))
        try:
            next(reader.sheets())
            limits = Path(f"/proc/{reader.process.pid}/limits").read_text()
        finally:
            reader.end()
        assert [line.split()[-3] for line in limits.splitlines() if line.startswith("Max address space")] == [
            str(1 << 30)
        ]
        assert [line.split()[-3] for line in limits.splitlines() if line.startswith("Max cpu time")] == ["90"]

    def test_no_reader_is_left_behind(self, monkeypatch):
        readers = []

        class Watched(workbooks.Reader):
            def __init__(self, content):
                super().__init__(content)
                readers.append(self)

        monkeypatch.setattr(workbooks, "Reader", Watched)
        with open_sheet(xlsx(table(PLAIN)), "unread.xlsx"):
            pass
        with open_sheet(xlsx(table(PLAIN)), "begun.xlsx") as sheet:
            rows = sheet.rows()
            next(rows)
            rows.close()
        with open_sheet(xlsx(table(PLAIN)), "read.xlsx") as sheet:
            list(sheet.rows())
        refused(xlsx(table(PLAIN))[:-300])

        assert [reader.process.poll() is not None for reader in readers] == [True] * 3

    def test_the_reader_knows_no_secret(self, monkeypatch):
        monkeypatch.setenv("FIELD_KEY", "canary")
        reader = workbooks.Reader(xlsx(table(PLAIN)))
        try:
            assert b"canary" not in Path(f"/proc/{reader.process.pid}/environ").read_bytes()
        finally:
            reader.end()


def test_a_moment_in_a_cell_is_one():
    moment = datetime.fromisoformat("1957-03-08T12:30")

    assert values(xlsx([["姓名", "房号"], ["a", moment]]))[1] == (2, ["a", moment])


def test_nothing_is_written_to_disk(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    values(xlsx(table(PLAIN)))

    assert list(tmp_path.iterdir()) == []
