"""What is asked, by whom, what is decided, and what follows at once."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from grid.incidents import services
from grid.incidents.models import CoReport, Incident, IncidentRequest, Rating, Tier
from grid.incidents.workflow import State
from portal.core import audit, outbox
from portal.core.refusals import Refused
from portal.files.models import Attachment
from portal.reminders.models import Reminder
from tests.cast import make_user
from tests.factories import incident
from tests.pictures import photo_of

from .conftest import url

pytestmark = pytest.mark.django_db
Kind = IncidentRequest.Kind


@pytest.fixture
def held(chen, li, wu, places):
    """Dispatched by 李 to 吴, who has not taken it on."""
    return incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="dispatched")


@pytest.fixture
def closed(chen, li, wu, places):
    return incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="closed")


def fields(caught) -> set[str]:
    return {reason.field for reason in caught.value.reasons}


def told(person) -> list[str]:
    outbox.drain()
    return list(Reminder.objects.filter(user=person.user).order_by("id").values_list("kind", flat=True))


# Asking


def test_an_objection_waits_with_the_office_and_stays_with_the_holder(held, wu, li, zhang, urban):
    asked = services.ask_return(held, actor=wu.user, reason="是供电设施", suggested_department=urban)

    held.refresh_from_db()
    assert (asked.kind, asked.suggested, asked.is_pending) == (Kind.RETURN, urban, True)
    assert (held.state, held.holder) == (State.DISPATCHED, wu.user)
    assert "incidents.asked_return" in told(li)
    assert "incidents.asked_return" in told(zhang)
    assert "incidents.asked_return" not in told(wu)


def test_asking_says_everything_that_is_wrong_at_once(held, wu, huang, zhou, urban):
    with pytest.raises(Refused) as caught:
        services.ask_return(held, actor=wu.user, reason=" ", suggested_holder=zhou.user, suggested_department=urban)
    assert fields(caught) == {"reason", "suggested_holder"}

    elsewhere = type(urban.street).objects.create(level=0, code="440113107", name="大石街", parent=urban.street.parent)
    urban.street = elsewhere
    urban.save()
    with pytest.raises(Refused) as caught:
        services.ask_return(held, actor=wu.user, reason="x", suggested_department=urban)
    assert fields(caught) == {"suggested_department"}


def test_nobody_suggests_themselves(held, wu):
    with pytest.raises(Refused) as caught:
        services.ask_return(held, actor=wu.user, reason="x", suggested_holder=wu.user)
    assert fields(caught) == {"suggested_holder"}


@pytest.mark.parametrize("days", ["0", "-1", "0.3", "30.5"])
def test_more_time_is_asked_for_in_half_days_up_to_thirty(days, held, wu):
    with pytest.raises(Refused) as caught:
        services.ask_extension(held, actor=wu.user, days=Decimal(days), reason="等配件")
    assert fields(caught) == {"days"}


def test_one_of_a_kind_waits_at_a_time_and_the_database_agrees(held, wu):
    services.ask_extension(held, actor=wu.user, days=Decimal(2), reason="等配件")

    with pytest.raises(Refused):
        services.ask_extension(held, actor=wu.user, days=Decimal(1), reason="等配件")
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentRequest.objects.create(incident=held, kind=Kind.EXTENSION, days=1, reason="x", asked_by=wu.user)
    assert services.ask_return(held, actor=wu.user, reason="不归我管").is_pending


def test_reopening_is_asked_by_the_reporter_with_a_photo(closed, chen):
    photo = photo_of(chen.user)

    services.ask_reopen(closed, actor=chen.user, reason="又堆满了", photos=[photo])

    assert [one.kind for one in closed.photos.all()] == [Attachment.Kind.BEFORE]


def test_reopening_is_asked_by_whoever_saw_the_same_and_by_the_office_for_a_caller(
    closed, li, zhang, wu, huang, places
):
    with pytest.raises(Refused):
        services.ask_reopen(closed, actor=huang.user, reason="x")
    CoReport.objects.create(incident=closed, reporter=huang.user)
    assert services.ask_reopen(closed, actor=huang.user, reason="还在").is_pending

    called = {"source": "call", "caller_mobile": "13800138000", "reporter": li.user}
    rung = incident(place=places.qishan, office=li.user, handler=wu.user, stage="closed", **called)
    assert services.ask_reopen(rung, actor=zhang.user, reason="来电说没解决").is_pending


def test_reopening_is_asked_within_thirty_days(closed, chen):
    with pytest.raises(Refused):
        services.ask_reopen(closed, actor=chen.user, reason="x", at=timezone.now() + timedelta(days=31))


@pytest.mark.parametrize(
    ("ask", "more"),
    [
        (services.ask_return, {}),
        (services.ask_extension, {"days": Decimal(1)}),
    ],
)
def test_nothing_is_asked_of_what_nobody_holds(ask, more, chen, wu, places):
    made = incident(place=places.qishan, reporter=chen.user)
    with pytest.raises(Refused):
        ask(made, actor=wu.user, reason="x", **more)


def test_nothing_is_reopened_that_is_open(held, chen):
    with pytest.raises(Refused):
        services.ask_reopen(held, actor=chen.user, reason="x")


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


# Taking back, and what answers a request by itself


def test_whoever_asked_takes_it_back_and_may_ask_again(held, wu, li):
    asked = services.ask_return(held, actor=wu.user, reason="不归我管")
    with pytest.raises(Refused):
        services.withdraw(asked, actor=li.user)

    back = services.withdraw(asked, actor=wu.user)

    assert back.is_withdrawn
    with pytest.raises(Refused):
        services.withdraw(asked, actor=wu.user)
    assert services.ask_return(held, actor=wu.user, reason="还是不归我").is_pending


def test_taking_it_on_takes_the_objection_back(held, wu):
    services.ask_return(held, actor=wu.user, reason="不归我管")
    services.take(held, actor=wu.user)

    assert IncidentRequest.objects.get().is_withdrawn


@pytest.mark.parametrize("move", ["dispatch", "recall"])
def test_what_the_office_does_anyway_counts_as_granted(move, held, wu, li, chen):
    services.ask_return(held, actor=wu.user, reason="不归我管")

    if move == "dispatch":
        services.dispatch(held, actor=li.user, holder=chen.user)
    else:
        services.hand_back(held, actor=li.user, note="派错了")

    assert IncidentRequest.objects.get().is_granted
    assert "incidents.taken_off" in told(wu)


def test_finishing_answers_what_waits(held, wu):
    services.take(held, actor=wu.user)
    services.ask_extension(held, actor=wu.user, days=Decimal(1), reason="等配件")
    services.finish(held, actor=wu.user, outcome="提前修好了")

    assert IncidentRequest.objects.get().is_withdrawn


def test_voiding_answers_what_waits_in_the_words_of_the_voiding(held, wu, li):
    services.ask_extension(held, actor=wu.user, days=Decimal(1), reason="等配件")
    services.void(held, actor=li.user, note="重复录入")

    asked = IncidentRequest.objects.get()
    assert (asked.is_granted, asked.decided_by, asked.answer) == (False, li.user, "重复录入")


def test_the_trail_keeps_codes_and_never_loses_the_words(held, wu, li):
    asked = services.ask_extension(held, actor=wu.user, days=Decimal("1.5"), reason="等配件")
    services.decide(asked, actor=li.user, granted=True, reply="同意")

    made, decided = list(audit.timeline(held))[-2:]
    assert (made.action, made.note, made.data["days"]) == ("incident.asked_extension", "等配件", "1.5")
    assert (decided.action, decided.note, decided.data["request"]) == ("incident.extended", "同意", asked.pk)


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
