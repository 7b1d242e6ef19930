"""Many hands at one job on real connections, many rounds; progress seen from outside; a worker killed in the middle."""

import os
import signal
import subprocess
import sys
import time
from uuid import uuid4

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction

from portal.core.models import AuditEntry
from portal.jobs import running, work
from portal.jobs.models import Job, JobFile, State
from tests.core.races import elsewhere, race

from .conftest import STEPS, started

ROUNDS = 20
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_double_tap_from_several_tabs_starts_one_job(bell, li):
    keys = [uuid4() for _round in range(ROUNDS)]

    started_by = race(
        lambda number: started(li, payload={"round": number}, key=keys[number]).pk, hands=5, rounds=ROUNDS
    )

    assert [len(set(pks)) for pks in started_by] == [1] * ROUNDS
    assert Job.objects.count() == ROUNDS


def test_the_same_work_is_in_hand_once_without_any_key(bell, li):
    started_by = race(lambda number: started(li, payload={"round": number}).pk, hands=4, rounds=ROUNDS)

    assert [len(set(pks)) for pks in started_by] == [1] * ROUNDS


def test_a_job_that_several_workers_take_is_carried_out_once(bell, li, settings):
    settings.JOBS_AT_ONCE = 4
    jobs = [started(li, payload={"round": number}) for number in range(ROUNDS)]

    kept = race(lambda number: running.run(jobs[number].pk), hands=4, rounds=ROUNDS)

    assert [sorted(hands) for hands in kept] == [[False, False, False, True]] * ROUNDS
    assert sorted(bell.rung) == [job.pk for job in jobs]
    assert JobFile.objects.count() == ROUNDS
    assert set(Job.objects.values_list("state", "attempts")) == {(State.DONE, 1)}


def test_one_job_at_a_time_leaves_a_worker_for_the_rest(bell, li):
    first, second = (started(li, payload={"round": number}) for number in range(2))
    meanwhile = []
    bell.does = lambda work: meanwhile.append(elsewhere(lambda: running.run(second.pk)))

    assert running.run(first.pk) is True
    assert meanwhile == [False]
    assert Job.objects.get(pk=second.pk).state == State.WAITING


def test_how_far_it_is_can_be_seen_before_its_transaction_ends_and_not_too_often(bell, li, monkeypatch):
    monkeypatch.setattr(work, "OFTEN", 60)  # the test may take longer than half a second
    job = started(li, total=1000)
    seen = []

    def does(tell):
        for done in range(0, 1001, 100):
            tell(done, 1000, stage="ringing")
        seen.append(elsewhere(lambda: Job.objects.values_list("state", "stage", "done", "total").get(pk=job.pk)))

    bell.does = does
    running.run(job.pk)

    assert seen == [(State.RUNNING, "ringing", 0, 1000)], "one message within the time"
    job.refresh_from_db()
    assert (job.state, job.done) == (State.DONE, 1000)


def test_work_that_pauses_comes_to_its_end_between_several_workers(bell, li):
    bell.does = bell.pauses
    job = started(li, total=STEPS)

    race(lambda _round: running.run(job.pk), hands=3, rounds=6)

    job.refresh_from_db()
    assert (job.state, job.done, len(bell.rung)) == (State.DONE, STEPS, STEPS)


KILLED = """
import sys, time
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from portal.core import audit
from portal.jobs import running
from portal.jobs.registry import File, Kind, kinds
def ring(work):
    audit.record("tests.rung", work.owner, actor=work.owner)
    print("rung", flush=True)
    time.sleep(60)
    return File("a", "b", b"c")
kinds.add("tests.bell", Kind("tests.bell", "bell", run=ring))
running.run(int(sys.argv[2]))
"""


def test_what_a_killed_worker_had_begun_is_gone_and_another_begins_anew(bell, li):
    from portal.core import audit

    bell.does = lambda work: audit.record("tests.rung", work.owner, actor=work.owner)
    job = started(li)
    command = [sys.executable, "-c", KILLED, str(connection.settings_dict["NAME"]), str(job.pk)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR, env=environment) as worker:
        assert worker.stdout.readline() == "rung\n"
        assert running.run(job.pk) is False, "the message came a second time: it is in hand"
        worker.kill()

    give_up = time.monotonic() + 30
    while not running.run(job.pk) and time.monotonic() < give_up:
        time.sleep(0.1)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.DONE, 2)
    assert AuditEntry.objects.filter(action="tests.rung").count() == 1
    assert JobFile.objects.count() == 1


@pytest.fixture
def alarm():
    """Within this time, wherever the work stands by then, it is struck as a worker strikes what outstays its time."""

    def strike(*_signal):
        raise SoftTimeLimitExceeded

    former = signal.signal(signal.SIGALRM, strike)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, former)


def test_work_struck_in_the_middle_of_a_statement_rests_and_comes_to_its_end(bell, li, step_by_step, alarm):
    def does(work):
        with transaction.atomic(), connection.cursor() as cursor:
            if not work.done:
                work(1, STEPS)
                alarm(0.3)
                cursor.execute("SELECT pg_sleep(3)")

    bell.does = does
    job = started(li, total=STEPS)

    assert running.run(job.pk) is True
    job.refresh_from_db()
    assert (job.state, job.done, job.attempts) == (State.WAITING, 1, 0)
    give_up = time.monotonic() + 30  # the server still sleeps, and lets go of nothing until that is over
    while not running.run(job.pk) and time.monotonic() < give_up:
        time.sleep(0.2)
    job.refresh_from_db()
    assert (job.state, job.done) == (State.DONE, STEPS)
