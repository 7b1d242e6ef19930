"""The people of the demonstration, a fiftieth of them: what makes them believable, and what must never be true."""

import json
import random
from collections import Counter
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone
from django.utils.translation import override

from grid.places.demo.atlas import COMMUNITIES, DALONG
from grid.places.models import Appointment, Place, Role
from grid.roster.demo.buildings import flats_of
from grid.roster.demo.kinds import KINDS, fitted
from grid.roster.demo.naming import Numbers, is_elder_name, sex_of, surname_of
from grid.roster.demo.plans import ESTATES, PLANS, REFERENCE, SHAPES
from grid.roster.models import Estate, Household, Resident, ResidentSpan, completed_years
from grid.roster.services import exporting
from portal.accounts.models import User
from portal.core import demonstration
from portal.core.clock import SHANGHAI, today
from portal.core.demonstration import Demonstration
from portal.core.identity import parse_id_number
from portal.core.models import AuditEntry
from portal.core.personal import MOBILE
from portal.figures.services import count

SCALE = 0.02


def loaded(monkeypatch: pytest.MonkeyPatch, *, now: datetime | None = None, scale: float = SCALE) -> Place:
    demonstration.discover()
    monkeypatch.delitem(demonstration.parts, "incidents", raising=False)
    demonstration.load(Demonstration(now=now or timezone.now(), scale=scale))
    return Place.objects.get(code=DALONG.code)


def on_the_reference_day(place: Place) -> dict[str, int]:
    return {one.figure.key: one.value for one in count(place, date(2021, 1, 1), REFERENCE)}


