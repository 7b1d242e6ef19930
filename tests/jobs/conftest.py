from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from portal.core.refusals import Refused
from portal.jobs import services
from portal.jobs.models import Job
from portal.jobs.registry import File, Kind, kinds
from portal.jobs.work import Paused, Work

STEPS = 3


class Bell:
    """Work that counts how often it was begun and does as it is told."""

    def __init__(self) -> None:
        self.rung: list[int] = []
        self.does: Any = lambda work: None

    def __call__(self, work: Work) -> File | None:
        self.rung.append(work.job.pk)
        self.does(work)
        return File("铃声.txt", "text/plain", f"{work.owner.name} {work.payload} {work.note}".encode())

    def refuses(self, work: Work) -> None:
        raise Refused("没有铃")

    def breaks(self, work: Work) -> None:
        raise RuntimeError("陈家生 13800138000")

    def outstays(self, work: Work) -> None:
        """A step, and the worker has no more time for the next."""
        work(work.done + 1, STEPS)
        if work.done < STEPS:
            raise SoftTimeLimitExceeded

    def pauses(self, work: Work) -> None:
        """A step at each turn; the next begins where this one ended."""
        work(work.done + 1, STEPS)
        if work.done < STEPS:
            raise Paused


@pytest.fixture
def bell() -> Iterator[Bell]:
    """A kind of work that everybody may have done who may report incidents."""
    work = Bell()
    kinds.add("tests.bell", Kind("tests.bell", "敲钟", run=work, permission="incidents.report"))
    yield work
    del kinds.items["tests.bell"]


@pytest.fixture
def step_by_step(bell: Bell) -> None:
    """The same work commits by itself and goes on from its middle."""
    kinds.items["tests.bell"] = replace(kinds.items["tests.bell"], at_once=False)


def started(person: Any, **fields: Any) -> Job:
    return services.start("tests.bell", owner=person.user, **{"title": "敲钟三下", **fields})
