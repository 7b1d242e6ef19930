"""What is due by the calendar reaches whoever has to know, once."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from grid.incidents import services as incidents
from grid.incidents.models import Incident
from grid.places import services as places_services
from grid.places.models import Appointment, Department, Role
from portal.accounts.models import User
from portal.core import outbox
from portal.core.clock import today
from portal.reminders import tasks
from portal.reminders.models import Reminder
from portal.reminders.registry import kind_of
from portal.reminders.services import collect
from portal.workdays.models import CalendarYear
from tests.factories import incident

from .conftest import moment

pytestmark = pytest.mark.django_db
THURSDAY = "2026-06-11 10:00"  # the Friday after it is a working day, the weekend is none


def told(kind: str) -> list[tuple[str, str]]:
    rows = Reminder.objects.filter(kind=kind).order_by("pk")
    return list(rows.values_list("user__username", "text"))


def at(text: str):
    return time_machine.travel(moment(text), tick=False)


@pytest.fixture
def held(places, chen, li, wu) -> Incident:
    """In 吴's hands since the Monday before, due on Friday the 12th at 24:00."""
    with at("2026-06-08 09:00"):
        made = incident(place=places.qishan, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress")
    Incident.objects.filter(pk=made.pk).update(due_at=moment("2026-06-13 00:00"))
    return made


# Incidents that are due soon


@pytest.mark.parametrize(
    ("now", "count"),
    [
        ("2026-06-11 23:59", 0),
        ("2026-06-12 00:01", 1),  # one working day is left
        ("2026-06-12 23:59", 1),
        ("2026-06-13 00:00", 0),  # now it is overdue, and the ladder speaks
    ],
)
def test_whoever_holds_it_hears_a_working_day_before_it_is_due(held, now, count):
    assert collect("incidents.due_soon", now=moment(now)) == count


def test_it_says_the_day_in_the_readers_language_and_says_it_once(held, wu):
    now = moment("2026-06-12 09:00")
    User.objects.filter(pk=wu.pk).update(language="en")

    assert (collect("incidents.due_soon", now=now), collect("incidents.due_soon", now=now)) == (1, 0)
    assert told("incidents.due_soon") == [("wu", f"“岐山中路楼栋小组 {held.category.name_en}” is due by 12 Jun.")]


def test_a_moved_deadline_is_told_again(held):
    collect("incidents.due_soon", now=moment("2026-06-12 09:00"))
    Incident.objects.filter(pk=held.pk).update(due_at=moment("2026-06-16 00:00"))

    assert collect("incidents.due_soon", now=moment("2026-06-12 10:00")) == 0
    assert collect("incidents.due_soon", now=moment("2026-06-15 09:00")) == 1


@pytest.mark.parametrize("stage", ["opened", "awaiting_verification", "closed"])
def test_what_nobody_holds_or_has_to_handle_is_not_told(places, chen, li, zhang, wu, stage):
    made = incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage=stage)
    Incident.objects.filter(pk=made.pk).update(due_at=timezone.now() + timedelta(minutes=5))

    assert collect("incidents.due_soon") == 0


def test_what_is_closed_meanwhile_or_in_other_hands_is_not_mailed(held, wu, li):
    collect("incidents.due_soon", now=moment("2026-06-12 09:00"))
    reminder = Reminder.objects.get(kind="incidents.due_soon")
    still = kind_of("incidents.due_soon").still

    assert still([reminder]) == {reminder.pk}
    Incident.objects.filter(pk=held.pk).update(holder=li.user)
    assert still([reminder]) == set()
    Incident.objects.filter(pk=held.pk).update(holder=wu.user, state="awaiting_verification")
    assert still([reminder]) == set()


# What was to go on


@pytest.fixture
def suspended(held, wu) -> Incident:
    """In 吴's hands still, to go on on the 15th."""
    with at("2026-06-08 10:00"):
        return incidents.suspend(held, actor=wu.user, note="等配件", expected_on=date(2026, 6, 15))


@pytest.mark.parametrize(
    ("now", "count"),
    [("2026-06-14 23:59", 0), ("2026-06-15 00:01", 1), ("2026-06-22 23:59", 1), ("2026-06-23 00:01", 0)],
)
def test_whoever_has_to_go_on_hears_of_it_when_the_day_has_come(suspended, now, count):
    assert collect("incidents.waits", now=moment(now)) == count
    assert collect("incidents.waits", now=moment(now)) == 0


