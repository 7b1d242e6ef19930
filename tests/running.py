"""A portal of real processes on the database of a test: web, worker and clock, with a Valkey of its own.

The test is their supervisor: it kills them, and starts again what died, exactly as `manage.py serve` does.
"""

import json
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection
from django.test import Client
from kombu.exceptions import OperationalError
from redis import RedisError

from portal.core import serving
from portal.core.management.commands.serve import answers
from portal.embedded import Engines
from portal.processes import alive, wait_until
from portal.settings.base import broker_url

CSRF = "c" * 32


def database_url() -> str:
    """The database of this test, as DATABASE_URL says it; the server may listen on a socket."""
    facts = {key: str(value) for key, value in connection.settings_dict.items() if value}
    user = quote(facts.get("USER", ""), safe="")
    if "PASSWORD" in facts:
        user += ":" + quote(facts["PASSWORD"], safe="")
    where = urlencode({"host": facts.get("HOST", ""), "port": facts.get("PORT", "5432")})
    return f"postgres://{user}@/{facts['NAME']}?{where}"


@contextmanager
def free_port() -> Iterator[int]:
    """A port that nobody else is given meanwhile: held without listening, so that a server of ours still may."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@dataclass
class Parts:
    """Web, worker and clock, and the broker between them."""

    port: int
    engines: Engines
    children: dict[str, serving.Child]
    killed: list[str] = field(default_factory=list)

    def nudge(self, *tasks: str) -> None:
        """Ask a worker for these tasks, as the clock does in its time; without a broker nobody hears it."""
        with Celery(broker=broker_url(self.engines.redis_url()), set_as_current=False) as sender:
            for task in tasks:
                with suppress(OperationalError, RedisError):
                    sender.send_task(task, retry=False, expires=60)

    def working(self, condition: Callable[[], object], task: str, seconds: float) -> bool:
        """Ask for a task again and again until the condition holds, for so long at most."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.nudge(task)
            if self.until(condition, 3):
                return True
        return False

    def look_after(self) -> None:
        for child in self.children.values():
            child.pause = 0.25  # here nobody waits longer because we kill again and again
            child.look_after()

    def until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Look after the parts until the condition holds, for so long at most."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.look_after()
            time.sleep(0.1)
        return True

    def kill(self, part: str) -> None:
        """SIGKILL, as a machine without memory does it; "worker's child" is the process that runs a task."""
        self.killed.append(part)
        if part == "broker":
            os.kill(self.engines.valkey_pid(), signal.SIGKILL)
            return wait_until(lambda: self.engines.valkey_pid() is None, 5)
        name, _of, child = part.partition("'s ")
        process = self.children[name].process
        if process is None or process.poll() is not None:
            return None
        victims = children_of(process.pid)[-1:] if child else [process.pid]
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        return None

    def start_broker(self) -> None:
        self.engines.ensure_started(postgres=False, valkey=True)

    def is_up(self) -> bool:
        return answers("127.0.0.1", self.port)

    def end(self, *names: str) -> None:
        """Kill all parts, or those that are named, and wait until nothing of them runs."""
        for name in names or self.children:
            child = self.children[name]
            if child.process and child.process.poll() is None:
                child.process.kill()
                child.process.wait()
            child.clear_away()


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return sorted(one for one in found if alive(one))


@contextmanager
def running(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Iterator[Parts]:
    """Start the parts and wait until pages are served; afterwards nothing of them is left."""
    place = Path(tempfile.mkdtemp(prefix="portal-"))
    place.chmod(0o711)
    (place / "var").mkdir()
    keys = {"SECRET_KEY": settings.SECRET_KEY, "FIELD_KEY": settings.FIELD_KEY}
    (place / "var" / "keys.json").write_text(json.dumps(keys))
    engines = Engines("live", state=place / "var", root_home=place / "root")
    told = {
        "DJANGO_SETTINGS_MODULE": "portal.settings.local",
        "PORTAL_STATE_DIR": str(place / "var"),
        "DATABASE_URL": database_url(),
        "REDIS_URL": engines.redis_url(),
        **environment,
    }
    for name in ("SECRET_KEY", "FIELD_KEY", "ALLOWED_HOSTS", "PYTEST_XDIST_WORKER", "PORTAL_TEST_RUN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with free_port() as port:
        offered = [serving.web("127.0.0.1", port, 2), serving.worker(), serving.clock(str(place / "var" / "schedule"))]
        parts = Parts(port, engines, {child.name: child for child in offered})
        try:
            parts.start_broker()
            parts.look_after()
            assert parts.until(parts.is_up, 180), "the web server did not start"
            yield parts
        finally:
            parts.end()
            engines.release()
            if engines.home.exists():
                engines.stop()
            shutil.rmtree(place, ignore_errors=True)


@dataclass
class Phone:
    """Somebody's browser on a bad line: what got no answer is sent again, as it was."""

    port: int
    cookies: str

    @classmethod
    def of(cls, person, port: int) -> "Phone":
        client = Client()
        client.force_login(person.user)
        held = {name: morsel.value for name, morsel in client.cookies.items()} | {settings.CSRF_COOKIE_NAME: CSRF}
        return cls(port, "; ".join(f"{name}={value}" for name, value in held.items()))

    def ask(self, path: str, sent: dict | None = None, timeout: float = 10) -> int:
        """The status of one request. Raises OSError or HTTPException when the answer never came."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {"Cookie": self.cookies, "X-CSRFToken": CSRF, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            client.request("GET" if sent is None else "POST", path, sent and urlencode(sent), headers)
            return client.getresponse().status
        finally:
            client.close()

    def insist(self, path: str, sent: dict, seconds: float = 60) -> int:
        """Send until somebody answers for good."""
        deadline, status = time.monotonic() + seconds, 0
        while time.monotonic() < deadline:
            try:
                status = self.ask(path, sent)
            except (OSError, HTTPException):
                status = 0
            if 200 <= status < 500:
                return status
            time.sleep(0.2)
        return status
