"""A holder is replaced: the post and what they hold because of it pass to the successor, or nothing does."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from grid.incidents.models import Incident
from grid.places import services, succession
from grid.places.models import Appointment, Role
from portal.accounts.models import User
from portal.core import outbox
from portal.core.clock import today
from portal.core.handover import duties_of
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from portal.reminders.models import Reminder
from tests import factories
from tests.cast import make_user


def replace_url(post: Appointment, person: str = "known") -> str:
    return reverse("places:replace", args=[post.pk], query={"person": person})


@pytest.fixture
def post(wu, post_of) -> Appointment:
    """吴's post over the first grid."""
    return post_of(wu)


@pytest.fixture
def held(places, chen, zhang, wu) -> list[Incident]:
    """What 吴 holds in the first grid: one taken on, one handled and not yet verified; and one in another grid."""
    team = {"reporter": chen.user, "office": zhang.user, "handler": wu.user}
    services.appoint(wu.user, role=Role.GRID_LEADER, place=places.second_grid, actor=None)
    elsewhere = factories.incident(place=places.fuyi, **{**team, "reporter": zhang.user}, stage="in_progress")
    return [
        factories.incident(place=places.qishan, **team, stage="in_progress"),
        factories.incident(place=places.longji, **team, stage="awaiting_verification"),
        elsewhere,
    ]


@pytest.fixture
def grid_post(wu, places) -> Appointment:
    return Appointment.objects.get(user=wu.user, place=places.grid)


def holders(incidents: list[Incident]) -> list[str]:
    return [Incident.objects.get(pk=one.pk).holder.name for one in incidents]


def test_the_handover_list_counts_what_is_held_there_and_nothing_else(held, wu, places):
    counted = {str(duty.label): duty.count for duty in duties_of(wu.user, places.grid)}

    assert list(counted.values()) == [1, 1]


def test_the_successor_gets_the_post_and_the_duties(held, grid_post, li, huang, places, client_of, send):
    answer = send(client_of(li), replace_url(grid_post), person=huang.pk, note="退休")

    assert answer.status_code == 302
    assert Appointment.objects.current().heads().get(place=places.grid).user == huang.user
    assert holders(held) == ["黄伟强", "黄伟强", "吴建国"]
    assert not Appointment.objects.current().filter(pk=grid_post.pk).exists()


def test_states_and_who_did_the_work_stay(held, grid_post, li, huang):
    succession.replace(grid_post, actor=li.user, successor=huang.user)

    one = Incident.objects.get(pk=held[1].pk)
    assert (one.state, one.handled_by) == (held[1].state, grid_post.user)


def test_each_is_on_record_without_names_and_both_are_told_once(held, grid_post, li, huang):
    succession.replace(grid_post, actor=li.user, successor=huang.user)
    outbox.drain()

    entries = AuditEntry.objects.filter(action="incident.handed_over")
    assert sorted(entry.subject_id for entry in entries) == sorted(one.pk for one in held[:2])
    assert "黄" not in str(list(entries.values("data")))
    told = Reminder.objects.filter(kind__startswith="incidents.passed")
    assert sorted(told.values_list("user__name", "kind")) == [
        ("吴建国", "incidents.passed_from"),
        ("黄伟强", "incidents.passed_to"),
    ]


def test_the_reminders_lead_somewhere(held, grid_post, li, huang, wu, client_of):
    succession.replace(grid_post, actor=li.user, successor=huang.user)
    outbox.drain()

    for person in (huang, wu):
        told = Reminder.objects.get(user=person.user, kind__startswith="incidents.passed")
        assert client_of(person).get(told.get_absolute_url(), follow=True).status_code == 200


def test_with_a_last_day_to_come_duties_pass_when_the_successors_post_begins(held, grid_post, li, huang):
    last_day = today() + timedelta(days=9)
    made, _first = succession.replace(grid_post, actor=li.user, successor=huang.user, last_day=last_day)

    assert made.since == last_day + timedelta(days=1)
    outbox.drain()
    assert holders(held) == ["吴建国"] * 3
    with time_machine.travel(timezone.now() + timedelta(days=10)):
        outbox.drain()
    assert holders(held) == ["黄伟强", "黄伟强", "吴建国"]


