from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from grid.places import services
from grid.places.models import Appointment, Department, Place, Role
from grid.places.people import people_near, suggested_username
from portal.accounts.models import User
from portal.core.clock import today
from tests.cast import SINCE, make_user


def appoint_url(place: Place, person: str = "known") -> str:
    return reverse("places:appoint", args=[place.pk], query={"person": person})


def officer_url(department: Department, person: str = "known") -> str:
    return reverse("places:appoint_officer", args=[department.pk], query={"person": person})


def dismiss_url(post: Appointment) -> str:
    return reverse("places:dismiss", args=[post.pk])


def post(role: Role, **fields: object) -> dict:
    return {"role": role, "since": str(today()), **fields}


# Somebody with an account


def test_somebody_with_an_account_is_appointed(li, huang, places, client_of, send):
    client = client_of(li)

    response = send(client, appoint_url(places.fuyi), **post(Role.BUILDING_LEADER, person=huang.pk))

    assert response.status_code == 302
    assert response.url == places.fuyi.get_absolute_url()
    assert Appointment.objects.get(place=places.fuyi).user == huang.user


def test_a_first_and_a_last_day_are_entered_as_people_say_them(li, huang, places, client_of, send):
    days = {"since": "2026-01-05", "last_day": "2026-01-09"}

    send(client_of(li), appoint_url(places.fuyi), role=Role.BUILDING_LEADER, person=huang.pk, **days)

    made = Appointment.objects.get(place=places.fuyi)
    assert (str(made.since), str(made.until), str(made.last_day)) == ("2026-01-05", "2026-01-10", "2026-01-09")


def test_a_double_tap_appoints_once(zhang, places, nobody, client_of, send):
    services.appoint(nobody, role=Role.BUILDING_LEADER, place=places.fuyi, actor=None, since=SINCE)
    client, data = client_of(zhang), {"idempotency_key": str(uuid4()), **post(Role.STAFF, person=nobody.pk)}

    answers = [client.post(appoint_url(places.dalong), data).status_code for _tap in range(2)]

    assert answers == [302, 302]
    assert Appointment.objects.filter(user=nobody, role=Role.STAFF).count() == 1


def test_a_taken_post_suggests_to_stand_in(li, chen, huang, places, client_of, send, post_of):
    client = client_of(li)
    form = client.get(appoint_url(places.qishan)).context["form"]
    assert form["stands_in_for"].value() == post_of(chen).pk

    data = post(Role.BUILDING_LEADER, person=huang.pk, stands_in_for=post_of(chen).pk)
    assert send(client, appoint_url(places.qishan), **data).status_code == 302

    assert Appointment.objects.get(stands_in_for=post_of(chen)).user == huang.user


def test_a_refusal_stands_beside_its_field(li, chen, huang, places, client_of, send):
    response = send(client_of(li), appoint_url(places.qishan), **post(Role.BUILDING_LEADER, person=huang.pk))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["role"]


def test_people_of_another_community_are_not_offered(li, zhou, places, client_of, send):
    response = send(client_of(li), appoint_url(places.fuyi), **post(Role.BUILDING_LEADER, person=zhou.pk))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["person"]


def test_offered_are_those_of_the_community_by_post_and_each_once(li, chen, wu, zhou, he, nobody, places):
    services.appoint(chen.user, role=Role.SOCIAL_WORKER, place=places.dalong, actor=None, since=SINCE)
    services.appoint(nobody, role=Role.GRID_LEADER, place=places.second_grid, actor=None, since=SINCE, until=today())

    offered = [(one.user.name, one.get_role_display()) for one in people_near(places.fuyi, he.user)]

    assert [name for name, _role in offered] == ["李敏", "陈丽芳", "吴建国", "陈丽芳", "无任职"]


def test_a_street_is_offered_those_who_work_in_offices(he, li, lin, chen, wu, places):
    assert {one.user.name for one in people_near(places.street, he.user)} == {"何志明", "李敏", "林浩"}


