from datetime import date, timedelta

import pytest

from grid.places import services
from grid.places.models import Appointment, Department, Level, Place, PlaceSpan, Role
from portal.accounts.models import User
from portal.core import audit
from portal.core.clock import start_of, today
from portal.core.refusals import Refused
from tests.cast import SINCE, make_user

TOMORROW = timedelta(days=1)


def reasons(error: pytest.ExceptionInfo) -> set[tuple[str, str]]:
    """Beside which field each reason stands, with its first words."""
    return {(reason.field, str(reason)[:24]) for reason in error.value.reasons}


@pytest.fixture(autouse=True)
def in_english(settings):
    from django.utils import translation

    with translation.override("en"):
        yield


# Places


def test_a_place_opens_with_its_first_span(places):
    opened = services.open_place(
        level=Level.GRID,
        code="440113106001003",
        name="第三网格",
        parent=places.dalong,
        actor=None,
        since=date(2022, 3, 1),
    )

    span = PlaceSpan.objects.get(place=opened)
    assert (span.parent, span.since, span.until) == (places.dalong, date(2022, 3, 1), None)
    entry = audit.timeline(opened).get()
    assert (entry.action, entry.happened_at) == ("place.opened", start_of(date(2022, 3, 1)))


def test_everything_wrong_with_a_new_place_is_said_at_once(places):
    with pytest.raises(Refused) as refused:
        services.open_place(
            level=Level.BUILDING_GROUP, code="440113106001001", name="第一网格", parent=places.dalong, actor=None
        )

    assert {field for field, _words in reasons(refused)} == {"parent", "code", "name"}
    assert len(refused.value.reasons) == 4


def test_several_places_open_with_codes_that_count_up(places, li):
    opened = services.open_places(
        places.grid, names=["三号楼", "四号楼"], first_code=services.next_code(places.grid), actor=li.user
    )

    assert [(one.name, one.code, one.level) for one in opened] == [
        ("三号楼", "440113106001001003", Level.BUILDING_GROUP),
        ("四号楼", "440113106001001004", Level.BUILDING_GROUP),
    ]


def test_the_first_place_below_gets_the_first_code(places):
    grid = services.open_place(
        level=Level.GRID, code="440113106002009", name="新网格", parent=places.lingbian, actor=None
    )

    assert services.next_code(grid) == "440113106002009001"


@pytest.mark.parametrize(
    ("names", "code", "field"),
    [
        ([], "440113106001001003", "names"),
        (["a"] * 201, "440113106001001003", "names"),
        (["三号楼", "三号楼"], "440113106001001003", "names"),
        (["岐山中路楼栋小组"], "440113106001001003", "names"),
        (["长" * 61], "440113106001001003", "names"),
        (["三号楼"], "440113106001001002", "first_code"),
        (["三号楼"], "440113106002001003", "first_code"),
        (["三号楼", "四号楼"], "440113106001001999", "first_code"),
        (["三号楼"], "x", "first_code"),
    ],
)
def test_all_of_them_or_none(names, code, field, places, li):
    with pytest.raises(Refused) as refused:
        services.open_places(places.grid, names=names, first_code=code, actor=li.user)

    assert {reason.field for reason in refused.value.reasons} == {field}
    assert places.grid.children.count() == 2


def test_a_department_is_added_once_and_to_a_street(places, he, urban):
    added = services.add_department(places.street, name="公共服务办", actor=he.user)

    assert audit.timeline(added).get().action == "department.added"
    for street, name in ((places.street, urban.name), (places.dalong, "城管办")):
        with pytest.raises(Refused):
            services.add_department(street, name=name, actor=he.user)
    assert Department.objects.count() == 2


# Appointing


def test_an_appointment_counts_from_today_and_is_on_record(places, li, nobody):
    made = services.appoint(nobody, role=Role.BUILDING_LEADER, place=places.fuyi, actor=li.user)

    assert (made.since, made.until, made.stands_in_for) == (today(), None, None)
    assert [(entry.action, entry.actor) for entry in audit.timeline(made)] == [("appointment.made", li.user)]


def test_a_post_that_does_not_fit_is_refused_with_all_reasons(places, li, chen, nobody):
    with pytest.raises(Refused) as refused:
        services.appoint(nobody, role=Role.SECRETARY, place=places.qishan, actor=li.user, since=today(), until=today())

    assert reasons(refused) == {
        ("role", "You may not give the pos"),
        ("role", "“Community secretary” is"),
        ("last_day", "The last day cannot come"),
    }


