"""How far an import is, for whoever looks at its page."""

import time
from contextlib import suppress
from types import TracebackType

from django.db import Error, connection

OFTEN = 0.5  # seconds between two messages
# On the import itself, and on it among the jobs of whoever uploaded it.
TELL = """
    WITH told AS (
        UPDATE roster_rosterimport SET stage = %s, done = %s, total = %s WHERE id = %s RETURNING stage, done, total
    )
    UPDATE jobs_job
    SET stage = told.stage, done = least(told.done, nullif(told.total, 0)), total = told.total, beat_at = now()
    FROM told WHERE kind = 'roster.import' AND about = %s AND state = 'running'
"""


class Progress:
    """Writes stage and rows down on a connection of its own: the import's transaction is not to be seen yet."""

    def __init__(self, roster_import: int) -> None:
        self.roster_import, self.stage, self.next = roster_import, "", 0.0
        self.connection = connection.copy()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.connection.close()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Note it, not too often and never at the cost of the import itself."""
        if stage == self.stage and time.monotonic() < self.next:
            return
        self.stage, self.next = stage, time.monotonic() + OFTEN
        with suppress(Error), self.connection.cursor() as cursor:
            cursor.execute(TELL, [stage, done, total, self.roster_import, self.roster_import])
