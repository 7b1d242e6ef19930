"""Whoever started long work may let it come to nothing, while it waits and while it is worked on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from portal.jobs import running, services
from portal.jobs.models import Job, JobFile, State
from portal.jobs.registry import kinds
from portal.jobs.signals import job_ended
from tests.core.races import elsewhere, race

from .conftest import STEPS, started

ROUNDS = 20
in_one_go = pytest.mark.django_db


def url(job, name="cancel"):
    return reverse(f"jobs:{name}", args=[job.pk])


@pytest.fixture
def parted(bell):
    """The bell's work commits by itself, part by part."""
    kinds.items["tests.bell"] = replace(kinds.items["tests.bell"], at_once=False)
    return bell


# What is cancelled


@in_one_go
def test_a_waiting_job_is_cancelled_and_nobody_takes_it_up(bell, li):
    job = services.cancel(started(li), actor=li.user)

    assert (job.state, running.run(job.pk), bell.rung) == (State.CANCELLED, False, [])
    assert services.waiting() == []


@in_one_go
def test_that_it_was_cancelled_is_on_record_with_how_far_it_was(bell, li):
    job = started(li, total=4)
    Job.objects.update(state=State.RUNNING, done=1)
    at = timezone.now() - timedelta(hours=1)
    services.cancel(job, actor=li.user, at=at)

    entry = AuditEntry.objects.get(action="jobs.cancelled")
    assert (entry.actor, entry.subject_id, entry.happened_at) == (li.user, job.pk, at)
    assert entry.data == {"kind": "tests.bell", "done": 1, "total": 4}


@in_one_go
def test_what_it_was_about_is_forgotten_at_once_and_the_job_after_a_week(bell, li):
    job = services.cancel(started(li, payload={"days": [1]}, note="核对"), actor=li.user)
    job.refresh_from_db()
    Job.objects.update(expires_at=timezone.now())

    assert (job.payload, job.note) == ({}, "")
    assert services.expire() == 0
    assert not Job.objects.exists()


@in_one_go
def test_nobody_is_told_the_end_of_what_they_cancelled_themselves(bell, li, client_of):
    heard = []

    def hear(sender, job, **_kwargs):
        heard.append(job.pk)

    job_ended.connect(hear)
    services.cancel(started(li), actor=li.user)
    job_ended.disconnect(hear)

    assert heard == []
    assert [todo.url for todo in client_of(li).get("/").context["to_dos"] if todo.url == reverse("jobs:mine")] == []


@in_one_go
def test_the_same_may_be_started_anew(bell, li):
    first = services.cancel(started(li, payload={"days": [1]}), actor=li.user)
    second = started(li, payload={"days": [1]})
    running.run(second.pk)
    second.refresh_from_db()

    assert (second != first, second.state) == (True, State.DONE)


# What is refused


@in_one_go
def test_nobody_cancels_the_work_of_another(bell, li, zhang, client_of):
    job = started(li)

    with pytest.raises(Refused):
        services.cancel(job, actor=zhang.user)
    assert [client_of(zhang).get(url(job)).status_code, client_of(zhang).post(url(job)).status_code] == [404, 404]
    assert Job.objects.get().state == State.WAITING


@in_one_go
@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.EXPIRED, State.CANCELLED])
def test_what_has_ended_is_not_cancelled(state, bell, li, client_of):
    job = started(li)
    Job.objects.update(state=state, finished_at=timezone.now())

    answer = client_of(li).post(url(job))

    assert (answer.status_code, Job.objects.get().state) == (422, state)
    assert not AuditEntry.objects.filter(action="jobs.cancelled").exists()


@in_one_go
def test_what_is_done_elsewhere_is_stopped_there(li, client_of):
    services.follow("roster.import", 7, owner=li.user, title="名册")
    job = Job.objects.get()

    assert client_of(li).post(url(job)).status_code == 422
    assert url(job) not in client_of(li).get(reverse("jobs:mine")).text


