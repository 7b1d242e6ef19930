"""Places are renamed, moved, merged, split and closed; what happened there before stays where it was."""

from datetime import date, timedelta

import pytest

from grid.incidents.models import Incident
from grid.places import boundaries, plans, services
from grid.places.models import Appointment, Level, Place, PlaceSpan, Role
from grid.places.redrawing import choices_of
from grid.places.territory import territory_of
from grid.roster.models import Household, Resident
from portal.accounts.models import User
from portal.core.clock import today
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from portal.figures.ancestry import places_on
from tests import factories
from tests.cast import SINCE, make_user
from tests.roster.people import household, resident

YESTERDAY = timedelta(days=1)


def groups_of(place: Place, day: date) -> set[int]:
    """The building groups that stood within a place on a day."""
    found = places_on(day, within=place, level=Level.BUILDING_GROUP)
    return set(found.values_list("place", flat=True))


def fresh(place: Place) -> Place:
    return Place.objects.get(pk=place.pk)


def on_record(place: Place, action: str) -> dict:
    return AuditEntry.objects.get(subject_id=place.pk, action=action).data


def names(entry: dict) -> dict:
    return {side: fact["name"] if isinstance(fact, dict) and fact else fact for side, fact in entry.items()}


@pytest.fixture
def homes(places) -> list[Household]:
    """Two buildings of 岐山中路楼栋小组 with somebody in each flat."""
    found = [
        household(places.qishan, "1栋", "101"),
        household(places.qishan, "1栋", "102"),
        household(places.qishan, "2栋", "201"),
    ]
    for home in found:
        resident(home)
    return found


# Name and code


def test_a_name_is_put_right_and_both_are_on_record(li, places):
    boundaries.rename(places.qishan, name="岐山中路1栋楼栋小组", code=places.qishan.code, actor=li.user)

    assert fresh(places.qishan).name == "岐山中路1栋楼栋小组"
    assert on_record(places.qishan, "place.renamed") == {"old": "岐山中路楼栋小组", "new": "岐山中路1栋楼栋小组"}


def test_the_codes_below_follow_a_grids(li, places):
    boundaries.rename(places.grid, name=places.grid.name, code="440113106001009", actor=li.user)

    assert [fresh(one).code for one in (places.grid, places.qishan, places.longji, places.fuyi)] == [
        "440113106001009",
        "440113106001009001",
        "440113106001009002",
        places.fuyi.code,
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("龙基花园楼栋小组", "440113106001001001"),
        ("岐山中路楼栋小组", "440113106001001002"),
        ("岐山中路楼栋小组", "44011310600100"),
        ("岐山中路楼栋小组", "440113106001001001"),
    ],
)
def test_what_is_taken_too_short_or_the_same_is_refused(name, code, li, places):
    with pytest.raises(Refused):
        boundaries.rename(places.qishan, name=name, code=code, actor=li.user)


# Moving


def test_a_group_moves_with_its_posts_and_its_past_stays(li, wu, chen, homes, places):
    boundaries.move(places.qishan, to=places.second_grid, code="440113106001002002", actor=li.user)

    assert (fresh(places.qishan).parent, fresh(places.qishan).code) == (places.second_grid, "440113106001002002")
    assert Appointment.objects.current().get(place=places.qishan).user == chen.user
    assert names(on_record(places.qishan, "place.moved")) == {"old": "第一网格", "new": "第二网格"}
    assert groups_of(places.grid, today() - YESTERDAY) == {places.qishan.pk, places.longji.pk}
    assert groups_of(places.second_grid, today()) == {places.qishan.pk, places.fuyi.pk}
    assert not territory_of(User.objects.get(pk=wu.pk)).covers(fresh(places.qishan))


def test_moving_twice_on_a_day_leaves_one_span_for_that_day(li, places):
    boundaries.move(places.qishan, to=places.second_grid, actor=li.user)
    boundaries.move(places.qishan, to=places.grid, actor=li.user)

    spans = PlaceSpan.objects.filter(place=places.qishan).values_list("parent", "since", "until")
    assert list(spans) == [(places.grid.pk, SINCE, today()), (places.grid.pk, today(), None)]


def test_where_a_group_cannot_move(li, places):
    services.open_place(
        level=Level.BUILDING_GROUP,
        code="440113106001002009",
        name="龙基花园楼栋小组",
        parent=places.second_grid,
        actor=None,
    )
    for place, to in (
        (places.qishan, places.grid),
        (places.qishan, places.lingbian_grid),
        (places.grid, places.second_grid),
        (places.longji, places.second_grid),
    ):
        with pytest.raises(Refused):
            boundaries.move(place, to=to, actor=li.user)


# Merging


def test_merged_groups_have_one_place_and_one_leader(li, chen, huang, homes, places):
    boundaries.merge(places.qishan, into=places.longji, actor=li.user)

    merged = fresh(places.qishan)
    assert (merged.closed_on, merged.merged_into) == (today(), places.longji)
    assert set(Household.objects.values_list("place", flat=True)) == {places.longji.pk}
    assert set(Resident.objects.values_list("place", flat=True)) == {places.longji.pk}
    assert not Appointment.objects.current().filter(place=places.qishan).exists()
    assert Appointment.objects.current().get(place=places.longji).user == huang.user
    assert names(on_record(places.qishan, "place.merged")) == {"old": "岐山中路楼栋小组", "new": "龙基花园楼栋小组"}


