"""What PostgreSQL knows of our tables when it plans a question."""

from django.db import connection


def count_rows() -> None:
    """After so many rows at once: until the server has counted them by itself, it would plan for empty tables.

    Only our own tables: those of the server are shared by all its databases, and would be locked for all of them until
    a long transaction ends. Outside a transaction what is dead is swept away as well.
    """
    names = connection.introspection.django_table_names(only_existing=True)
    tables = ", ".join(connection.ops.quote_name(name) for name in names)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"{'ANALYZE' if connection.in_atomic_block else 'VACUUM ANALYZE'} {tables}")
        cursor.execute("RESET statement_timeout")
