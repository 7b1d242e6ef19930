"""Rows cleaned: what is dirty is healed to what was meant, or named at its cell."""

from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from grid.roster.importing.columns import guess
from grid.roster.importing.problems import ERROR, KINDS, Problems
from grid.roster.importing.rows import read_rows

from .clean import clean, rosters
from .dirt import HEALED, NAMED, WHOLE, dirtied
from .sheets import HEADINGS, PLAIN, TODAY, Rowed, cleaned, csv_file, named, read, table, xls, xlsx

SPELLING = ("building", "unit", "room")  # as written; the keys beside them say what is meant


def content(row):
    """All that a row says, whatever its number and however its address is spelled."""
    return {name: value for name, value in asdict(row).items() if name not in (*SPELLING, "number", "faulty")}


def reading(rows, merges=()):
    sheet = Rowed(rows, merges)
    return cleaned(sheet, guess(sheet))


def changed(place=0, **cells):
    """The plain roster with some cells of one row changed."""
    return table([{**row, **cells} if at == place else row for at, row in enumerate(PLAIN)])


def problems_of(place=0, **cells):
    return named(reading(changed(place, **cells))[1])


def test_a_clean_roster_is_read_without_a_word():
    rows, problems = reading(table(PLAIN))

    assert list(problems) == []
    assert [row.name for row in rows] == ["陈家生", "林丽芳", "买买提·吐尔逊", None]
    assert asdict(rows[0]) == {
        "number": 2,
        "grid": "第1网格",
        "group": "3栋小组",
        "estate": "龙基花园",
        "building": "3栋",
        "unit": "1单元",
        "room": "502",
        "building_key": "3",
        "unit_key": "1",
        "room_key": "502",
        "floor": 5,
        "is_shop": False,
        "area_m2": Decimal("89.50"),
        "occupancy": "registered",
        "name": "陈家生",
        "relation": "户主",
        "is_representative": True,
        "is_mobilised": True,
        "sex": "male",
        "id_number": "440511195703081232",
        "birth": date(1957, 3, 8),
        "mobile": "13800138000",
        "is_party_member": False,
        "remark": None,
        "faulty": False,
    }


@pytest.mark.parametrize(
    "file",
    [xlsx, xls, csv_file, lambda rows: csv_file(rows, "gbk"), lambda rows: csv_file(rows, "utf-8", "\t")],
    ids=["xlsx", "xls", "csv", "gbk", "tabs"],
)
def test_every_kind_of_file_says_the_same(file):
    expected, _problems = reading(table(PLAIN))

    rows, problems = read(file(table(PLAIN)))

    assert rows == expected
    assert list(problems) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_dirt_is_healed_or_named_at_its_cell(data):
    roster = data.draw(rosters())
    expected, silence = reading(clean(roster).rows)
    assert named(silence) == set()

    dirty = data.draw(dirtied(roster))
    rows, problems = reading(dirty.rows, dirty.merges)

    told = {(problem.row, problem.field) for problem in problems}
    assert dirty.named <= told, "named at exactly its cell"
    assert {row for row, _field in told} <= dirty.lost, "and nowhere else"
    lost = {dirty.origin[row - 1] for row in dirty.lost}
    found = {dirty.origin[row.number - 1]: content(row) for row in rows}
    for row in expected:
        if row.number not in lost:
            assert found.pop(row.number) == content(row)
    assert found.keys() <= lost


