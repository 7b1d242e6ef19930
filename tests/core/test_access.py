"""The one door: who is let in, who is told that there is nothing, and what happens when a view forgot to ask."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from django.views.decorators.http import require_POST
from structlog.testing import capture_logs

from grid.incidents.models import Incident
from grid.places.models import Appointment, Place
from grid.places.services import dismiss
from grid.places.territory import own_place
from portal.core.access import admit, fetch, needs, public, signed_in
from portal.urls import urlpatterns as addresses
from tests.factories import incident

SECRET = "只有内部人员才能看到"


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse(SECRET)


@needs("incidents.view")
def forgetful(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(SECRET)


@needs("incidents.close")
def careful(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(fetch(request, Incident.objects, pk=pk).description)


@needs("dashboard.board")
def known(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(admit(request, own_place(request.user, pk) or Place()).name)


@needs("incidents.close")
@require_POST
def posted(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(fetch(request, Incident.objects, pk=pk).description)


@needs("incidents.enter")
def desk(request: HttpRequest) -> HttpResponse:
    return HttpResponse("登记台")


@signed_in
def own(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(fetch(request, Place.objects, pk=pk).name)


@public
def notice(request: HttpRequest) -> HttpResponse:
    return HttpResponse("公示")


urlpatterns = [
    *addresses,
    path("t/undeclared/", undeclared),
    path("t/<int:pk>/forgetful/", forgetful),
    path("t/<int:pk>/careful/", careful),
    path("t/<int:pk>/known/", known),
    path("t/<int:pk>/posted/", posted),
    path("t/desk/", desk),
    path("t/<int:pk>/own/", own),
    path("t/notice/", notice),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def clutter(wu, places) -> Incident:
    """Boxes in 陈's stairwell, reported by the grid leader."""
    return incident(place=places.qishan, reporter=wu.user, description="三楼堆满纸箱")


def test_ones_own_place_passes_without_being_fetched_and_only_with_the_permission(li, chen, zhou, places, client_of):
    url = f"/t/{places.dalong.pk}/known/"

    assert client_of(li).get(url).content.decode() == places.dalong.name
    assert client_of(zhou).get(url).status_code == 403
    assert client_of(chen).get(f"/t/{places.qishan.pk}/known/").status_code == 403


def test_a_view_that_declares_nothing_shows_nothing_even_to_the_street(he, client_of):
    response = client_of(he).get("/t/undeclared/")

    assert response.status_code == 403
    assert SECRET not in response.text


def test_a_view_that_declares_nothing_shows_nothing_to_visitors():
    response = Client().get("/t/undeclared/")

    assert response.status_code == 403
    assert SECRET not in response.text


def test_a_forgotten_declaration_is_in_the_log(he, client_of):
    with capture_logs() as logs:
        client_of(he).get("/t/undeclared/")

    assert [(line["event"], line["path"]) for line in logs if line["log_level"] == "error"] == [
        ("access.undeclared", "/t/undeclared/")
    ]


def test_a_view_of_one_object_that_forgets_to_fetch_it_shows_nothing_to_anybody(he, client_of, clutter):
    response = client_of(he).get(f"/t/{clutter.pk}/forgetful/")

    assert response.status_code == 403
    assert SECRET not in response.text


def test_a_forgotten_fetch_is_in_the_log(he, client_of, clutter):
    with capture_logs() as logs:
        client_of(he).get(f"/t/{clutter.pk}/forgetful/")

    assert [(line["event"], line["path"]) for line in logs if line["log_level"] == "error"] == [
        ("access.scope_forgotten", f"/t/{clutter.pk}/forgetful/")
    ]


def test_a_wrong_method_is_no_forgotten_fetch(li, client_of, clutter):
    with capture_logs() as logs:
        response = client_of(li).get(f"/t/{clutter.pk}/posted/")

    assert response.status_code == 405
    assert [line for line in logs if line["event"].startswith("access.")] == []


def test_whoever_looks_after_the_place_and_may_gets_in(li, client_of, clutter):
    response = client_of(li).get(f"/t/{clutter.pk}/careful/")

    assert (response.status_code, response.text) == (200, "三楼堆满纸箱")


def test_whoever_sees_the_record_but_may_not_is_told_so(chen, client_of, clutter):
    with capture_logs() as logs:
        response = client_of(chen).get(f"/t/{clutter.pk}/careful/")

    assert response.status_code == 403
    assert [(line["event"], line["permission"], line["user_id"]) for line in logs if "permission" in line] == [
        ("access.unpermitted", "incidents.close", chen.pk)
    ]


def test_the_next_community_is_told_that_there_is_nothing_and_the_log_tells_of_it(zhou, client_of, clutter):
    with capture_logs() as logs:
        response = client_of(zhou).get(f"/t/{clutter.pk}/careful/")

    assert response.status_code == 404
    assert [(line["model"], line["user_id"]) for line in logs if line["event"] == "access.unseen"] == [
        ("incidents.Incident", zhou.pk)
    ]


