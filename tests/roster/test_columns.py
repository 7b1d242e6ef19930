"""Which column holds what: the header found, its headings understood, the user's word above all."""

import pytest
from django.utils import translation

from grid.roster.importing.columns import IGNORED, Mapping, guess, heading_key, is_header
from grid.roster.importing.reading import open_sheet
from grid.roster.importing.template import BY_FIELD, COLUMNS, FIELDS, INDISPENSABLE, template_workbook

from .sheets import HEADINGS, PLAIN, Rowed, table, xlsx

PERSON = ["3栋", "502", "陈家生", "13800138000"]


def of(*rows, remembered=None):
    return guess(Rowed(rows), remembered)


def test_the_template_is_understood_whole():
    mapping = of(HEADINGS)

    assert mapping.columns == {field: at for at, field in enumerate(FIELDS)}
    assert set(mapping.confidence.values()) == {"exact"}
    assert (mapping.header, mapping.missing, mapping.unknown, mapping.doubles) == (1, [], [], {})


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.field)
def test_every_synonym_means_its_column_and_no_other(column):
    for word in column.synonyms:
        known = [other.heading for other in COLUMNS if other.field in ("name", "room") and other is not column]
        assert column.field in of([*known, word]).columns, word


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("身份证号码*", "id_number"),
        ("公民身份号码（18位）", "id_number"),
        ("手 机 号\n(必填)", "mobile"),
        ("联系电话：", "mobile"),
        ("建筑面积（㎡）", "area_m2"),
        ("居住类别(户籍/租住/空置)", "occupancy"),
        ("ＮＡＭＥ", "name"),
        ("本人手机号码1", "mobile"),
        ("所在楼栋号", "building"),
        ("户籍人员姓名", "name"),
    ],
)
def test_marks_and_brackets_around_a_heading_do_not_matter(heading, field):
    assert field in of(["其一", heading, "性别", "楼层"]).columns


@pytest.mark.parametrize(
    "heading",
    [
        "楼长姓名",
        "网格员电话",
        "紧急联系人电话",
        "姓名拼音",
        "户籍地址",
        "身份证有效期",
        "是否楼栋长",
        "工作单位",
        "年龄",
        "固定电话",
    ],
)
def test_a_heading_that_only_holds_a_known_word_is_unknown(heading):
    mapping = of(["楼栋", "房号", "性别", heading])

    assert mapping.columns == {"building": 0, "room": 1, "sex": 2}
    assert mapping.unknown == [3]


def test_titles_and_remarks_above_the_header_are_passed_over():
    mapping = of(
        ["大龙社区居民花名册"],
        ["填表说明：姓名、房号、身份证号必须填写"],
        ["单位：大龙社区", "", "日期：2023-5-31"],
        [],
        ["楼栋", "房号", "姓名", "电话"],
        PERSON,
    )

    assert mapping.header == 5
    assert mapping.columns == {"building": 0, "room": 1, "name": 2, "mobile": 3}


def test_a_header_of_two_rows_is_one():
    mapping = of(["居住地址", "", "居民信息", ""], ["楼栋", "房号", "姓名", "电话"], PERSON)
    assert (mapping.header, mapping.missing) == (2, [])

    mapping = of(["姓名", "居住地址", "", "电话"], ["", "楼栋", "房号", ""], PERSON)
    assert (mapping.header, mapping.columns) == (2, {"building": 1, "room": 2, "name": 0, "mobile": 3})


def test_the_first_person_is_no_second_header():
    assert of(["楼栋", "房号", "姓名"], ["3栋", "502", "户主"], ["3栋", "503", "居民"]).header == 1


def test_without_a_header_the_first_row_is_there_to_choose_from():
    mapping = of([], ["甲", "乙", "丙"], ["3栋", "502", "陈家生"])

    assert (mapping.header, mapping.headings, mapping.columns) == (0, ["甲", "乙", "丙"], {})
    assert mapping.missing == list(INDISPENSABLE)


