"""Work is started once, followed, fetched by its owner alone, and forgotten."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from grid.places import services as posts
from grid.places.models import Appointment
from portal.core.models import AuditEntry, OutboxMessage
from portal.core.refusals import Refused
from portal.jobs import running, services
from portal.jobs.models import Job, JobFile, State

from .conftest import started

pytestmark = pytest.mark.django_db


def test_a_job_waits_and_one_message_says_that_it_does(bell, li):
    job = started(li, payload={"days": [1, 2]}, total=2)

    assert (job.state, job.done, job.total) == (State.WAITING, 0, 2)
    assert OutboxMessage.objects.get(topic="jobs.run").payload == {"job": job.pk}


def test_a_double_tap_starts_one(bell, li, zhang):
    key = uuid4()
    first = started(li, payload={"days": [1]}, key=key)

    assert started(li, payload={"days": [1]}, key=key) == first
    assert started(li, payload={"days": [1]}) == first, "the same while it is in hand"
    assert started(li, payload={"days": [2]}) != first
    assert started(zhang, payload={"days": [1]}) != first
    assert OutboxMessage.objects.filter(topic="jobs.run").count() == 3


def test_the_same_key_gives_the_same_job_after_it_has_ended_and_no_key_another(bell, li):
    key = uuid4()
    first = started(li, key=key)
    running.run(first.pk)

    assert started(li, key=key) == first
    assert started(li) != first


def test_a_key_that_was_used_for_other_work_is_refused(bell, li):
    key = uuid4()
    first = started(li, payload={"days": [1]}, key=key)

    with pytest.raises(Refused):
        started(li, payload={"days": [2]}, key=key)
    assert Job.objects.get() == first


def test_one_person_does_not_keep_all_others_waiting(bell, li, zhang):
    jobs = [started(li, payload={"days": [day]}) for day in range(services.MOST_IN_HAND)]

    with pytest.raises(Refused):
        started(li, payload={"days": ["one more"]})
    assert started(li, payload={"days": [0]}) == jobs[0], "a double tap is no further work"
    assert started(zhang).state == State.WAITING
    running.run(jobs[0].pk)
    assert started(li, payload={"days": ["one more"]}).state == State.WAITING


def test_whoever_may_not_starts_nothing(bell, nobody):
    with pytest.raises(Refused):
        services.start("tests.bell", owner=nobody, title="敲钟")
    assert not Job.objects.exists()


def test_what_was_typed_is_kept_encrypted_and_not_longer_than_needed(bell, li):
    job = started(li, note="街道体检")
    with_cipher = Job.objects.filter(pk=job.pk).extra(select={"raw": "note"}).values_list("raw", flat=True)[0]
    running.run(job.pk)
    job.refresh_from_db()

    assert "街道体检" not in with_cipher
    assert (job.note, job.payload) == ("", {})


def test_the_file_is_encrypted_and_its_fetching_on_record(bell, li):
    job = started(li, note="街道体检")
    running.run(job.pk)

    file, content = services.fetch_file(job, actor=li.user)

    assert content.decode() == "李敏 {} 街道体检"
    assert "李敏".encode() not in bytes(JobFile.objects.get().content)
    assert (file.name, file.size) == ("铃声.txt", len(content))
    entry = AuditEntry.objects.get(action="jobs.fetched")
    assert (entry.actor, entry.subject_id, entry.data) == (li.user, job.pk, {"kind": "tests.bell"})


def test_a_file_goes_after_a_week_and_the_job_after_a_month(bell, li):
    job = started(li)
    running.run(job.pk)
    Job.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert services.expire() == 1
    assert services.expire() == 0
    job.refresh_from_db()
    assert (job.state, JobFile.objects.count()) == (State.EXPIRED, 0)
    with pytest.raises(Refused):
        services.fetch_file(job, actor=li.user)
    Job.objects.update(finished_at=timezone.now() - timedelta(days=31))
    services.expire()
    assert not Job.objects.exists()


def test_a_file_that_was_not_swept_in_time_is_not_given_out_either(bell, li):
    job = started(li)
    running.run(job.pk)
    Job.objects.update(expires_at=timezone.now())

    with pytest.raises(Refused):
        services.fetch_file(job, actor=li.user)


def test_what_is_in_hand_is_not_forgotten(bell, li):
    job = started(li)
    Job.objects.update(created_at=timezone.now() - timedelta(days=60))

    assert services.expire() == 0
    assert Job.objects.get() == job


def test_rights_that_ended_take_the_file_with_them(bell, li):
    job = started(li)
    running.run(job.pk)
    posts.dismiss(Appointment.objects.get(user=li.user), actor=None, note="离任")
    del li.user._territory

    with pytest.raises(Refused):
        services.fetch_file(job, actor=li.user)


def test_what_failed_can_be_tried_once_more_with_the_same_payload(bell, li):
    bell.does = bell.refuses
    job = started(li, payload={"days": [1]}, note="核对", total=1)
    running.run(job.pk)
    bell.does = lambda work: None

    job.refresh_from_db()
    once_more = services.again(job, actor=li.user)

    assert (once_more.payload, once_more.note, once_more.total) == ({"days": [1]}, "核对", 1)
    assert services.again(job, actor=li.user) == once_more, "a double tap"
    running.run(once_more.pk)
    with pytest.raises(Refused):
        services.again(Job.objects.get(pk=once_more.pk), actor=li.user)


def test_work_done_elsewhere_is_followed_to_its_end_and_begun_anew(li):
    services.follow("roster.import", 7, owner=li.user, title="名册")
    services.keep_up("roster.import", 7, state=State.RUNNING, stage="reading")
    services.keep_up("roster.import", 7, state=State.DONE, stage="agree")
    job = Job.objects.get()
    services.seen(job)
    services.keep_up("roster.import", 7, state=State.WAITING)
    again = Job.objects.get()
    services.keep_up("roster.import", 8, state=State.DONE)  # nobody follows that one

    assert (job.state, job.stage) == (State.DONE, "agree")
    assert (again.state, again.seen_at, again.finished_at) == (State.WAITING, None, None)
    assert services.waiting() == [], "no worker of ours takes it up"
    assert running.run(job.pk) is False


def test_a_kind_that_is_done_elsewhere_is_not_started(li):
    with pytest.raises(ValueError, match="done elsewhere"):
        services.start("roster.import", owner=li.user, title="名册")
