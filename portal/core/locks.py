"""Locks of the database that outlast a transaction and go with the worker's connection, so that none is left behind."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, InterfaceError, connection

NUMBERS = 1 << 31


@contextmanager
def alone_with(lock: int, number: int) -> Iterator[bool]:
    """Whether nobody else holds this number of a lock; nobody will while this block lasts."""
    asked = [lock, number % NUMBERS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", asked)
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", asked)
