"""A backup is everything, is checked, and comes back whole or not at all."""

import io
import json
import stat
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from portal.accounts.models import User
from portal.core import audit, postgres_tools
from portal.core.backups import DUMP, KEYS, MANIFEST
from portal.core.models import AuditEntry
from portal.settings.keys import local_keys

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PHOTO = "media/2026/11/three-flats.jpg"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def portal(settings, tmp_path):
    """A portal with a user, an audit entry and a photo, in directories of its own."""
    settings.STATE_DIR, settings.MEDIA_ROOT = tmp_path / "var", tmp_path / "var" / "media"
    photo = tmp_path / "var" / PHOTO
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"\xff\xd8" + bytes(range(256)) * 400)
    chen = User.objects.create_user("chen", "kuai-2468-lehuo", name="陈丽芳", mobile="13812341234")
    audit.record("account.password_changed", chen, actor=chen, note="手机丢了")
    return tmp_path


@pytest.fixture
def backup(portal) -> Path:
    """Its backup."""
    file = portal / "portal.tar"
    call_command("backup", str(file), stdout=io.StringIO())
    return file


def restore(file: Path, **options: bool) -> str:
    out = io.StringIO()
    call_command("restore", str(file), stdout=out, **options)
    return out.getvalue()


def members(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def write(file: Path, contents: dict[str, bytes]) -> Path:
    with tarfile.open(file, "w") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file


def with_manifest(file: Path, **changes: object) -> Path:
    """The same backup with another manifest, which nothing but its own contents vouches for."""
    contents = members(file)
    manifest = json.loads(contents[MANIFEST]) | changes
    return write(file, contents | {MANIFEST: json.dumps(manifest).encode()})


def rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        counts = {}
        for name in names:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")
            counts[name] = cursor.fetchone()[0]
    return counts


def test_everything_comes_back(portal, backup):
    before, photo = rows(), (portal / "var" / PHOTO)
    picture = photo.read_bytes()
    User.objects.update(name="somebody else")
    User.objects.create_user("huang", name="黄")
    photo.write_bytes(b"another")
    (photo.parent / "later.jpg").write_bytes(b"later")

    restore(backup, replace=True)

    assert rows() == before
    assert [(user.name, user.mobile) for user in User.objects.all()] == [("陈丽芳", "13812341234")]
    assert [path.relative_to(portal / "var").as_posix() for path in photo.parent.iterdir()] == [PHOTO]
    assert photo.read_bytes() == picture


def test_what_the_database_refuses_it_refuses_after_a_restore_too(backup):
    restore(backup, replace=True)

    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.update(note="changed")


def test_a_backup_of_what_was_restored_is_a_backup_too(portal, backup):
    restore(backup, replace=True)
    second = portal / "second.tar"
    call_command("backup", str(second), stdout=io.StringIO())

    restore(second, replace=True)

    assert User.objects.get().name == "陈丽芳"
    first, again = (json.loads(members(file)[MANIFEST]) for file in (backup, second))
    assert again["tables"] == first["tables"]


def test_the_manifest_counts_every_table(backup):
    assert json.loads(members(backup)[MANIFEST])["tables"] == rows()


def test_a_backup_is_for_its_owner_only_and_leaves_nothing_else_behind(portal, backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert sorted(path.name for path in portal.iterdir()) == ["portal.tar", "var"]
    assert [path.name for path in (portal / "var").iterdir()] == ["media"]


def test_a_backup_replaces_an_older_one_of_the_same_name_only_when_it_is_right(portal, backup, monkeypatch):
    before = backup.read_bytes()
    monkeypatch.setattr(postgres_tools, "tool", lambda name, **_: Path("/bin/false"))

    with pytest.raises(CommandError):
        call_command("backup", str(backup))

    assert backup.read_bytes() == before


def test_data_are_not_replaced_unasked(backup):
    with pytest.raises(CommandError, match="add --replace"):
        restore(backup)


def test_an_empty_portal_needs_no_asking(backup):
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    printed = restore(backup)

    assert User.objects.get().name == "陈丽芳"
    assert printed.startswith("Restored ")


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", [DUMP, PHOTO])
def test_a_single_changed_bit_is_found(backup, name, where):
    with tarfile.open(backup) as archive:
        member = archive.getmember(name)
        position = member.offset_data + int(member.size * where)
    content = bytearray(backup.read_bytes())
    content[position] ^= 1
    backup.write_bytes(content)

    with pytest.raises(CommandError, match=f"damaged: {name}"):
        restore(backup, replace=True)

    assert User.objects.get().name == "陈丽芳"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_backup_is_found(backup, share):
    content = backup.read_bytes()
    end = content.index(MANIFEST.encode())
    backup.write_bytes(content[: int(end * share)])

    with pytest.raises(CommandError, match=r"damaged|incomplete"):
        restore(backup, replace=True)


def test_a_missing_or_foreign_member_is_found(backup):
    contents = members(backup)
    for changed, words in [
        ({name: content for name, content in contents.items() if name != PHOTO}, "damaged: media/"),
        ({name: content for name, content in contents.items() if name != MANIFEST}, "incomplete"),
        (contents | {"media/extra.jpg": b"x"}, "damaged: media/extra.jpg"),
        (contents | {"media/../../escaped": b"x"}, "does not belong there"),
        (contents | {"/etc/escaped": b"x"}, "does not belong there"),
    ]:
        with pytest.raises(CommandError, match=words):
            restore(write(backup, changed), replace=True)


def test_no_file_and_no_directory_are_said_in_words(portal):
    with pytest.raises(CommandError, match="There is no file"):
        restore(portal / "nothing.tar", replace=True)
    with pytest.raises(CommandError, match="There is no directory"):
        call_command("backup", str(portal / "nowhere" / "portal.tar"))


def test_a_missing_row_takes_everything_back(portal, backup):
    tables = json.loads(members(backup)[MANIFEST])["tables"]
    with_manifest(backup, tables=tables | {"accounts_user": 2})
    User.objects.update(name="as it is now")

    with pytest.raises(CommandError, match="1 rows instead of 2 in accounts_user"):
        restore(backup, replace=True)

    assert User.objects.get().name == "as it is now"
    assert (portal / "var" / PHOTO).exists()


def test_a_table_without_its_data_is_found(backup):
    tables = json.loads(members(backup)[MANIFEST])["tables"]

    with pytest.raises(CommandError, match="lacks tables: never_dumped"):
        restore(with_manifest(backup, tables=tables | {"never_dumped": 0}), replace=True)


def test_a_manifest_cannot_bring_statements(backup):
    with pytest.raises(CommandError, match="incomplete"):
        restore(with_manifest(backup, tables={'x"; DROP TABLE accounts_user; --': 0}), replace=True)


def test_a_backup_of_a_later_release_is_refused(backup):
    migrations = [*json.loads(members(backup)[MANIFEST])["migrations"], "accounts.9999_second_factor"]

    with pytest.raises(CommandError, match=r"later release, which knows accounts\.9999_second_factor"):
        restore(with_manifest(backup, migrations=migrations), replace=True)


def test_another_field_key_is_refused_because_nobody_could_read_the_numbers(backup, settings):
    settings.FIELD_KEY = "another"

    with pytest.raises(CommandError, match="another FIELD_KEY"):
        restore(backup, replace=True)


def test_keys_that_a_local_portal_made_come_along(portal, settings, monkeypatch):
    keys = local_keys(portal / "var" / KEYS)
    settings.FIELD_KEY = keys["FIELD_KEY"]
    file = portal / "portal.tar"
    out = io.StringIO()
    call_command("backup", str(file), stdout=out)
    assert "whoever has the file can read everything" in out.getvalue()
    (portal / "var" / KEYS).unlink()
    settings.FIELD_KEY = local_keys(portal / "var" / KEYS)["FIELD_KEY"]

    restore(file, replace=True)

    assert json.loads((portal / "var" / KEYS).read_text()) == keys
    assert stat.S_IMODE((portal / "var" / KEYS).stat().st_mode) == 0o600


@pytest.mark.parametrize(("server", "spoken"), [(15, False), (16, False), (17, True), (18, True)])
def test_an_older_server_hears_only_settings_that_it_knows(backup, tmp_path, monkeypatch, server, spoken):
    dump = tmp_path / DUMP
    dump.write_bytes(members(backup)[DUMP])
    monkeypatch.setattr(postgres_tools, "server_major", lambda: server)
    newest = max(postgres_tools.installed())

    sql = b"".join(postgres_tools.statements(dump))

    assert (b"transaction_timeout" in sql) == (spoken and newest >= 17)
    assert sql.count(b"CREATE TABLE") == len(rows())


def test_the_programs_fit_the_server():
    found = {15: Path("/15"), 16: Path("/16"), 18: Path("/18")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres_tools, "installed", lambda: found)

        assert postgres_tools.tool("pg_dump", at_least=15) == Path("/15/pg_dump")
        assert postgres_tools.tool("pg_dump", at_least=17) == Path("/18/pg_dump")
        assert postgres_tools.tool("pg_restore") == Path("/18/pg_restore")
        with pytest.raises(postgres_tools.ToolError, match="pg_dump of PostgreSQL 19 or later"):
            postgres_tools.tool("pg_dump", at_least=19)
