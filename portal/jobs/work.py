"""What the code of a job is given: whom it works for, on what, and where to say how far it is."""

import time
from contextlib import suppress
from types import TracebackType
from typing import Any

from django.db import Error, connection

from portal.accounts.models import User

from .models import Job, State

OFTEN = 0.5  # seconds between two messages about the same stage
SLICE = 60.0  # seconds after which work that can go on later lets others have their turn
TELL = f"""
    UPDATE {Job._meta.db_table} SET stage = %s, done = least(%s, nullif(%s, 0)), total = %s, beat_at = now()
    WHERE id = %s AND turn = %s AND state = '{State.RUNNING}'
"""  # noqa: S608 - names only
STANDS = f"SELECT turn, state FROM {Job._meta.db_table} WHERE id = %s"  # noqa: S608 - names only


class Overtaken(Exception):  # noqa: N818 - not an error
    """The job was cancelled or begun anew meanwhile: what this attempt has done does not count."""


class Paused(Exception):  # noqa: N818 - not an error
    """There is more to do; a worker goes on from `done` when it is this job's turn again."""


class Work:
    """A job in a worker's hands; calling it says how far it is.

    That is written on a connection of its own: the work's transaction is not to be seen yet. Not more than twice a
    second, and never at the cost of the work itself.
    """

    def __init__(self, job: Job) -> None:
        self.job, self.note = job, job.note
        self.owner: User = job.owner
        self.payload: dict[str, Any] = job.payload
        self.stage, self.done, self.total = "", job.done, job.total
        self._next, self._until = 0.0, time.monotonic() + SLICE
        self._connection = connection.copy()

    def __enter__(self) -> "Work":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def __call__(self, done: int, total: int, *, stage: str = "") -> None:
        """So much of so much is done; `stage` is one of the kind's.

        Raises Overtaken when nobody waits for it any more: between two parts of the work is where it stops.
        """
        is_new = stage != self.stage
        self.stage, self.done, self.total = stage, done, total
        if not is_new and time.monotonic() < self._next:
            return
        with suppress(Error), self._connection.cursor() as cursor:
            cursor.execute(TELL, [stage, done, total, total, self.job.pk, self.job.turn])
            if not cursor.rowcount and self._is_overtaken(cursor):
                raise Overtaken
        self._next = time.monotonic() + OFTEN  # after it: a busy database is told less often

    def _is_overtaken(self, cursor: Any) -> bool:
        cursor.execute(STANDS, [self.job.pk])
        stands = cursor.fetchone()
        return stands is not None and stands != (self.job.turn, State.RUNNING)

    @property
    def time_is_up(self) -> bool:
        """Whether others should have their turn now, see `Paused`."""
        return time.monotonic() > self._until