@pytest.mark.parametrize("field", ["place", "user", "department", "place_level", "actor"])
def test_extra_fields_change_nothing(field, li, huang, places, client_of, send):
    data = post(Role.BUILDING_LEADER, person=huang.pk, **{field: places.street.pk})

    send(client_of(li), appoint_url(places.fuyi), **data)

    made = Appointment.objects.get(user=huang.user, place=places.fuyi)
    assert (made.role, made.department) == (Role.BUILDING_LEADER, None)


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.STREET_ADMIN, Role.GRID_LEADER])
def test_a_role_one_may_not_give_is_no_choice(role, zhang, chen, places, client_of, send):
    response = send(client_of(zhang), appoint_url(places.dalong), **post(role, person=chen.pk))

    assert response.status_code == 422
    assert "role" in response.context["form"].errors
    assert Appointment.objects.filter(user=chen.user).count() == 1


@pytest.mark.parametrize(
    ("who", "where", "status"),
    [
        ("li", "qishan", 200),
        ("li", "dalong", 403),
        ("zhang", "dalong", 200),
        ("he", "street", 200),
        ("wu", "qishan", 403),
        ("chen", "qishan", 403),
        ("chen", "longji", 404),
        ("zhou", "qishan", 404),
        ("lin", "qishan", 404),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_appoint_where(who, where, status, method, request, places, client_of):
    client = client_of(request.getfixturevalue(who))

    answer = getattr(client, method)(appoint_url(getattr(places, where)), {"since": "2026-01-05"})

    assert answer.status_code == (422 if method == "post" and status == 200 else status)


# Somebody new


def test_somebody_new_gets_an_account_and_a_slip(li, places, client_of, send):
    data = post(Role.BUILDING_LEADER, name="梁志华", username="LiangZH", mobile="１３９ 0013 9000")

    response = send(client_of(li), appoint_url(places.fuyi, "new"), **data)

    made = Appointment.objects.get(place=places.fuyi)
    assert (made.user.name, made.user.username, made.user.mobile) == ("梁志华", "liangzh", "13900139000")
    assert response.url == reverse("places:slip", args=[made.pk])


def test_a_user_name_is_made_up_when_none_is_given(li, places, client_of, send):
    send(client_of(li), appoint_url(places.fuyi, "new"), **post(Role.BUILDING_LEADER, name="梁志华"))

    assert Appointment.objects.get(place=places.fuyi).user.username == "lz1-2-1"


def test_made_up_user_names_are_free_and_say_who_it_is(places, urban):
    make_user("lz1-1-2", "某人")

    assert suggested_username(Role.BUILDING_LEADER, places.qishan) == "lz1-1-1"
    assert suggested_username(Role.BUILDING_LEADER, places.longji) == "lz1-1-2-a"
    assert suggested_username(Role.SECRETARY, places.dalong) == "sj1"
    assert suggested_username(Role.STREET_ADMIN, places.street) == "jd106"
    for role, place in ((Role.SECRETARY, places.dalong), (Role.STREET_ADMIN, places.street)):
        User(username=suggested_username(role, place), name="x", password="x").full_clean()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, ["name"]),
        ({"username": "chen"}, ["username"]),
        ({"username": "1陈"}, ["username"]),
        ({"mobile": "12345"}, ["mobile"]),
        ({"since": "yesterday"}, ["since"]),
        ({"username": "chen", "last_day": "2020-01-01"}, ["username", "last_day"]),
    ],
)
def test_what_is_wrong_with_a_new_account(fields, wrong, li, chen, places, client_of, send):
    data = post(Role.BUILDING_LEADER, name="梁志华", username="liang") | fields

    response = send(client_of(li), appoint_url(places.fuyi, "new"), **data)

    assert response.status_code == 422
    assert set(response.context["form"].errors) == set(wrong)
    assert not User.objects.filter(name="梁志华").exists()


# Officers


def test_the_street_appoints_officers(he, urban, client_of, send):
    data = post(Role.DEPARTMENT_OFFICER, name="钱进", username="qianjin")

    response = send(client_of(he), officer_url(urban, "new"), **data)

    made = Appointment.objects.get(department=urban)
    assert (made.user.name, made.place) == ("钱进", None)
    assert response.url == reverse("places:slip", args=[made.pk])