def test_every_kind_of_dirt_does_occur():
    """A dirtying that never finds a cell of its kind would prove nothing."""
    kinds = {**HEALED, **NAMED, **WHOLE}
    missed = set(kinds)

    @settings(
        max_examples=80, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(st.data())
    def tries(data):
        before = clean(data.draw(rosters()))
        for kind in sorted(missed):
            after = data.draw(st.composite(lambda draw, dirtying: dirtying(draw, before))(kinds[kind]))
            if after is not None and after != before:
                missed.discard(kind)

    tries()
    assert missed == set()


class TestWhatBelongsToNobody:
    @pytest.mark.parametrize(
        "row",
        [
            [],
            ["", " ", "\u3000"],
            ["合计", "", "", "", "", 12, "", 1234.5, 30],
            ["", "", "", "小 计", "", "", "", "", "30人"],
            ["共30户，62人"],
            ["填表人：陈家生", "", "", "审核人：李四", "", "", "", "", "日期：2023-5-31"],
            ["", "", "", "", "", "", "", "", "审核人：李四"],
            ["第1网格", "3栋小组"],
            ["说明：户代表每户一名"],
            HEADINGS,
        ],
        ids=str,
    )
    def test_is_passed_over(self, row):
        rows, problems = reading([*table(PLAIN), row, *table(PLAIN)[1:]][:6])

        assert [row.name for row in rows] == ["陈家生", "林丽芳", "买买提·吐尔逊", None]
        assert list(problems) == []

    def test_and_somebody_whose_cells_are_mostly_blank_is_not(self):
        _rows, problems = reading([*table(PLAIN[:3]), ["", "", "", "", "", "", "", "", "李四"]])

        assert named(problems) == {("room_continued", 5, "room")}

    def test_a_file_of_headings_only_says_so(self):
        rows, problems = reading(table([]))

        assert rows == []
        assert named(problems) == {("no_rows", 0, "")}


class TestWhichFlat:
    def test_a_blank_building_is_the_one_above_said_once(self):
        rows, problems = reading(table([PLAIN[0], *({**row, "building": ""} for row in PLAIN[1:])]))

        assert {row.building_key for row in rows} == {"3"}
        assert named(problems) == {("building_continued", 3, "building")}

    def test_a_blank_room_is_the_flat_above_said_every_time(self):
        rows, problems = reading(changed(1, building="", unit="", room=""))

        assert (rows[1].building, rows[1].unit, rows[1].room) == ("3栋", "1单元", "502")
        assert named(problems) == {("room_continued", 3, "room")}

    def test_not_after_a_blank_row(self):
        head, first, second, *_rest = changed(1, room="")
        _rows, problems = reading([head, first, [""] * len(head), second])

        assert named(problems) == {("room_missing", 4, "room")}

    def test_nor_when_the_building_is_another(self):
        assert problems_of(1, building="4栋", room="") == {("room_missing", 3, "room")}

    def test_merged_cells_are_no_blanks(self):
        rows = changed(1, group="", building="", unit="", room="", area_m2="", occupancy="")
        merges = [(2, at, 3, at) for at in (1, 3, 4, 5, 7, 17)]

        read_as, problems = reading(rows, merges)

        assert list(problems) == []
        assert read_as == reading(table(PLAIN))[0]

    def test_people_are_never_filled_in_from_merged_cells(self):
        rows, problems = reading(changed(1, name=""), [(2, 8, 3, 8)])

        assert named(problems) == {("name_missing", 3, "name")}
        assert [row.name for row in rows] == ["陈家生", "买买提·吐尔逊", None]

    def test_a_room_may_repeat_its_building(self):
        (row, *_rest), problems = reading(changed(room="3-1-502"))

        assert (row.room, row.room_key, list(problems)) == ("502", "502", [])

    def test_but_not_name_another(self):
        assert problems_of(room="4-1-502") == {("room_elsewhere", 2, "room")}

    def test_a_blank_group_is_that_of_the_building(self):
        rows, problems = reading(changed(2, group=""))

        assert (rows[2].group, list(problems)) == ("3栋小组", [])

    def test_which_must_be_known(self):
        assert problems_of(0, group="") == {("group_missing", 2, "group")}

    def test_without_a_column_of_groups_there_is_none(self):
        rows, problems = reading(table(PLAIN, ["building", "room", "name"])[:4])

        assert [(row.group, row.name) for row in rows] == [(None, "陈家生"), (None, "林丽芳"), (None, "买买提·吐尔逊")]
        assert list(problems) == []

    def test_a_unit_is_missed_where_the_building_has_some(self):
        assert problems_of(2, unit="") == {("unit_missing", 4, "unit")}

    def test_the_floor_is_told_by_the_room(self):
        (row, *_rest), _problems = reading(changed(floor="", room="1203"))

        assert row.floor == 12

    def test_a_shop_is_one(self):
        assert reading(changed(room="商铺3"))[0][0].is_shop

    def test_a_flat_in_which_nobody_lives_needs_no_name(self):
        rows, problems = reading(changed(3, name="空户", occupancy=""))

        assert (rows[3].name, rows[3].occupancy, list(problems)) == (None, "vacant", [])

    def test_every_other_row_does(self):
        assert problems_of(3, occupancy="户籍") == {("name_missing", 5, "name")}

    def test_nobody_is_named_in_a_vacant_flat(self):
        rows, problems = reading(changed(2, occupancy="空置"))

        assert named(problems) == {("vacant_but_named", 4, "occupancy")}
        assert (rows[2].occupancy, rows[2].faulty) == (None, True)


class TestNumbersAndDates:
    def test_birth_and_sex_come_from_the_id_number(self):
        (row, *_rest), problems = reading(changed(birth="", sex=""))

        assert (row.birth, row.sex, list(problems)) == (date(1957, 3, 8), "male", [])

    def test_which_counts_where_they_differ(self):
        (row, *_rest), problems = reading(changed(birth="1957-03-09", sex="女"))

        assert (row.birth, row.sex) == (date(1957, 3, 8), "male")
        assert named(problems) == {("birth_differs", 2, "birth"), ("sex_differs", 2, "sex")}

    def test_and_where_the_date_cannot_be_read(self):
        (row, *_rest), problems = reading(changed(birth="五十多岁"))

        assert (row.birth, named(problems)) == (date(1957, 3, 8), {("birth_from_id", 2, "birth")})

    def test_a_month_that_agrees_with_it_is_enough(self):
        assert problems_of(birth="195703") == set()

    def test_a_ruined_number_is_an_error_and_never_a_guess(self):
        (row, *_rest), problems = reading(changed(id_number=4.40511195703081e17))

        assert (row.id_number, row.faulty) == (None, True)
        assert named(problems) == {("id_ruined", 2, "id_number")}
        assert [(p.column, p.value) for p in problems] == [("N", "4.40511E+17")]

    def test_a_representative_is_mobilised(self):
        (row, *_rest), problems = reading(changed(is_mobilised=""))

        assert (row.is_mobilised, list(problems)) == (True, [])

    def test_whatever_the_file_says(self):
        assert problems_of(is_mobilised="否") == {("represents_unmobilised", 2, "is_mobilised")}

    def test_a_representative_is_of_age(self):
        asked = {"is_representative": "是", "is_mobilised": "是", "id_number": ""}
        eighteen = TODAY.replace(year=TODAY.year - 18)

        assert problems_of(**asked, birth=eighteen.isoformat()) == set()
        assert problems_of(**asked, birth=(eighteen + timedelta(days=1)).isoformat()) == {
            ("represents_under_age", 2, "is_representative")
        }

    def test_blank_cells_say_nothing(self):
        row = reading(table(PLAIN, ["building", "room", "name"])[:2])[0][0]

        assert {name for name, value in asdict(row).items() if value is not None} == {
            "number", "building", "room", "building_key", "unit_key", "room_key", "floor", "is_shop", "name", "faulty",
        }  # fmt: skip


class TestOneRowAgainstAnother:
    def repeated(self, place=0, **cells):
        """The plain roster and, as row 6, one of its rows once more with some cells changed."""
        rows, problems = reading(table([*PLAIN, {**PLAIN[place], **cells}]))
        return len(rows), {problem for problem in named(problems) if problem[1] == 6}, list(problems)

    def test_the_same_person_twice_counts_once(self):
        count, told, problems = self.repeated(1)

        assert (count, told) == (4, {("person_twice", 6, "name")})
        assert problems[0].other == 3

    def test_with_other_details_somebody_has_to_choose(self):
        assert self.repeated(1, mobile="13900139000")[1] == {("person_differs", 6, "name")}

    def test_without_a_number_a_namesake_in_the_flat_is_the_same_person(self):
        assert self.repeated(2)[1] == {("person_twice", 6, "name")}

    def test_unless_both_dates_of_birth_are_known_and_differ(self):
        assert self.repeated(2, birth="1960-01-01")[1] == set()

    def test_nobody_lives_in_two_flats(self):
        assert self.repeated(1, room="505")[1] == {("person_elsewhere", 6, "name")}

    def test_an_id_number_has_one_holder(self):
        told = self.repeated(0, name="陈家明", is_representative="", mobile="")[1]

        assert told == {("id_of_two", 6, "id_number")}

    def test_a_mobile_number_may_be_shared_and_is_pointed_out(self):
        told = self.repeated(2, name="李四", mobile="13800138000")[1]

        assert told == {("mobile_of_two", 6, "mobile")}

    def test_a_flat_has_one_representative(self):
        told = self.repeated(1, name="李四", id_number="", mobile="", is_representative="是")[1]

        assert told == {("representative_twice", 6, "is_representative")}

    def test_what_the_first_row_says_of_a_flat_counts(self):
        rows, problems = reading(changed(1, area_m2=90, occupancy="租住"))

        assert [(row.area_m2, row.occupancy) for row in rows[:2]] == [(Decimal("89.50"), "registered"), (None, None)]
        assert named(problems) == {("household_differs", 3, "area_m2"), ("household_differs", 3, "occupancy")}

    def test_an_empty_flat_twice_counts_once(self):
        assert self.repeated(3)[:2] == (4, {("flat_twice", 6, "room")})

    @pytest.mark.parametrize(
        ("place", "cells", "field"), [(3, {"room": "502"}, "occupancy"), (2, {"room": "504"}, "name")]
    )
    def test_a_flat_is_not_empty_and_lived_in(self, place, cells, field):
        told = self.repeated(place, birth="", **cells)[1]

        assert told == {("vacant_and_lived_in", 6, field)}


class TestProblems:
    def test_of_too_many_only_the_number_is_kept_and_errors_come_first(self):
        sheet = Rowed(
            table([{**PLAIN[2], "floor": "高", "room": f"{n}01"} for n in range(1, 11)] + [{"building": "3栋"}])
        )
        problems = Problems(keep=4)
        list(read_rows(sheet, guess(sheet), problems, TODAY))

        assert (problems.errors, problems.warnings, problems.dropped) == (1, len(problems) - 1, len(problems) - 4)
        assert [problem.row for problem in problems.kept if problem.is_error] == [12]
        assert len(problems.kept) == 4

    def test_they_can_be_stored_and_told_in_another_language(self):
        _rows, problems = reading(changed(id_number="440511570308123"))

        stored = Problems.from_dict(problems.as_dict())

        assert (stored.kept, stored.counts, stored.errors) == (problems.kept, problems.counts, problems.errors)
        assert stored.kept[0].message == str(KINDS["id_old"].message)
        assert stored.kept[0].cell == "N2"

    def test_every_error_blocks_and_says_what_to_do(self):
        assert all(str(kind.message) for kind in KINDS.values())
        assert KINDS["id_ruined"].severity == ERROR


@pytest.mark.parametrize(
    ("first", "names"), [(["甲", "乙", "丙"], ["陈家生"]), (["3栋", "501", "李四"], ["李四", "陈家生"])]
)
def test_headings_that_nobody_knows_are_nobody_once_the_user_has_said_what_they_mean(first, names):
    sheet = Rowed([[], first, ["3栋", "502", "陈家生"]])
    mapping = guess(sheet).corrected({"building": 0, "room": 1, "name": 2})

    assert [row.name for row in cleaned(sheet, mapping)[0]] == names


def test_a_mapping_without_a_room_is_refused():
    sheet = Rowed(table(PLAIN, ["building", "name"]))

    with pytest.raises(ValueError, match="missing"):
        read_rows(sheet, guess(sheet), Problems(), TODAY)
