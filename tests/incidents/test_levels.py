"""Up the levels, across to a colleague, on site, and out of the way."""

import pytest
from django.utils.translation import gettext

from grid.incidents import services
from grid.incidents.models import Incident, Tier
from grid.incidents.timeline import timeline_of
from grid.incidents.workflow import State
from grid.places import services as posts
from grid.places.models import Appointment, Role
from portal.core import outbox
from portal.core.refusals import Refused
from portal.reminders.models import Reminder
from tests.cast import SINCE, Person, make_user
from tests.factories import incident

from .conftest import url

pytestmark = pytest.mark.django_db

STREET = gettext("It is with the street: only the street dispatches and decides now.")


@pytest.fixture
def reported(chen, wu, li, he, places):
    """Reported by 陈 in their building; everybody above is there."""
    return incident(place=places.qishan, reporter=chen.user)


@pytest.fixture
def at_street(reported, chen, wu, li):
    for person in (chen, wu, li):
        made = services.escalate(reported, actor=person.user, note="处理不了")
        outbox.drain()
    return made


@pytest.fixture
def second_officer(lin, urban):
    user = make_user("qin", "秦川")
    posts.appoint(user, role=Role.DEPARTMENT_OFFICER, department=urban, actor=None, since=SINCE)
    return Person(user, lin.place, urban)


def told(person) -> list[str]:
    outbox.drain()
    return list(Reminder.objects.filter(user=person.user).order_by("id").values_list("kind", flat=True))


def offered(client_of, person, made) -> list[str]:
    return [form.slug for form in client_of(person).get(url("detail", made)).context["moves"]]


# Up


def test_it_goes_up_level_by_level_with_its_reason(reported, chen, wu, li, he):
    to_grid = services.escalate(reported, actor=chen.user, note="要找物业")
    assert (to_grid.level, to_grid.state, to_grid.holder) == (Tier.GRID, State.DISPATCHED, wu.user)
    assert (to_grid.opened_at, to_grid.rule_frozen_at) != (None, None)

    to_community = services.escalate(to_grid, actor=wu.user, note="物业不肯")
    assert (to_community.level, to_community.state, to_community.holder) == (Tier.COMMUNITY, State.OPENED, None)

    to_street = services.escalate(to_community, actor=li.user, note="需要执法")
    assert (to_street.level, to_street.state, to_street.at_street) == (Tier.STREET, State.OPENED, True)

    with pytest.raises(Refused):
        services.escalate(to_street, actor=he.user, note="再上")
    assert [event.to for event in timeline_of(reported)][-3:] == ["吴建国", "社区", "街道"]


def test_whoever_accepted_last_answers_until_the_next_accepts(reported, chen, wu, li, he, lin):
    owners = [reported.owner]
    for person in (chen, wu, li):
        owners.append(services.escalate(reported, actor=person.user, note="处理不了").owner)
    owners.append(services.dispatch(reported, actor=he.user, department=lin.department).owner)
    owners.append(services.take(reported, actor=lin.user).owner)

    assert owners == [chen.user] * 5 + [lin.user]


def test_a_grid_without_a_leader_is_skipped(reported, chen, wu):
    posts.dismiss(Appointment.objects.get(user=wu.user), actor=None, note="卸任")

    assert services.escalate(reported, actor=chen.user, note="处理不了").level == Tier.COMMUNITY


def test_a_grid_leader_passes_up_beyond_themselves(reported, wu):
    assert services.escalate(reported, actor=wu.user, note="处理不了").level == Tier.COMMUNITY


def test_passing_up_needs_words(reported, chen):
    with pytest.raises(Refused) as caught:
        services.escalate(reported, actor=chen.user, note=" ")
    assert {reason.field for reason in caught.value.reasons} == {"note"}


def test_nobody_passes_up_what_is_above_them(reported, chen, wu, li, client_of):
    services.escalate(reported, actor=wu.user, note="处理不了")

    for person in (chen, wu):
        with pytest.raises(Refused, match=str(Tier.COMMUNITY.label)):
            services.escalate(reported, actor=person.user, note="催一下")
        assert "escalate" not in offered(client_of, person, reported)
        assert client_of(person).post(url("escalate", reported), {"note": "催一下"}).status_code == 422
    assert "escalate" in offered(client_of, li, reported)


def test_the_office_does_not_pass_up_what_a_building_has(reported, li):
    with pytest.raises(Refused):
        services.escalate(reported, actor=li.user, note="x")


def test_whoever_holds_it_passes_it_up_from_any_level(chen, li, places):
    worker = make_user("mai", "麦社工")
    posts.appoint(worker, role=Role.SOCIAL_WORKER, place=places.dalong, actor=None, since=SINCE)
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=worker, stage="in_progress")

    assert services.escalate(made, actor=worker, note="需要民政").level == Tier.STREET


def test_each_step_tells_whoever_has_it_next(at_street, wu, li, he, chen):
    assert told(wu) == ["incidents.escalated"]
    assert told(li) == ["incidents.escalated"]
    assert told(he) == ["incidents.escalated"]
    assert told(chen) == ["incidents.report_escalated"] * 2  # not of what they did themselves


# At the street