def test_what_is_elsewhere_and_what_does_not_exist_look_the_same(zhou, client_of, clutter):
    client, address = client_of(zhou), f"/t/{clutter.pk}/careful/"
    foreign = client.get(address)
    clutter.delete()
    missing = client.get(address)

    assert foreign.status_code == 404
    assert without_numbers(foreign) == without_numbers(missing)


def without_numbers(response: HttpResponse) -> str:
    """The page without what differs each time: the number of the request and the form's token."""
    return re.sub(r"\b[0-9a-f]{8}\b|\b\w{64}\b", "", response.text)


def test_a_number_larger_than_any_key_is_nothing(li, client_of):
    assert client_of(li).get(f"/t/{10**25}/careful/").status_code == 404


def test_a_page_without_an_object_asks_for_the_right_anywhere(li, client_of):
    assert client_of(li).get("/t/desk/").status_code == 200


def test_a_page_without_an_object_is_closed_to_whoever_holds_the_right_nowhere(chen, client_of):
    with capture_logs() as logs:
        response = client_of(chen).get("/t/desk/")

    assert response.status_code == 403
    assert [line["permission"] for line in logs if line["event"] == "access.unpermitted"] == ["incidents.enter"]


def test_an_account_without_a_post_sees_nothing(nobody, client_of, places):
    assert client_of(nobody).get(f"/t/{places.qishan.pk}/own/").status_code == 404


def test_a_page_for_everyone_signed_in_still_keeps_to_the_territory(chen, client_of, places):
    client = client_of(chen)

    assert client.get(f"/t/{places.qishan.pk}/own/").text == "岐山中路楼栋小组"
    assert client.get(f"/t/{places.longji.pk}/own/").status_code == 404


def test_a_public_page_is_for_everyone():
    assert Client().get("/t/notice/").text == "公示"


@pytest.mark.parametrize("address", ["/t/1/careful/?a=1&b=2", "/t/desk/", "/t/1/own/"])
def test_visitors_are_sent_to_sign_in_and_back(address):
    response = Client().get(address)

    assert response.status_code == 302
    assert response.url == f"{reverse('accounts:sign_in')}?next={quote(address, safe='/')}"


def test_a_fragment_sends_the_whole_page_to_sign_in_and_back_to_the_page(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/incidents/?scope=mine"}

    response = client.get("/t/desk/", headers=headers)

    assert response.status_code == 200
    assert response["HX-Redirect"] == f"{reverse('accounts:sign_in')}?next={quote('/incidents/?scope=mine', safe='/')}"


def test_a_fragment_asked_for_by_a_foreign_page_leads_home_after_sign_in(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/phish"}

    response = client.get("/t/desk/", headers=headers)

    assert response["HX-Redirect"] == f"{reverse('accounts:sign_in')}?next=/"


def test_an_appointment_ended_in_mid_session_counts_from_the_next_request(li, zhang, client_of, clutter):
    client = client_of(li)
    before = client.get(f"/t/{clutter.pk}/careful/").status_code

    dismiss(Appointment.objects.get(user=li.user), actor=zhang.user)

    assert (before, client.get(f"/t/{clutter.pk}/careful/").status_code) == (200, 404)


def test_an_account_made_inactive_in_mid_session_is_out_at_the_next_request(li, client_of, clutter):
    client = client_of(li)
    before = client.get(f"/t/{clutter.pk}/careful/").status_code

    li.user.is_active = False
    li.user.save()

    assert (before, client.get(f"/t/{clutter.pk}/careful/").status_code) == (200, 302)


# The list of addresses


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, f"{prefix}{entry.pattern}")
        else:
            yield f"{prefix}{entry.pattern}", entry


PATTERNS = list(patterns(get_resolver("portal.urls")))
# Whoever opens these has no account, so no door could know them: the token in the address is their right, it opens one
# question about one record and wears out (tests/incidents/test_links.py, tests/reminders/test_preferences.py). Its key
# would say which record that is.
BY_TOKEN = ("voice", "confirm_address")


def test_the_list_of_addresses_is_the_whole_portal():
    assert {address.partition("/")[0] for address, _pattern in PATTERNS} >= {"incidents", "places", "files", "sign-in"}


@pytest.mark.parametrize("pattern", [pytest.param(pattern, id=address or "/") for address, pattern in PATTERNS])
def test_every_view_declares_whom_it_serves(pattern):
    assert pattern.callback.access


@pytest.mark.parametrize("pattern", [pytest.param(pattern, id=address or "/") for address, pattern in PATTERNS])
def test_every_address_calls_its_object_pk_so_that_the_door_knows_of_it(pattern):
    assert pattern.name in BY_TOKEN or set(pattern.pattern.converters) <= {"pk", "year", "month", "day", "key"}


@pytest.mark.parametrize("name", BY_TOKEN)
def test_what_is_opened_by_a_token_is_public_and_asks_for_nothing_else(name):
    (found,) = [pattern for _address, pattern in PATTERNS if pattern.name == name]

    assert found.callback.access == "public"
    assert set(found.pattern.converters) == {"token"}
