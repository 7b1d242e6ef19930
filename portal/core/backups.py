"""A backup is one tar file: the database as pg_dump wrote it, every stored file, and a manifest to check them by."""

import hashlib
import hmac
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import postgres_tools

FORMAT = 1
DUMP, MANIFEST, KEYS, MEDIA = "database.dump", "manifest.json", "keys.json", "media/"
CHUNK = 1 << 20
NAME = re.compile(r"[a-z_][a-z0-9_]*")


class BackupError(Exception):
    """The backup cannot be made, trusted or restored; the message says why, in the user's language."""


@dataclass
class Manifest:
    """What a backup holds: rows by table, SHA-256 by member, and which key reads its personal identifiers."""

    made_at: str
    server: int
    key: str
    tables: dict[str, int]
    migrations: list[str]
    members: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


# Making


def make(target: Path) -> Manifest:
    """Write a backup and read it back; nothing stands at `target` until it has been found right. Raises BackupError."""
    target = target.absolute()
    if not target.parent.is_dir():
        raise BackupError(_("There is no directory %(name)s.") % {"name": target.parent})
    new = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with workshop() as directory, private(new) as output:
            manifest = _dump(directory / DUMP)
            with tarfile.open(fileobj=output, mode="w") as archive:
                _add(archive, DUMP, directory / DUMP, manifest)
                for name, path in _stored_files():
                    _add(archive, name, path, manifest)
                if keys_are_local():
                    _add(archive, KEYS, settings.STATE_DIR / KEYS, manifest)
                _add_text(archive, MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
            output.flush()
            os.fsync(output.fileno())
        verify(new)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    return manifest


def _dump(path: Path) -> Manifest:
    """Dump the database and count its rows in the same snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = {}
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {quoted(name)}")  # noqa: S608 - a quoted name from the catalogue
            tables[name] = cursor.fetchone()[0]
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        migrations = [row[0] for row in cursor.fetchall()]
        server = postgres_tools.server_major()
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}"]
        with explained():
            postgres_tools.run([postgres_tools.tool("pg_dump", at_least=server), *options])
    return Manifest(timezone.now().isoformat(), server, key_mark(), tables, migrations)


def _stored_files() -> Iterator[tuple[str, Path]]:
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield MEDIA + path.relative_to(root).as_posix(), path


def _add(archive: tarfile.TarFile, name: str, path: Path, manifest: Manifest) -> None:
    try:
        with path.open("rb") as source:
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = os.fstat(source.fileno()).st_size, 0o600, int(path.stat().st_mtime)
            hashed = _Hashed(source)
            archive.addfile(member, hashed)
    except FileNotFoundError:
        return  # deleted since it was listed
    manifest.members[name] = hashed.sha256.hexdigest()


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(text.encode()), 0o600
    archive.addfile(member, io.BytesIO(text.encode()))


class _Hashed(io.RawIOBase):
    """A file that is hashed as it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source, self.sha256 = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.source.read(size)
        self.sha256.update(chunk)
        return chunk


# Checking


def verify(path: Path) -> Manifest:
    """Read a whole backup and compare it with its manifest. Raises BackupError when a byte is not as it was written."""
    with workshop() as directory:
        return unpack(path, directory, only_dump=True)


def unpack(path: Path, directory: Path, *, only_dump: bool = False) -> Manifest:
    """Take a backup apart, checking every member, and the dump's table of contents."""
    found: dict[str, str] = {}
    manifest = None
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                source = archive.extractfile(member)
                if source is None or not _is_proper(member.name):
                    raise BackupError(_("The backup holds something that does not belong there: %s") % member.name)
                if member.name == MANIFEST:
                    manifest = Manifest(**json.load(source))
                    continue
                keep = member.name == DUMP or not only_dump
                found[member.name] = _copy(source, directory / member.name if keep else None)
    except FileNotFoundError:
        raise BackupError(_("There is no file %(name)s.") % {"name": path}) from None
    except (tarfile.TarError, OSError, ValueError, TypeError, EOFError) as error:
        raise BackupError(_("The backup is damaged: %(error)s") % {"error": error}) from None
    if manifest is None or manifest.format != FORMAT or not all(map(NAME.fullmatch, manifest.tables)):
        raise BackupError(_("The backup is incomplete, or was made by another kind of program."))
    if found != manifest.members:
        names = sorted(name for name in found | manifest.members if found.get(name) != manifest.members.get(name))
        raise BackupError(_("The backup is damaged: %(error)s") % {"error": ", ".join(names[:5])})
    _check_contents(directory / DUMP, manifest)
    return manifest


def _check_contents(dump: Path, manifest: Manifest) -> None:
    with explained():
        listed = postgres_tools.run(
            [postgres_tools.tool("pg_restore"), "--list", dump], stdout=subprocess.PIPE
        ).stdout.decode()
    tables = set(re.findall(r" TABLE DATA public (\w+) ", listed))
    if missing := sorted(manifest.tables.keys() - tables):
        raise BackupError(_("The backup lacks tables: %(names)s") % {"names": ", ".join(missing)})


def _is_proper(name: str) -> bool:
    path = PurePosixPath(name)
    in_place = name in (DUMP, MANIFEST, KEYS) or name.startswith(MEDIA)
    return in_place and not path.is_absolute() and ".." not in path.parts


def _copy(source: IO[bytes], target: Path | None) -> str:
    hashed = _Hashed(source)
    if target is None:
        while hashed.read(CHUNK):
            pass
    else:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with private(target) as output:
            shutil.copyfileobj(hashed, output, CHUNK)
    return hashed.sha256.hexdigest()


# Common to all


def quoted(name: str) -> str:
    """A table's name as SQL wants it."""
    return f"public.{connection.ops.quote_name(name)}"


def key_mark() -> str:
    """A mark by which a key is known again and from which it cannot be found."""
    return hmac.digest(settings.FIELD_KEY.encode(), b"portal.backup", "sha256").hex()


def keys_are_local() -> bool:
    """Whether this portal made its own keys, which nobody has a copy of unless the backup holds one."""
    file = settings.STATE_DIR / KEYS
    return file.exists() and json.loads(file.read_text()).get("FIELD_KEY") == settings.FIELD_KEY


@contextmanager
def explained() -> Iterator[None]:
    """Inside, what a program complains of becomes a BackupError."""
    try:
        yield
    except postgres_tools.ToolError as error:
        raise BackupError(str(error)) from None


@contextmanager
def workshop() -> Iterator[Path]:
    """A directory for what is taken apart, on the disk that must hold it anyway, for nobody else's eyes."""
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.STATE_DIR) as directory:
        yield Path(directory)


@contextmanager
def private(path: Path) -> Iterator[IO[bytes]]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        yield output
