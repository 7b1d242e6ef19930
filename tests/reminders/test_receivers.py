"""Long work tells whoever started it that it has ended, once they have gone on to something else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from portal.jobs import services as jobs
from portal.jobs.models import Job, State
from portal.jobs.signals import job_ended
from portal.reminders.models import Reminder
from portal.reminders.registry import kind_of

pytestmark = pytest.mark.django_db


def ended(person, *, seconds: int, state: str = State.DONE) -> Job:
    now = timezone.now()
    times = {"created_at": now - timedelta(seconds=seconds), "begun_at": now - timedelta(seconds=seconds)}
    return Job.objects.create(
        kind="tests.work",
        owner=person.user,
        title="导出",
        state=state,
        key=uuid4(),
        fingerprint=uuid4().hex,
        finished_at=now,
        expires_at=now + timedelta(days=7),
        **times,
    )


@pytest.mark.parametrize(("seconds", "count"), [(5, 0), (60, 1)])
def test_who_has_gone_on_is_told_and_who_still_looks_is_not(li, seconds, count):
    job_ended.send(Job, job=ended(li, seconds=seconds))

    assert Reminder.objects.filter(user=li.user, kind="jobs.ended").count() == count


def test_what_failed_says_so(li):
    job_ended.send(Job, job=ended(li, seconds=60))
    job_ended.send(Job, job=ended(li, seconds=60, state=State.FAILED))

    ready, failed = Reminder.objects.order_by("id").values_list("text", flat=True)
    assert ready != failed
    assert "导出" in ready
    assert "导出" in failed


def test_work_that_ends_twice_is_told_twice(li):
    jobs.follow("tests.import", 7, owner=li.user, title="名册")
    for end in (State.DONE, State.FAILED):
        jobs.keep_up("tests.import", 7, state=State.WAITING)
        Job.objects.update(created_at=timezone.now() - timedelta(minutes=2))
        jobs.keep_up("tests.import", 7, state=end)

    assert list(Reminder.objects.order_by("id").values_list("text", flat=True)) == ["已完成：名册", "未能完成：名册"]


def test_both_ends_matter_until_it_is_looked_at(li):
    job = ended(li, seconds=60)
    job_ended.send(Job, job=job)
    job.finished_at += timedelta(minutes=5)
    job_ended.send(Job, job=job)
    told, still = list(Reminder.objects.all()), kind_of("jobs.ended").still

    assert still(told) == {one.pk for one in told}
    assert len(told) == 2


def test_what_was_looked_at_is_not_mailed(li):
    job = ended(li, seconds=60)
    job_ended.send(Job, job=job)
    reminder, still = Reminder.objects.get(), kind_of("jobs.ended").still

    assert still([reminder]) == {reminder.pk}
    Job.objects.filter(pk=job.pk).update(seen_at=timezone.now())
    assert still([reminder]) == set()