def test_an_officer_is_dismissed_on_the_streets_page(he, lin, places, client_of, post_of):
    response = client_of(he).post(dismiss_url(post_of(lin)), {"note": "调走了"})

    assert response.url == places.street.get_absolute_url()
    assert post_of(lin).has_ended


def test_the_street_adds_departments(he, places, client_of, send):
    url = reverse("places:add_department", args=[places.street.pk])

    assert client_of(he).get(url).status_code == 200
    assert send(client_of(he), url, name="公共服务办").status_code == 302
    assert send(client_of(he), url, name="公共服务办").status_code == 422
    assert Department.objects.get().street == places.street


@pytest.mark.parametrize(("who", "status"), [("zhang", 404), ("li", 404), ("chen", 404), ("lin", 404)])
def test_nobody_else_does(who, status, request, places, client_of, send):
    url = reverse("places:add_department", args=[places.street.pk])

    assert send(client_of(request.getfixturevalue(who)), url, name="公共服务办").status_code == status
    assert not Department.objects.filter(name="公共服务办").exists()


def test_a_community_has_no_departments(he, places, client_of):
    assert client_of(he).get(reverse("places:add_department", args=[places.dalong.pk])).status_code == 403


# Dismissing


def test_a_dismissal_asks_why(li, chen, client_of, post_of):
    client = client_of(li)
    assert client.get(dismiss_url(post_of(chen))).status_code == 200
    assert client.post(dismiss_url(post_of(chen)), {"note": " "}).status_code == 422

    assert client.post(dismiss_url(post_of(chen)), {"note": "搬走了"}).status_code == 302

    assert post_of(chen).has_ended


def test_a_last_day_to_come_is_named(li, chen, client_of, post_of):
    last_day = today() + timedelta(days=7)

    client_of(li).post(dismiss_url(post_of(chen)), {"note": "搬走了", "last_day": str(last_day)})

    assert post_of(chen).last_day == last_day
    assert not post_of(chen).has_ended


def test_nobody_dismisses_themselves(he, client_of, post_of):
    assert client_of(he).post(dismiss_url(post_of(he)), {"note": "不干了"}).status_code == 422


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        ("li", "chen", 302),
        ("zhang", "li", 302),
        ("he", "zhang", 302),
        ("li", "zhang", 403),
        ("wu", "chen", 403),
        ("chen", "chen", 403),
        ("zhou", "chen", 404),
        ("chen", "huang", 404),
        ("lin", "chen", 404),
    ],
)
def test_who_may_dismiss_whom(who, whose, status, request, client_of, post_of):
    post_held = post_of(request.getfixturevalue(whose))

    response = client_of(request.getfixturevalue(who)).post(dismiss_url(post_held), {"note": "搬走了"})

    assert response.status_code == status
    assert post_of(request.getfixturevalue(whose)).has_ended is (status == 302)


# Opening places


def test_the_committee_adds_building_groups_a_line_each(li, places, client_of, send):
    client, url = client_of(li), reverse("places:open", args=[places.second_grid.pk])
    code = client.get(url).context["form"]["first_code"].value()

    response = send(client, url, names="加富花园一栋\n\n 加富花园二栋 ", first_code=code)

    assert response.status_code == 302
    assert list(places.second_grid.children.values_list("name", "code")) == [
        ("富怡苑楼栋小组", "440113106001002001"),
        ("加富花园一栋", "440113106001002002"),
        ("加富花园二栋", "440113106001002003"),
    ]


@pytest.mark.parametrize(
    ("who", "where", "status"),
    [
        ("he", "street", 200),
        ("he", "dalong", 200),
        ("zhang", "dalong", 200),
        ("li", "grid", 200),
        ("li", "qishan", 403),
        ("wu", "grid", 403),
        ("chen", "qishan", 403),
        ("zhou", "grid", 404),
        ("lin", "street", 404),
    ],
)
def test_who_may_add_places_where(who, where, status, request, places, client_of):
    url = reverse("places:open", args=[getattr(places, where).pk])

    assert client_of(request.getfixturevalue(who)).get(url).status_code == status
