"""The desk of a department: what was whistled to it and nothing else, its buttons, and how fast it answers."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from grid.incidents import services, tiles
from grid.incidents.department import Row
from grid.incidents.models import Incident
from grid.places import services as posts
from grid.places.models import Department, Role
from portal.accounts.models import User
from portal.core.clock import SHANGHAI
from tests.cast import SINCE, Person, make_user
from tests.factories import incident

from .conftest import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def fire(places) -> Department:
    return Department.objects.create(street=places.street, name="消防救援站")


@pytest.fixture
def zheng(fire, places) -> Person:
    """郑强, officer of another department of the same street."""
    user = make_user("zheng", "郑强")
    posts.appoint(user, role=Role.DEPARTMENT_OFFICER, department=fire, actor=None, since=SINCE)
    return Person(user, places.street, fire)


@pytest.fixture
def whistle(chen, li, lin, places):
    """An incident whistled to 林's department, brought to `stage` by 林 and the office."""

    def make(stage="dispatched", department=None, at=None, **fields):
        fields = {"place": places.qishan, "reporter": chen.user, **fields}
        made = incident(**fields, office=li.user, stage="opened", at=at)
        services.dispatch(made, actor=li.user, department=department or lin.department, note="请现场查处", at=at)
        steps = {
            "taken": ["take"],
            "sent": ["take", "finish"],
            "closed": ["take", "finish", "close"],
            "dispatched": [],
        }[stage]
        for step in steps:
            if step == "take":
                services.take(made, actor=lin.user, at=at)
            elif step == "finish":
                services.finish(made, actor=lin.user, outcome="已责令拆除", at=at)
            else:
                services.close(made, actor=li.user, at=at)
        made.refresh_from_db()
        return made

    return make


def desk(client, tab="") -> dict[int, list[str]]:
    """Incidents of a tab with the buttons that each offers."""
    page = client.get(url("department"), {"tab": tab})
    return {row.incident.pk: [form.slug for form in row.moves] for row in page.context["rows"]}


def test_each_incident_lies_in_the_tab_of_what_is_to_be_done(whistle, lin, client_of):
    made = {stage: whistle(stage).pk for stage in ("dispatched", "taken", "sent", "closed")}
    client = client_of(lin)

    assert desk(client) == desk(client, "new") == {made["dispatched"]: ["take", "ask-return"]}
    assert desk(client, "in_hand") == {made["taken"]: ["arrive", "finish", "ask-return"]}
    assert desk(client, "sent") == {made["sent"]: []}
    assert desk(client, "done") == {made["closed"]: []}
    counts = [count for _tab, count in client.get(url("department")).context["tabs"]]
    assert counts == [1, 1, 1, 1]


def test_what_has_been_over_for_long_is_gone_from_the_desk(whistle, lin, client_of):
    made = whistle("closed")
    Incident.objects.filter(pk=made.pk).update(closed_at=timezone.now() - timedelta(days=91))

    assert desk(client_of(lin), "done") == {}


def test_rework_is_to_be_taken_again(whistle, lin, li, client_of):
    made = whistle("sent")
    services.rework(made, actor=li.user, note="还没有拆完")

    assert desk(client_of(lin), "new") == {made.pk: ["take", "ask-return"]}


def test_an_officer_sees_nothing_but_what_was_whistled_to_their_department(
    whistle, chen, fire, lin, zheng, places, client_of
):
    mine, theirs = whistle(), whistle(department=fire)
    undispatched = incident(place=places.qishan, reporter=chen.user)
    client = client_of(lin)

    assert list(desk(client)) == [mine.pk]
    assert [row.pk for row in client.get(url("list"), {"scope": "all"}).context["page"]] == [mine.pk]
    for foreign in (theirs, undispatched):
        assert client.get(url("detail", foreign)).status_code == 404
        for move in ("take", "arrive", "finish", "ask-return"):
            assert client.post(url(move, foreign), {"note": "x", "outcome": "x", "reason": "x"}).status_code == 404
    assert list(desk(client_of(zheng))) == [theirs.pk]


def test_an_officer_sees_no_place_no_household_and_no_list_of_people(lin, places, client_of):
    client = client_of(lin)

    assert client.get(places.qishan.get_absolute_url()).status_code == 404
    assert client.get(reverse("roster:buildings", args=[places.qishan.pk])).status_code == 404
    assert client.get(reverse("roster:people")).status_code == 403


def test_an_objection_waits_and_once_granted_it_is_gone(whistle, lin, li, client_of):
    made = whistle()
    client = client_of(lin)
    asked = services.ask_return(made, actor=lin.user, reason="属于住建部门")

    (row,) = client.get(url("department")).context["rows"]
    assert (row.waits_for_decision, [form.slug for form in row.moves]) == (True, ["take"])

    services.decide(asked, actor=li.user, granted=True)

    assert desk(client) == {}
    assert client.get(url("detail", made)).status_code == 404


