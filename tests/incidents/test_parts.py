"""One incident and several parties: each has its part, and the whole ends last."""

from uuid import uuid4

import pytest

from grid.incidents import services
from grid.incidents.models import Incident
from portal.core import outbox
from portal.core.refusals import Refused
from portal.reminders.models import Reminder
from tests.factories import category, incident

from .conftest import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(chen, li, places):
    """Boxes on the stairs, and a wire among them: 吴 is to clear them, the department to see to the wire."""
    return incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")


@pytest.fixture
def pieces(wu, urban):
    return [
        services.Piece("清走纸箱", category(), holder=wu.user),
        services.Piece("查处私拉电线", category("flying_wire"), department=urban),
    ]


def parts_of(whole) -> list[Incident]:
    return list(Incident.objects.filter(parent=whole).order_by("pk"))


def end(part, handler, office, verifier) -> None:
    services.take(part, actor=handler)
    services.finish(part, actor=handler, outcome="办好了")
    services.verify(part, actor=verifier)
    services.close(part, actor=office)


def test_each_party_has_a_part_with_clocks_of_its_own(whole, pieces, li, wu, urban, places):
    services.part(whole, actor=li.user, pieces=pieces)

    first, second = parts_of(whole)
    assert [(one.state, one.place) for one in (first, second)] == [("dispatched", places.qishan)] * 2
    assert (first.holder, second.department) == (wu.user, urban)
    assert (first.description, second.description) == ("清走纸箱", "查处私拉电线")
    assert first.reported_at > whole.reported_at
    assert first.act_due_at is not None


def test_whoever_parts_it_coordinates_unless_somebody_has_taken_it_on(whole, pieces, li, wu):
    services.part(whole, actor=li.user, pieces=pieces)

    after = Incident.objects.get(pk=whole.pk)
    assert (after.state, after.holder, after.owner) == ("in_progress", li.user, li.user)


def test_a_holder_goes_on_holding(chen, li, wu, places, pieces):
    held = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")

    services.part(held, actor=li.user, pieces=pieces)

    assert Incident.objects.get(pk=held.pk).holder == wu.user


def test_it_cannot_be_finished_while_parts_are_open_and_the_refusal_names_them(whole, pieces, li, zhang, wu, lin):
    services.part(whole, actor=li.user, pieces=pieces)
    first, second = parts_of(whole)

    with pytest.raises(Refused) as refused:
        services.finish(whole, actor=li.user, outcome="都好了")
    assert first.number in str(refused.value)
    assert second.number in str(refused.value)

    end(first, wu.user, li.user, zhang.user)
    with pytest.raises(Refused) as refused:
        services.finish(whole, actor=li.user, outcome="都好了")
    assert first.number not in str(refused.value)

    end(second, lin.user, li.user, zhang.user)
    services.finish(whole, actor=li.user, outcome="都好了")
    assert Incident.objects.get(pk=whole.pk).state == "awaiting_verification"


def test_finishing_is_offered_once_its_parts_have_ended(whole, pieces, li, zhang, wu, lin, client_of):
    services.part(whole, actor=li.user, pieces=pieces)
    first, second = parts_of(whole)

    offered = []
    for part, handler in ((first, wu), (second, lin)):
        end(part, handler.user, li.user, zhang.user)
        page = client_of(li).get(whole.get_absolute_url())
        offered.append("finish" in [form.slug for form in page.context["moves"]])

    assert offered == [False, True]


def test_it_is_not_closed_either_when_a_part_was_opened_again_meanwhile(whole, pieces, li, zhang, wu):
    services.part(whole, actor=li.user, pieces=pieces[:1])
    (only,) = parts_of(whole)
    end(only, wu.user, li.user, zhang.user)
    services.finish(whole, actor=li.user, outcome="都好了")
    Incident.objects.filter(pk=only.pk).update(state="opened", closed_at=None)

    with pytest.raises(Refused) as refused:
        services.close(whole, actor=zhang.user)

    assert only.number in str(refused.value)


def test_the_reporter_is_told_of_the_whole_only(whole, pieces, li, chen, zhang, wu):
    outbox.drain()
    Reminder.objects.all().delete()
    services.part(whole, actor=li.user, pieces=pieces)
    end(parts_of(whole)[0], wu.user, li.user, zhang.user)

    outbox.drain()

    assert [(one.kind, one.subject) for one in Reminder.objects.filter(user=chen.user)] == [("incidents.parted", whole)]


def test_a_part_is_not_parted_again_and_needs_something_to_do(whole, pieces, li):
    with pytest.raises(Refused):
        services.part(whole, actor=li.user, pieces=[])
    with pytest.raises(Refused):
        services.part(whole, actor=li.user, pieces=[services.Piece(" ", category(), holder=li.user)])
    services.part(whole, actor=li.user, pieces=pieces)

    with pytest.raises(Refused):
        services.part(parts_of(whole)[0], actor=li.user, pieces=pieces)


def test_a_party_out_of_reach_leaves_everything_as_it_was(whole, li, zhou):
    with pytest.raises(Refused):
        services.part(whole, actor=li.user, pieces=[services.Piece("清走", category(), holder=zhou.user)])

    assert (Incident.objects.get(pk=whole.pk).state, parts_of(whole)) == ("opened", [])


def test_on_screen_in_one_page_and_twice_sent_once_made(whole, li, wu, urban, client_of):
    client = client_of(li)
    key = {"idempotency_key": str(uuid4())}
    filled = {"what_1": "清走纸箱", "to_1": f"p{wu.pk}", "what_2": "查处电线", "to_2": f"d{urban.pk}"}

    wrong = client.post(url("part", whole), {"what_1": "清走纸箱", "idempotency_key": str(uuid4())})
    for _time in range(2):
        sent = client.post(url("part", whole), {**filled, **key})

    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["to_1"])
    assert sent.status_code == 302
    assert len(parts_of(whole)) == 2
    page = client.get(url("detail", whole)).text
    for part in parts_of(whole):
        assert part.number in page
        assert whole.number in client.get(url("detail", part)).text


def test_parts_are_not_offered_as_repeats_of_the_whole(whole, pieces, li, client_of):
    services.part(whole, actor=li.user, pieces=pieces)

    assert client_of(li).get(url("alike", whole)).context["repeats"] == []
    assert client_of(li).get(url("alike", parts_of(whole)[0])).context["repeats"] == []


def test_the_department_sees_its_part_without_a_way_to_the_whole(whole, pieces, li, lin, client_of):
    services.part(whole, actor=li.user, pieces=pieces)
    part = parts_of(whole)[1]

    page = client_of(lin).get(url("detail", part)).text

    assert whole.number in page
    assert f'href="{whole.get_absolute_url()}"' not in page


def test_a_leader_parts_nothing(whole, chen, wu, client_of):
    assert client_of(chen).get(url("part", whole)).status_code == 403
    assert client_of(wu).get(url("part", whole)).status_code == 403
