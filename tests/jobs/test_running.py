"""How a worker carries a job out: once at a time, in words when it fails, taken up again, given up at last."""

from contextlib import suppress
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone, translation
from structlog.testing import capture_logs

from portal.jobs import running, services
from portal.jobs.models import Job, JobFile, State
from portal.jobs.registry import ATTEMPTS
from portal.jobs.signals import job_ended
from portal.jobs.tasks import run_job

from .conftest import STEPS, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """Jobs whose end was announced, with the state they ended in."""
    heard = []

    def hear(sender, job, **_kwargs):
        heard.append((job.pk, job.state))

    job_ended.connect(hear)
    yield heard
    job_ended.disconnect(hear)


def test_a_job_is_carried_out_once_and_its_end_announced_once(bell, li, told):
    job = started(li, total=5)

    assert [running.run(job.pk), running.run(job.pk)] == [True, False]
    job.refresh_from_db()
    assert (job.state, job.attempts, bell.rung) == (State.DONE, 1, [job.pk])
    assert job.expires_at - job.finished_at == services.KEPT
    assert told == [(job.pk, State.DONE)]


def test_a_refusal_is_kept_in_words(bell, li, told):
    bell.does = bell.refuses
    job = started(li)
    running.run(job.pk)
    job.refresh_from_db()

    assert (job.state, job.error, JobFile.objects.count()) == (State.FAILED, "没有铃", 0)
    assert told == [(job.pk, State.FAILED)]


def test_an_error_says_to_nobody_what_it_was_about(bell, li):
    bell.does = bell.breaks
    job = started(li)
    with capture_logs() as logs:
        running.run(job.pk)
    job.refresh_from_db()

    assert job.state == State.FAILED
    assert "13800138000" not in repr(logs) + job.error
    assert "RuntimeError" in repr(logs)


def test_words_are_in_the_language_of_the_owner(bell, li):
    spoken = []
    bell.does = lambda work: spoken.append(translation.get_language())
    li.user.language = "en"
    li.user.save()
    running.run(started(li).pk)

    assert spoken == ["en"]


def test_a_job_that_kills_its_worker_is_given_up_after_so_many_tries(bell, li):
    job = started(li)
    Job.objects.update(state=State.RUNNING, attempts=ATTEMPTS, turn=ATTEMPTS)

    assert running.run(job.pk) is False
    job.refresh_from_db()
    assert (job.state, bell.rung) == (State.FAILED, [])
    assert str(ATTEMPTS) in job.error


def test_a_job_whose_owner_may_no_longer_is_not_done(bell, li):
    job = started(li)
    li.user.is_active = False
    li.user.save()
    running.run(job.pk)
    job.refresh_from_db()

    assert (job.state, bell.rung) == (State.FAILED, [])


def test_an_attempt_that_was_overtaken_writes_nothing(bell, li, told):
    job = started(li)
    bell.does = lambda work: Job.objects.filter(pk=work.job.pk).update(turn=9)
    running.run(job.pk)
    job.refresh_from_db()

    assert (job.state, JobFile.objects.count(), told) == (State.RUNNING, 0, [])


def test_work_that_pauses_goes_on_from_where_it_was(bell, li):
    bell.does = bell.pauses
    job = started(li, total=STEPS)
    seen = []
    while running.run(job.pk):
        job.refresh_from_db()
        seen.append((job.state, job.done, job.attempts))

    assert seen == [(State.WAITING, 1, 0), (State.WAITING, 2, 0), (State.DONE, 3, 1)]


def test_work_that_outstays_its_time_goes_on_from_where_it_was(bell, li, told, step_by_step):
    bell.does = bell.outstays
    job = started(li, total=STEPS)
    seen = []
    while running.run(job.pk):
        job.refresh_from_db()
        seen.append((job.state, job.done, job.attempts))

    assert seen == [(State.WAITING, 1, 0), (State.WAITING, 2, 0), (State.DONE, 3, 1)]
    assert told == [(job.pk, State.DONE)]


def test_work_that_stands_or_falls_whole_is_tried_again_when_its_time_was_too_short(bell, li):
    bell.does = bell.outstays
    job = started(li, total=STEPS)
    with pytest.raises(running.Interrupted):
        running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, services.waiting()) == (State.RUNNING, 1, [job.pk])

    bell.does = lambda work: None
    assert running.run(job.pk) is True
    assert JobFile.objects.get().job == job


@pytest.mark.parametrize("outcome", ["step by step", "at once"])
def test_work_whose_time_is_never_enough_ends_in_words(outcome, bell, li, request):
    if outcome == "step by step":
        request.getfixturevalue("step_by_step")

    def does(_work):
        raise SoftTimeLimitExceeded

    bell.does = does
    job = started(li)
    for _attempt in range(ATTEMPTS + 1):
        with suppress(running.Interrupted):
            running.run(job.pk)
    job.refresh_from_db()

    assert (job.state, len(bell.rung)) == (State.FAILED, ATTEMPTS)
    assert str(ATTEMPTS) in job.error


def test_whoever_has_waited_longest_comes_first(bell, li, zhang):
    new, old, rested = started(li), started(zhang), started(li, payload={"days": [1]})
    ago = timezone.now() - timedelta(minutes=10)
    Job.objects.filter(pk=old.pk).update(created_at=ago + timedelta(minutes=1))
    Job.objects.filter(pk=rested.pk).update(created_at=ago, beat_at=ago + timedelta(minutes=5))

    assert services.waiting() == [old.pk, rested.pk, new.pk]
    assert services.waiting(most=1) == [old.pk]


def test_a_worker_goes_on_to_the_next(bell, li, zhang, monkeypatch):
    first, second = started(li), started(zhang)
    handed = []
    monkeypatch.setattr(run_job, "apply_async", lambda arguments, **options: handed.append(arguments))
    run_job(first.pk)

    assert handed == [[second.pk]]


def test_no_more_run_at_once_than_leave_a_worker_for_the_rest(bell, li, settings):
    settings.JOBS_AT_ONCE = 0
    job = started(li)

    assert running.run(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.WAITING, 0)


def test_a_file_that_is_too_large_is_refused_in_words(bell, li, monkeypatch):
    monkeypatch.setattr(running, "LARGEST", 3)
    job = started(li)
    running.run(job.pk)
    job.refresh_from_db()

    assert (job.state, JobFile.objects.count()) == (State.FAILED, 0)
    assert job.error