def test_what_nobody_holds_and_waits_is_told_to_the_office(suspended, li):
    Incident.objects.filter(pk=suspended.pk).update(holder=None)

    collect("incidents.waits", now=moment("2026-06-15 09:00"))
    assert [user for user, _text in told("incidents.waits")] == ["li"]


@pytest.mark.parametrize("rows", [1, 3])
def test_what_waits_costs_the_same_for_any_number_of_rows(
    rows, places, chen, li, wu, suspended, django_assert_max_num_queries
):
    for _more in range(rows - 1):
        with at("2026-06-08 09:00"):
            made = incident(
                place=places.longji, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress"
            )
            incidents.suspend(made, actor=wu.user, note="等配件", expected_on=date(2026, 6, 15))
    ContentType.objects.get_for_model(Incident)

    with django_assert_max_num_queries(12) as asked:
        assert collect("incidents.waits", now=moment("2026-06-15 09:00")) == rows
    assert len(asked) == COST.setdefault("waits", len(asked))


COST: dict[str, int] = {}


def test_more_than_is_read_at_once_is_told_to_the_last(places, chen, li, wu, suspended, monkeypatch):
    monkeypatch.setattr("grid.incidents.reminders.AT_ONCE", 2)
    for _more in range(4):
        with at("2026-06-08 09:00"):
            made = incident(
                place=places.longji, reporter=chen.user, office=li.user, handler=wu.user, stage="in_progress"
            )
            incidents.suspend(made, actor=wu.user, note="等配件", expected_on=date(2026, 6, 15))

    assert collect("incidents.waits", now=moment("2026-06-15 09:00")) == 5


# Please rate


@pytest.fixture
def closed(places, chen, zhang, wu) -> Incident:
    with at("2026-06-08 09:00"):
        return incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage="closed")


@pytest.mark.parametrize(("days", "count"), [(2, 0), (3, 1), (9, 1), (11, 0)])
def test_whoever_reported_it_is_asked_again_after_three_days(closed, days, count):
    now = closed.closed_at + timedelta(days=days, minutes=1)

    assert collect("incidents.rate_again", now=now) == count
    assert collect("incidents.rate_again", now=now + timedelta(hours=3)) == 0


def test_who_has_rated_is_not_asked(closed, chen):
    with at("2026-06-09 09:00"):
        incidents.rate(
            closed, actor=chen.user, was_contacted=True, is_solved=True, satisfaction="satisfied", comment=""
        )

    assert collect("incidents.rate_again", now=closed.closed_at + timedelta(days=4)) == 0


def test_a_rating_before_the_mail_leaves_spares_it(closed, chen):
    collect("incidents.rate_again", now=closed.closed_at + timedelta(days=4))
    reminder = Reminder.objects.get(kind="incidents.rate_again")
    still = kind_of("incidents.rate_again").still

    assert still([reminder]) == {reminder.pk}
    with at("2026-06-09 09:00"):
        incidents.rate(
            closed, actor=chen.user, was_contacted=True, is_solved=True, satisfaction="satisfied", comment=""
        )
    assert still([reminder]) == set()


def test_what_a_caller_reported_is_asked_by_telephone(places, li, zhang, wu):
    called = {"source": "call", "caller_mobile": "13800138000", "reporter": li.user, "handler": wu.user}
    made = incident(place=places.qishan, office=zhang.user, stage="closed", **called)

    assert collect("incidents.rate_again", now=made.closed_at + timedelta(days=4)) == 0


def test_who_only_explained_it_is_not_praised(closed):
    Incident.objects.filter(pk=closed.pk).update(resolution="explained")

    assert collect("incidents.rate_again", now=closed.closed_at + timedelta(days=4)) == 0


# Posts that end


def ends(person, days: int) -> None:
    """So many days from now is the last day of their posts."""
    Appointment.objects.filter(user=person.user).update(until=today() + timedelta(days=days + 1))


@pytest.mark.parametrize(("days", "stage"), [(31, None), (30, "30"), (8, "30"), (7, "7"), (0, "7"), (-1, None)])
def test_whoever_holds_a_post_hears_thirty_and_seven_days_before_its_last_day(chen, days, stage):
    ends(chen, days)

    assert collect("posts.ending") == (stage is not None)
    if stage:
        assert Reminder.objects.get().stage.endswith(f" {stage}")


