"""`manage.py serve`: everything up with one command, up again after a kill, and gone after Ctrl-C."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest
import redis
from celery import Celery

from portal.core import heartbeat
from portal.core.management.commands.serve import answers
from portal.embedded import BASE_DIR, Engines
from portal.processes import alive, wait_until
from portal.settings.base import broker_url

from .running import free_port

pytestmark = pytest.mark.slow


@dataclass
class Portal:
    """A portal that a person started in a terminal, in a directory of its own."""

    state: Path
    port: int
    process: subprocess.Popen
    log: Path

    @property
    def engines(self) -> Engines:
        return Engines("live", state=self.state)

    def said(self) -> str:
        return self.log.read_text()

    def get(self, path: str, timeout: float = 15) -> int:
        """The status of one single request."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            client.request("GET", path)
            return client.getresponse().status
        finally:
            client.close()

    def processes(self) -> dict[int, str]:
        """Every process of this portal but the engines, by the directory in its environment."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"PORTAL_STATE_DIR={self.state}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return {pid: command for pid, command in found.items() if alive(pid)}

    def one(self, part: str) -> int | None:
        """The first of the processes of one part."""
        return min((pid for pid, command in self.processes().items() if part in command), default=None)

    def is_gone(self) -> bool:
        return not self.processes() and self.engines.postgres_pid() is None and self.engines.valkey_pid() is None


@pytest.fixture
def state() -> Iterator[Path]:
    """A state directory, and with it the engines' own, removed afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="portal-"))
    yield directory
    engines = Engines("live", state=directory)
    if engines.home.exists():
        engines.stop()
        shutil.rmtree(engines.home, ignore_errors=True)
    shutil.rmtree(directory)


@contextmanager
def served(state: Path) -> Iterator[Portal]:
    """A portal that answers; killed at the end if it still runs."""
    named = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEY", "ALLOWED_HOSTS", "PYTEST_XDIST_WORKER")
    environment = {name: value for name, value in os.environ.items() if name not in named}
    environment |= {"DJANGO_SETTINGS_MODULE": "portal.settings.local", "PORTAL_STATE_DIR": str(state)}
    log = state / "serve.log"
    with free_port() as port:
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(port)],
                cwd=BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        portal = Portal(state, port, process, log)
        try:
            up = wait_until(lambda: process.poll() is not None or f":{port}/" in portal.said(), 300)
            assert up, portal.said()
            assert process.poll() is None, portal.said()
            yield portal
        except AssertionError:
            print(portal.said())  # noqa: T201 - shown by pytest beside the failure
            raise
        finally:
            process.kill()
            process.wait()
            wait_until(portal.is_gone, 20)


def test_a_portal_survives_what_is_killed_and_finds_its_data_again(state):
    """One life of a portal, told in order: a database of its own takes longest, so it is made once."""
    killed_parts_come_back_and_ctrl_c_leaves_nothing(state)
    a_second_start_finds_the_data_and_ends_in_order(state)
    a_killed_terminal_leaves_nothing(state)


def killed_parts_come_back_and_ctrl_c_leaves_nothing(state: Path) -> None:
    with served(state) as portal:
        said = portal.said()
        assert f"http://127.0.0.1:{portal.port}/" in said
        assert re.search(rf"http://127.0.0.1:{portal.port}/first-run/ .*[a-z]{{4}}-[2-9]{{4}}-[a-z]{{4}}", said)
        assert portal.get("/readyz") == 200

        # The very next request works, whatever was killed, and within 15 s: it waits for the database.
        for _ in range(2):
            os.kill(portal.engines.postgres_pid(), signal.SIGKILL)
            os.kill(portal.engines.valkey_pid(), signal.SIGKILL)
            assert portal.get("/first-run/") == 200
            assert wait_until(lambda: portal.get("/readyz") == 200, 15)

        for part in ("gunicorn", "celery -A portal --quiet worker", "celery -A portal --quiet beat"):
            kill_and_await(portal, part)
        assert wait_until(lambda: answers("127.0.0.1", portal.port), 60)
        assert the_worker_works(portal)
        with psycopg.connect(dbname="portal", user="portal", host=str(portal.engines.sockets)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT '陈丽芳' AS name")

        portal.process.send_signal(signal.SIGINT)
        assert portal.process.wait(60) == 0
        assert portal.processes() == {}
        assert portal.is_gone()


def kill_and_await(portal: Portal, part: str) -> None:
    """Kill one part and wait until another has taken its place."""
    assert wait_until(lambda: portal.one(part), 60), part
    before = portal.one(part)
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: not alive(before) and portal.one(part), 60), part


def the_worker_works(portal: Portal) -> bool:
    """Whether a task that is sent now is done soon."""
    url = portal.engines.redis_url()
    with redis.Redis.from_url(url) as broker, Celery(broker=broker_url(url), set_as_current=False) as sender:
        broker.delete(heartbeat.KEY)
        sender.send_task("portal.core.heartbeat.beat")
        return wait_until(lambda: broker.get(heartbeat.KEY), 60)


def a_second_start_finds_the_data_and_ends_in_order(state: Path) -> None:
    started = time.monotonic()
    with served(state) as portal:
        assert time.monotonic() - started < 60
        with psycopg.connect(dbname="portal", user="portal", host=str(portal.engines.sockets)) as connection:
            assert connection.execute("SELECT name FROM kept").fetchone() == ("陈丽芳",)
        hints = state / "demo-hints.txt"
        assert not hints.exists()

        portal.process.terminate()
        assert portal.process.wait(60) == 0


def a_killed_terminal_leaves_nothing(state: Path) -> None:
    with served(state) as portal:
        portal.process.kill()
        portal.process.wait()

        assert wait_until(portal.is_gone, 60)


def test_a_taken_port_is_said_in_words():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(taken.getsockname()[1])],
            cwd=BASE_DIR,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings.test"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert "--port 8001" in done.stderr
    assert "Traceback" not in done.stderr