def test_it_stays_when_the_objection_is_refused(whistle, lin, li, client_of):
    made = whistle()
    asked = services.ask_return(made, actor=lin.user, reason="属于住建部门")
    services.decide(asked, actor=li.user, granted=False, reply="职责清单里写明由贵办处理")

    assert list(desk(client_of(lin))) == [made.pk]


def test_an_arrival_is_said_once_and_shown(whistle, lin, client_of):
    made = whistle("taken")
    client = client_of(lin)

    response = client.post(url("arrive", made), {"note": "店主在场"})

    made.refresh_from_db()
    assert response.status_code == 302
    assert made.arrived_at is not None
    assert desk(client, "in_hand") == {made.pk: ["finish", "ask-return"]}


@pytest.mark.parametrize("person", ["chen", "wu", "li", "zhang", "he", "nobody"])
def test_the_desk_is_for_officers(person, request, places, client_of):
    assert client_of(request.getfixturevalue(person)).get(url("department")).status_code == 403


def test_whose_post_has_ended_has_no_desk(whistle, lin, li, client_of):
    made = whistle()
    posts.end_posts(department=lin.department, actor=None)

    client = client_of(User.objects.get(pk=lin.pk))

    assert client.get(url("department")).status_code == 403
    assert client.get(url("detail", made)).status_code in (403, 404)


def test_how_fast_it_answers_this_month_is_a_median_with_its_n(whistle, lin, client_of):
    with time_machine.travel(datetime(2023, 5, 20, 10, tzinfo=SHANGHAI), tick=False):
        begun = timezone.now() - timedelta(days=10)
        for hours in (1, 2, 9):
            made = whistle("taken", at=begun)
            Incident.objects.filter(pk=made.pk).update(taken_at=begun + timedelta(hours=hours))
        Incident.objects.filter(pk=made.pk).update(arrived_at=begun + timedelta(hours=12))
        whistle("dispatched", at=begun)
        whistle("taken", at=begun - timedelta(days=30))  # last month

        found = client_of(lin).get(url("department")).context["answering"]

    assert (found.whistled, found.taken, found.to_take, found.arrived, found.to_arrive) == (4, 3, 2.0, 1, 12.0)


def test_nothing_to_count_is_a_dash_and_not_nought(lin, client_of):
    found = client_of(lin).get(url("department")).context["answering"]

    assert (found.whistled, found.taken, found.to_take, found.arrived, found.to_arrive) == (0, 0, None, 0, None)


def test_what_was_not_begun_in_time_is_marked(whistle, lin, client_of):
    late, fresh = whistle(), whistle()
    Incident.objects.filter(pk=late.pk).update(act_due_at=timezone.now() - timedelta(hours=1))

    rows = client_of(lin).get(url("department")).context["rows"]

    assert [(row.incident.pk, row.acts_late) for row in rows] == [(late.pk, True), (fresh.pk, False)]


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (None, ""),
        (datetime(2023, 5, 20, 0, 0, tzinfo=SHANGHAI), "2023-05-19"),  # the day before ends with 24:00
        (datetime(2023, 5, 20, 12, 0, tzinfo=SHANGHAI), "2023-05-20"),
        (datetime(2023, 5, 20, 9, 30, tzinfo=SHANGHAI), "2023-05-20 09:30"),
    ],
)
def test_until_when_it_has_to_be_begun_is_said_as_people_say_it(due, words):
    said = Row(Incident(act_due_at=due), [], 0, waits_for_decision=False).begin_by

    assert (words in said, bool(said)) == (True, due is not None)


def test_the_home_page_of_an_officer_leads_to_the_desk(whistle, lin, li, client_of):
    made = whistle()
    page = client_of(lin).get("/")

    assert f'href="{url("department")}"' in page.text
    assert made.get_absolute_url() in page.text
    assert [tile.url for tile, _hint, _count in page.context["tiles"]] == [url("department"), reverse("notices:list")]
    assert url("department") not in client_of(li).get("/").text
    assert [entry.url for entry in tiles.mine(lin.user)] == [made.get_absolute_url()]


@pytest.mark.parametrize("tab", ["new", "in_hand"])
def test_the_desk_costs_the_same_for_any_number_of_rows(
    tab, whistle, lin, client_of, django_assert_num_queries, django_assert_max_num_queries
):
    stage = {"new": "dispatched", "in_hand": "taken"}[tab]
    whistle(stage)
    client = client_of(lin)
    with django_assert_max_num_queries(14) as first:
        client.get(url("department"), {"tab": tab})
    whistle(stage)
    whistle(stage)

    with django_assert_num_queries(len(first)):
        client.get(url("department"), {"tab": tab})
