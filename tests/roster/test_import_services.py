"""A file from the upload to its end: checked by a worker, agreed to, applied, given up, forgotten."""

import pytest

from grid.places.models import Place
from grid.roster.models import ColumnMemory, ImportedFile, Resident, RosterImport
from grid.roster.services import imports
from portal.core import audit
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests.roster.people import household, resident
from tests.roster.rows import AT_HOME, ID, MOBILE, file
from tests.roster.sheets import xlsx

State = RosterImport.State


def test_from_the_upload_to_the_roster(upload, agree, worker, li):
    roster_import = upload(AT_HOME | {"id_number": ID, "mobile": MOBILE})
    assert (roster_import.state, roster_import.uploaded_by, roster_import.name) == (
        State.UPLOADED,
        li.user,
        "花名册.xlsx",
    )

    worker()
    roster_import.refresh_from_db()
    assert roster_import.state == State.CHECKED
    assert imports.findings_of(roster_import).residents.added == 1
    assert Resident.objects.count() == 0

    agree(roster_import)
    worker()
    roster_import.refresh_from_db()
    assert roster_import.state == State.APPLIED
    assert Resident.objects.get().id_number == ID
    (entry,) = audit.timeline(roster_import)
    assert (entry.action, entry.actor) == ("roster.imported", li.user)
    assert entry.data == {
        "added": 1, "changed": 0, "moved": 0, "removed": 0, "unchanged": 0,
        "households_added": 1, "households_changed": 0, "grids": 0, "building_groups": 0, "estates": 0,
    }  # fmt: skip


def test_a_task_that_runs_twice_does_its_work_once(checked, agree):
    roster_import = checked(AT_HOME)
    agree(roster_import)

    for _time in range(2):
        imports.check(roster_import.pk)
        imports.apply(roster_import.pk)

    assert Resident.objects.count() == 1
    assert AuditEntry.objects.filter(action="roster.imported").count() == 1


def test_the_file_is_kept_encrypted_and_comes_back_as_it_was(upload):
    content = file(AT_HOME)
    roster_import = upload(content=content)

    assert content[:64] not in bytes(ImportedFile.objects.get().content)
    assert imports.content_of(roster_import) == content


@pytest.mark.parametrize("name", ["../../etc/花名册.xlsx", "C:\\文件\\花名册.xlsx"])
def test_of_its_name_the_path_is_left_out(upload, name):
    assert upload(AT_HOME, name=name).name == "花名册.xlsx"


@pytest.mark.parametrize("content", [b"", b"x" * (imports.LARGEST + 1)], ids=["empty", "too large"])
def test_an_empty_or_enormous_file_is_refused_at_once(places, li, content):
    with pytest.raises(Refused) as refused:
        imports.upload(places.dalong, actor=li.user, name="花名册.xlsx", content=content)

    assert [reason.field for reason in refused.value.reasons] == ["file"]


def test_a_file_that_cannot_be_read_says_why(checked):
    roster_import = checked(content=b"%PDF-1.7")

    assert roster_import.state == State.REFUSED
    assert roster_import.refusal


# Columns


STRANGE = [["栋", "铺位", "谁"], ["3栋", "502", "陈家生"]]


def test_columns_that_are_not_understood_are_asked_for_and_remembered(checked, upload, li, places):
    roster_import = checked(content=xlsx(STRANGE))
    findings = imports.findings_of(roster_import)
    assert roster_import.state == State.CHECKED
    assert (findings.missing, findings.can_be_applied) == (("building", "room", "name"), False)
    assert [(column.letter, column.heading, column.field) for column in findings.columns] == [
        ("A", "栋", ""),
        ("B", "铺位", ""),
        ("C", "谁", ""),
    ]
    assert findings.columns[2].samples[-1] == "陈家生"

    imports.choose_columns(roster_import, actor=li.user, columns={"building": 0, "room": 1, "name": 2})
    imports.check(roster_import.pk)
    roster_import.refresh_from_db()
    assert imports.findings_of(roster_import).missing == ()
    assert ColumnMemory.objects.get(community=places.dalong).headings == {
        "栋": "building",
        "铺位": "room",
        "谁": "name",
    }

    again = upload(content=xlsx(STRANGE))
    imports.check(again.pk)
    again.refresh_from_db()
    assert imports.findings_of(again).missing == ()