@pytest.mark.parametrize("who", ["chen", "wu", "zhou", "lin"])
def test_nobody_appoints_beyond_their_posts(who, places, nobody, request):
    with pytest.raises(Refused):
        services.appoint(nobody, role=Role.BUILDING_LEADER, place=places.fuyi, actor=request.getfixturevalue(who).user)


def test_the_committee_does_not_make_a_secretary(places, li, nobody):
    with pytest.raises(Refused):
        services.appoint(nobody, role=Role.SECRETARY, place=places.dalong, actor=li.user)


def test_a_head_is_dismissed_before_the_next(places, li, chen, nobody):
    with pytest.raises(Refused, match="陈丽芳 holds this post"):
        services.appoint(nobody, role=Role.BUILDING_LEADER, place=places.qishan, actor=li.user)


def test_a_successor_is_named_while_the_head_still_serves(places, li, chen, nobody, post_of):
    last_day = today() + timedelta(days=30)
    services.dismiss(post_of(chen), actor=li.user, last_day=last_day)

    made = services.appoint(
        nobody, role=Role.BUILDING_LEADER, place=places.qishan, actor=li.user, since=last_day + TOMORROW
    )

    assert made.is_to_come
    assert Appointment.objects.current().get(place=places.qishan).user == chen.user


def test_somebody_may_lead_until_the_next_head_begins(places, li, nobody):
    begins = today() + timedelta(days=30)
    services.appoint(
        make_user("next", "后任"), role=Role.BUILDING_LEADER, place=places.fuyi, actor=li.user, since=begins
    )

    made = services.appoint(nobody, role=Role.BUILDING_LEADER, place=places.fuyi, actor=li.user, until=begins)

    assert made.last_day == begins - TOMORROW


def test_staff_may_be_several(places, zhang, li, nobody):
    services.appoint(nobody, role=Role.STAFF, place=places.dalong, actor=zhang.user)

    assert Appointment.objects.current().filter(place=places.dalong, role=Role.STAFF).count() == 2


# Standing in


def test_a_stand_in_has_the_rights_of_the_post(places, li, chen, nobody, post_of):
    services.appoint(nobody, role=Role.BUILDING_LEADER, place=places.qishan, actor=li.user, stands_in_for=post_of(chen))

    assert nobody.has_perm("incidents.report", places.qishan)
    assert not nobody.has_perm("incidents.report", places.longji)


def test_a_stand_ins_time_ends_with_the_holders(places, li, chen, nobody, post_of):
    ends = today() + timedelta(days=10)
    services.dismiss(post_of(chen), actor=li.user, last_day=ends - TOMORROW)

    made = services.appoint(
        nobody, role=Role.BUILDING_LEADER, place=places.qishan, actor=li.user, stands_in_for=post_of(chen)
    )

    assert made.until == ends


def test_a_dismissal_takes_the_stand_ins_along(places, li, chen, nobody, post_of):
    stand_in = services.appoint(
        nobody, role=Role.BUILDING_LEADER, place=places.qishan, actor=li.user, stands_in_for=post_of(chen)
    )

    services.dismiss(post_of(chen), actor=li.user, note="搬走了")

    stand_in.refresh_from_db()
    assert stand_in.has_ended
    assert audit.timeline(stand_in).last().note == "搬走了"


@pytest.mark.parametrize("whose", ["another post", "a stand-in", "an ended post", "their own", "a later post"])
def test_whom_one_cannot_stand_in_for(whose, places, li, chen, huang, nobody, post_of):
    post, person = post_of(chen), nobody
    match whose:
        case "another post":
            post = post_of(huang)
        case "a stand-in":
            post = services.appoint(
                make_user("first", "代管"), role=Role.BUILDING_LEADER, place=places.qishan, actor=li.user,
                stands_in_for=post,
            )  # fmt: skip
        case "an ended post":
            services.dismiss(post, actor=li.user)
        case "their own":
            person = chen.user
        case "a later post":
            Appointment.objects.filter(pk=post.pk).update(since=today() + TOMORROW)

    with pytest.raises(Refused) as refused:
        services.appoint(person, role=Role.BUILDING_LEADER, place=places.qishan, actor=li.user, stands_in_for=post)

    assert [reason.field for reason in refused.value.reasons] == ["stands_in_for"]