def test_incidents_keep_their_place_and_the_leader_of_the_other_sees_them(li, zhang, chen, huang, places):
    made = factories.incident(place=places.qishan, reporter=chen.user, office=zhang.user, stage="opened")
    boundaries.merge(places.qishan, into=places.longji, actor=li.user)

    reader = User.objects.get(pk=huang.pk)
    assert Incident.objects.get(pk=made.pk).place_id == places.qishan.pk
    assert Incident.objects.visible_to(reader).get() == made
    assert Incident.objects.within(places.longji).get() == made
    assert not Incident.objects.visible_to(User.objects.get(pk=chen.pk)).exists()


@pytest.mark.parametrize("hands_over", [True, False])
def test_duties_pass_to_the_head_of_the_other_when_ticked(hands_over, li, zhang, chen, huang, places):
    made = factories.incident(
        place=places.qishan, reporter=zhang.user, office=li.user, handler=chen.user, stage="in_progress"
    )

    boundaries.merge(places.qishan, into=places.longji, hand_over=hands_over, actor=li.user)

    assert Incident.objects.get(pk=made.pk).holder == (huang.user if hands_over else chen.user)


def test_stand_ins_and_promised_posts_end_too(li, chen, nobody, places, post_of):
    services.appoint(nobody, role=Role.BUILDING_LEADER, place=places.qishan, stands_in_for=post_of(chen), actor=None)
    services.dismiss(post_of(chen), actor=None, last_day=today() + timedelta(days=5))
    services.appoint(
        make_user("next", "后任"),
        role=Role.BUILDING_LEADER,
        place=places.qishan,
        since=today() + timedelta(9),
        actor=None,
    )

    boundaries.merge(places.qishan, into=places.longji, actor=li.user)

    assert not Appointment.objects.standing().filter(place=places.qishan).exists()


def test_the_same_address_twice_is_refused_whole(li, chen, homes, places):
    household(places.longji, "2栋", "201")

    with pytest.raises(Refused):
        boundaries.merge(places.qishan, into=places.longji, actor=li.user)

    assert not fresh(places.qishan).is_closed
    assert Appointment.objects.current().filter(place=places.qishan).exists()


def test_merged_grids_bring_their_groups_along(li, wu, chen, places):
    made = factories.incident(place=places.grid, reporter=wu.user)
    leader = services.appoint(
        make_user("second", "二网格长"), role=Role.GRID_LEADER, place=places.second_grid, actor=None
    )

    boundaries.merge(places.grid, into=places.second_grid, actor=li.user)

    assert {fresh(one).parent_id for one in (places.qishan, places.longji)} == {places.second_grid.pk}
    assert groups_of(places.grid, today() - YESTERDAY) == {places.qishan.pk, places.longji.pk}
    assert groups_of(places.grid, today()) == set()
    assert Incident.objects.visible_to(leader.user).get() == made
    assert Appointment.objects.current().get(place=places.qishan).user == chen.user


def test_groups_of_one_name_are_refused_in_one_grid(li, places):
    services.open_place(
        level=Level.BUILDING_GROUP,
        code="440113106001002009",
        name="龙基花园楼栋小组",
        parent=places.second_grid,
        actor=None,
    )

    with pytest.raises(Refused, match="龙基花园楼栋小组"):
        boundaries.merge(places.grid, into=places.second_grid, actor=li.user)


def test_what_was_merged_before_goes_on_to_where_it_is_now(li, huang, places):
    third = services.open_place(
        level=Level.BUILDING_GROUP, code="440113106001001003", name="加富花园楼栋小组", parent=places.grid, actor=None
    )
    boundaries.merge(places.qishan, into=third, actor=li.user)
    boundaries.merge(third, into=places.longji, actor=li.user)

    assert fresh(places.qishan).merged_into == places.longji
    assert territory_of(User.objects.get(pk=huang.pk)).covers(fresh(places.qishan))


@pytest.mark.parametrize("pair", [("qishan", "qishan"), ("qishan", "second_grid"), ("qishan", "lingbian_group")])
def test_what_cannot_be_merged(pair, li, places):
    with pytest.raises(Refused):
        boundaries.merge(getattr(places, pair[0]), into=getattr(places, pair[1]), actor=li.user)


# Splitting


def test_a_building_goes_to_a_new_group_and_the_rest_stays(li, chen, homes, places):
    building = next(choice.key for choice in choices_of(places.qishan) if choice.label == "1栋")

    made = boundaries.split(
        places.qishan, name="岐山中路1栋小组", code="440113106001001009", chosen=frozenset({building}), actor=li.user
    )

    where = dict(Household.objects.values_list("pk", "place"))
    assert where == {homes[0].pk: made.pk, homes[1].pk: made.pk, homes[2].pk: places.qishan.pk}
    assert (made.parent_id, made.level) == (places.grid.pk, Level.BUILDING_GROUP)
    assert on_record(places.qishan, "place.split")["new"]["place"] == made.pk


