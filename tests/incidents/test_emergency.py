"""Emergencies: raised in one step, told to everybody up the chain, never twice."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.translation import gettext

from grid.incidents import services
from grid.incidents.models import Incident, Severity, Tier
from grid.incidents.tiles import emergencies, mine
from grid.incidents.workflow import State
from grid.places.duty_phone import normalised_telephone, set_duty_phone
from grid.places.models import Place
from portal.core import audit, outbox
from portal.core.refusals import Refused
from portal.reminders.models import Reminder
from tests.factories import category, incident

from .conftest import url

pytestmark = pytest.mark.django_db


def raised(person, place, **fields) -> Incident:
    return services.raise_emergency(actor=person.user, place=place, category=category("gas"), **fields)


def filled(places, **changes) -> dict:
    return {
        "idempotency_key": str(uuid4()),
        "category": category("gas").pk,
        "place": places.qishan.pk,
        "description": "三楼很大煤气味",
        **changes,
    }


def test_it_is_reported_and_opened_in_one_go(chen, places):
    made = raised(chen, places.qishan, description="三楼很大煤气味")

    assert (made.state, made.level, made.severity) == (State.OPENED, Tier.COMMUNITY, Severity.URGENT)
    assert (made.is_emergency, made.owner, made.opened_at) == (True, chen.user, made.reported_at)
    assert made.accept_due_at < made.due_at
    assert [entry.action for entry in audit.timeline(made)] == ["incident.reported", "incident.raised"]


def test_neither_words_nor_a_photo_hold_it_up(chen, places):
    assert raised(chen, places.qishan).description == category("gas").name


def test_whoever_raised_it_answers_for_it_until_somebody_takes_it(chen, li, wu, places):
    made = raised(chen, places.qishan)
    sent = services.dispatch(made, actor=li.user, holder=wu.user)

    assert sent.owner == chen.user
    assert services.take(sent, actor=wu.user).owner == wu.user


def test_everybody_up_the_chain_hears_of_it_once_and_nobody_else(chen, huang, wu, li, zhang, he, zhou, lin, places):
    raised(chen, places.qishan)
    for _time in range(2):
        outbox.drain()

    heard = Reminder.objects.filter(kind="incidents.raised")
    assert {one.user for one in heard} == {wu.user, li.user, zhang.user, he.user}
    assert heard.count() == 4


def test_the_desk_tells_the_building_leader_too(chen, li, places):
    raised(li, places.qishan, source="call", caller_mobile="13800138000")
    outbox.drain()

    assert Reminder.objects.filter(user=chen.user, kind="incidents.raised").exists()


def test_it_stands_before_everything_else_for_everybody_who_sees_it(chen, wu, li, he, huang, places):
    made = raised(chen, places.qishan)

    assert [len(list(emergencies(person.user))) for person in (chen, wu, li, he, huang)] == [1, 1, 1, 1, 0]
    services.dispatch(made, actor=li.user, holder=wu.user)
    assert list(mine(wu.user)) == []  # not twice
    to_do = next(iter(emergencies(wu.user)))
    assert (to_do.order, to_do.tone, gettext("Emergency") in to_do.tag) == (1, "red", True)


def test_it_wears_its_tag_in_the_list_and_on_its_page(chen, li, places, client_of):
    made = raised(chen, places.qishan)
    for page in (url("list"), url("detail", made)):
        assert gettext("Emergency") in client_of(li).get(page).content.decode()


# The page


def test_the_page_calls_and_preselects(chen, li, he, places, client_of):
    set_duty_phone(places.dalong, duty_phone="020-84851234", actor=li.user)
    set_duty_phone(places.street, duty_phone="84850000", actor=he.user)

    page = client_of(chen).get(url("emergency"))

    content = page.content.decode()
    for number in ("119", "120", "110", "020-84851234", "84850000"):
        assert f'href="tel:{number}"' in content
    assert page.context["form"]["place"].value() == places.qishan.pk


def test_it_offers_what_has_to_be_dealt_with_on_the_same_day(chen, client_of):
    offered = client_of(chen).get(url("emergency")).context["form"].fields["category"].queryset

    codes = set(offered.values_list("code", flat=True))
    assert codes >= {"gas", "lift_trapped", "missing", "other"}
    assert "illegal_building" not in codes


def test_a_double_tap_raises_one(chen, places, client_of):
    client, data = client_of(chen), filled(places)
    answers = [client.post(url("emergency"), data) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Incident.objects.count() == 1


def test_a_place_that_is_not_ones_own_is_refused(chen, places, client_of):
    assert client_of(chen).post(url("emergency"), filled(places, place=places.fuyi.pk)).status_code == 422
    assert not Incident.objects.exists()


def test_the_desk_ticks_it_for_a_caller(li, places, report_form, client_of):
    data = report_form(source="call", caller_mobile="13800138000", is_emergency="on", place=places.dalong.pk)
    client_of(li).post(url("enter"), data)

    made = Incident.objects.get()
    assert (made.is_emergency, made.severity, made.state) == (True, Severity.URGENT, State.OPENED)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_to_dos_cost_the_same_for_any_number(rows, chen, wu, places, django_assert_num_queries):
    for _row in range(rows):
        raised(chen, places.qishan)
    list(emergencies(wu.user))

    with django_assert_num_queries(1):
        list(emergencies(wu.user))


# The duty telephone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("020 8485 1234", "020-84851234"),
        ("(020)84851234", "020-84851234"),
        ("０７５４－８８８８１２３４", "0754-88881234"),
        ("+86 138 0013 8000", "13800138000"),
        ("84851234", "84851234"),
        ("12345", "12345"),
        ("400-888-1234", "4008881234"),
        ("  ", ""),
    ],
)
def test_a_number_is_kept_as_it_is_dialled(typed, kept):
    assert normalised_telephone(typed) == kept


@pytest.mark.parametrize("typed", ["123", "abc", "020-1234", "138001380001", "119"])
def test_what_is_no_number_is_refused(typed, places, li):
    with pytest.raises(Refused):
        set_duty_phone(places.dalong, duty_phone=typed, actor=li.user)


def test_a_building_has_no_duty_telephone(places, li):
    with pytest.raises(Refused):
        set_duty_phone(places.qishan, duty_phone="84851234", actor=li.user)


@pytest.mark.parametrize(
    ("person", "place", "answer"),
    [
        ("li", "dalong", 302),
        ("he", "dalong", 302),
        ("he", "street", 302),
        ("chen", "qishan", 403),
        ("li", "qishan", 403),
        ("zhou", "dalong", 404),
        ("li", "street", 404),
        ("wu", "dalong", 404),
    ],
)
def test_the_office_keeps_the_number_of_its_community(person, place, answer, request, places, client_of):
    where = getattr(places, place)
    client = client_of(request.getfixturevalue(person))

    response = client.post(reverse("places:duty_phone", args=[where.pk]), {"duty_phone": "020-84851234"})

    assert response.status_code == answer
    assert Place.objects.get(pk=where.pk).duty_phone == ("020-84851234" if answer == 302 else "")


def test_everybody_reads_it_on_the_page_of_the_place(places, li, wu, client_of):
    set_duty_phone(places.dalong, duty_phone="020-84851234", actor=li.user)

    assert 'href="tel:020-84851234"' in client_of(li).get(places.dalong.get_absolute_url()).content.decode()
    assert incident(place=places.qishan, reporter=wu.user).community.duty_phone == "020-84851234"
