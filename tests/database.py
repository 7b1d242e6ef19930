"""The database of the tests: migrated once, then copied by every worker, and by later runs of the same code."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

TEMPLATE = "test_portal_template_"
LOCK = 0x7E57  # advisory lock: whoever comes first makes the template, the others wait for it
CODE = ("portal", "grid", "requirements.lock")


def fingerprint(root: Path = settings.BASE_DIR) -> str:
    """What a migrated database follows from: all code of the portal, and the versions of what it stands on."""
    found = hashlib.sha256()
    for part in CODE:
        for file in sorted([root / part, *(root / part).rglob("*")]):
            if file.is_file() and file.suffix != ".pyc":
                found.update(f"{file.relative_to(root)}\0".encode())
                found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:12]


def create() -> str:
    """Copy the template, which is made if need be, and let Django use the copy; returns what it would have used."""
    usual, name = connection.settings_dict["NAME"], connection.creation._get_test_db_name()
    template = TEMPLATE + fingerprint()
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if template not in _databases(server):
            _make(server, template)
        _drop(server, name)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(_quoted(name), _quoted(template)))
    _use(name)
    return usual


def drop(usual: str) -> None:
    """Remove the copy, and let Django use again what it would have used."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with _server() as server:
        _drop(server, name)
    _use(usual)


def _make(server: Any, template: str) -> None:
    """Templates of other code go; the new one has its name only once it is whole, and nobody can enter it any more."""
    for name in _databases(server):
        if re.fullmatch(TEMPLATE + r"\w+", name):
            _drop(server, name)
    making = TEMPLATE + "making"
    server.execute(sql.SQL("CREATE DATABASE {}").format(_quoted(making)))
    usual = connection.settings_dict["NAME"]
    _use(making)
    call_command("migrate", interactive=False, verbosity=0)
    _use(usual)
    server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(_quoted(making)))
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(_quoted(making), _quoted(template)))


@contextmanager
def _server() -> Iterator[Any]:
    """A connection to the server, in none of the databases that are made and dropped; it never waits in vain."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        yield cursor


def _databases(server: Any) -> list[str]:
    server.execute("SELECT datname FROM pg_database")
    return [name for (name,) in server.fetchall()]


def _drop(server: Any, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_quoted(name)))


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


def _quoted(name: str) -> sql.Identifier:
    return sql.Identifier(name)
