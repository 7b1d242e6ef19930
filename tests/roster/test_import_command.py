"""The roster goes in from the command line: all of it or nothing, with a report and an exit status."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from grid.places.models import Place
from grid.roster.models import Resident, RosterImport
from portal.core import audit
from tests.roster.people import household, resident
from tests.roster.rows import AT_HOME, ID, file
from tests.roster.sheets import csv_file

CODE = "440113106001"


@pytest.fixture
def run(places, tmp_path):
    """What the command prints to standard output and to standard error for a file with these rows, in English."""

    def ran(*people: dict[str, Any], content: bytes = b"", **options: Any) -> tuple[str, str]:
        roster = tmp_path / "花名册.xlsx"
        roster.write_bytes(content or file(*people))
        out, err = StringIO(), StringIO()
        with translation.override("en"):
            try:
                call_command("import_roster", roster, **{"community": CODE, **options}, stdout=out, stderr=err)
            except CommandError as error:
                error.told = (out.getvalue(), err.getvalue())
                raise
        return out.getvalue(), err.getvalue()

    return ran


def test_a_roster_goes_in_and_is_reported(run, places):
    out, err = run(AT_HOME, AT_HOME | {"name": "王芳"})

    assert (Resident.objects.count(), err) == (2, "")
    assert "2 rows were read." in out
    assert "added 2, changed 0, moved 0, absent 0, unchanged 0" in out
    roster_import = RosterImport.objects.get()
    assert (roster_import.state, roster_import.uploaded_by) == (RosterImport.State.APPLIED, None)
    assert [entry.action for entry in audit.timeline(roster_import)] == ["roster.imported"]


def test_a_dry_run_changes_nothing(run):
    out, _err = run(AT_HOME, dry_run=True)

    assert "added 1" in out
    assert Resident.objects.count() == RosterImport.objects.count() == 0


def test_the_same_file_again_changes_nothing(run):
    run(AT_HOME)
    before = list(Resident.objects.values())

    out, _err = run(AT_HOME)

    assert "added 0, changed 0, moved 0, absent 0, unchanged 1" in out
    assert list(Resident.objects.values()) == before


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_problem_is_named_by_row_column_value_and_words_and_nothing_goes_in(run, dry_run):
    with pytest.raises(CommandError) as error:
        run(AT_HOME, AT_HOME | {"name": "王芳", "id_number": "440113198001011230"}, dry_run=dry_run)

    _out, err = error.value.told
    assert error.value.returncode != 0
    assert "Row 3, column F" in err
    assert "440113198001011230" in err
    assert "does not fit the others" in err
    assert Resident.objects.count() == 0
    assert not RosterImport.objects.exists()


def test_new_places_are_listed_and_made_only_on_demand(run, places):
    row = {"grid": "第三网格", "building": "9栋", "room": "101", "name": "李四"}
    with pytest.raises(CommandError) as error:
        run(row)
    assert "第三网格 9栋" in error.value.told[0]
    assert not Place.objects.filter(name="9栋").exists()

    run(row, create_places=True)
    assert Resident.objects.get().place.name == "9栋"


def test_whoever_is_absent_is_named_and_leaves_only_on_demand(run, places):
    wang = resident(household(places.qishan, room="503"), "王芳")

    out, _err = run(AT_HOME)
    assert "岐山中路楼栋小组 3栋503 王芳" in out
    wang.refresh_from_db()
    assert wang.until is None

    run(AT_HOME, remove_absent=True)
    wang.refresh_from_db()
    assert wang.left_because == "moved_out"


def test_changes_are_told_with_numbers_masked(run, places):
    resident(household(places.qishan), "陈家生")

    out, _err = run(AT_HOME | {"id_number": ID})

    assert "身份证号 — → 440*************32" in out
    assert ID not in out


def test_a_csv_file_from_a_chinese_excel_is_read(run):
    run(
        content=csv_file(
            [["楼栋小组", "楼栋", "房号", "姓名"], ["岐山中路楼栋小组", "3栋", "502", "陈家生"]], encoding="gbk"
        )
    )

    assert Resident.objects.get().name == "陈家生"


@pytest.mark.parametrize(
    ("options", "words"),
    [({"community": "440113106999"}, "440113106999"), ({"community": "440113106"}, "440113106")],
    ids=["nowhere", "a street"],
)
def test_a_code_that_is_no_communitys_is_refused(run, options, words):
    with pytest.raises(CommandError, match=words):
        run(AT_HOME, **options)


def test_a_file_that_is_not_there_is_refused(places):
    with pytest.raises(CommandError):
        call_command("import_roster", Path("nowhere.xlsx"), community=CODE)


def test_a_file_that_is_none_is_refused_with_its_reason(run):
    with pytest.raises(CommandError, match="Excel"):
        run(content=b"%PDF-1.7")


def test_columns_that_are_not_found_are_named(run):
    with pytest.raises(CommandError) as error:
        run(content=csv_file([["楼栋", "备注", "性别"], ["3栋", "无", "男"]]))

    assert "房号, 姓名" in error.value.told[0]


def test_while_another_file_is_being_applied_this_one_waits(run, places):
    RosterImport.objects.create(place=places.dalong, name="x", size=1, digest="", state=RosterImport.State.APPLYING)

    with pytest.raises(CommandError):
        run(AT_HOME)
