"""What PostgreSQL knows of our tables when it plans a question, and how long it may take over very many rows."""

from django.db import connection

PATIENCE = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def be_patient() -> None:
    """Until this transaction ends nothing in it takes too long: so many rows at once do, on a busy machine."""
    with connection.cursor() as cursor:
        for setting in PATIENCE:
            cursor.execute(f"SET LOCAL {setting} = 0")


def count_rows() -> None:
    """After so many rows at once: until the server has counted them by itself, it would plan for empty tables.

    Only our own tables: those of the server are shared by all its databases, and would be locked for all of them until
    a long transaction ends. Outside a transaction what is dead is swept away as well.
    """
    names = connection.introspection.django_table_names(only_existing=True)
    tables = ", ".join(connection.ops.quote_name(name) for name in names)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        before, is_local = cursor.fetchone()[0], connection.in_atomic_block
        cursor.execute("SELECT set_config('statement_timeout', '0', %s)", [is_local])
        cursor.execute(f"{'ANALYZE' if is_local else 'VACUUM ANALYZE'} {tables}")
        cursor.execute("SELECT set_config('statement_timeout', %s, %s)", [before, is_local])
