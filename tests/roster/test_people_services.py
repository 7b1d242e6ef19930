"""What is done to people: entered, corrected, moved, gone, away; checked, and on record without what was written."""

from datetime import date, timedelta

import pytest

from grid.roster.models import Resident
from grid.roster.services import people
from grid.roster.services.people import Facts
from portal.core import audit
from portal.core.clock import day_of, today
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests.roster.people import LONG_AGO, household, resident

pytestmark = pytest.mark.django_db


def number(birth: str = "19570308", sequence: str = "123") -> str:
    """An ID number that can exist."""
    from portal.core.identity import check_digit

    return f"440105{birth}{sequence}{check_digit(f'440105{birth}{sequence}')}"


def facts(**fields) -> Facts:
    return Facts(**{"name": "陈家生", "id_number": number(), "mobile": "13800138000", **fields})


def refused(call, *arguments, **keywords) -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        call(*arguments, **keywords)
    return {reason.field: str(reason) for reason in caught.value.reasons}


def actions(one) -> list[str]:
    return [entry.action for entry in audit.timeline(one)]


def test_somebody_is_entered_with_what_the_number_tells(li, places):
    home = household(places.qishan, occupancy="vacant")

    made = people.enter(home, facts=facts(name="陈 家生"), actor=li.user, since=date(2023, 1, 1))

    made.refresh_from_db()
    home.refresh_from_db()
    assert (made.name, made.sort_key, made.initials, made.given_name) == ("陈家生", "chenjiasheng", "cjs", "家生")
    assert (made.sex, made.birth, made.place_id) == ("male", date(1957, 3, 8), places.qishan.pk)
    assert (made.mobile, made.id_number) == ("13800138000", number())
    assert home.occupancy == ""
    entry = AuditEntry.objects.get(action="resident.entered")
    assert (day_of(entry.happened_at), day_of(entry.recorded_at), entry.data) == (date(2023, 1, 1), today(), {})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"id_number": number()[:17] + "0"}, "id_number"),
        ({"id_number": "4.40105E+17"}, "id_number"),
        ({"mobile": "020-84861234"}, "mobile"),
        ({"mobile": "84861234"}, "mobile"),
        ({"mobile": "1234"}, "mobile"),
        ({"birth": date(1957, 3, 9)}, "birth"),
        ({"birth": date(2999, 1, 1), "id_number": ""}, "birth"),
        ({"sex": "female"}, "sex"),
        ({"mobilised_since": date(2999, 1, 1)}, "mobilised_since"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(wrong, field, li, places):
    assert list(refused(people.enter, household(places.qishan), facts=facts(**wrong), actor=li.user)) == [field]
    assert not Resident.objects.exists()


def test_a_landline_is_named_as_such(li, places):
    said = refused(people.enter, household(places.qishan), facts=facts(mobile="０２０ 8486 1234"), actor=li.user)

    assert "landline" in said["mobile"] or "固定电话" in said["mobile"] or "座机" in said["mobile"]


def test_nobody_comes_in_the_future_or_twice(li, places):
    home = household(places.qishan)
    people.enter(home, facts=facts(), actor=li.user)

    later = refused(
        people.enter, home, facts=facts(name="陈三", id_number=""), actor=li.user, since=today() + timedelta(days=1)
    )
    again = refused(people.enter, home, facts=facts(id_number=""), actor=li.user)
    same_number = refused(people.enter, household(places.fuyi), facts=facts(name="陈二"), actor=li.user)

    assert (list(later), list(again), list(same_number)) == (["since"], ["name"], ["id_number"])


def test_another_community_may_know_the_same_person(li, zhou, places):
    people.enter(household(places.qishan), facts=facts(), actor=li.user)

    assert people.enter(household(places.lingbian_group), facts=facts(), actor=zhou.user).pk


def test_a_correction_names_the_facts_and_keeps_no_value(li, places):
    one = resident(household(places.qishan), "陈家升", id_number=number(), mobile="13900139000", sex="male")

    people.correct(one, facts=facts(id_number=None, sex="male", remark="耳背"), actor=li.user)

    one.refresh_from_db()
    assert (one.name, one.initials, one.mobile, one.id_number) == ("陈家生", "cjs", "13800138000", number())
    entry = AuditEntry.objects.get(action="resident.corrected")
    assert entry.data == {"fields": ["birth", "mobile", "name", "remark"]}
    assert entry.note == ""


def test_a_number_that_is_not_given_stays_and_an_empty_one_goes(li, places):
    one = resident(household(places.qishan), "陈家生", id_number=number(), mobile="13900139000")

    people.correct(one, facts=Facts(name="陈家生", sex="male", birth=date(1957, 3, 8), mobile=""), actor=li.user)

    one.refresh_from_db()
    assert (one.mobile, one.mobile_index, one.id_number) == ("", "", number())


def test_a_correction_that_changes_nothing_is_not_on_record(li, places):
    one = resident(household(places.qishan), "陈家生")

    people.correct(one, facts=Facts(name="陈家生"), actor=li.user)

    assert actions(one) == []


def test_whoever_represents_stays_of_age_and_mobilised(li, places):
    one = resident(household(places.qishan), "陈家生", represents_since=date(2022, 1, 1))
    child, unmoved = Facts(name="陈家生", birth=date(2010, 1, 1)), Facts(name="陈家生")

    assert set(refused(people.correct, one, facts=child, actor=li.user)) == {"birth", "mobilised_since"}
    assert list(refused(people.correct, one, facts=unmoved, actor=li.user)) == ["mobilised_since"]


def test_a_move_keeps_where_they_lived_and_ends_the_representation(li, places):
    old, new = household(places.qishan, occupancy="registered"), household(places.fuyi, room="101", occupancy="vacant")
    one = resident(old, "陈家生", represents_since=date(2022, 1, 1), relation="户主")

    people.move(one, to=new, actor=li.user, on=date(2023, 5, 1))

    one.refresh_from_db()
    old.refresh_from_db()
    new.refresh_from_db()
    span = one.spans.get()
    assert (one.household, one.place_id, one.represents_until, one.relation) == (
        new, places.fuyi.pk, date(2023, 5, 1), "",
    )  # fmt: skip
    assert (span.household, span.until) == (old, date(2023, 5, 1))
    assert (old.occupancy, new.occupancy) == ("vacant", "")
    assert AuditEntry.objects.get(action="resident.moved").data == {"from": old.pk, "to": new.pk}


def test_a_move_is_refused_for_days_and_flats_that_cannot_be(li, places):
    home, elsewhere = household(places.qishan), household(places.lingbian_group)
    one, gone = resident(home), resident(home, "陈二", until=date(2022, 1, 1), left_because="moved_out")
    other = household(places.longji)

    assert list(refused(people.move, one, to=home, actor=li.user)) == ["to"]
    assert list(refused(people.move, one, to=elsewhere, actor=li.user)) == ["to"]
    assert list(refused(people.move, one, to=other, actor=li.user, on=LONG_AGO - timedelta(days=1))) == ["on"]
    assert list(refused(people.move, one, to=other, actor=li.user, on=today() + timedelta(days=1))) == ["on"]
    assert "" in refused(people.move, gone, to=other, actor=li.user)


def test_nobody_moves_on_before_they_came(li, places):
    one = resident(household(places.qishan))
    people.move(one, to=household(places.longji), actor=li.user, on=date(2023, 5, 1))

    assert list(refused(people.leave, one, why="moved_out", actor=li.user, on=date(2023, 4, 30))) == ["on"]


@pytest.mark.parametrize("why", ["moved_out", "deceased"])
def test_whoever_leaves_stays_on_record(why, li, places):
    home = household(places.qishan)
    one = resident(home, represents_since=date(2022, 1, 1))

    people.leave(one, why=why, actor=li.user, on=date(2023, 5, 1))

    one.refresh_from_db()
    home.refresh_from_db()
    assert (one.until, one.left_because, one.represents_until) == (date(2023, 5, 1), why, date(2023, 5, 1))
    assert Resident.objects.present(date(2023, 4, 30)).count() == 1
    assert Resident.objects.present(date(2023, 5, 1)).count() == 0
    assert home.occupancy == "vacant"
    entry = AuditEntry.objects.get(action="resident.left")
    assert (entry.data, day_of(entry.happened_at)) == ({"why": why}, date(2023, 5, 1))


def test_whoever_was_entered_by_mistake_was_never_there(li, places):
    one = resident(household(places.qishan))

    people.leave(one, why="mistake", actor=li.user, on=today())

    assert Resident.objects.present(LONG_AGO).count() == 0


def test_a_leaving_is_refused_without_a_reason_or_twice(li, places):
    one = resident(household(places.qishan))

    assert list(refused(people.leave, one, why="", actor=li.user)) == ["why"]
    assert list(refused(people.leave, one, why="deceased", actor=li.user, on=date(2020, 1, 1))) == ["on"]
    people.leave(one, why="deceased", actor=li.user)
    assert "" in refused(people.leave, one, why="deceased", actor=li.user)


def test_a_leaving_can_be_taken_back_but_not_onto_another(li, places):
    home = household(places.qishan)
    one = resident(home, id_number=number(), represents_since=date(2022, 1, 1))
    assert "" in refused(people.restore, one, actor=li.user)
    people.leave(one, why="deceased", actor=li.user)

    people.restore(one, actor=li.user)

    one.refresh_from_db()
    home.refresh_from_db()
    assert (one.until, one.left_because, one.is_representative, home.occupancy) == (None, "", False, "")
    people.leave(one, why="moved_out", actor=li.user)
    resident(household(places.longji), id_number=number())
    assert "" in refused(people.restore, one, actor=li.user)


def test_away_and_back(li, places):
    one = resident(household(places.qishan))

    people.go_away(one, actor=li.user, since=date(2023, 2, 1))
    assert list(refused(people.go_away, one, actor=li.user)) == ["since"]
    assert list(refused(people.come_back, one, actor=li.user, on=date(2023, 1, 1))) == ["since"]
    people.come_back(one, actor=li.user, on=date(2023, 3, 1))

    one.refresh_from_db()
    assert one.away_since is None
    assert [(e.action, day_of(e.happened_at)) for e in audit.timeline(one)] == [
        ("resident.away", date(2023, 2, 1)),
        ("resident.back", date(2023, 3, 1)),
    ]
    assert "" in refused(people.come_back, one, actor=li.user)


def test_what_a_leaving_touches_is_said_before(places):
    home = household(places.qishan)
    one = resident(home, "陈家生", relation="户主", represents_since=date(2022, 1, 1))
    other = resident(home, "李秀英", birth=date(1940, 1, 1))

    assert len(people.consequences(one)) == 3
    assert people.consequences(other) == []
    other.delete()
    assert len(people.consequences(one)) == 2


def test_a_canary_number_stands_in_no_audit_entry(li, places):
    one = people.enter(household(places.qishan), facts=facts(), actor=li.user)
    people.correct(one, facts=facts(name="陈家声"), actor=li.user)
    people.leave(one, why="moved_out", actor=li.user)

    written = " ".join(f"{entry.note} {entry.data}" for entry in AuditEntry.objects.all())
    for canary in ("13800138000", number(), "陈家生", "陈家声"):
        assert canary not in written
