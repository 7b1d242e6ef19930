"""How a worker takes a job up, and how that ends.

A task may be handed out twice, and its worker killed in the middle. A lock of the database, which goes with the
worker's connection, lets one at a time work on a job; another one keeps long work from taking every worker, so that
messages still leave. Attempts are counted before they are made, and one that was overtaken writes nothing.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.core.locks import alone_with
from portal.core.personal import encrypt_bytes
from portal.core.refusals import Refused

from .models import IN_HAND, Job, JobFile, JobQuerySet, State
from .registry import File, Kind, kinds, may
from .signals import job_ended
from .work import Overtaken, Paused, Work

log = structlog.get_logger(__name__)

KEPT = timedelta(days=7)
LARGEST = 50 << 20  # bytes of a file that a job may make
JOB_LOCK, TURN_LOCK = 0x10B5, 0x10B6  # one worker on a job, so many jobs at once


class Interrupted(Exception):  # noqa: N818 - not an error of ours
    """The database or the time went away; to be tried again. Says nothing, for the error behind it may quote rows."""


def run(pk: int) -> bool:
    """Carry a job out, unless it is in other hands, over, or not its turn; whether a worker was kept by it.

    Raises Interrupted when the database goes away, or the time of the task for work that cannot go on from its middle.
    """
    with alone_with(JOB_LOCK, pk) as alone, _turn() if alone else nullcontext(False) as turn:
        job = _begun(pk) if turn else None
        if job is None:
            return False
        with translation.override(job.owner.language):
            _carried_out(job)
        return True


def _carried_out(job: Job) -> None:
    try:
        kind = kinds.items.get(job.kind)
        if kind is None or kind.run is None or not may(job.owner, job):
            raise Refused(_("You may no longer do this: your post or your rights have changed."))
        with Work(job) as work:
            try:
                _finish(work, kind)
            except Paused:
                _rest(work)
            except SoftTimeLimitExceeded:
                if kind.at_once:
                    raise
                _rest(work)
    except Overtaken:
        log.warning("jobs.overtaken", job=job.pk, kind=job.kind)
    except Refused as refused:
        fail(job, str(refused))
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
        raise Interrupted from None
    except Exception as error:
        # Where it happened and what kind of error it was, never what it says: errors quote the rows they are about.
        where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        log.error("jobs.failed", job=job.pk, kind=job.kind, error=type(error).__name__, where=where[-8:])
        fail(job, _("This could not be finished. Try once more; if that fails, tell whoever looks after the portal."))


def _finish(work: Work, kind: Kind) -> None:
    with transaction.atomic() if kind.at_once else nullcontext():
        made = kind.run(work)  # type: ignore[misc]
        with transaction.atomic():
            _end(work.job, State.DONE, done=work.total, total=work.total, made=made)


def _rest(work: Work) -> None:
    """Back into the row of those that wait; getting on is no failed attempt."""
    facts = {"attempts": 0} if work.done > work.job.done else {}
    done = min(work.done, work.total)
    _mine(work.job).update(state=State.WAITING, done=done, total=work.total, stage="", beat_at=timezone.now(), **facts)


def fail(job: Job, words: str) -> None:
    """A job ends here, with words for whoever waits for it."""
    with suppress(Overtaken), transaction.atomic():
        _end(job, State.FAILED, error=words[:500])


def _end(job: Job, state: State, *, made: File | None = None, **facts: Any) -> None:
    """Write down how an attempt ended, once; nothing when another attempt has overtaken it."""
    now = timezone.now()
    if made and len(made.content) > LARGEST:
        raise Refused(_("The file would be larger than %(most)d MB: ask for less at once.") % {"most": LARGEST >> 20})
    # What the job was about is needed no longer, but to try a failed one again.
    facts |= {"payload": {}, "note": ""} if state == State.DONE and made else {}
    ended = _mine(job).update(
        state=state, stage="", finished_at=now, beat_at=now, expires_at=now + KEPT, seen_at=None, **facts
    )
    if not ended:
        raise Overtaken
    if made:
        JobFile.objects.create(
            job=job,
            name=made.name,
            content_type=made.content_type,
            size=len(made.content),
            content=encrypt_bytes(made.content),
        )
    job.refresh_from_db()
    job_ended.send(Job, job=job)


def _mine(job: Job) -> JobQuerySet:
    """The row of a job, unless it ended or another attempt was begun."""
    return Job.objects.filter(pk=job.pk, turn=job.turn, state=State.RUNNING)


def _begun(pk: int) -> Job | None:
    """The job with its attempt counted: what kills its worker is not taken up for ever."""
    job = Job.objects.select_related("owner").filter(pk=pk, about=None, state__in=IN_HAND).first()
    if job is None:
        return None
    before, now = Job.objects.filter(pk=pk, turn=job.turn, state=job.state), timezone.now()
    job.attempts, job.turn, job.begun_at, job.state = job.attempts + 1, job.turn + 1, job.begun_at or now, State.RUNNING
    facts = {name: getattr(job, name) for name in ("attempts", "turn", "begun_at", "state")}
    if not before.update(**facts, beat_at=now):
        return None
    kind = kinds.items.get(job.kind)
    most = kind.attempts if kind else 0
    if kind and job.attempts > most:
        with translation.override(job.owner.language):
            fail(job, _("This was tried %(count)d times and never finished.") % {"count": most})
        return None
    return job


@contextmanager
def _turn() -> Iterator[bool]:
    """Whether there is room for one more job; so many run at once that a worker is left for everything short."""
    for number in range(settings.JOBS_AT_ONCE):
        with alone_with(TURN_LOCK, number) as free:
            if free:
                yield True
                return
    yield False
