"""Every refused right: who may not make which move on an incident they can see."""

import pytest

from grid.incidents.models import Incident
from tests.factories import incident

from .conftest import url

pytestmark = pytest.mark.django_db

# stage of the incident, move, those of its neighbours who may not
REFUSED = [
    ("reported", "open", ["chen", "wu", "lin"]),
    ("reported", "decline", ["chen", "wu", "lin"]),
    ("reported", "settle", ["he", "lin"]),
    ("opened", "dispatch", ["chen", "wu", "lin"]),
    ("dispatched", "take", ["chen", "li", "zhang", "he"]),
    ("in_progress", "finish", ["chen", "li", "zhang", "he"]),
    ("in_progress", "return", ["chen"]),
    ("awaiting_verification", "verify", ["lin"]),
    ("awaiting_verification", "rework", ["chen", "lin"]),
    ("awaiting_verification", "close", ["chen", "lin"]),
    ("closed", "rate", ["wu", "li", "he", "lin"]),
    ("reported", "caller", ["chen", "wu"]),
]


@pytest.mark.parametrize(
    ("stage", "move", "person"), [(stage, move, person) for stage, move, people in REFUSED for person in people]
)
def test_unpermitted_is_403_and_changes_nothing(
    stage, move, person, request, chen, zhang, wu, urban, places, client_of
):
    who = request.getfixturevalue(person)
    made = incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage=stage)
    if person == "lin":  # a department sees only what was whistled to it
        Incident.objects.filter(pk=made.pk).update(department=urban)
    before = Incident.objects.values().get(pk=made.pk)

    response = client_of(who).post(url(move, made), {"note": "x", "outcome": "x"})

    assert response.status_code == 403
    assert Incident.objects.values().get(pk=made.pk) == before


@pytest.mark.parametrize(
    ("page", "people"),
    [
        ("report", ["lin", "nobody"]),
        ("enter", ["chen", "lin", "nobody"]),
        ("print", ["chen", "lin", "nobody"]),
        ("export", ["chen", "lin", "nobody"]),
        ("list", ["nobody"]),
    ],
)
def test_pages_without_an_incident_are_for_those_who_may(page, people, request, places, client_of):
    answers = [client_of(request.getfixturevalue(person)).get(url(page)).status_code for person in people]

    assert answers == [403] * len(people)


def test_only_those_who_close_confirm_several(chen, places, client_of):
    made = incident(place=places.qishan, reporter=chen.user)

    assert client_of(chen).post(url("confirm"), {"incident": [made.pk]}).status_code == 403


def test_a_handler_cannot_verify_their_own_work(chen, zhang, wu, places, client_of):
    made = incident(
        place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage="awaiting_verification"
    )

    response = client_of(wu).post(url("close", made), {"note": "看过了"})

    assert response.status_code == 422
    assert Incident.objects.get(pk=made.pk).state == "awaiting_verification"


def test_offered_moves_are_those_that_may_be_made(chen, li, wu, places, client_of):
    made = incident(place=places.qishan, reporter=chen.user)

    def offered(person):
        return [form.slug for form in client_of(person).get(url("detail", made)).context["moves"]]

    assert offered(chen) == ["settle"]
    assert offered(wu) == ["settle"]
    assert offered(li) == ["open", "settle", "decline"]


@pytest.mark.parametrize("stage", ["reported", "awaiting_verification", "closed"])
def test_the_detail_page_costs_the_same_at_every_stage(stage, chen, zhang, wu, li, places, client_of):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    made = incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage=stage)
    client = client_of(li)
    client.get(url("detail", made))

    with CaptureQueriesContext(connection) as captured:
        client.get(url("detail", made))

    assert len(captured) <= 12, [q["sql"][:160] for q in captured]
