"""A backup in the place of what is here: all of it, or on any error nothing."""

import json
import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from portal.settings.keys import write_keys

from . import postgres_tools
from .backups import (
    DUMP,
    KEYS,
    BackupError,
    Manifest,
    explained,
    key_mark,
    keys_are_local,
    private,
    quoted,
    unpack,
    workshop,
)

# What others have prepared speaks of tables that are about to go; they connect again at once.
OTHERS_OUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid();
"""
CLEAR = f"""
    SET client_min_messages = warning;
    SET lock_timeout = '20s';
    {OTHERS_OUT}
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public;
"""


def restore(path: Path, *, replace: bool = False) -> Manifest:
    """Put a backup in the place of what is here: all of it, or on any error nothing. Raises BackupError."""
    if not replace and holds_data():
        raise BackupError(_("This portal holds data already. To replace them by the backup, add --replace."))
    with workshop() as directory:
        manifest = unpack(path, directory)
        _check_release(manifest)
        new_keys = _check_key(manifest, directory)
        staged = _stage_files(directory / "media")
        _restore_database(directory / DUMP, manifest)
        _exchange_files(staged)
        if new_keys:
            write_keys(settings.STATE_DIR / KEYS, new_keys, replace=True)
    call_command("migrate", interactive=False, verbosity=0)
    return manifest


def holds_data() -> bool:
    """Whether somebody has begun to work here: what a new portal brings along does not count."""
    user_table = get_user_model()._meta.db_table
    return user_table in connection.introspection.table_names() and get_user_model().objects.exists()


def _check_release(manifest: Manifest) -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations} | {
        f"{app}.{name}" for migration in loader.disk_migrations.values() for app, name in migration.replaces
    }
    apps = {name.split(".")[0] for name in known}
    if unknown := [name for name in manifest.migrations if name not in known and name.split(".")[0] in apps]:
        words = {"names": ", ".join(unknown[:3])}
        raise BackupError(_("The backup was made by a later release, which knows %(names)s. Upgrade first.") % words)


def _check_key(manifest: Manifest, directory: Path) -> dict[str, str] | None:
    """The keys that must come along, None when those here read the backup."""
    if manifest.key == key_mark():
        return None
    if keys_are_local() and (directory / KEYS).exists():
        return json.loads((directory / KEYS).read_text())
    raise BackupError(
        _("The personal identifiers in the backup are encrypted with another FIELD_KEY. Set that one and try again.")
    )


def _restore_database(dump: Path, manifest: Manifest) -> None:
    """Replace every table in one transaction, which fails when a single row is missing in the end."""
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    script = dump.with_suffix(".sql")
    with private(script) as output:
        output.write(CLEAR.encode())
        with explained():
            output.writelines(postgres_tools.statements(dump))
        output.write(_count_check(manifest).encode())
    connection.close()
    with explained():
        postgres_tools.run([postgres_tools.tool("psql"), *options, f"--file={script}"])
    with connection.cursor() as cursor:
        cursor.execute(OTHERS_OUT)


def _count_check(manifest: Manifest) -> str:
    checks = [
        f"SELECT count(*) INTO n FROM {quoted(name)};\n"  # noqa: S608 - a plain name, checked when it was read
        f"IF n <> {int(rows)} THEN RAISE EXCEPTION '% rows instead of {int(rows)} in {name}', n; END IF;"
        for name, rows in manifest.tables.items()
    ]
    return "\nDO $check$ DECLARE n bigint; BEGIN\n" + "\n".join(checks) + "\nEND $check$;\n"


def _stage_files(media: Path) -> Path:
    """Bring the files beside those they replace, so that renaming is all that is left to do."""
    place = Path(settings.MEDIA_ROOT)
    staged = place.with_name(f"{place.name}.restored")
    shutil.rmtree(staged, ignore_errors=True)
    media.mkdir(mode=0o700, exist_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(media, staged)
    return staged


def _exchange_files(staged: Path) -> None:
    place = Path(settings.MEDIA_ROOT)
    old = place.with_name(f"{place.name}.replaced")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    staged.rename(place)
    shutil.rmtree(old, ignore_errors=True)