# Dismissing


def test_a_dismissal_without_a_day_takes_todays_rights(places, li, chen, post_of):
    ended = services.dismiss(post_of(chen), actor=li.user, note="搬走了")

    assert ended.until == today()
    assert ended.last_day == today() - TOMORROW
    assert not User.objects.get(pk=chen.pk).has_perm("incidents.report")


def test_a_post_that_began_today_ends_today(places, li, nobody):
    made = services.appoint(nobody, role=Role.BUILDING_LEADER, place=places.fuyi, actor=li.user)

    services.dismiss(made, actor=li.user)

    assert not Appointment.objects.current().filter(user=nobody).exists()
    services.appoint(nobody, role=Role.BUILDING_LEADER, place=places.fuyi, actor=li.user)


def test_a_post_to_come_is_called_off(places, li, nobody):
    made = services.appoint(
        nobody, role=Role.BUILDING_LEADER, place=places.fuyi, actor=li.user, since=today() + timedelta(days=5)
    )

    services.dismiss(made, actor=li.user)

    assert list(Appointment.objects.ended()) == [made]
    assert not Appointment.objects.standing().filter(user=nobody).exists()


def test_nobody_dismisses_themselves(li, post_of):
    with pytest.raises(Refused, match="Somebody else must dismiss you"):
        services.dismiss(post_of(li), actor=li.user)


@pytest.mark.parametrize("last_day", [SINCE - timedelta(days=2), today() + timedelta(days=20)])
def test_an_end_lies_within_the_post(last_day, li, chen, post_of):
    services.dismiss(post_of(chen), actor=li.user, last_day=today() + timedelta(days=10))

    with pytest.raises(Refused) as refused:
        services.dismiss(post_of(chen), actor=li.user, last_day=last_day)

    assert [reason.field for reason in refused.value.reasons] == ["last_day"]


def test_what_has_ended_does_not_end_again(li, chen, post_of):
    services.dismiss(post_of(chen), actor=li.user)

    with pytest.raises(Refused, match="ended already"):
        services.dismiss(post_of(chen), actor=li.user)


# Accounts


def test_somebody_new_gets_an_account_a_post_and_a_first_password(places, li):
    made, first = services.take_on(
        username="lz1",
        name="梁志华",
        mobile="139 0013 9000",
        role=Role.BUILDING_LEADER,
        place=places.fuyi,
        actor=li.user,
    )

    user = User.objects.by_sign_in("13900139000")
    assert made.user == user
    assert user.check_password(first)
    assert user.must_change_password
    assert audit.timeline(user).get().action == "account.made"


def test_an_account_and_its_post_are_refused_together(places, li, chen):
    User.objects.filter(pk=chen.pk).update(mobile_index=None)
    huge = make_user("taken", "某人", mobile="13900139000")

    with pytest.raises(Refused) as refused:
        services.take_on(
            username="Taken", name="梁志华", mobile=huge.mobile, role=Role.BUILDING_LEADER, place=places.qishan,
            actor=li.user,
        )  # fmt: skip

    assert {reason.field for reason in refused.value.reasons} == {"username", "mobile", "role"}
    assert User.objects.filter(name="梁志华").count() == 0


def test_a_reset_makes_a_first_password_and_is_on_record(li, chen):
    first = services.reset_password(chen.user, actor=li.user)

    user = User.objects.get(pk=chen.pk)
    assert user.check_password(first)
    assert user.must_change_password
    entry = audit.timeline(user).last()
    assert (entry.action, entry.actor) == ("account.password_reset", li.user)
    assert first not in str((entry.note, entry.data))


@pytest.mark.parametrize(
    ("whose", "words"),
    [("li", "Change your own"), ("nobody", "hold no post"), ("zhang", "reach further"), ("zhou", "reach further")],
)
def test_whose_password_is_not_reset(whose, words, li, request):
    person = request.getfixturevalue(whose)

    with pytest.raises(Refused, match=words):
        services.reset_password(getattr(person, "user", person), actor=li.user)


def test_the_demonstration_may_appoint_anybody(places, nobody):
    services.appoint(nobody, role=Role.STREET_ADMIN, place=places.street, actor=None)

    assert Place.objects.visible_to(nobody).filter(pk=places.street.pk).exists()
