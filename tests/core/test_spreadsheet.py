"""Excel files: readable, typed, and harmless to whoever opens them."""

import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.spreadsheet import FORMULA_STARTS, UNSEEN, safe_cell, workbook

MAIN = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
STARTS = st.sampled_from(FORMULA_STARTS)
WRITABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20)


def parts(content: bytes) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(BytesIO(content)) as book:
        assert book.testzip() is None
        return {name: ElementTree.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xml")}


def cells(content: bytes) -> list[list[Any]]:
    """What stands in each row below the head: texts as they are shown, numbers as Excel keeps them."""
    read = parts(content)
    shared = [
        "".join(text.text or "" for text in entry.iterfind(".//x:t", MAIN))
        for entry in read["xl/sharedStrings.xml"].iterfind("x:si", MAIN)
    ]
    rows = []
    for row in read["xl/worksheets/sheet1.xml"].iterfind(".//x:row", MAIN):
        values = []
        for cell in row.iterfind("x:c", MAIN):
            value = cell.findtext("x:v", None, MAIN)
            kind = cell.get("t")
            values.append(shared[int(value)] if kind == "s" else bool(int(value)) if kind == "b" else float(value))
        rows.append(values)
    return rows[1:]


@given(st.text(st.sampled_from(UNSEEN), max_size=3), STARTS, st.text(max_size=20))
def test_text_that_starts_like_a_formula_starts_with_an_apostrophe(before, start, rest):
    assert safe_cell(before + start + rest) == f"'{before}{start}{rest}"


@given(st.text(max_size=30).filter(lambda text: not text.lstrip(UNSEEN).startswith(FORMULA_STARTS)))
def test_other_text_stays_as_it_is(text):
    assert safe_cell(text) == text


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.one_of(WRITABLE, st.tuples(STARTS, WRITABLE).map("".join)), min_size=2, max_size=2)))
def test_no_cell_of_a_workbook_is_a_formula(rows):
    content = workbook("导出", ["甲", "乙"], rows)

    assert list(parts(content)["xl/worksheets/sheet1.xml"].iter(f"{{{MAIN['x']}}}f")) == []
    shown = [text for row in cells(content) for text in row]
    assert [text for text in shown if isinstance(text, str) and text.startswith(FORMULA_STARTS)] == []


@settings(deadline=None, max_examples=40)
@given(st.lists(WRITABLE.filter(lambda text: text and safe_cell(text) == text), min_size=1, max_size=5))
def test_what_was_written_can_be_read(row):
    assert cells(workbook("导出", [str(n) for n in range(len(row))], [row])) == [row]


@pytest.mark.parametrize(
    "hostile",
    [
        '=HYPERLINK("http://evil.example","点我")',
        "+86 13800138000",
        "@SUM(A1)",
        "-2+3",
        "＝cmd|' /C calc'!A0",
        "\t=1+1",
        " =1+1",
        "\ufeff=1+1",
    ],
)
def test_known_attacks_arrive_as_text(hostile):
    assert cells(workbook("导出", ["描述"], [[hostile]])) == [[f"'{hostile}"]]


def test_an_address_in_a_text_is_no_link():
    content = workbook("导出", ["描述"], [["http://evil.example"]])

    assert cells(content) == [["http://evil.example"]]
    with zipfile.ZipFile(BytesIO(content)) as book:
        assert [name for name in book.namelist() if name.endswith("sheet1.xml.rels")] == []


@pytest.mark.parametrize(
    ("value", "kept"),
    [(3, 3.0), (-3, -3.0), (2.5, 2.5), (Decimal("-12.50"), -12.5), (True, True), (gettext_lazy("Yes"), "是")],
)
def test_numbers_stay_numbers_and_other_things_become_their_words(value, kept):
    assert cells(workbook("导出", ["值"], [[value]])) == [[kept]]


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_no_number_leaves_the_cell_empty(nothing):
    assert cells(workbook("导出", ["甲", "乙"], [[nothing, 1]])) == [[1.0]]


def test_a_moment_is_written_in_shanghai_time_and_a_day_as_a_day():
    moment = datetime(2026, 4, 30, 16, 30, tzinfo=UTC)  # 1 May 00:30 in Shanghai

    ((written, day),) = cells(workbook("导出", ["时间", "日期"], [[moment, date(2026, 5, 1)]]))

    assert day == (date(2026, 5, 1) - date(1899, 12, 30)).days
    assert written == pytest.approx(day + 0.5 / 24)


def test_a_name_that_excel_refuses_still_makes_a_sheet():
    read = parts(workbook("'3/4 [号楼]: 事件*?\\ 一个长到放不下的名称需要被截断的情况'", ["甲"], []))

    name = read["xl/workbook.xml"].find(".//x:sheet", MAIN).get("name")
    assert len(name) <= 31
    assert not set(name) & set("[]:*?/\\")


def test_the_head_stays_in_sight_and_filters():
    sheet = parts(workbook("导出", ["甲", "乙"], [[1, 2], [3, 4]]))["xl/worksheets/sheet1.xml"]

    assert sheet.find(".//x:autoFilter", MAIN).get("ref") == "A1:B3"
    assert sheet.find(".//x:pane", MAIN).get("state") == "frozen"