def test_the_people_as_a_visitor_meets_them(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Loaded once, for it takes a while; every sentence about them is a function of its own."""
    dalong = loaded(monkeypatch)
    a_smaller_demonstration_keeps_the_proportions(dalong)
    shops_are_below_and_nobody_lives_in_them(dalong)
    what_stands_empty_says_so(dalong)
    building_groups_belong_to_the_estates(dalong)
    numbers_are_valid_and_belong_to_nobody(dalong)
    families_fit_together(dalong)
    nobody_came_before_they_were_born_nor_speaks_before_they_came(dalong)
    building_leaders_live_in_their_building(dalong)
    life_goes_on_and_is_on_record(dalong)
    whoever_left_represents_nobody(dalong)
    the_trail_names_nobody(dalong)
    yesterday_is_the_last_day_on_which_something_happened(dalong)
    taken_out_and_brought_in_again_it_is_the_same(dalong, tmp_path)


# Numbers


def a_smaller_demonstration_keeps_the_proportions(dalong: Place) -> None:
    figures = on_the_reference_day(dalong)
    assert figures["places.households"] == round(5830 * SCALE)
    assert figures["places.residents"] == round(13_201 * SCALE)
    assert figures["places.representatives"] == round(2419 * SCALE)
    assert figures["places.mobilised"] == round(8860 * SCALE)
    assert figures["places.elderly"] == round(1644 * SCALE)


@pytest.mark.parametrize("now", [datetime(2023, 6, 2, 9, tzinfo=SHANGHAI), datetime(2031, 3, 1, 9, tzinfo=SHANGHAI)])
def test_the_reference_day_is_the_same_whenever_the_story_stops(
    db: None, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    figures = on_the_reference_day(loaded(monkeypatch, now=now))

    assert figures["places.residents"] == round(13_201 * SCALE)
    assert figures["places.mobilised"] == round(8860 * SCALE)
    assert not AuditEntry.objects.filter(happened_at__gt=now, action__startswith="resident.").exists()


def test_two_loads_on_one_day_give_the_same_people(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now, told = timezone.now(), []
    for _time in range(2):
        with transaction.atomic():
            loaded(monkeypatch, now=now)
            told.append(
                [
                    (one.name, one.id_number, one.mobile, one.since, one.until, str(one.household))
                    for one in Resident.objects.order_by("pk").select_related("household")
                ]
            )
            transaction.set_rollback(True)

    assert told[0] == told[1]


@pytest.mark.parametrize("community", COMMUNITIES, ids=lambda one: one.code)
def test_families_come_to_the_numbers_of_the_plan(community) -> None:
    plan = PLANS[community.code]
    kinds = fitted(random.Random(1), households=plan.households, residents=plan.residents, elders=plan.elders)

    assert len(kinds) == plan.households
    assert sum(kind.size for kind in kinds) == plan.residents
    assert sum(kind.elders for kind in kinds) == plan.elders
    assert set(kinds) == set(KINDS), "every kind of family lives somewhere"


@pytest.mark.parametrize(("residents", "elders"), [(9, 0), (50, 0), (20, 15)])
def test_numbers_that_no_families_have_are_refused(residents: int, elders: int) -> None:
    with pytest.raises(ValueError, match="cannot have"):
        fitted(random.Random(1), households=10, residents=residents, elders=elders)


# Buildings


def test_every_grid_has_its_buildings() -> None:
    assert set(SHAPES) == {grid.name for community in COMMUNITIES for grid in community.grids}
    assert {grid for plans in ESTATES.values() for plan in plans for grid in plan.grids} <= set(SHAPES)


@pytest.mark.parametrize(
    ("grid", "part", "buildings"),
    [
        (DALONG.grids[0], "12–14", {"12栋", "13栋", "14栋"}),
        (DALONG.grids[2], "A3", {"A3栋"}),
        (DALONG.grids[5], "东6–7", {"东6栋", "东7栋"}),
        (DALONG.grids[6], "1栋一单元", {"1栋"}),
        (DALONG.grids[6], "2栋", {"2栋"}),
        (COMMUNITIES[1].grids[0], "2–6", {"2号", "4号", "6号"}),
    ],
    ids=["three of a row", "a lettered one", "east", "one unit", "one of many", "even numbers"],
)
def test_a_building_group_holds_the_buildings_it_is_called_after(grid, part: str, buildings: set[str]) -> None:
    flats = list(flats_of(grid, part, SHAPES[grid.name], random.Random(1)))

    assert {flat.building for flat in flats} == buildings
    addresses = Counter((flat.building, flat.unit, flat.room) for flat in flats)
    assert set(addresses.values()) == {1}


def test_a_group_that_is_one_unit_has_that_unit_only() -> None:
    flats = flats_of(DALONG.grids[6], "5栋二单元", SHAPES["瀚御居网格"], random.Random(1))

    assert {(flat.building, flat.unit) for flat in flats} == {("5栋", "2单元")}


def shops_are_below_and_nobody_lives_in_them(dalong: Place) -> None:
    shops = Household.objects.filter(use=Household.Use.SHOP)
    assert set(shops.values_list("floor", flat=True)) == {1}
    assert not Resident.objects.filter(household__in=shops).exists()


def what_stands_empty_says_so(dalong: Place) -> None:
    homes = Household.objects.filter(use=Household.Use.DWELLING)
    lived_in = homes.lived_in()
    assert set(homes.exclude(pk__in=lived_in).values_list("occupancy", flat=True)) == {"vacant"}
    assert set(lived_in.values_list("occupancy", flat=True)) == {"registered", "rented"}


def building_groups_belong_to_the_estates(dalong: Place) -> None:
    estates = Estate.objects.filter(community=dalong).annotate(number=Count("groups"))
    assert dict(estates.values_list("name", "number")) == {
        "岐山中路小区": 39,
        "龙基花园": 35,
        "富怡苑": 15,
        "加富花园": 13,
        "瀚御居": 11,
    }


# People


def numbers_are_valid_and_belong_to_nobody(dalong: Place) -> None:
    people = Resident.objects.all()
    numbers = [one.id_number for one in people if one.id_number]
    mobiles = [one.mobile for one in people if one.mobile]
    leaders = {post.user.mobile for post in Appointment.objects.select_related("user")}

    assert len(set(numbers)) == len(numbers) > 400
    assert {number[:6] for number in numbers} == {"449999"}
    assert len(set(mobiles)) == len(mobiles) > 300
    assert all(mobile.startswith("154") and MOBILE.fullmatch(mobile) for mobile in mobiles)
    assert any(mobile in leaders for mobile in mobiles)
    for one in people:
        if one.id_number:
            told = parse_id_number(one.id_number)
            assert (told.birth, told.sex) == (one.birth, one.sex)


def test_an_id_number_is_given_once() -> None:
    numbers = Numbers()
    same_day = {numbers.id_number(date(1950, 1, 1), sex) for sex in ("male", "female") for _time in range(20)}

    assert len(same_day) == 40


def families_fit_together(dalong: Place) -> None:
    """As they lived on the reference day; later on heads die and children marry."""
    for home in Household.objects.lived_in(REFERENCE).prefetch_related("residents"):
        family = [one for one in home.residents.all() if one.since <= REFERENCE and one.until is None]
        head = next((one for one in family if one.relation == "户主"), None)
        ages = {one: completed_years(one.birth, REFERENCE) for one in family}
        assert all(0 <= age <= 99 for age in ages.values())
        for one in family:
            if head and one.relation in ("子", "女"):
                assert one.birth > head.birth
            if head and one.relation in ("父亲", "母亲"):
                assert one.birth < head.birth
            if one.relation == "父亲" and head:
                assert one.name[0] == head.name[0]
            assert (one.relation in ("女", "母亲", "儿媳", "孙女", "外孙女")) <= (one.sex == "female")
            assert (one.relation in ("子", "父亲", "女婿", "孙子", "外孙")) <= (one.sex == "male")


def nobody_came_before_they_were_born_nor_speaks_before_they_came(dalong: Place) -> None:
    people = Resident.objects.all()
    assert not people.filter(birth__gt=F("since")).exists()
    assert not people.filter(mobilised_since__lt=F("since")).exists()
    assert not people.filter(represents_since__lt=F("since")).exists()
    assert not people.filter(mobilised_since__gt=today()).exists()
    children = people.filter(mobilised_since__isnull=False)
    assert all(completed_years(one.birth, one.mobilised_since) >= 16 for one in children)


def building_leaders_live_in_their_building(dalong: Place) -> None:
    leader = Appointment.objects.get(user__username="leader", role=Role.BUILDING_LEADER, stands_in_for=None)
    at_home = Resident.objects.get(place=leader.place, name=leader.user.name)
    assert (at_home.is_present, at_home.mobile, at_home.sex) == (True, leader.user.mobile, "female")

    posts = Appointment.objects.filter(role=Role.BUILDING_LEADER, stands_in_for=None).select_related("user")
    living = {
        one.name: one.is_party_member
        for post in posts
        for one in Resident.objects.filter(place=post.place, name=post.user.name)
    }
    assert len(living) > 50
    assert sum(living.values()) > len(living) / 3


@pytest.mark.parametrize(
    ("name", "surname", "sex", "elder"),
    [("陈丽芳", "陈", "female", True), ("欧阳伟强", "欧阳", "male", True), ("李敏", "李", "female", False)],
)
def test_an_account_tells_who_lives_there(name: str, surname: str, sex: str, elder: bool) -> None:
    assert (surname_of(name), sex_of(name), is_elder_name(name)) == (surname, sex, elder)


# The years since


def life_goes_on_and_is_on_record(dalong: Place) -> None:
    people = Resident.objects.all()
    assert people.filter(left_because=Resident.Left.DECEASED).exists()
    assert people.filter(left_because=Resident.Left.MOVED_OUT).exists()
    assert people.filter(since__gt=REFERENCE).exists()
    assert ResidentSpan.objects.exists()
    assert people.filter(represents_since__gt=REFERENCE).exists()
    entries = AuditEntry.objects.filter(action__startswith="resident.")
    actions = Counter(entries.values_list("action", flat=True))
    assert actions["resident.left"] == people.exclude(until=None).count()
    assert actions["resident.entered"] == people.filter(since__gt=REFERENCE).count()
    assert actions["resident.moved"] == ResidentSpan.objects.count()
    moves = entries.filter(action="resident.moved").order_by("pk").values_list("subject_id", "data__from")
    assert sorted(moves) == sorted(ResidentSpan.objects.values_list("resident", "household"))
    assert not entries.filter(actor=None).exists()


def whoever_left_represents_nobody(dalong: Place) -> None:
    gone = Resident.objects.exclude(until=None)
    assert not gone.filter(represents_since__isnull=False, represents_until=None).exists()


def the_trail_names_nobody(dalong: Place) -> None:
    names = set(Resident.objects.values_list("name", flat=True))
    for note, data in AuditEntry.objects.filter(action__startswith="resident.").values_list("note", "data"):
        told = note + json.dumps(data, ensure_ascii=False)
        assert not any(name in told for name in names)
        assert "449999" not in told


def yesterday_is_the_last_day_on_which_something_happened(dalong: Place) -> None:
    newest = AuditEntry.objects.filter(action__startswith="resident.").latest("happened_at").happened_at
    assert newest < timezone.now()
    assert newest > timezone.now() - timedelta(days=40)


def taken_out_and_brought_in_again_it_is_the_same(dalong: Place, tmp_path: Path) -> None:
    """So the import finds nothing amiss with anybody here: numbers, dates, relations, addresses."""
    people, clerk = Resident.objects.filter(community=dalong).present(), User.objects.get(username="staff")
    file = tmp_path / "roster.xlsx"
    with exporting.export(people, actor=clerk, reason="核对", shows=lambda _one: True) as exported:
        file.write_bytes(exported.read())
    output = StringIO()
    with override("en"):
        call_command("import_roster", str(file), community=dalong.code, dry_run=True, stdout=output)

    assert f"Residents: added 0, changed 0, moved 0, absent 0, unchanged {people.count()}" in output.getvalue()
    assert len(output.getvalue().splitlines()) == 4, "there is nothing to say of any row"
