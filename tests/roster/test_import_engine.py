"""A file is compared with the roster and written in sets: who is added, changed, moved, absent; what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from grid.places.models import Level, Place, PlaceSpan
from grid.roster.importing import job
from grid.roster.importing.findings import Findings, NewGroup
from grid.roster.importing.template import FIELDS
from grid.roster.models import Estate, EstateGroup, Household, Resident, ResidentSpan
from portal.core import audit
from portal.core.clock import today
from portal.core.models import AuditEntry
from tests.roster.people import LONG_AGO, household, resident
from tests.roster.sheets import table, xlsx

ID, OTHER_ID = "440511195703081232", "440113198001011234"
MOBILE, OTHER_MOBILE = "13800138000", "13900139000"
QISHAN = {"grid": "第一网格", "group": "岐山中路楼栋小组"}
AT_HOME = {**QISHAN, "building": "3栋", "room": "502", "name": "陈家生"}


def file(*people: dict[str, Any]) -> bytes:
    """The columns of the template that these rows need."""
    used = [name for name in FIELDS if name == "name" or any(person.get(name) for person in people)]
    return xlsx(table(list(people), fields=used))


@pytest.fixture
def examine(places):
    """What a file with these rows would change."""

    def examined(*people: dict[str, Any], **columns: int | None) -> Findings:
        return job.examine(job.Source(places.dalong, "花名册.xlsx", file(*people), columns=columns), lambda *_: None)

    return examined


@pytest.fixture
def bring_in(places, li):
    """Apply a file with these rows, for 李."""

    def brought_in(*people: dict[str, Any], create_places: bool = False, remove: Any = "none") -> Findings:
        source = job.Source(places.dalong, "花名册.xlsx", file(*people))
        agreement = job.Agreement(li.user, create_places, remove)
        return job.bring_in(source, agreement, lambda *_: None, roster_import=1, record=lambda *_: None)

    return brought_in


def counts(findings: Findings) -> dict[str, int]:
    """Of residents, those that are not zero."""
    found = findings.residents
    names = ("added", "changed", "moved", "absent", "unchanged")
    return {name: getattr(found, name) for name in names if getattr(found, name)}


def codes(findings: Findings) -> list[str]:
    return [problem.code for problem in findings.problems]


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


@pytest.fixture
def home(places):
    return household(places.qishan, building="3栋", room="502")


@pytest.fixture
def jiasheng(home):
    """陈家生 of 3栋502, whose ID number is known."""
    return resident(home, "陈家生", id_number=ID, birth=date(1957, 3, 8), sex="male")


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


# Moving


def test_a_known_id_number_in_another_flat_has_moved(home, jiasheng, bring_in):
    findings = bring_in(AT_HOME | {"room": "601", "id_number": ID})

    jiasheng.refresh_from_db()
    assert counts(findings) == {"moved": 1}
    assert (findings.moved[0].from_address, findings.moved[0].address) == ("3栋502", "3栋601")
    assert jiasheng.household.room == "601"
    span = ResidentSpan.objects.get()
    assert (span.resident, span.household, span.until) == (jiasheng, home, today())
    (entry,) = audit.timeline(jiasheng)
    assert entry.action == "resident.moved"
    assert entry.data == {"from": home.pk, "to": jiasheng.household_id, "import": 1}


def test_the_flat_that_everybody_has_left_is_vacant_and_the_one_they_enter_is_not(home, jiasheng, places, bring_in):
    empty = household(places.qishan, building="3栋", room="601", occupancy="vacant")

    bring_in(AT_HOME | {"room": "601", "id_number": ID})

    home.refresh_from_db()
    empty.refresh_from_db()
    assert (home.occupancy, empty.occupancy) == ("vacant", "")
    assert [entry.data["fields"] for flat in (home, empty) for entry in audit.timeline(flat)] == [["occupancy"]] * 2


def test_a_flat_is_vacant_once_those_who_live_there_are_removed(home, jiasheng, bring_in):
    vacant = {**QISHAN, "building": "3栋", "room": "502", "occupancy": "空置"}

    findings = bring_in(vacant)
    home.refresh_from_db()
    assert (counts(findings), findings.households.changed, home.occupancy) == ({"absent": 1}, 0, "")

    bring_in(vacant, remove="all")
    home.refresh_from_db()
    assert home.occupancy == "vacant"
    assert not bring_in(vacant).changes_anything


@pytest.mark.parametrize("known", [{"mobile": MOBILE}, {"birth": date(1957, 3, 8)}], ids=["mobile", "birth"])
def test_without_an_id_number_name_and_mobile_or_name_and_birth_tell_who_has_moved(home, places, bring_in, known):
    moved = resident(home, "陈家生", **known)
    given = {name: str(value) for name, value in known.items()}

    findings = bring_in(
        {"grid": "第二网格", "group": "富怡苑楼栋小组", "building": "1栋", "room": "301", "name": "陈家生", **given}
    )

    moved.refresh_from_db()
    assert counts(findings) == {"moved": 1}
    assert moved.place == places.fuyi


def test_of_two_who_might_have_moved_nobody_has(home, places, bring_in):
    for room in ("501", "503"):
        resident(household(places.qishan, room=room), "陈家生", birth=date(1957, 3, 8))

    findings = bring_in(AT_HOME | {"room": "601", "birth": "1957-03-08"})

    assert counts(findings) == {"added": 1, "absent": 2}


def test_somebody_with_another_id_number_is_somebody_else(jiasheng, bring_in):
    findings = bring_in(AT_HOME | {"room": "601", "id_number": OTHER_ID, "birth": "1957-03-08"})

    assert counts(findings)["added"] == 1


def test_whoever_lives_in_another_community_stays_there(places, bring_in):
    there = resident(household(places.lingbian_group), "陈家生", id_number=ID)

    findings = bring_in(AT_HOME | {"id_number": ID})

    there.refresh_from_db()
    assert counts(findings) == {"added": 1}
    assert there.place == places.lingbian_group


def test_whoever_left_and_is_in_the_file_again_is_entered_again(home, bring_in):
    resident(home, "陈家生", id_number=ID, until=today() - timedelta(days=9), left_because="moved_out")

    findings = bring_in(AT_HOME | {"id_number": ID})

    assert counts(findings) == {"added": 1}
    assert Resident.objects.present().count() == 1


# Representing and taking part


def test_a_new_representative_takes_the_place_of_the_old_one(home, bring_in):
    old = resident(home, "陈家生", represents_since=LONG_AGO)
    new = resident(home, "王芳")

    findings = bring_in(AT_HOME, AT_HOME | {"name": "王芳", "is_representative": "是"})

    old.refresh_from_db()
    new.refresh_from_db()
    assert counts(findings) == {"changed": 2}
    assert (old.represents_since, old.represents_until) == (LONG_AGO, today())
    assert (new.represents_since, new.mobilised_since) == (today(), today())


def test_one_who_represents_again_has_done_so_before_too(home, bring_in):
    ended = today() - timedelta(days=30)
    resident(home, "陈家生", represents_since=LONG_AGO, represents_until=ended)

    bring_in(AT_HOME | {"is_representative": "是"})

    days = (LONG_AGO, ended - timedelta(days=1), ended, today())
    assert [Resident.objects.representatives(day).count() for day in days] == [1, 1, 0, 1]


def test_so_does_one_whose_file_does_not_name_the_old_one(home, bring_in):
    old = resident(home, "陈家生", represents_since=LONG_AGO)
    resident(home, "王芳")

    findings = bring_in(AT_HOME | {"name": "王芳", "is_representative": "是"})

    old.refresh_from_db()
    assert counts(findings) == {"changed": 2, "absent": 1}
    assert old.represents_until == today()
    assert bring_in(AT_HOME | {"name": "王芳", "is_representative": "是"}).residents.changed == 0


def test_who_moves_represents_nobody_there_unless_the_file_says_so(home, bring_in):
    moved = resident(home, "陈家生", id_number=ID, represents_since=LONG_AGO)

    bring_in(AT_HOME | {"room": "601", "id_number": ID})

    moved.refresh_from_db()
    assert moved.represents_until == today()


def test_two_representatives_who_change_flats_go_on_representing(home, places, bring_in):
    other_home = household(places.qishan, building="3栋", room="601")
    chen = resident(home, "陈家生", id_number=ID, represents_since=LONG_AGO)
    wang = resident(other_home, "王芳", id_number=OTHER_ID, represents_since=LONG_AGO)

    findings = bring_in(
        AT_HOME | {"room": "601", "id_number": ID, "is_representative": "是"},
        AT_HOME | {"name": "王芳", "id_number": OTHER_ID, "is_representative": "是"},
    )

    chen.refresh_from_db()
    wang.refresh_from_db()
    assert counts(findings) == {"moved": 2}
    assert [(one.household, one.represents_since, one.represents_until) for one in (chen, wang)] == [
        (other_home, today(), None),
        (home, today(), None),
    ]


def test_no_ends_what_was_and_keeps_the_past(home, bring_in):
    chen = resident(home, "陈家生", represents_since=LONG_AGO)
    wang = resident(home, "王芳", mobilised_since=LONG_AGO)

    bring_in(
        AT_HOME | {"is_representative": "否", "is_mobilised": "否"}, AT_HOME | {"name": "王芳", "is_mobilised": "否"}
    )

    chen.refresh_from_db()
    wang.refresh_from_db()
    assert (chen.represents_since, chen.represents_until, chen.mobilised_since) == (LONG_AGO, today(), LONG_AGO)
    assert wang.mobilised_since is None


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


# Places


def test_what_is_not_there_is_made_when_somebody_agrees(places, bring_in):
    row = {
        "grid": "第三网格",
        "group": "瀚御居楼栋小组",
        "estate": "瀚御居",
        "building": "1栋",
        "room": "101",
        "name": "李四",
    }

    with pytest.raises(job.Inapplicable) as refused:
        bring_in(row)
    assert refused.value.findings.new_places.grids == ("第三网格",)
    assert refused.value.findings.new_places.groups == (NewGroup("第三网格", "瀚御居楼栋小组"),)
    assert refused.value.findings.new_places.estates == ("瀚御居",)
    assert Resident.objects.count() == Household.objects.count() == 0

    bring_in(row, create_places=True)
    group = Place.objects.get(name="瀚御居楼栋小组")
    assert (group.code, group.level, group.community) == ("440113106001003001", Level.BUILDING_GROUP, places.dalong)
    assert (group.parent.name, group.parent.code) == ("第三网格", "440113106001003")
    assert PlaceSpan.objects.get(place=group).parent == group.parent
    assert EstateGroup.objects.get(group=group).estate == Estate.objects.get(name="瀚御居", community=places.dalong)
    assert [entry.action for entry in audit.timeline(group)] == ["place.opened"]
    assert Resident.objects.get().place == group


def test_without_building_groups_each_building_is_one(places, bring_in):
    bring_in(
        {"grid": "第二网格", "building": "7栋", "room": "101", "name": "李四"},
        {"grid": "第二网格", "building": "８幢", "room": "101", "name": "王五"},
        {"grid": "第二网格", "building": "7号楼", "room": "102", "name": "赵六"},
        create_places=True,
    )

    made = Place.objects.filter(parent=places.second_grid).exclude(pk=places.fuyi.pk).order_by("code")
    assert [(place.name, place.code[-3:]) for place in made] == [("7栋", "002"), ("8幢", "003")]
    assert Resident.objects.filter(place=made[0]).count() == 2


def test_a_building_belongs_where_it_stands_already(home, places, bring_in):
    findings = bring_in({"building": "3栋", "room": "701", "name": "李四"})

    assert not findings.new_places
    assert Resident.objects.get(name="李四").place == places.qishan


def test_or_to_the_group_that_is_called_like_it(places, bring_in):
    findings = bring_in({"building": "岐山中路", "room": "701", "name": "李四"})

    assert not findings.new_places
    assert Resident.objects.get().place == places.qishan


def test_the_same_building_of_two_estates_is_two(places, bring_in):
    rows = [
        {"grid": "第一网格", "estate": estate, "building": "1栋", "room": "101", "name": name}
        for estate, name in (("龙基花园", "李四"), ("加富花园", "王五"))
    ]

    findings = bring_in(*rows, create_places=True)

    assert [group.name for group in findings.new_places.groups] == ["龙基花园1栋", "加富花园1栋"]
    assert [one.place.name for one in Resident.objects.order_by("pk")] == ["龙基花园1栋", "加富花园1栋"]
    assert counts(bring_in(*rows)) == {"unchanged": 2}


def test_a_divided_building_is_found_flat_by_flat(places, home, bring_in):
    household(places.longji, building="3栋", room="101")

    bring_in({"building": "3栋", "room": "502", "name": "李四"}, {"building": "3栋", "room": "101", "name": "王五"})
    assert [one.place for one in Resident.objects.order_by("pk")] == [places.qishan, places.longji]

    with pytest.raises(job.Inapplicable) as refused:
        bring_in({"building": "3栋", "room": "999", "name": "赵六"})
    (problem,) = refused.value.findings.problems
    assert (problem.code, problem.row, problem.value) == ("building_divided", 2, "3栋")


def test_a_new_group_needs_a_grid_where_there_are_several(places, examine):
    (problem,) = examine({"building": "7栋", "room": "101", "name": "李四"}).problems

    assert (problem.code, problem.severity, problem.row) == ("no_grid", "error", 2)
    assert "7栋" in problem.message


def test_a_group_of_this_name_in_another_grid_is_pointed_out(places, examine):
    findings = examine({**QISHAN, "grid": "第二网格", "building": "3栋", "room": "502", "name": "李四"})

    assert codes(findings) == ["group_elsewhere"]
    assert findings.new_places.groups == (NewGroup("第二网格", "岐山中路楼栋小组"),)


def test_a_group_name_of_several_grids_is_not_guessed(places, examine):
    Place.objects.create(
        level=Level.BUILDING_GROUP, code="440113106001002009", name="岐山中路楼栋小组", parent=places.second_grid
    )

    assert codes(examine({"group": "岐山中路楼栋小组", "building": "3栋", "room": "502", "name": "李四"})) == [
        "group_ambiguous"
    ]


def test_a_group_stays_in_its_estate(places, bring_in):
    estate = Estate.objects.create(name="岐山花园", place=places.dalong)
    EstateGroup.objects.create(estate=estate, group=places.qishan)

    findings = bring_in(AT_HOME | {"estate": "龙基花园"}, create_places=True)

    assert codes(findings) == ["estate_other"]
    assert EstateGroup.objects.get(group=places.qishan).estate == estate


def test_codes_that_would_run_out_are_an_error(places, examine):
    Place.objects.filter(pk=places.fuyi.pk).update(code="440113106001002998")

    findings = examine(
        *({"grid": "第二网格", "building": f"{number}栋", "room": "101", "name": "李四"} for number in (7, 8))
    )

    assert codes(findings) == ["codes_used_up"]


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
