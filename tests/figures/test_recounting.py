"""Days counted anew by hand: by whom, which, and a day at a time."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from portal.core.clock import today
from portal.figures import rollup
from portal.figures.jobs import PERIODS, RECOUNT
from portal.figures.models import Count, DirtyDay, FigureKey, Snapshot
from portal.jobs import running, shown
from portal.jobs.models import Job, State
from portal.jobs.registry import kinds
from portal.jobs.work import Work

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2023, 5, 1), date(2023, 5, 3)
ONE_BY_ONE = [(day, day) for day in (FIRST, FIRST + timedelta(days=1), LAST)]


@pytest.fixture
def counted(monkeypatch):
    """The days that were counted, from the first to the last of each step."""
    steps = []
    monkeypatch.setattr(rollup, "records", lambda first, last: steps.append((first, last)))
    return steps


def asked(client, place, first=FIRST, last=LAST):
    data = {"first": first.isoformat(), "last": last.isoformat(), "idempotency_key": uuid4()}
    return client.post(reverse("figures:recount", args=[place.pk]), data)


def test_a_secretary_has_days_counted_anew_and_sees_how_far_it_is(zhang, places, client_of, counted):
    response = asked(client_of(zhang), places.dalong)
    running.run(Job.objects.get().pk)

    job = Job.objects.get()
    assert response.url == job.get_absolute_url()
    assert counted == ONE_BY_ONE
    assert (job.state, job.done, job.total) == (State.DONE, 3, 3)
    assert job.payload == {"place": places.dalong.pk, "first": "2023-05-01", "last": "2023-05-03"}


def test_days_before_anything_was_on_record_are_refused(he, places, client_of):
    """A portal that was never counted would go on from there, night after night."""
    response = asked(client_of(he), places.street, date(1, 1, 1), date(1, 1, 2))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["first"]
    assert not Job.objects.exists()


def test_many_days_are_counted_by_the_week(zhang, places, client_of, counted):
    asked(client_of(zhang), places.dalong, FIRST, date(2023, 6, 5))
    running.run(Job.objects.get().pk)

    assert counted[0] == (FIRST, date(2023, 5, 7))
    assert counted[-1] == (date(2023, 6, 5), date(2023, 6, 5))
    assert len(counted) == 6
    assert Job.objects.get().done == 36


def test_it_lets_others_have_their_turn_and_goes_on_from_the_day_reached(he, places, client_of, counted, monkeypatch):
    asked(client_of(he), places.street)
    monkeypatch.setattr(Work, "time_is_up", property(lambda work: work.done > work.job.done))
    pk = Job.objects.get().pk
    turns = 0
    while running.run(pk):
        turns += 1

    assert (turns, counted) == (4, ONE_BY_ONE), "the last turn is for what the days have in common"
    assert Job.objects.get().state == State.DONE


@pytest.mark.parametrize("person", ["li", "wu", "chen"])
def test_nobody_else_has_anything_counted(person, request, places, client_of):
    who = request.getfixturevalue(person)

    assert asked(client_of(who), who.place).status_code == 403
    assert not Job.objects.exists()


def test_a_secretary_asks_in_their_own_community(zhang, places, client_of):
    assert asked(client_of(zhang), places.lingbian).status_code == 404


@pytest.mark.parametrize(
    ("first", "last"),
    [(LAST, FIRST), (FIRST, today()), (date(2021, 1, 1), date(2023, 1, 1))],
    ids=["the wrong way round", "today", "too many"],
)
def test_days_that_make_no_sense_are_refused_with_words(first, last, zhang, places, client_of):
    response = asked(client_of(zhang), places.dalong, first, last)

    assert response.status_code == 422
    assert response.context["form"].errors
    assert not Job.objects.exists()


def test_the_page_offers_the_period_of_the_board_it_is_opened_from(zhang, places, client_of):
    url = reverse("figures:recount", args=[places.dalong.pk], query={"period": "2023-05"})

    form = client_of(zhang).get(url).context["form"]

    assert (form["first"].value(), form["last"].value()) == (date(2023, 5, 1), date(2023, 5, 31))


@pytest.mark.parametrize("query", [{}, {"period": "2023-05"}])
def test_the_way_back_leads_to_the_board_one_came_from(query, zhang, places, client_of):
    client, board = client_of(zhang), reverse("dashboard:board", args=[places.dalong.pk], query=query)

    page = client.get(reverse("figures:recount", args=[places.dalong.pk], query=query))

    assert f'class="page-back" href="{board}"' in page.text
    if query:
        assert f'href="{reverse("figures:recount", args=[places.dalong.pk], query=query)}"' in client.get(board).text


def everything_kept():
    rows = Count.objects.order_by("pk").values_list("place", "figure__key", "period", "day", "value")
    looked_at = Snapshot.objects.order_by("pk").values_list("figure__key", "day")
    return list(rows), list(looked_at), sorted(FigureKey.objects.values_list("key", "through"))


def forget_everything():
    for model in (Count, Snapshot, DirtyDay):
        model.objects.all().delete()
    FigureKey.objects.update(through=None)


def test_a_year_by_job_is_kept_as_a_year_by_command(he, places, written, in_january, client_of, monkeypatch):
    first, last = date(2023, 1, 1), date(2023, 12, 31)
    for month in range(1, 13):
        written(places.qishan, date(2023, month, 10), month)
    years, count_year = [], rollup._year
    monkeypatch.setattr(rollup, "_year", lambda *asked: years.append(asked) or count_year(*asked))

    rollup.days(first, last)
    by_command, years_by_command = everything_kept(), list(years)
    forget_everything()
    years.clear()
    asked(client_of(he), places.street, first, last)
    running.run(Job.objects.get().pk)

    assert Job.objects.get().state == State.DONE
    assert everything_kept() == by_command
    assert years == years_by_command == [("incidents", date(2023, 1, 1))]


def test_days_by_job_are_kept_as_days_by_command(he, places, written, in_january, client_of):
    first, last = date(2023, 12, 21), date(2024, 1, 10)
    written(places.qishan, first, 2)
    written(places.longji, last, 3)

    rollup.days(first, last)
    by_command = everything_kept()
    forget_everything()
    asked(client_of(he), places.street, first, last)
    running.run(Job.objects.get().pk)

    assert everything_kept() == by_command


@pytest.mark.django_db(transaction=True)
def test_it_says_when_only_the_periods_are_left(he, places, client_of, counted, monkeypatch):
    seen = []
    monkeypatch.setattr(rollup, "finish", lambda *_days: seen.append(shown.Shown(Job.objects.get(), kind).stage))
    kind = kinds.items[RECOUNT]
    asked(client_of(he), places.street)
    running.run(Job.objects.get().pk)

    assert seen == [kind.stages[PERIODS]]


def test_it_counts_for_real(zhang, places, client_of):
    asked(client_of(zhang), places.dalong)
    running.run(Job.objects.get().pk)

    assert Job.objects.get().state == State.DONE
