"""Cells one by one: the forms people type and spreadsheets make, and what each means."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grid.roster.importing import cells
from grid.roster.importing.cells import Amiss
from grid.roster.importing.dates import birth
from grid.roster.importing.identifiers import id_number, mobile
from portal.core.identity import EARLIEST

TODAY = date(2023, 5, 31)
BIRTH = date(1957, 3, 8)
ANYTHING = st.one_of(
    st.text(max_size=25),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.text("0123456789.-/年月日E+Xx ｅ１２", max_size=20),
)


def born(value, since_1904=False):
    return birth(value, TODAY, date(EARLIEST, 1, 1), since_1904)


def code(read, value):
    with pytest.raises(Amiss) as amiss:
        read(value)
    return amiss.value.code


def number(value):
    found = id_number(value, TODAY)
    return found and found.number


ALL = [
    cells.word, cells.building, cells.unit, cells.room, cells.floor, cells.area, cells.name, cells.relation,
    cells.represents, cells.yes_no, cells.party, cells.sex, cells.occupancy, cells.remark, mobile, number, born,
]  # fmt: skip


@pytest.mark.parametrize("read", ALL)
@given(ANYTHING)
@example("´")
@example("字 " * 150)
def test_whatever_is_in_a_cell_it_means_something_or_is_amiss(read, value):
    try:
        meant = read(value)
    except Amiss as amiss:
        meant = amiss.kept
    if isinstance(meant, str):
        assert meant == meant.strip()
        assert not any(char in meant for char in "\0\u200b\ufeff\ud800")


@pytest.mark.parametrize("read", ALL)
@pytest.mark.parametrize("nothing", ["", "  ", "\u3000", "-", "/", "—", "不详", "N/A", "\u200b"])
def test_some_words_mean_a_blank(read, nothing):
    assert read(nothing) is None


@pytest.mark.parametrize("read", ALL)
def test_a_failed_formula_is_never_a_blank(read):
    assert code(read, "#N/A") in ("formula_error", "birth")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("陈家生", "陈家生"),
        (" 陈 家 生 ", "陈家生"),
        ("陈\u3000生", "陈生"),
        ("陈\u200b家生\ufeff", "陈家生"),
        ("陈家生\n", "陈家生"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("买买提 ‧ 吐尔逊", "买买提·吐尔逊"),
        ("买买提．吐尔逊", "买买提·吐尔逊"),
        ("买买提.吐尔逊", "买买提·吐尔逊"),
        ("买买提・吐尔逊·艾力", "买买提·吐尔逊·艾力"),
        ("John  Smith", "John Smith"),
        ("Ｊｏｈｎ Smith", "John Smith"),
        ("O'Neil-Jones Jr.", "O'Neil-Jones Jr."),
        ("⼤龙", "大龙"),  # a Kangxi radical, from a PDF
        ("葛\U000e0100城", "葛城"),  # a variation selector
        ("𠮷田", "𠮷田"),
        ("〇生", "〇生"),
        ("空户", ""),
        ("无人居住", ""),
    ],
)
def test_names(written, meant):
    assert cells.name(written) == meant


@pytest.mark.parametrize(
    ("written", "expected", "kept"),
    [
        ("陈家生1", "name_strange", "陈家生1"),
        (13.0, "name_strange", "13"),
        ("´", "name_strange", "\u0301"),  # which comes apart into a space and an accent
        ("J" * 59 + " 5", "name_strange", "J" * 59),
        ("陈\ufffd生", "name_unreadable", None),
        ("陈?生", "name_unreadable", None),
        ("陈家生（户主）", "name_in_brackets", "陈家生"),
        ("（户主） John Smith", "name_in_brackets", "John Smith"),
        ("陈" * 61, "too_long", None),
    ],
)
def test_strange_names_are_pointed_out(written, expected, kept):
    with pytest.raises(Amiss) as amiss:
        cells.name(written)
    assert (amiss.value.code, amiss.value.kept) == (expected, kept)


@pytest.mark.parametrize(
    ("read", "written", "meant"),
    [
        (cells.building, "３ 栋", "3栋"),
        (cells.building, 3.0, "3栋"),
        (cells.building, "3", "3栋"),
        (cells.building, "3.0", "3栋"),
        (cells.building, "A3", "A3栋"),
        (cells.building, "A座", "A座"),
        (cells.unit, 2.0, "2单元"),
        (cells.unit, "2", "2单元"),
        (cells.unit, "二单元", "二单元"),
        (cells.unit, "0", None),
        (cells.unit, "无", None),
        (cells.room, 502.0, "502"),
        (cells.room, "５０２ 室", "502室"),
        (cells.room, "'0502", "0502"),
        (cells.room, "商铺3", "商铺3"),
        (cells.floor, 5.0, 5),
        (cells.floor, "5层", 5),
        (cells.floor, "第五层", 5),
        (cells.floor, "十二楼", 12),
        (cells.floor, "F5", 5),
        (cells.floor, "5F", 5),
        (cells.floor, -1.0, -1),
        (cells.floor, "-1", -1),
        (cells.floor, "B1", -1),
        (cells.floor, "负一层", -1),
        (cells.floor, "地下1层", -1),
        (cells.area, 89.5, Decimal("89.50")),
        (cells.area, "89.5㎡", Decimal("89.50")),
        (cells.area, "８９．５ 平方米", Decimal("89.50")),
        (cells.area, "1,234.5", Decimal("1234.50")),
        (cells.relation, "本人", "户主"),
        (cells.relation, " 配 偶", "配偶"),
        (cells.sex, "男性", "male"),
        (cells.sex, 2.0, "female"),
        (cells.sex, "F", "female"),
        (cells.yes_no, "√", True),
        (cells.yes_no, "×", False),
        (cells.yes_no, 1.0, True),
        (cells.yes_no, 0.0, False),
        (cells.yes_no, True, True),
        (cells.yes_no, "有", True),
        (cells.yes_no, "无", False),
        (cells.yes_no, "Ｙ", True),
        (cells.party, "中共党员", True),
        (cells.party, "预备党员", True),
        (cells.party, "群众", False),
        (cells.party, "共青团员", False),
        (cells.party, "是", True),
        (cells.occupancy, "常住", "registered"),
        (cells.occupancy, "租 户", "rented"),
        (cells.occupancy, "空", "vacant"),
        (cells.remark, "  每周三，值班\n（下午） ", "每周三，值班 （下午）"),
        (cells.word, " 龙基 花园 ", "龙基花园"),
    ],
)
def test_other_cells(read, written, meant):
    assert read(written) == meant


@pytest.mark.parametrize(
    ("read", "written", "expected"),
    [
        (cells.room, date(2023, 3, 2), "excel_date"),
        (cells.building, time(3, 2), "excel_date"),
        (cells.room, "x" * 21, "too_long"),
        (cells.floor, "高层", "floor"),
        (cells.floor, 201.0, "floor"),
        (cells.floor, 5.5, "floor"),
        (cells.area, "约九十", "area"),
        (cells.area, 0.0, "area"),
        (cells.area, -3.0, "area"),
        (cells.area, float("nan"), "area"),
        (cells.area, 1e9, "area"),
        (cells.yes_no, "也许", "yes_no"),
        (cells.party, "退休", "party"),
        (cells.sex, "?", "sex"),
        (cells.occupancy, "其他", "occupancy"),
        (cells.relation, "02", "relation"),
        (cells.remark, "长" * 201, "remark_cut"),
    ],
)
def test_what_cannot_be_understood_is_amiss(read, written, expected):
    assert code(read, written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "440511195703081232", "４４０５１１１９５７０３０８１２３２", " 440511 19570308 1232 ",
        "440511-19570308-1232",
        "'440511195703081232", '="440511195703081232"', "440511195703081232\t", "身份证：440511195703081232",
    ],
)  # fmt: skip
def test_an_id_number_is_healed(written):
    assert number(written) == "440511195703081232"


def test_a_small_x_is_a_large_one():
    assert number("11010519491231002x") == "11010519491231002X"
    assert number("11010519491231002ｘ") == "11010519491231002X"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (4.40511195703081e17, "id_ruined"),
        (440511195703081232, "id_ruined"),
        ("4.40511E+17", "id_ruined"),
        ("4.40511195703081E+17", "id_ruined"),
        ("440511195703081000", "id_ruined"),
        ("440511570308123", "id_old"),
        (440511570308123.0, "id_old"),
        ("44051119570308123", "id_length"),
        ("44051119570308123A", "id_characters"),
        ("440511195703081231", "id_check_digit"),
        ("990511195703081232", "id_region"),
        ("440511195713081232", "id_birth"),
        ("440511205703081232", "id_birth"),
        ("E12345678", "id_other"),
        ("H1234567890", "id_other"),
    ],
)
def test_an_id_number_is_never_guessed(written, expected):
    assert code(number, written) == expected


def test_a_genuine_number_that_ends_in_000_is_kept_and_pointed_out():
    with pytest.raises(Amiss) as amiss:
        number("440511195703083000")
    assert (amiss.value.code, amiss.value.kept.number) == ("id_ruined_perhaps", "440511195703083000")


@given(st.integers(10**17, 10**18 - 1))
def test_no_number_of_a_spreadsheet_is_ever_an_id_number(value):
    assert code(number, float(value)) == "id_ruined"


@pytest.mark.parametrize(
    "written",
    [
        "13800138000", 13800138000.0, 13800138000, "１３８００１３８０００", "138 0013 8000", "138-0013-8000",
        "+86 138 0013 8000",
        "8613800138000", "008613800138000", "13800138000.0", "'13800138000",
        '="13800138000"', "\u202d13800138000\u202c",
        "1.3800138000E+10",
    ],
)  # fmt: skip
def test_a_mobile_number_is_healed(written):
    assert mobile(written) == "13800138000"


@pytest.mark.parametrize(
    ("written", "expected", "kept"),
    [
        ("0754-88123456", "mobile_landline", None),
        ("88123456", "mobile_landline", None),
        ("400-800-1234", "mobile_landline", None),
        ("1.38001E+10", "mobile_ruined", None),
        ("1380013800", "mobile", None),
        ("12800138000", "mobile", None),
        (13800138000.5, "mobile", None),
        (1.38e15, "mobile", None),
        ("13800138000/13900139000", "mobile_several", "13800138000"),
        ("13800138000、88123456", "mobile_several", "13800138000"),
        ("13800138000 13900139000", "mobile_several", "13800138000"),
    ],
)
def test_another_number_is_named(written, expected, kept):
    with pytest.raises(Amiss) as amiss:
        mobile(written)
    assert (amiss.value.code, amiss.value.kept) == (expected, kept)


@pytest.mark.parametrize(
    "written",
    [
        "1957-03-08", "1957-3-8", "1957/3/8", "1957.3.8", "1957年3月8日", "1957年03月08日", "19570308",
        " 1957 - 3 - 8 ",
        "１９５７．３．８", "1957-03-08 00:00:00", "1957/3/8 0:00", "一九五七年三月八日", "1957年3月8日生",
        "1957—3—8", "'1957-03-08",
        19570308.0, 20887.0, 20887, "20887", date(1957, 3, 8), datetime.fromisoformat("1957-03-08T00:00"),
    ],
)  # fmt: skip
def test_a_date_is_understood(written):
    assert born(written) == BIRTH


def test_days_are_counted_from_1904_where_the_file_says_so():
    assert born(20887.0 - 1462, since_1904=True) == BIRTH


@given(st.dates(date(1906, 2, 1), TODAY))
def test_the_number_of_a_day_is_that_day(day):
    assert born(float((day - date(1899, 12, 30)).days)) == day


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("195703", "birth_incomplete"),
        (195703.0, "birth_incomplete"),
        ("1957年3月", "birth_incomplete"),
        ("1957-03", "birth_incomplete"),
        (1957.0, "birth_incomplete"),
        (1957.3, "birth_incomplete"),
        ("57-3-8", "birth_unclear"),
        ("3/8/1957", "birth_unclear"),
        ("570308", "birth_unclear"),
        ("1957-02-30", "birth"),
        ("19571301", "birth"),
        ("五十多岁", "birth"),
        (time(3, 8), "birth"),
        (True, "birth"),
        (float("nan"), "birth"),
        (float("inf"), "birth"),
        (1e300, "birth"),
        ("1850-01-01", "birth_implausible"),
        ("2023-06-01", "birth_implausible"),
    ],
)
def test_a_date_is_never_guessed(written, expected):
    assert code(born, written) == expected