def test_a_choice_need_not_be_remembered(checked, li):
    roster_import = checked(content=xlsx(STRANGE))

    imports.choose_columns(roster_import, actor=li.user, columns={"building": 0, "room": 1, "name": 2}, remember=False)

    assert not ColumnMemory.objects.exists()


@pytest.mark.parametrize("columns", [{"nobody": 1}, {"name": 99}, {"name": 1, "room": 1}])
def test_a_field_or_column_there_is_not_is_refused(checked, li, columns):
    with pytest.raises(Refused):
        imports.choose_columns(checked(AT_HOME), actor=li.user, columns=columns)


def test_columns_are_not_chosen_while_the_file_is_being_checked(upload, li):
    with pytest.raises(Refused):
        imports.choose_columns(upload(AT_HOME), actor=li.user, columns={"remark": None})


# Consent


def test_what_somebody_agreed_to_is_what_happens_or_nothing(checked, agree, places):
    roster_import = checked(AT_HOME | {"mobile": MOBILE})
    agree(roster_import)
    resident(household(places.qishan), "陈家生")  # entered by hand in the meantime

    imports.apply(roster_import.pk)

    roster_import.refresh_from_db()
    findings = imports.findings_of(roster_import)
    assert (roster_import.state, Resident.objects.get().mobile) == (State.CHECKED, "")
    assert roster_import.refusal
    assert (findings.residents.added, findings.residents.changed) == (0, 1)

    agree(roster_import)
    imports.apply(roster_import.pk)
    assert Resident.objects.get().mobile == MOBILE


def test_an_older_preview_is_refused(checked, agree):
    with pytest.raises(Refused):
        agree(checked(AT_HOME), fingerprint="0" * 64)


def test_a_file_with_errors_cannot_be_agreed_to(checked, agree):
    with pytest.raises(Refused):
        agree(checked(AT_HOME | {"id_number": "440113198001011230"}))


def test_new_places_need_consent_of_their_own(checked, agree):
    roster_import = checked({"grid": "第三网格", "building": "9栋", "room": "101", "name": "李四"})

    with pytest.raises(Refused) as refused:
        agree(roster_import)
    assert [reason.field for reason in refused.value.reasons] == ["create_places"]

    agree(roster_import, create_places=True)
    imports.apply(roster_import.pk)
    assert Place.objects.filter(name="9栋").exists()


@pytest.mark.parametrize("remove", [[0], "everybody"])
def test_only_who_is_absent_can_be_ticked(checked, agree, remove):
    with pytest.raises(Refused) as refused:
        agree(checked(AT_HOME), remove=remove)

    assert [reason.field for reason in refused.value.reasons] == ["remove"]


def test_whoever_is_ticked_is_removed(checked, agree, places, li):
    home = household(places.qishan, room="503")
    wang, _li = resident(home, "王芳"), resident(home, "李四")
    roster_import = checked(AT_HOME)

    imports.tick(roster_import, actor=li.user, remove=[wang.pk])
    roster_import.refresh_from_db()
    agree(roster_import, remove=roster_import.choices["remove"])
    imports.apply(roster_import.pk)

    assert set(Resident.objects.present().values_list("name", flat=True)) == {"陈家生", "李四"}
    assert AuditEntry.objects.get(action="roster.imported").data["removed"] == 1


def test_one_file_at_a_time_goes_into_a_roster(checked, agree):
    first, second = checked(AT_HOME), checked(AT_HOME | {"name": "王芳"})
    agree(first)

    with pytest.raises(Refused):
        agree(second)


def test_what_is_agreed_to_cannot_be_discarded_nor_agreed_to_again(checked, agree, li):
    roster_import = checked(AT_HOME)
    agree(roster_import)

    with pytest.raises(Refused):
        imports.discard(roster_import, actor=li.user)
    with pytest.raises(Refused):
        agree(roster_import)


def test_a_file_given_up_is_gone(checked, agree, li):
    roster_import = checked(AT_HOME)

    imports.discard(roster_import, actor=li.user)

    roster_import.refresh_from_db()
    assert (roster_import.state, roster_import.findings) == (State.DISCARDED, "")
    assert imports.content_of(roster_import) is None
    imports.check(roster_import.pk)
    with pytest.raises(Refused):
        agree(roster_import)


def test_the_report_is_the_users_own_file(checked, li):
    name, content = imports.report(checked(AT_HOME | {"id_number": "440113198001011230"}), actor=li.user)

    assert name.endswith(".xlsx")
    assert content.startswith(b"PK")
