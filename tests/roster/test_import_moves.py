"""Who a file says has moved, and who it says represents a household."""

from datetime import date, timedelta

import pytest

from grid.roster.models import Resident, ResidentSpan
from portal.core import audit
from portal.core.clock import today
from tests.roster.people import LONG_AGO, household, resident
from tests.roster.rows import AT_HOME, ID, MOBILE, OTHER_ID, QISHAN, counts

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
