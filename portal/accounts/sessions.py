"""Sessions as Django keeps them in the database, found by a question that is written out: every page asks it."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from portal.core.written import columns, made

FOUND = (
    f"SELECT {columns('kept', Session)} FROM {Session._meta.db_table} kept"  # noqa: S608 - names of columns
    " WHERE kept.session_key = %s AND kept.expire_date > %s"
)


class SessionStore(DatabaseStore):
    """Keeps the name of Django's own, which is part of what its contents are signed with."""

    def _get_session_from_db(self) -> Session | None:
        """The session that has not expired; without one the key is forgotten, so that nobody can choose it."""
        with connection.cursor() as cursor:
            cursor.execute(FOUND, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        return made(Session, iter(row))
