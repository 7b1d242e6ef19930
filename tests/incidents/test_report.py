"""Putting an incident on record, from the stairs and at the desk."""

from uuid import uuid4

import pytest

from grid.incidents.models import Incident
from grid.incidents.workflow import State
from grid.places import services as posts
from grid.places.models import Role
from tests.factories import category
from tests.pictures import jpeg

from .conftest import url

pytestmark = pytest.mark.django_db


def test_a_leader_reports_from_the_phone_with_the_building_preselected(chen, places, client_of, report_form):
    client = client_of(chen)

    page = client.get(url("report"))
    response = client.post(url("report"), report_form(photos=jpeg()))

    made = Incident.objects.get()
    assert page.context["form"]["place"].initial == places.qishan
    assert (response.status_code, response.url) == (302, made.get_absolute_url())
    assert (made.reporter, made.place, made.state) == (chen.user, places.qishan, State.REPORTED)
    assert made.photos.count() == 1


def test_five_sendings_of_one_report_from_a_bad_line_make_one(chen, client_of, report_form):
    client, sent = client_of(chen), report_form()

    answers = [client.post(url("report"), sent) for _time in range(5)]

    made = Incident.objects.get()
    assert {answer.url for answer in answers} == {made.get_absolute_url()}


def test_the_same_key_with_other_words_is_refused_and_nothing_typed_is_lost(chen, client_of, report_form):
    client, sent = client_of(chen), report_form()
    client.post(url("report"), sent)

    response = client.post(url("report"), sent | {"description": "另一件事"})

    assert response.status_code == 422
    assert "另一件事" in response.text
    assert Incident.objects.count() == 1


def test_sending_that_page_once_more_is_meant_as_a_second_report(chen, client_of, report_form):
    client, sent = client_of(chen), report_form()
    client.post(url("report"), sent)
    refused = client.post(url("report"), sent | {"description": "另一件事"})
    renewed = refused.context["form"]["idempotency_key"].value()

    response = client.post(url("report"), sent | {"description": "另一件事", "idempotency_key": renewed})

    assert response.status_code == 302
    assert Incident.objects.count() == 2


def test_a_report_without_words_or_photo_comes_back_with_the_reason_beside_the_field(chen, client_of, report_form):
    response = client_of(chen).post(url("report"), report_form(description=""))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["description"]


def test_photos_chosen_before_an_error_are_kept(chen, client_of, report_form):
    client = client_of(chen)
    refused = client.post(url("report"), report_form(category=None, photos=jpeg()))
    form = refused.context["form"]
    kept = {form["photos"].kept_name: [str(photo.pk) for photo in form["photos"].kept]}

    response = client.post(url("report"), report_form(**kept))

    assert list(form.errors) == ["category"]
    assert response.status_code == 302
    assert Incident.objects.get().photos.count() == 1


def test_settled_on_the_spot_in_one_go(chen, client_of, report_form):
    sent = report_form(settled="on", outcome="请住户搬走了", photos=jpeg(), after=jpeg(colour="#8c8"))

    response = client_of(chen).post(url("report"), sent)

    made = Incident.objects.get()
    assert response.status_code == 302
    assert (made.state, made.settled_on_the_spot) == (State.AWAITING_VERIFICATION, True)
    assert sorted(made.photos.values_list("kind", flat=True)) == ["after", "before"]


def test_a_settlement_refused_leaves_no_report_behind(chen, client_of, report_form):
    sent = report_form(category=category("gas").pk, settled="on", outcome="关了阀门", photos=jpeg())

    response = client_of(chen).post(url("report"), sent)

    assert response.status_code == 422
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    "extra",
    [
        {"state": "closed", "verified_by": "1", "closed_at": "2026-01-01"},
        {"reporter": "1", "holder": "1", "community": "1"},
        {"due_at": "2099-01-01", "level": "street", "settled_on_the_spot": "on"},
    ],
)
def test_fields_that_the_form_does_not_have_change_nothing(extra, chen, places, client_of, report_form):
    client_of(chen).post(url("report"), report_form(**extra))

    made = Incident.objects.get()
    assert (made.state, made.reporter, made.holder, made.community) == (
        State.REPORTED, chen.user, None, places.dalong,
    )  # fmt: skip
    assert (made.level, made.settled_on_the_spot, made.due_at.year < 2099) == ("building_group", False, True)


def test_a_street_admin_settles_nothing_on_the_spot(he, places, client_of, report_form):
    client = client_of(he)
    sent = report_form(place=places.grid.pk, settled="on", outcome="搬走了", photos=jpeg(), after=jpeg(colour="#8c8"))

    assert 'name="settled"' not in client.get(url("report")).text
    assert client.post(url("report"), sent).status_code == 302
    assert Incident.objects.get().state == State.REPORTED


def test_settling_asks_for_the_right_at_that_very_place(he, places, client_of, report_form):
    posts.appoint(he.user, role=Role.BUILDING_LEADER, place=places.fuyi, actor=None)
    sent = report_form(place=places.grid.pk, settled="on", outcome="搬走了", photos=jpeg(), after=jpeg(colour="#8c8"))

    response = client_of(he).post(url("report"), sent)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["settled"]
    assert not Incident.objects.exists()


def test_places_are_those_where_a_post_allows_it(wu, places, client_of):
    posts.appoint(wu.user, role=Role.SOCIAL_WORKER, place=places.lingbian, actor=None)
    client = client_of(wu)

    def offered(page):
        return {str(place) for place in client.get(url(page)).context["form"].fields["place"].queryset}

    assert offered("enter") == {"第一网格", "岐山中路楼栋小组", "龙基花园楼栋小组"}  # a social worker has no desk
    assert offered("report") == offered("enter") | {"凌边社区", "凌边第一网格", "凌边大街楼栋小组"}


def test_a_street_chooses_among_its_grids_by_the_names_of_their_communities(he, places, client_of):
    offered = [label for _value, label in client_of(he).get(url("report")).context["form"].fields["place"].choices]

    assert offered == ["大龙社区", "大龙社区 · 第一网格", "大龙社区 · 第二网格", "凌边社区", "凌边社区 · 凌边第一网格"]


def test_a_leader_cannot_report_for_another_building(chen, places, client_of, report_form):
    response = client_of(chen).post(url("report"), report_form(place=places.longji.pk))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["place"]


def test_the_desk_enters_a_call_with_full_width_digits(li, places, client_of):
    sent = {
        "idempotency_key": str(uuid4()),
        "source": "call",
        "caller_name": "陈家生",
        "caller_mobile": "１３８ ００１３－８０００",
        "place": places.dalong.pk,
        "category": category("drain").pk,
        "severity": "serious",
        "description": "一楼下水道返水",
    }

    response = client_of(li).post(url("enter"), sent)

    made = Incident.objects.get()
    assert (response.status_code, made.source, made.caller_mobile) == (302, "call", "13800138000")


def test_a_wrong_call_back_number_is_explained_beside_it_and_stays_typed(li, places, client_of):
    sent = {
        "idempotency_key": str(uuid4()),
        "source": "call",
        "caller_mobile": "1234",
        "place": places.dalong.pk,
        "category": category("drain").pk,
        "severity": "general",
        "description": "返水",
    }

    response = client_of(li).post(url("enter"), sent)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["caller_mobile"]
    assert 'value="1234"' in response.text


def test_a_building_leader_has_no_desk(chen, client_of):
    assert client_of(chen).get(url("enter")).status_code == 403
