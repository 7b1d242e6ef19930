from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from grid.incidents.models import Incident
from grid.places import services
from grid.places.models import Appointment, Place, Role
from grid.places.rules import can_appoint, can_reset_password, roles_to_give
from grid.places.territory import only, own_place, territory_of
from portal.accounts.models import User
from tests import factories
from tests.cast import SINCE


def seen_by(user) -> set[str]:
    return set(Place.objects.visible_to(user).values_list("name", flat=True))


def test_a_building_leader_sees_their_building_group(chen):
    assert seen_by(chen.user) == {"岐山中路楼栋小组"}


def test_a_grid_leader_sees_the_grid_and_its_building_groups(wu, places):
    assert seen_by(wu.user) == {"第一网格", "岐山中路楼栋小组", "龙基花园楼栋小组"}


def test_the_committee_sees_its_community_and_nothing_next_door(li, places):
    assert seen_by(li.user) == {
        "大龙社区", "第一网格", "第二网格", "岐山中路楼栋小组", "龙基花园楼栋小组", "富怡苑楼栋小组",
    }  # fmt: skip


def test_the_street_sees_everything_below_it_and_not_the_district(he, places):
    assert seen_by(he.user) == set(Place.objects.exclude(pk=places.district.pk).values_list("name", flat=True))


def test_an_officer_sees_no_places_but_their_department(lin, places):
    assert seen_by(lin.user) == set()
    assert territory_of(lin.user).departments == {lin.department.pk}


@pytest.mark.parametrize("user", [AnonymousUser(), "nobody"])
def test_an_empty_territory_sees_nothing(user, request, places, chen):
    user = request.getfixturevalue(user) if isinstance(user, str) else user
    factories.incident(place=places.qishan, reporter=chen.user)

    assert seen_by(user) == set()
    assert not Appointment.objects.visible_to(user).exists()
    assert not Incident.objects.visible_to(user).exists()


def test_somebody_who_was_locked_out_sees_nothing(chen):
    chen.user.is_active = False

    assert seen_by(chen.user) == set()
    assert not chen.user.has_perm("places.view")


def test_two_posts_add_up_and_do_not_mix(places, chen):
    services.appoint(chen.user, role=Role.STAFF, place=places.lingbian, actor=None, since=SINCE)

    assert seen_by(chen.user) == {"岐山中路楼栋小组", "凌边社区", "凌边第一网格", "凌边大街楼栋小组"}
    assert can_appoint(chen.user, Role.GRID_LEADER, places.lingbian_grid)
    assert not can_appoint(chen.user, Role.GRID_LEADER, places.grid)


def test_a_post_to_come_gives_nothing_yet(places, nobody):
    services.appoint(nobody, role=Role.STAFF, place=places.dalong, actor=None, since=date(2099, 1, 1))

    assert territory_of(nobody).posts == ()


def test_a_post_alone_gives_its_own_rights_only(places, chen):
    services.appoint(chen.user, role=Role.STAFF, place=places.lingbian, actor=None, since=SINCE)

    as_leader, as_staff = (only(chen.user, post) for post in territory_of(chen.user).posts)

    assert not as_leader.has_perm("places.appoint")
    assert as_staff.has_perm("places.appoint")
    assert chen.user.has_perm("places.appoint")


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("qishan", {"岐山"}),
        ("grid", {"岐山", "龙基", "一网格"}),
        ("second_grid", set()),
        ("dalong", {"岐山", "龙基", "一网格", "大龙"}),
        ("lingbian", {"凌边"}),
        ("street", {"岐山", "龙基", "一网格", "大龙", "凌边", "石碁"}),
        ("district", {"岐山", "龙基", "一网格", "大龙", "凌边", "石碁"}),
    ],
)
def test_within_a_place_are_its_records_and_those_of_all_below(where, names, places, chen):
    at = {"岐山": "qishan", "龙基": "longji", "一网格": "grid", "大龙": "dalong", "凌边": "lingbian", "石碁": "street"}
    for name, place in at.items():
        factories.incident(place=getattr(places, place), reporter=chen.user, description=name)

    found = Incident.objects.within(getattr(places, where)).values_list("description", flat=True)

    assert sorted(found) == sorted(names)


@pytest.mark.parametrize(
    ("who", "where", "roles"),
    [
        ("he", "street", [Role.STREET_ADMIN]),
        ("he", "dalong", [Role.SECRETARY, Role.STAFF, Role.SOCIAL_WORKER]),
        ("zhang", "dalong", [Role.STAFF, Role.SOCIAL_WORKER]),
        ("zhang", "grid", [Role.GRID_LEADER]),
        ("li", "dalong", []),
        ("li", "qishan", [Role.BUILDING_LEADER]),
        ("wu", "qishan", []),
        ("zhou", "qishan", []),
    ],
)
def test_who_may_give_which_posts(who, where, roles, places, request):
    assert roles_to_give(request.getfixturevalue(who).user, getattr(places, where)) == roles


def test_only_the_street_appoints_officers(he, zhang, urban):
    assert roles_to_give(he.user, urban) == [Role.DEPARTMENT_OFFICER]
    assert roles_to_give(zhang.user, urban) == []


def test_whose_password_may_be_reset(li, zhang, wu, chen, he, zhou, lin, nobody):
    may = {name: can_reset_password(li.user, one.user) for name, one in
           {"chen": chen, "wu": wu, "zhang": zhang, "he": he, "li": li, "zhou": zhou, "lin": lin}.items()}  # fmt: skip

    assert may == {
        "chen": True, "wu": True, "zhang": False, "he": False, "li": False, "zhou": False, "lin": False,
    }  # fmt: skip
    assert not can_reset_password(li.user, nobody)
    assert can_reset_password(he.user, lin.user)


def test_a_post_that_reaches_further_protects_a_password(li, chen, places):
    services.appoint(chen.user, role=Role.STAFF, place=places.lingbian, actor=None, since=date(2099, 1, 1))

    assert not can_reset_password(li.user, chen.user)


def test_ones_own_place_is_known_with_all_above_it_and_without_a_question(places, li, django_assert_num_queries):
    territory_of(li.user)

    with django_assert_num_queries(0):
        own = own_place(li.user, places.dalong.pk)
        assert [one.name for one in own.ancestors] == ["番禺区", "石碁镇"]
        assert own_place(li.user, places.grid.pk) is None
        assert own_place(li.user, places.lingbian.pk) is None


def test_a_territory_costs_one_query(places, he, li, chen, django_assert_num_queries):
    services.appoint(chen.user, role=Role.GRID_LEADER, place=places.second_grid, actor=None, since=SINCE)
    for person in (he, li, chen):
        with django_assert_num_queries(1):
            territory_of(User(pk=person.pk))