def test_nothing_passes_to_a_successor_who_was_called_off(held, grid_post, li, huang):
    made, _first = succession.replace(
        grid_post, actor=li.user, successor=huang.user, last_day=today() + timedelta(days=9)
    )
    services.dismiss(made, actor=li.user)

    with time_machine.travel(timezone.now() + timedelta(days=10)):
        outbox.drain()
    assert holders(held) == ["吴建国"] * 3


def test_what_is_refused_changes_nothing(held, grid_post, li, huang, places, client_of, send):
    services.dismiss(grid_post, actor=None, last_day=today())
    services.appoint(huang.user, role=Role.GRID_LEADER, place=places.grid, actor=None, since=today() + timedelta(1))

    answer = send(client_of(li), replace_url(grid_post, "new"), name="何小明", username="hexm", note="退休")

    assert answer.status_code == 422
    assert not User.objects.filter(username="hexm").exists()
    assert holders(held) == ["吴建国"] * 3


def test_somebody_new_gets_an_account_and_a_slip(post, li, places, client_of, send):
    client = client_of(li)

    answer = send(client, replace_url(post, "new"), name="何小明", note="退休")

    made = Appointment.objects.current().heads().get(place=places.grid)
    assert made.user.username == "wg1-1"
    assert answer.url == reverse("places:slip", args=[made.pk])
    assert User.objects.get(pk=made.user_id).check_password(client.get(answer.url).context["first_password"])


def test_a_double_tap_replaces_once(post, li, huang, client_of):
    client, data = client_of(li), {"idempotency_key": str(uuid4()), "person": huang.pk, "note": "退休"}

    answers = [client.post(replace_url(post), data).status_code for _tap in range(2)]

    assert answers == [302, 302]
    assert Appointment.objects.filter(user=huang.user, role=Role.GRID_LEADER).count() == 1


def test_stand_ins_end_with_the_post_and_one_of_them_may_follow(post, li, nobody, places):
    stand_in = services.appoint(nobody, role=Role.GRID_LEADER, place=places.grid, stands_in_for=post, actor=None)

    made, _first = succession.replace(post, actor=li.user, successor=nobody)

    assert made.stands_in_for is None
    assert Appointment.objects.get(pk=stand_in.pk).has_ended


def test_nobody_follows_themselves_nor_a_stand_in(post, li, nobody, places, wu):
    stand_in = services.appoint(nobody, role=Role.GRID_LEADER, place=places.grid, stands_in_for=post, actor=None)

    for appointment, successor in ((post, wu.user), (stand_in, li.user)):
        with pytest.raises(Refused):
            succession.replace(appointment, actor=li.user, successor=successor)


def test_an_officer_is_replaced_with_what_their_department_gave_them(lin, he, chen, li, places, post_of):
    made = factories.incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    from grid.incidents import services as incidents

    incidents.dispatch(made, actor=li.user, department=lin.department)
    incidents.take(made, actor=lin.user)
    other = make_user("other", "罗文")

    succession.replace(post_of(lin), actor=he.user, successor=other)

    assert holders([made]) == ["罗文"]


def test_the_page_of_dismissal_says_what_stays(held, grid_post, li, client_of):
    page = client_of(li).get(reverse("places:dismiss", args=[grid_post.pk]))

    assert [duty.count for duty in page.context["duties"]] == [1, 1]
    assert replace_url(grid_post).partition("?")[0] in page.text


@pytest.mark.parametrize(
    ("who", "status"), [("li", 200), ("zhang", 200), ("he", 200), ("wu", 403), ("chen", 404), ("zhou", 404)]
)
def test_who_may_replace_a_grid_leader(who, status, request, post, client_of):
    assert client_of(request.getfixturevalue(who)).get(replace_url(post)).status_code == status


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_for_any_number(
    number, post, li, chen, wu, zhang, places, client_of, django_assert_num_queries
):
    for _one in range(number):
        factories.incident(
            place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage="in_progress"
        )
    client, url = client_of(li), replace_url(post)
    client.get(url)

    with django_assert_num_queries(10):
        client.get(url)