def test_two_columns_for_one_field_are_said():
    mapping = of(["楼栋", "房号", "姓名", "联系电话", "电话"])

    assert (mapping.columns["mobile"], mapping.doubles) == (3, {"mobile": [3, 4]})
    assert mapping.unknown == [4]


def test_the_template_s_own_heading_is_no_rival_to_a_synonym():
    mapping = of(["楼栋", "房屋编号", "房号", "姓名", "户主姓名"])

    assert (mapping.columns["room"], mapping.columns["name"], mapping.doubles) == (2, 3, {})


class TestCorrections:
    def test_are_over_the_guess(self):
        mapping = of(["楼栋", "房号", "姓名", "内部码"]).corrected({"mobile": 3, "name": 1})

        assert mapping.columns == {"building": 0, "name": 1, "mobile": 3}
        assert mapping.missing == ["room"]
        assert mapping.confidence["mobile"] == "chosen"
        assert mapping.unknown == [2]

    def test_may_leave_a_field_out(self):
        assert "mobile" not in of(["楼栋", "房号", "姓名", "电话"]).corrected({"mobile": None}).columns

    @pytest.mark.parametrize(
        "chosen", [{"mobile": 9}, {"mobile": -1}, {"mobile": True}, {"salary": 1}, {"sex": 1, "name": 1}]
    )
    def test_that_make_no_sense_are_refused(self, chosen):
        with pytest.raises(ValueError, match="column"):
            of(["楼栋", "房号", "姓名"]).corrected(chosen)

    def test_are_remembered_by_their_headings(self):
        first = of(["楼栋", "房号", "姓名", "内 部 码"]).corrected({"mobile": 3})
        assert first.memory() == {"内部码": "mobile"}

        second = of(["内部码", "姓名", "楼栋", "房号"], remembered=first.memory())
        assert (second.columns["mobile"], second.confidence["mobile"]) == (0, "remembered")
        assert second.memory() == first.memory()

    def test_what_is_remembered_is_over_the_synonyms(self):
        mapping = of(["楼栋", "房号", "姓名", "备注"], remembered={"备注": "mobile", "姓名": "no field"})

        assert mapping.columns == {"building": 0, "room": 1, "name": 2, "mobile": 3}


def test_a_mapping_can_be_stored():
    mapping = of(["楼栋", "房号", "姓名", "电话", "联系电话", "年龄"])

    assert Mapping.from_dict(mapping.as_dict()) == mapping


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (table(PLAIN), True),
        ([["姓名", "联系电话"]], True),
        ([["楼栋", "房号"]], False),
        ([["项目", "金额"]], False),
        ([], False),
    ],
)
def test_a_roster_is_known_by_its_head(rows, found):
    assert is_header(Rowed(rows)) is found


def test_no_heading_is_both_known_and_ignored():
    assert {heading_key(word) for column in COLUMNS for word in (column.heading, *column.synonyms)} & IGNORED == set()
    assert heading_key("手 机 号*（必填）") == "手机号"


class TestTemplate:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_is_understood_and_empty(self, language):
        with translation.override(language):
            content = template_workbook()

        with open_sheet(content, "template.xlsx") as sheet:
            assert guess(sheet).columns == {field: at for at, field in enumerate(FIELDS)}
            assert len(list(sheet.rows())) == 1

    def test_explains_every_column_and_offers_what_may_be_chosen(self):
        assert all(column.explanation for column in COLUMNS)
        assert BY_FIELD["occupancy"].choices == ("户籍", "租住", "空置")


def test_a_file_in_another_order_is_the_same_file():
    fields = [*reversed(FIELDS)]
    with open_sheet(xlsx(table(PLAIN, fields)), "a.xlsx") as sheet:
        assert guess(sheet).columns == {field: fields.index(field) for field in FIELDS}
