"""A file is compared with the roster and written in sets: who is added, changed, absent; all of it or nothing."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from grid.roster.importing import job
from grid.roster.importing.findings import Findings
from grid.roster.models import Household, Resident
from portal.core import audit
from portal.core.clock import today
from portal.core.models import AuditEntry
from tests.roster.people import LONG_AGO, household, resident
from tests.roster.rows import AT_HOME, ID, MOBILE, OTHER_ID, OTHER_MOBILE, QISHAN, codes, counts

# Entering


def test_into_an_empty_roster_everybody_is_entered(places, bring_in):
    findings = bring_in(
        AT_HOME | {"relation": "户主", "id_number": ID, "mobile": MOBILE, "is_party_member": "是", "area_m2": "89.5",
                   "occupancy": "户籍", "is_representative": "是", "remark": "喜欢下棋"},
        {**QISHAN, "building": "3栋", "unit": "2单元", "room": "1203", "name": "王芳"},
        create_places=False,
    )  # fmt: skip

    chen, wang = Resident.objects.order_by("pk")
    assert counts(findings) == {"added": 2}
    assert (chen.name, chen.sort_key, chen.initials, chen.given_name) == ("陈家生", "chenjiasheng", "cjs", "家生")
    assert (chen.id_number, chen.mobile, chen.birth, chen.sex) == (ID, MOBILE, date(1957, 3, 8), "male")
    assert (chen.relation, chen.is_party_member, chen.remark) == ("户主", True, "喜欢下棋")
    assert (chen.represents_since, chen.mobilised_since, chen.since) == (today(), today(), today())
    assert (chen.place, chen.community) == (places.qishan, places.dalong)
    home = chen.household
    assert (home.building, home.room, home.area_m2, home.occupancy, home.floor) == (
        "3栋",
        "502",
        Decimal("89.50"),
        "registered",
        5,
    )
    assert (wang.id_number, wang.mobile, wang.birth, wang.represents_since, wang.mobilised_since) == (
        "",
        "",
        None,
        None,
        None,
    )
    assert (wang.household.unit_key, wang.household.room_key) == ("2", "1203")


def test_the_same_file_again_changes_nothing(bring_in):
    people = (
        AT_HOME
        | {"id_number": ID, "mobile": MOBILE, "area_m2": "89.5", "occupancy": "户籍", "is_representative": "是"},
        AT_HOME | {"name": "王芳", "relation": "妻"},
        {**QISHAN, "building": "4幢", "room": "商铺3", "occupancy": "空置"},
        {"grid": "第三网格", "estate": "富怡苑", "building": "9栋", "room": "101", "name": "李四"},
    )
    bring_in(*people, create_places=True)
    before = list(Resident.objects.order_by("pk").values()), list(Household.objects.order_by("pk").values())
    entries = AuditEntry.objects.count()

    findings = bring_in(*people)

    assert counts(findings) == {"unchanged": 3}
    assert not findings.changes_anything
    assert (list(Resident.objects.order_by("pk").values()), list(Household.objects.order_by("pk").values())) == before
    assert AuditEntry.objects.count() == entries


def test_a_vacant_flat_is_a_household_without_residents(bring_in):
    findings = bring_in({**QISHAN, "building": "3栋", "room": "503", "occupancy": "空置"})

    assert (findings.households.added, findings.residents.added) == (1, 0)
    assert Household.objects.get().occupancy == "vacant"


def test_a_floor_that_somebody_knows_better_than_the_room_number_stays(places, bring_in):
    loft = household(places.qishan, building="3栋", room="502", floor=6)

    bring_in(AT_HOME)

    loft.refresh_from_db()
    assert loft.floor == 6


def test_a_shop_is_told_by_its_number(bring_in):
    bring_in({**QISHAN, "building": "3栋", "room": "商铺3", "name": "何老板"})

    assert Household.objects.get().use == Household.Use.SHOP


# Changing


def test_only_what_differs_is_changed_and_shown_field_by_field(jiasheng, examine, bring_in):
    changed = AT_HOME | {"id_number": ID, "mobile": MOBILE, "relation": "户主", "is_party_member": "是"}

    (person,) = examine(changed).changed
    bring_in(changed)

    assert [(one.field, one.old_text, one.new_text) for one in person.changes] == [
        ("relation", "—", "户主"),
        ("mobile", "—", "138****8000"),
        ("is_party_member", "否", "是"),
    ]
    assert (person.resident, person.name, person.place, person.address) == (
        jiasheng.pk,
        "陈家生",
        "岐山中路楼栋小组",
        "3栋502",
    )
    jiasheng.refresh_from_db()
    assert (jiasheng.relation, jiasheng.mobile, jiasheng.is_party_member) == ("户主", MOBILE, True)
    (entry,) = audit.timeline(jiasheng)
    assert (entry.action, entry.data) == (
        "resident.corrected",
        {"fields": ["relation", "mobile", "is_party_member"], "import": 1},
    )


def test_a_blank_never_erases(home, bring_in):
    known = resident(
        home, "陈家生", id_number=ID, mobile=MOBILE, birth=date(1957, 3, 8), sex="male", relation="户主",
        is_party_member=True, remark="喜欢下棋", represents_since=LONG_AGO,
    )  # fmt: skip
    before = Resident.objects.values().get()

    findings = bring_in(AT_HOME)

    assert counts(findings) == {"unchanged": 1}
    assert Resident.objects.values().get() == before
    assert known.id_number == ID


def test_a_new_name_under_a_known_id_number_is_a_change_that_is_pointed_out(jiasheng, bring_in):
    findings = bring_in(AT_HOME | {"name": "陈嘉生", "id_number": ID})

    jiasheng.refresh_from_db()
    assert (jiasheng.name, jiasheng.sort_key) == ("陈嘉生", "chenjiasheng")
    assert codes(findings) == ["other_name"]


def test_whoever_lives_in_the_flat_under_this_name_gets_the_id_number(home, bring_in):
    known = resident(home, "陈家生")

    findings = bring_in(AT_HOME | {"id_number": ID})

    known.refresh_from_db()
    assert counts(findings) == {"changed": 1}
    assert (known.id_number, known.birth) == (ID, date(1957, 3, 8))


def test_two_of_one_name_in_a_flat_are_told_apart_by_birth(home, bring_in):
    father = resident(home, "陈家生", birth=date(1957, 3, 8))
    son = resident(home, "陈家生", birth=date(1980, 1, 1))

    findings = bring_in(
        AT_HOME | {"id_number": OTHER_ID, "relation": "子"}, AT_HOME | {"id_number": ID, "relation": "户主"}
    )

    father.refresh_from_db()
    son.refresh_from_db()
    assert counts(findings) == {"changed": 2}
    assert (father.relation, son.relation) == ("户主", "子")


def test_a_household_is_corrected_too(home, jiasheng, bring_in):
    findings = bring_in(AT_HOME | {"area_m2": "89.5", "occupancy": "租住", "floor": "5"})

    home.refresh_from_db()
    assert (home.area_m2, home.occupancy) == (Decimal("89.50"), "rented")
    assert findings.households.changed == 1
    assert [(one.field, one.old, one.new) for one in findings.changed_households[0].changes] == [
        ("area_m2", "", "89.50"),
        ("occupancy", "", "rented"),
    ]
    (entry,) = audit.timeline(home)
    assert (entry.action, entry.data) == ("household.corrected", {"fields": ["area_m2", "occupancy"], "import": 1})


def test_a_flat_is_the_same_however_its_number_is_written(home, jiasheng, bring_in):
    findings = bring_in(AT_HOME | {"building": "３幢", "room": "502室"})

    assert counts(findings) == {"unchanged": 1}
    assert Household.objects.count() == 1


# Absent


def test_nobody_is_removed_unless_ticked(home, jiasheng, places, bring_in):
    resident(household(places.longji), "黄晓明")  # in a building group of which the file says nothing
    wang = resident(home, "王芳", represents_since=LONG_AGO)

    findings = bring_in(AT_HOME | {"id_number": ID})
    assert counts(findings) == {"absent": 1, "unchanged": 1}
    assert [(one.resident, one.row, one.name) for one in findings.absent] == [(wang.pk, 0, "王芳")]
    wang.refresh_from_db()
    assert wang.until is None

    bring_in(AT_HOME | {"id_number": ID}, remove=[wang.pk])
    wang.refresh_from_db()
    assert (wang.until, wang.left_because, wang.represents_until) == (today(), "moved_out", today())
    assert [(entry.action, entry.data) for entry in audit.timeline(wang)] == [
        ("resident.left", {"why": "moved_out", "import": 1})
    ]
    assert counts(bring_in(AT_HOME | {"id_number": ID}, remove="all")) == {"unchanged": 1}


def test_only_who_is_absent_can_be_removed(home, jiasheng, places, bring_in):
    elsewhere = resident(household(places.longji), "黄晓明")

    bring_in(AT_HOME | {"id_number": ID}, remove=[elsewhere.pk, jiasheng.pk])

    assert Resident.objects.present().count() == 2


# All or nothing, and what is kept of it


def test_one_error_and_nothing_is_written(places, bring_in):
    with pytest.raises(job.Inapplicable):
        bring_in(AT_HOME, AT_HOME | {"name": "王芳", "id_number": "440113198001011230"})

    assert Resident.objects.count() == Household.objects.count() == 0


def test_of_too_many_problems_the_errors_are_those_that_are_told(examine, monkeypatch):
    monkeypatch.setattr(job, "PROBLEMS_KEPT", 3)
    warned = [AT_HOME | {"room": f"{n}01", "mobile": "12"} for n in range(1, 9)]

    findings = examine(*warned, AT_HOME | {"room": "902", "name": "王芳", "id_number": "440113198001011230"})

    assert (len(findings.problems), findings.errors) == (3, 1)
    assert [problem.row for problem in findings.problems if problem.severity == "error"] == [10]


def test_two_representatives_of_one_flat_are_an_error_however_they_name_their_group(places, examine):
    findings = examine(
        AT_HOME | {"is_representative": "是"},
        {"group": "岐山中路楼栋小组", "building": "3栋", "room": "502", "name": "王芳", "is_representative": "是"},
    )

    assert codes(findings) == ["representative_twice"]


def test_a_file_without_a_column_it_needs_is_asked_about(examine):
    findings = examine({"building": "3栋", "room": "502", "name": "陈家生"}, name=None)

    assert findings.missing == ("name",)
    assert findings.residents.added == 0


def test_findings_come_back_from_their_text_as_they_were(home, jiasheng, bring_in, examine):
    findings = examine(
        AT_HOME | {"room": "601", "id_number": ID, "mobile": MOBILE},
        {"grid": "第三网格", "building": "9栋", "room": "101", "name": "李四", "birth": "何时"},
    )

    assert Findings.from_json(findings.to_json()) == findings
    assert findings.problems


def test_numbers_are_masked_in_findings(jiasheng, examine):
    findings = examine(
        AT_HOME | {"id_number": ID, "mobile": MOBILE}, AT_HOME | {"name": "王芳", "mobile": OTHER_MOBILE}
    )

    text = findings.to_json()
    assert not any(number in text for number in (ID, MOBILE, OTHER_MOBILE))


def test_no_number_is_written_down_in_the_clear(bring_in):
    bring_in(AT_HOME | {"id_number": ID, "mobile": MOBILE})

    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text FROM roster_resident r UNION ALL SELECT e::text FROM core_auditentry e")
        stored = " ".join(text for (text,) in cursor.fetchall())
    assert not any(number in stored for number in (ID, MOBILE))


def test_nothing_temporary_stays(bring_in):
    bring_in(AT_HOME)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'import\\_%%' AND relpersistence = 't'")
        assert cursor.fetchone()[0] == 0


def test_another_preview_has_another_fingerprint_and_the_same_the_same(home, jiasheng, examine):
    first = examine(AT_HOME | {"mobile": MOBILE}).fingerprint

    assert examine(AT_HOME | {"mobile": MOBILE}).fingerprint == first
    jiasheng.relation = "户主"
    jiasheng.save()
    assert examine(AT_HOME | {"mobile": MOBILE}).fingerprint != first