@in_one_go
def test_rights_that_ended_do_not_keep_anybody_from_stopping_their_work(bell, li):
    job = started(li)
    kinds.items["tests.bell"] = replace(kinds.items["tests.bell"], permission="nobody.may")

    assert services.cancel(job, actor=li.user).state == State.CANCELLED


# Where it is asked for


@in_one_go
def test_it_is_asked_for_once_more_before_it_is_done(bell, li, client_of):
    job, client = started(li), client_of(li)

    pages = [client.get(job.get_absolute_url()).text, client.get(reverse("jobs:mine")).text]
    asked = client.get(url(job))
    still = Job.objects.get().state
    done = client.post(url(job))

    assert [url(job) in page for page in pages] == [True, True]
    assert (asked.status_code, still) == (200, State.WAITING)
    assert (done.url, Job.objects.get().state) == (job.get_absolute_url(), State.CANCELLED)


@in_one_go
def test_the_page_of_a_cancelled_job_asks_for_nothing_any_more(bell, li, client_of):
    job, client = services.cancel(started(li), actor=li.user), client_of(li)

    page = client.get(job.get_absolute_url())
    polled = client.get(job.get_absolute_url(), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="job-progress")

    assert 'http-equiv="refresh"' not in page.text
    assert "hx-trigger" not in page.text
    assert [url(job) in page.text, url(job, "again") in page.text] == [False, False]
    assert polled["HX-Refresh"] == "true", "a page that was open meanwhile learns of it"


# While somebody works on it


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_notices_between_two_parts_and_leaves_nothing(bell, li):
    job, parts = started(li, total=STEPS), []

    def does(work):
        for done in range(1, STEPS + 1):
            parts.append(done)
            elsewhere(lambda: services.cancel(job, actor=li.user)) if done == 1 else None
            work(done, STEPS, stage=str(done))

    bell.does = does
    running.run(job.pk)
    job.refresh_from_db()

    assert (parts, job.state, JobFile.objects.count()) == ([1], State.CANCELLED, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_parts_that_were_done_stay_and_no_turn_follows(parted, li):
    from portal.core import audit

    def does(work):
        audit.record("tests.rung", work.owner, actor=work.owner)
        parted.pauses(work)

    parted.does = does
    job = started(li, total=STEPS)
    running.run(job.pk)
    services.cancel(job, actor=li.user)

    assert [running.run(job.pk), services.waiting()] == [False, []]
    assert AuditEntry.objects.filter(action="tests.rung").count() == 1
    assert AuditEntry.objects.get(action="jobs.cancelled").data["done"] == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_cancelled_when_all_but_done_it_makes_no_file(bell, li):
    job = started(li)
    bell.does = lambda work: elsewhere(lambda: services.cancel(job, actor=li.user))
    running.run(job.pk)
    job.refresh_from_db()

    assert (job.state, JobFile.objects.count()) == (State.CANCELLED, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_either_it_is_done_or_it_is_cancelled(bell, li, settings):
    settings.JOBS_AT_ONCE = 4
    jobs = [started(li, payload={"round": number}) for number in range(ROUNDS)]
    hands = iter(range(2 * ROUNDS))

    def hand(number):
        if next(hands) % 2:
            return running.run(jobs[number].pk)
        try:
            return services.cancel(jobs[number], actor=li.user).state
        except Refused:
            return False

    race(hand, hands=2, rounds=ROUNDS)

    done = set(Job.objects.filter(state=State.DONE).values_list("pk", flat=True))
    cancelled = set(Job.objects.filter(state=State.CANCELLED).values_list("pk", flat=True))
    assert done | cancelled == {job.pk for job in jobs}
    assert set(JobFile.objects.values_list("job_id", flat=True)) == done
    assert set(AuditEntry.objects.filter(action="jobs.cancelled").values_list("subject_id", flat=True)) == cancelled
