"""The database as it stood at a moment, to begin several tests with what takes long to bring about."""

from dataclasses import dataclass

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
                with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
                    rows[table] = b"".join(bytes(block) for block in copy)
            cursor.execute(SEQUENCES)
            return cls(rows, dict(cursor.fetchall()))

    def put_back(self) -> None:
        """Make the database what it was, whatever stands in it: outside of any transaction, in a test database only."""
        assert connection.settings_dict["NAME"].startswith("test_")
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger fires, no key is followed
            cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, self.rows))))
            for table, content in self.rows.items():
                if content:
                    with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                        copy.write(content)
            for sequence, last in self.keys.items():
                cursor.execute("SELECT setval(%s::regclass, %s)", [f'"{sequence}"', last])
            cursor.execute("COMMIT")
        ContentType.objects.clear_cache()