def test_both_are_told_as_the_end_comes_near(chen):
    ends(chen, 30)
    assert (collect("posts.ending"), collect("posts.ending")) == (1, 0)

    with time_machine.travel(timezone.now() + timedelta(days=23), tick=False):
        assert (collect("posts.ending"), collect("posts.ending")) == (1, 0)
    assert "岐山中路楼栋小组" in Reminder.objects.first().text


def test_who_goes_on_in_the_same_post_is_not_told(chen):
    ends(chen, 10)
    post = Appointment.objects.get(user=chen.user)
    places_services.appoint(chen.user, role=Role.BUILDING_LEADER, place=chen.place, actor=None, since=post.until)

    assert (collect("posts.ending"), collect("posts.vacant_soon")) == (0, 0)


def test_the_secretary_hears_of_a_leaders_end_and_the_street_of_a_clerks(chen, li, zhang, he):
    ends(chen, 10)
    ends(li, 10)

    assert collect("posts.vacant_soon") == 2
    assert sorted(user for user, _text in told("posts.vacant_soon")) == ["he", "zhang"]


def test_with_a_successor_appointed_nobody_has_to_look_for_one(chen, huang, zhang):
    ends(chen, 10)
    post = Appointment.objects.get(user=chen.user)
    places_services.appoint(huang.user, role=Role.BUILDING_LEADER, place=chen.place, actor=None, since=post.until)

    assert (collect("posts.vacant_soon"), collect("posts.ending")) == (0, 1)


def test_an_officers_post_leads_somewhere_too(lin, client_of):
    ends(lin, 6)

    assert collect("posts.ending") == 1
    reminder = Reminder.objects.get()
    assert str(Department.objects.get()) in reminder.text
    assert client_of(lin).get(reminder.get_absolute_url(), follow=True).status_code == 200


def test_an_end_that_was_moved_is_not_mailed(chen):
    ends(chen, 10)
    collect("posts.ending")
    reminder, still = Reminder.objects.get(), kind_of("posts.ending").still

    assert still([reminder]) == {reminder.pk}
    ends(chen, 200)
    assert still([reminder]) == set()


# The calendar


@pytest.mark.parametrize(("now", "years"), [("2040-11-30", [2040]), ("2040-12-01", [2040, 2041])])
def test_from_the_first_of_december_the_next_year_is_asked_for(he, chen, now, years):
    CalendarYear.objects.filter(year__gte=2040).delete()

    assert collect("workdays.unknown", now=moment(f"{now} 09:00")) == len(years)
    assert [int(stage[:4]) for stage in Reminder.objects.order_by("pk").values_list("stage", flat=True)] == years
    assert set(Reminder.objects.values_list("user", flat=True)) == {he.pk}


def test_once_a_month_until_it_is_there(he):
    now = moment("2040-12-05 09:00")
    CalendarYear.objects.create(year=2040, source="x")
    assert (collect("workdays.unknown", now=now), collect("workdays.unknown", now=now + timedelta(days=9))) == (1, 0)
    assert collect("workdays.unknown", now=now + timedelta(days=40)) == 1  # it is 2041 by now

    reminder, still = Reminder.objects.first(), kind_of("workdays.unknown").still
    assert still([reminder]) == {reminder.pk}
    CalendarYear.objects.create(year=2041, source="x")
    assert still([reminder]) == set()
    assert collect("workdays.unknown", now=moment("2041-02-05 09:00")) == 0


def test_it_leads_to_the_page_of_that_year(he, client_of):
    collect("workdays.unknown", now=moment("2040-12-05 09:00"))

    response = client_of(he).get(Reminder.objects.order_by("-stage").first().get_absolute_url())

    assert response["Location"] == "/workdays/2041/"


# Collected by the clock


def test_the_task_collects_what_its_entry_names(held):
    with at("2026-06-12 09:00"):
        assert tasks.collect(kind="incidents.due_soon") == 1


def test_a_department_that_has_it_is_told_through_its_officers_only_when_dispatched(places, chen, li, lin):
    made = incident(place=places.qishan, reporter=chen.user, office=li.user, stage="opened")
    incidents.dispatch(made, actor=li.user, department=lin.department)
    outbox.drain()

    reminder = Reminder.objects.get(kind="incidents.dispatched", user=lin.user)
    assert kind_of("incidents.dispatched").still([reminder]) == {reminder.pk}
