from contextlib import suppress
from typing import Any

from django.core.management.commands import migrate
from django.db import DatabaseError, connections

LOCK_SECONDS = 2


class Command(migrate.Command):
    """Django's own, but a change that cannot get its lock gives up at once: behind it, everybody would wait."""

    def handle(self, *args: Any, **options: Any) -> None:
        with connections[options["database"]].cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            cursor.execute("SET statement_timeout = 0")  # a change may take long once it has its lock
            try:
                super().handle(*args, **options)
            finally:
                with suppress(DatabaseError):  # the first failure is the one to tell
                    cursor.execute("RESET lock_timeout")
                    cursor.execute("RESET statement_timeout")
