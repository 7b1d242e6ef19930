"""The flat that a report is about: optional, within the place, its address only."""

from uuid import uuid4

import pytest

from grid.incidents import services
from grid.incidents.models import Incident
from portal.core.refusals import Refused
from tests.factories import category
from tests.roster.people import household, resident

from .conftest import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def flat(places):
    return household(places.qishan, building="3栋", room="502")


@pytest.mark.parametrize("typed", ["3-502", "3栋502", "３－５０２", "502", "三栋502室"])
def test_it_is_typed_as_people_say_it(typed, flat, chen, client_of, report_form):
    response = client_of(chen).post(url("report"), report_form(flat=typed))

    assert response.status_code == 302
    assert Incident.objects.get().household == flat


def test_houses_are_called_by_their_whole_address(places, chen, client_of, report_form):
    house = household(places.qishan, building="凌边大街12号", room="整栋")

    client_of(chen).post(url("report"), report_form(flat="凌边大街12号整栋"))

    assert Incident.objects.get().household == house


@pytest.mark.parametrize("typed", ["3-999", "不知道"])
def test_a_flat_that_is_not_there_is_said_beside_the_field(typed, flat, chen, client_of, report_form):
    response = client_of(chen).post(url("report"), report_form(flat=typed))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["flat"]


def test_two_of_the_same_number_ask_for_the_building(flat, places, chen, client_of, report_form):
    household(places.qishan, building="4栋", room="502")

    response = client_of(chen).post(url("report"), report_form(flat="502"))

    assert list(response.context["form"].errors) == ["flat"]


def test_a_flat_of_another_building_is_not_found(places, flat, wu, client_of, report_form):
    response = client_of(wu).post(url("report"), report_form(place=places.longji.pk, flat="3-502"))

    assert list(response.context["form"].errors) == ["flat"]


def test_the_service_refuses_a_household_outside_of_the_place(places, flat, wu):
    with pytest.raises(Refused) as refused:
        services.report(actor=wu.user, place=places.longji, category=category(), description="漏水", household=flat)

    assert [reason.field for reason in refused.value.reasons] == ["flat"]


@pytest.mark.parametrize("where", ["qishan", "grid", "dalong"])
def test_it_may_lie_anywhere_below_the_place(where, places, flat, li):
    made = services.report(
        actor=li.user, place=getattr(places, where), category=category(), description="漏水", household=flat
    )

    assert made.household == flat


def test_the_desk_types_it_too(places, flat, li, client_of):
    sent = {
        "idempotency_key": str(uuid4()),
        "source": "walk_in",
        "place": places.qishan.pk,
        "flat": "3-502",
        "category": category("drain").pk,
        "severity": "general",
        "description": "返水",
    }

    assert client_of(li).post(url("enter"), sent).status_code == 302
    assert Incident.objects.get().household == flat


def test_the_facade_shows_addresses_and_nobodys_name(places, flat, chen, client_of):
    resident(flat, name="陈家生", mobile="13800138000")

    page = client_of(chen).get(url("flats"), {"place": places.qishan.pk}).text

    assert flat.address in page
    assert "陈" not in page


@pytest.mark.parametrize("asked", ["", "x", "99999999", "１"])
def test_no_facade_without_a_place(asked, chen, client_of):
    assert client_of(chen).get(url("flats"), {"place": asked}).status_code == 404


def test_no_facade_of_a_foreign_place(places, flat, huang, client_of):
    assert client_of(huang).get(url("flats"), {"place": places.qishan.pk}).status_code == 404


def test_the_incident_leads_to_the_household_for_those_who_may_see_it(places, flat, chen, zhang, urban, lin, client_of):
    made = services.report(
        actor=chen.user, place=places.qishan, category=category(), description="漏水", household=flat
    )
    services.open_case(made, actor=zhang.user)
    services.dispatch(made, actor=zhang.user, department=urban)

    seen, by_department = (client_of(who).get(made.get_absolute_url()).text for who in (chen, lin))

    assert f'href="{flat.get_absolute_url()}"' in seen
    assert flat.address in by_department
    assert f'href="{flat.get_absolute_url()}"' not in by_department