def test_a_single_household_may_go(li, homes, places):
    made = boundaries.split(
        places.qishan,
        name="新小组",
        code="440113106001001009",
        chosen=frozenset({f"roster:h:{homes[0].pk}"}),
        actor=li.user,
    )

    assert Household.objects.get(place=made) == homes[0]


def test_nothing_everything_and_what_is_not_there_are_refused(li, homes, places):
    everything = frozenset(choice.key for choice in choices_of(places.qishan))
    for chosen in (frozenset(), everything, frozenset({"roster:h:999999999"})):
        with pytest.raises(Refused):
            boundaries.split(places.qishan, name="新小组", code="440113106001001009", chosen=chosen, actor=li.user)
    assert not Place.objects.filter(name="新小组").exists()


def test_groups_go_to_a_new_grid(li, places):
    made = boundaries.split_grid(
        places.grid, name="第三网格", code="440113106001003", groups=[places.longji], actor=li.user
    )

    assert (fresh(places.longji).parent, fresh(places.qishan).parent) == (made, places.grid)
    assert places.longji.pk in groups_of(places.grid, today() - YESTERDAY)


def test_a_grid_keeps_a_group_and_takes_none_of_anothers(li, places):
    for groups in ([], [places.qishan, places.longji], [places.fuyi]):
        with pytest.raises(Refused):
            boundaries.split_grid(places.grid, name="第三网格", code="440113106001003", groups=groups, actor=li.user)


# Closing


def test_an_empty_group_is_closed_and_its_posts_end(li, chen, places):
    boundaries.close(places.qishan, actor=li.user, note="拆迁")

    assert fresh(places.qishan).closed_on == today()
    assert not Appointment.objects.current().filter(place=places.qishan).exists()
    assert AuditEntry.objects.get(action="place.closed").note == "拆迁"


def test_what_is_not_empty_stays_open(li, chen, homes, places):
    factories.incident(place=places.longji, reporter=chen.user)
    for place in (places.qishan, places.longji, places.grid, places.dalong):
        with pytest.raises(Refused):
            boundaries.close(place, actor=li.user)


def test_ended_incidents_do_not_keep_a_group_open(li, chen, zhang, places):
    factories.incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=li.user, stage="closed")

    assert boundaries.close(places.qishan, actor=li.user).is_closed


def test_a_place_opened_and_closed_on_one_day_never_stood(li, places):
    made = services.open_place(
        level=Level.BUILDING_GROUP, code="440113106001001009", name="误设小组", parent=places.grid, actor=None
    )
    boundaries.close(made, actor=li.user)

    assert not PlaceSpan.objects.filter(place=made).exists()


def test_the_name_of_a_closed_place_is_free_again_and_its_code_is_not(li, places):
    boundaries.close(places.qishan, actor=li.user)

    again = {"level": Level.BUILDING_GROUP, "name": "岐山中路楼栋小组", "parent": places.grid, "actor": None}
    with pytest.raises(Refused):
        services.open_place(code=places.qishan.code, **again)
    assert services.open_place(code="440113106001001009", **again)


# Agreeing


def test_what_has_changed_since_the_preview_is_shown_again(li, homes, places):
    seen = plans.of_merge(places.qishan, into=places.longji).seen
    household(places.qishan, "9栋", "901")

    with pytest.raises(Refused):
        boundaries.merge(places.qishan, into=places.longji, actor=li.user, seen=seen)

    seen = plans.of_merge(places.qishan, into=places.longji).seen
    assert boundaries.merge(places.qishan, into=places.longji, actor=li.user, seen=seen) == places.longji


def test_a_plan_tells_what_goes_along_and_what_stays(li, chen, zhang, homes, places):
    factories.incident(place=places.qishan, reporter=chen.user)
    plan = plans.of_merge(places.qishan, into=places.longji)

    assert [line.number for line in plan.coming] == [3, 3]
    assert [line.number for line in plan.staying] == [1]
    assert [post.user for post in plan.ending] == [chen.user]


@pytest.mark.parametrize("number", [1, 3])
def test_a_plan_costs_the_same_for_any_number(number, li, chen, places, django_assert_num_queries):
    for n in range(number):
        resident(household(places.qishan, "1栋", f"{n}01"))
        factories.incident(place=places.qishan, reporter=chen.user)
    plans.of_merge(places.qishan, into=places.longji)

    with django_assert_num_queries(13):
        plans.of_merge(places.qishan, into=places.longji)


# Where places stood


def test_the_past_is_known_day_by_day(li, places):
    boundaries.move(places.qishan, to=places.second_grid, actor=li.user)
    boundaries.close(places.longji, actor=li.user)

    assert groups_of(places.grid, today() - YESTERDAY) == {places.qishan.pk, places.longji.pk}
    assert groups_of(places.grid, today()) == set()
    assert groups_of(places.dalong, today()) == {places.qishan.pk, places.fuyi.pk}
    assert groups_of(places.dalong, date(2020, 12, 31)) == set()