def test_only_the_street_dispatches_calls_back_voids_and_decides_there(at_street, li, he, wu, lin, client_of):
    for step, more in (
        (services.dispatch, {"holder": wu.user}),
        (services.void, {"note": "x"}),
    ):
        with pytest.raises(Refused, match=STREET):
            step(at_street, actor=li.user, **more)
    services.dispatch(at_street, actor=he.user, department=lin.department)
    asked = services.ask_return(at_street, actor=lin.user, reason="不归我办")
    for step, subject, more in (
        (services.hand_back, at_street, {"note": "x"}),
        (services.decide, asked, {"granted": True}),
    ):
        with pytest.raises(Refused, match=STREET):
            step(subject, actor=li.user, **more)
    assert not {"dispatch", "return", "void", "escalate"} & set(offered(client_of, li, at_street))

    services.decide(asked, actor=he.user, granted=True)

    back = Incident.objects.get(pk=at_street.pk)
    assert (back.level, back.at_street, back.state) == (Tier.STREET, True, State.OPENED)


def test_the_community_sees_it_and_where_it_is(at_street, li, he, client_of):
    assert "街道" in client_of(li).get(url("detail", at_street)).content.decode()
    assert "dispatch" in offered(client_of, he, at_street)


def test_the_street_sends_it_down_again(at_street, li, he, wu):
    down = services.dispatch(at_street, actor=he.user, holder=wu.user)

    assert (down.level, down.at_street) == (Tier.GRID, False)
    assert services.hand_back(down, actor=li.user, note="另派").level == Tier.COMMUNITY


def test_what_lies_at_the_street_is_the_streets_to_do(at_street, li, he):
    from grid.incidents.tiles import in_my_territory

    def waiting(person):
        return {str(one.url): one.count for one in in_my_territory(person.user)}

    assert waiting(he) == {url("list") + "?state=opened&level=street": 1}
    assert waiting(li) == {}


# Across


def test_a_colleague_of_the_department_takes_it_or_objects(chen, li, lin, second_officer, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    services.dispatch(made, actor=li.user, department=lin.department)
    services.take(made, actor=lin.user)

    passed = services.transfer(made, actor=lin.user, holder=second_officer.user, note="我出差")

    assert (passed.state, passed.holder, passed.department) == (State.DISPATCHED, second_officer.user, lin.department)
    assert (passed.owner, passed.level) == (lin.user, Tier.DEPARTMENT)
    assert told(second_officer)[-1] == "incidents.transferred"
    assert services.take(made, actor=second_officer.user).owner == second_officer.user


def test_a_colleague_over_the_place_objects_and_it_comes_back_to_the_office(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")
    passed = services.transfer(made, actor=wu.user, holder=chen.user, note="就在你楼下")
    assert (passed.owner, passed.level, passed.taken_at) == (wu.user, Tier.BUILDING_GROUP, None)

    asked = services.ask_return(passed, actor=chen.user, reason="我处理不了")
    services.decide(asked, actor=li.user, granted=True)

    assert Incident.objects.get(pk=made.pk).owner == li.user


def test_it_is_passed_to_colleagues_only_and_with_words(chen, li, wu, huang, lin, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")

    for stranger in (huang, lin, wu):
        with pytest.raises(Refused) as caught:
            services.transfer(made, actor=wu.user, holder=stranger.user, note=" ")
        assert {reason.field for reason in caught.value.reasons} == {"holder", "note"}


def test_what_was_not_taken_on_is_not_passed_on(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched")
    with pytest.raises(Refused):
        services.transfer(made, actor=wu.user, holder=chen.user, note="x")


def test_the_page_offers_colleagues(chen, li, wu, places, client_of):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")

    form = client_of(wu).get(url("transfer", made)).context["form"]
    assert {value for value, _label in form.fields["holder"].choices} == {"", str(chen.pk), str(li.pk)}
    client_of(wu).post(url("transfer", made), {"holder": chen.pk, "note": "就在你楼下"})

    made.refresh_from_db()
    assert made.holder == chen.user


# On site


def test_the_arrival_is_kept_once_for_each_dispatch(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")

    arrived = services.arrive(made, actor=wu.user, note="门锁着")
    with pytest.raises(Refused):
        services.arrive(made, actor=wu.user)

    assert arrived.arrived_at is not None
    assert "incidents.arrived" in told(chen)
    services.transfer(made, actor=wu.user, holder=chen.user, note="有钥匙")
    assert Incident.objects.get(pk=made.pk).arrived_at is None


def test_nobody_arrives_before_they_took_it_on(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched")
    with pytest.raises(Refused):
        services.arrive(made, actor=wu.user)


# Out of the way


def test_voiding_says_why_and_ends_it(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched")
    with pytest.raises(Refused) as caught:
        services.void(made, actor=li.user, note="")
    assert {reason.field for reason in caught.value.reasons} == {"note"}

    assert services.void(made, actor=li.user, note="录入错误").state == State.VOID
    assert (told(wu)[-1], told(chen)[-1]) == ("incidents.voided", "incidents.report_voided")


def test_what_has_open_parts_or_merged_repeats_is_not_voided(chen, li, wu, places):
    whole = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    other = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    services.merge([other], into=whole, actor=li.user)
    with pytest.raises(Refused):
        services.void(whole, actor=li.user, note="x")

    parted = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    piece = services.Piece(what="清走纸箱", category=parted.category, holder=wu.user)
    services.part(parted, actor=li.user, pieces=[piece])
    with pytest.raises(Refused):
        services.void(parted, actor=li.user, note="x")


def test_a_closed_one_is_not_voided(chen, li, wu, places):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="closed")
    with pytest.raises(Refused):
        services.void(made, actor=li.user, note="x")
