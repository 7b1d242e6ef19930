"""What is decided about a request, and what follows at once; the pages of both."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from grid.incidents import services
from grid.incidents.models import Incident, IncidentRequest, Rating, Tier
from grid.incidents.workflow import State
from portal.core.refusals import Refused
from tests.cast import make_user
from tests.factories import incident

from .asked import fields, told
from .conftest import url

pytestmark = pytest.mark.django_db
Kind = IncidentRequest.Kind


# Deciding


def test_a_granted_return_clears_the_holder_and_the_decider_answers_for_it(held, wu, li):
    asked = services.ask_return(held, actor=wu.user, reason="不归我管")

    decided = services.decide(asked, actor=li.user, granted=True, reply="好的")

    held.refresh_from_db()
    assert (held.state, held.holder, held.department, held.owner) == (State.OPENED, None, None, li.user)
    assert (held.level, decided.is_granted, decided.answer) == (Tier.COMMUNITY, True, "好的")
    assert told(wu)[-1] == "incidents.decided"


def test_a_granted_return_is_dispatched_in_the_same_step(held, wu, li, urban):
    asked = services.ask_return(held, actor=wu.user, reason="是违建", suggested_department=urban)

    services.decide(asked, actor=li.user, granted=True, department=urban)

    held.refresh_from_db()
    assert (held.state, held.holder, held.department) == (State.DISPATCHED, None, urban)


def test_a_granted_return_that_cannot_be_dispatched_there_is_not_granted_at_all(held, wu, li, zhou):
    asked = services.ask_return(held, actor=wu.user, reason="不归我管")

    with pytest.raises(Refused):
        services.decide(asked, actor=li.user, granted=True, holder=zhou.user)

    held.refresh_from_db()
    assert (held.state, IncidentRequest.objects.get().is_pending) == (State.DISPATCHED, True)


def test_what_is_kept_stays_with_the_holder_who_must_take_it(held, wu, li):
    asked = services.ask_return(held, actor=wu.user, reason="不归我管")
    with pytest.raises(Refused) as caught:
        services.decide(asked, actor=li.user, granted=False, reply="  ")
    assert fields(caught) == {"reply"}

    services.decide(asked, actor=li.user, granted=False, reply="这一片归你")

    held.refresh_from_db()
    assert (held.state, held.holder) == (State.DISPATCHED, wu.user)
    with pytest.raises(Refused):
        services.ask_return(held, actor=wu.user, reason="还是不归我")
    assert services.take(held, actor=wu.user).state == State.IN_PROGRESS


def test_a_granted_extension_moves_the_deadline_by_working_days(held, wu, li):
    before = held.due_at
    asked = services.ask_extension(held, actor=wu.user, days=Decimal(2), reason="等配件")

    services.decide(asked, actor=li.user, granted=True)

    held.refresh_from_db()
    assert held.due_at - before >= timedelta(days=2)
    assert (held.state, held.holder) == (State.DISPATCHED, wu.user)


def test_a_refused_extension_leaves_the_deadline(held, wu, li):
    before = held.due_at
    asked = services.ask_extension(held, actor=wu.user, days=Decimal(2), reason="等配件")

    services.decide(asked, actor=li.user, granted=False, reply="老人等着用")

    held.refresh_from_db()
    assert held.due_at == before


def test_a_granted_reopening_starts_anew_and_the_earlier_rating_counts_no_more(closed, chen, li, zhang):
    services.rate(closed, actor=chen.user, satisfaction=Rating.Satisfaction.DISSATISFIED, is_solved=False)
    asked = services.ask_reopen(closed, actor=chen.user, reason="又堆满了")

    services.decide(asked, actor=zhang.user, granted=True, reply="马上再派人")

    again = Incident.objects.get(pk=closed.pk)
    assert (again.state, again.reopened_count, again.owner, again.level) == (
        State.OPENED,
        1,
        zhang.user,
        Tier.COMMUNITY,
    )
    assert (again.closed_at, again.verified_by, again.finished_at, again.resolution) == (None, None, None, "")
    assert (again.holder, again.resident_confirmed_at, again.arrived_at) == (None, None, None)
    assert again.due_at > closed.closed_at
    assert not hasattr(again, "rating")
    assert "incidents.reopened" in told(chen)
    assert "incidents.decided" not in told(chen)  # once is enough


def test_a_refused_reopening_stays_closed_with_an_answer(closed, chen, zhang):
    asked = services.ask_reopen(closed, actor=chen.user, reason="不满意")

    services.decide(asked, actor=zhang.user, granted=False, reply="已到现场看过，确已清理")

    closed.refresh_from_db()
    assert closed.state == State.CLOSED
    assert told(chen)[-1] == "incidents.decided"


def test_a_reopened_incident_is_closed_and_rated_again(closed, chen, li, wu, zhang):
    rating = {"satisfaction": Rating.Satisfaction.FAIRLY, "is_solved": True}
    services.rate(closed, actor=chen.user, **rating)
    services.decide(services.ask_reopen(closed, actor=chen.user, reason="又有了"), actor=zhang.user, granted=True)
    services.dispatch(closed, actor=li.user, holder=wu.user)
    services.take(closed, actor=wu.user)
    services.finish(closed, actor=wu.user, outcome="装了提示牌")
    assert services.close(closed, actor=li.user).state == State.CLOSED

    services.rate(closed, actor=chen.user, **rating)

    assert Rating.objects.filter(incident=closed).count() == 2


def test_nobody_decides_what_they_asked_for_and_the_database_agrees(li, zhang, chen, places):
    made = incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=li.user, stage="in_progress")
    asked = services.ask_return(made, actor=li.user, reason="不归我管")

    with pytest.raises(Refused):
        services.decide(asked, actor=li.user, granted=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentRequest.objects.update(decided_by=li.user, decided_at=timezone.now(), is_granted=True)


def test_a_second_decision_is_told_who_decided(held, wu, li, zhang):
    asked = services.ask_return(held, actor=wu.user, reason="不归我管")
    services.decide(asked, actor=li.user, granted=True)

    with pytest.raises(Refused, match="李敏"):
        services.decide(asked, actor=zhang.user, granted=False, reply="x")


# On screen


def test_the_holder_asks_on_the_page_once_however_often_it_is_sent(held, wu, client_of):
    client, key = client_of(wu), str(uuid4())
    for _time in range(2):
        response = client.post(url("ask-return", held), {"idempotency_key": key, "reason": "不归我管"})
        assert response.status_code == 302

    assert IncidentRequest.objects.count() == 1
    page = client.get(url("detail", held))
    assert "ask-return" not in [form.slug for form in page.context["moves"]]
    assert "不归我管" in page.content.decode()


def test_the_office_decides_on_the_page(held, wu, li, urban, client_of):
    asked = services.ask_return(held, actor=wu.user, reason="是违建", suggested_department=urban)
    client = client_of(li)
    address = reverse("incidents:decide", args=[asked.pk])

    form = client.get(address).context["form"]
    assert form["department"].value() == urban.pk
    response = client.post(address, {"granted": "yes", "department": urban.pk, "reply": "请执法办处理"})

    assert response.url == reverse("incidents:requests")
    held.refresh_from_db()
    assert held.department == urban


def test_refusing_needs_no_new_holder(held, wu, li, urban, client_of):
    asked = services.ask_return(held, actor=wu.user, reason="是违建", suggested_department=urban)

    client_of(li).post(
        reverse("incidents:decide", args=[asked.pk]), {"granted": "no", "department": urban.pk, "reply": "归你"}
    )

    held.refresh_from_db()
    assert (held.department, IncidentRequest.objects.get().is_granted) == (None, False)


def test_the_second_decider_reads_who_was_faster(held, wu, li, zhang, client_of):
    asked = services.ask_return(held, actor=wu.user, reason="不归我管")
    services.decide(asked, actor=li.user, granted=True)

    response = client_of(zhang).post(reverse("incidents:decide", args=[asked.pk]), {"granted": "no", "reply": "x"})

    assert response.status_code == 422
    assert "李敏" in response.content.decode()


def test_the_list_shows_what_is_visible_by_kind_and_scope(held, closed, wu, chen, li, zhang, zhou, client_of):
    services.ask_return(held, actor=wu.user, reason="不归我管")
    reopen = services.ask_reopen(closed, actor=chen.user, reason="又有了")

    def shown(person, **query):
        page = client_of(person).get(reverse("incidents:requests", query=query)).context["page"]
        return [one.kind for one in page]

    assert shown(li) == [Kind.RETURN, Kind.REOPEN]
    assert shown(li, kind="reopen") == [Kind.REOPEN]
    assert shown(zhou) == shown(zhou, scope="waiting") == []
    services.decide(reopen, actor=zhang.user, granted=False, reply="x")
    assert shown(li, scope="decided") == [Kind.REOPEN]
    assert shown(li, scope="nonsense") == [Kind.RETURN]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(
    rows, wu, li, chen, places, client_of, django_assert_num_queries
):
    for _row in range(rows):
        made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched")
        services.ask_return(made, actor=wu.user, reason="不归我管", suggested_holder=chen.user)
    client = client_of(li)
    client.get(reverse("incidents:requests"))

    with django_assert_num_queries(5):
        client.get(reverse("incidents:requests"))


def test_the_office_finds_what_waits_among_its_to_dos(held, wu, li, zhang, chen):
    from grid.incidents.tiles import requests

    services.ask_return(held, actor=wu.user, reason="不归我管")

    assert [one.count for one in requests(li.user)] == [1]
    assert list(requests(chen.user)) == []


def test_colleagues_do_not_share_their_requests(held, wu, li):
    """Nobody outside the territory reads a request, whoever asked."""
    services.ask_return(held, actor=wu.user, reason="不归我管")

    assert not IncidentRequest.objects.visible_to(make_user("other", "外人")).exists()
