"""Grids and building groups that a file names: found, made when somebody agrees, never guessed."""

import pytest

from grid.places.models import Level, Place, PlaceSpan
from grid.roster.importing import job
from grid.roster.importing.findings import NewGroup
from grid.roster.models import Estate, EstateGroup, Household, Resident
from portal.core import audit
from tests.roster.people import household
from tests.roster.rows import AT_HOME, QISHAN, codes, counts

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
