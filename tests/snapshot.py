"""The database as it stood at a moment, to begin several tests with what takes long to bring about."""

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from psycopg import sql

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' ORDER BY 1"
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"


@dataclass(frozen=True)
class Snapshot:
    """The rows of every table, and how far its keys have been given out; it lives in this process."""

    rows: dict[str, bytes]
    keys: dict[str, int]

    @classmethod
    def take(cls) -> "Snapshot":
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            rows = {}
            for (table,) in cursor.fetchall():
                rows[table] = _copied(cursor, table)
            cursor.execute(SEQUENCES)
            return cls(rows, dict(cursor.fetchall()))

    def put_back(self, *, keys: bool = True) -> None:
        """Make the database what it was, whatever stands in it: outside of any transaction, in a test database only.

        Tables that are as they were are left alone, and rows are deleted: emptying every table anew would take most of
        the time of a short test. Without `keys` those that were given out are not given out again.
        """
        assert connection.settings_dict["NAME"].startswith("test_")
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger fires, no key is followed
            for table in self._changed(cursor):
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                if content := self.rows[table]:
                    with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                        copy.write(content)
            for sequence, last in self.keys.items() if keys else ():
                cursor.execute("SELECT setval(%s::regclass, %s)", [f'"{sequence}"', last])
            cursor.execute("COMMIT")
        ContentType.objects.clear_cache()

    def _changed(self, cursor: Any) -> list[str]:
        empty = [table for table, content in self.rows.items() if not content]
        is_filled = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        asked = [is_filled.format(sql.Literal(table), sql.Identifier(table)) for table in empty]
        cursor.execute(sql.SQL(" UNION ALL ").join(asked))
        filled = [table for (table,) in cursor.fetchall()]
        return filled + [table for table, content in self.rows.items() if content and _copied(cursor, table) != content]


def _copied(cursor: Any, table: str) -> bytes:
    with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
        return b"".join(bytes(block) for block in copy)
