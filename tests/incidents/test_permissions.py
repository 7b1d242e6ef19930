"""Every refused right: who may not make which move on an incident they can see."""

import pytest
from django.urls import reverse

from grid.incidents import services
from grid.incidents.models import Incident, IncidentRequest
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
    ("in_progress", "return", ["chen", "wu", "lin"]),
    ("in_progress", "arrive", ["chen", "li", "zhang", "he"]),
    ("in_progress", "transfer", ["chen", "li", "zhang", "he"]),
    ("in_progress", "ask-return", ["chen", "li", "zhang", "he"]),
    ("in_progress", "ask-extension", ["chen", "li", "zhang", "he"]),
    ("closed", "ask-reopen", ["wu", "li", "he", "lin"]),
    ("opened", "void", ["chen", "wu", "lin"]),
    ("awaiting_verification", "verify", ["lin"]),
    ("awaiting_verification", "confirm-at-door", ["lin"]),
    ("awaiting_verification", "link", ["chen", "lin"]),
    ("awaiting_verification", "rework", ["chen", "lin"]),
    ("awaiting_verification", "close", ["chen", "lin"]),
    ("closed", "rate", ["wu", "li", "he", "lin"]),
    ("closed", "rate-at-door", ["lin"]),
    ("closed", "link", ["chen", "lin"]),
    ("closed", "not_reached", ["chen", "wu", "lin"]),
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
        ("call_backs", ["chen", "wu", "lin", "nobody"]),
        ("emergency", ["lin", "nobody"]),
        ("requests", ["chen", "wu", "lin", "nobody"]),
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

    response = client_of(wu).post(url("close", made), {"note": "看过了", "resolution": "solved"})

    assert response.status_code == 422
    assert Incident.objects.get(pk=made.pk).state == "awaiting_verification"


def test_offered_moves_are_those_that_may_be_made(chen, li, wu, places, client_of):
    made = incident(place=places.qishan, reporter=chen.user)

    def offered(person):
        return [form.slug for form in client_of(person).get(url("detail", made)).context["moves"]]

    assert offered(chen) == ["settle", "escalate"]
    assert offered(wu)[:2] == ["settle", "escalate"]
    assert set(offered(li)) >= {"open", "settle", "decline", "void"}
    assert "escalate" not in offered(li)  # a building's matter: the office opens it instead


@pytest.mark.parametrize(("page", "people"), [("decide", ["chen", "wu", "lin"]), ("withdraw", ["chen", "li", "he"])])
def test_requests_are_decided_by_the_office_and_taken_back_by_whoever_asked(
    page, people, request, chen, zhang, wu, urban, places, client_of
):
    made = incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage="in_progress")
    asked = services.ask_return(made, actor=wu.user, reason="不归我管")
    Incident.objects.filter(pk=made.pk).update(department=urban)
    address = reverse(f"incidents:{page}", args=[asked.pk])

    answers = [
        client_of(request.getfixturevalue(person)).post(address, {"granted": "yes"}).status_code for person in people
    ]

    assert answers == [403] * len(people)
    assert IncidentRequest.objects.get().is_pending


@pytest.mark.parametrize("stage", ["reported", "awaiting_verification", "closed"])
def test_the_detail_page_costs_the_same_at_every_stage(stage, chen, zhang, wu, li, places, client_of):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    made = incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage=stage)
    client = client_of(li)
    client.get(url("detail", made))

    with CaptureQueriesContext(connection) as captured:
        client.get(url("detail", made))

    assert len(captured) <= 14, [q["sql"][:160] for q in captured]
