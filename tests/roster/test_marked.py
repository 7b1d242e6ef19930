"""The user's own file with its problems marked."""

import re
import zipfile
from io import BytesIO

from django.utils.translation import gettext

from grid.roster.importing.columns import guess
from grid.roster.importing.marked import AMBER, RED, marked_workbook
from grid.roster.importing.reading import open_sheet

from .sheets import HEADINGS, PLAIN, cleaned, csv_file, read, table, xlsx


def marked(content, name="名册.xlsx"):
    with open_sheet(content, name) as sheet:
        mapping = guess(sheet)
        _rows, problems = cleaned(sheet, mapping)
        return marked_workbook(sheet, mapping, problems), problems


def rows_of(content):
    with open_sheet(content, "a.xlsx") as sheet:
        return [values for _number, values in sheet.rows()]


def part(content, name):
    with zipfile.ZipFile(BytesIO(content)) as book:
        return book.read(name).decode() if name in book.namelist() else ""


def dirty(**cells):
    return table([{**PLAIN[0], **cells}, *PLAIN[1:]])


def test_the_rows_are_as_they_were_behind_a_column_of_problems():
    content, _problems = marked(xlsx([["大龙社区花名册"], *dirty(id_number=4.4e17)]))

    title, header, first, *others = rows_of(content)
    assert [value for value in title if value] == ["大龙社区花名册"]
    assert header == [gettext("Problems"), *HEADINGS]
    assert "Excel" in first[0]
    assert first[14] == 4.4e17
    assert [row[0] for row in others] == ["", "", ""]
    assert [row[1:] for row in others] == [
        ["" if value is None else value for value in row] for row in table(PLAIN[1:])[1:]
    ]


def test_the_worst_is_said_first_and_cells_are_red_or_amber_with_a_comment():
    content, problems = marked(xlsx(dirty(floor="高层", id_number="440511570308123")))

    told = {problem.code: problem.message for problem in problems}
    assert rows_of(content)[1][0].split("\n") == [told["id_old"], told["floor"]]
    comments = part(content, "xl/comments1.xml")
    assert re.findall(r'<comment ref="([A-Z]+[0-9]+)"', comments) == ["H2", "O2"]
    assert told["floor"] in comments
    styles = part(content, "xl/styles.xml")
    assert f"FF{RED[1:].upper()}" in styles
    assert f"FF{AMBER[1:].upper()}" in styles


def test_a_blank_cell_that_is_missed_is_marked_too():
    content, _problems = marked(xlsx(dirty(name="")))

    assert '<comment ref="J2"' in part(content, "xl/comments1.xml")


def test_nothing_in_it_is_a_formula():
    content, _problems = marked(csv_file(dirty(remark="=cmd|' /C calc'!A0", name="@SUM(A1)")), "a.csv")

    assert "<f>" not in part(content, "xl/worksheets/sheet1.xml")
    assert rows_of(content)[1][9] == "'@SUM(A1)"
    assert rows_of(content)[1][19] == "'=cmd|' /C calc'!A0"


def test_read_again_it_says_the_same():
    original = xlsx(dirty(floor="高层"))
    content, problems = marked(original)

    rows, again = read(content)

    assert rows == read(original)[0]
    assert [(p.code, p.row, p.field, p.value) for p in again] == [(p.code, p.row, p.field, p.value) for p in problems]


def test_merged_cells_come_apart_and_mean_the_same():
    rows = table(PLAIN)
    rows[2][3:6] = ["", "", ""]
    content, _problems = marked(xlsx(rows, merges=[(2, at, 3, at) for at in (3, 4, 5)]))

    again, problems = read(content)

    assert [row.room for row in again] == ["502", "502", "503", "504"]
    assert list(problems) == []


def test_of_too_many_problems_only_those_kept_are_marked():
    with open_sheet(xlsx(dirty(floor="高层", id_number="1")), "a.xlsx") as sheet:
        mapping = guess(sheet)
        _rows, problems = cleaned(sheet, mapping)
        problems.keep = 1
        content = marked_workbook(sheet, mapping, problems)

    assert re.findall(r'<comment ref="([A-Z]+[0-9]+)"', part(content, "xl/comments1.xml")) == ["O2"]
