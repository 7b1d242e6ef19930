"""Portals to measure: a scratch database of any size, a web server on it as `serve` starts it, somebody signed in."""

import gzip
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from .load import HOST, Answer, Order

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
WORKERS = 2
PORTAL, PLAIN = "benchmarks.settings", "benchmarks.plain_settings"


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


@contextmanager
def engines() -> Iterator[None]:
    """The embedded servers, held open; Django is set up on them."""
    os.environ["DJANGO_SETTINGS_MODULE"] = PORTAL
    import django

    from portal import embedded

    embedded.ensure_started()
    django.setup()
    try:
        yield
    finally:
        embedded.release()


@contextmanager
def scratch(name: str, *, keep: bool = False, **size: Any) -> Iterator[str]:
    """A database with as many communities as `size` says; gone afterwards, unless it is to be kept for the next run."""
    _administer(f"CREATE DATABASE {name}", unless=name)
    try:
        with using(name):
            _fill(**size)
        yield name
    finally:
        if not keep:
            _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def using(name: str) -> Iterator[None]:
    """Everything inside speaks to this database."""
    from django.contrib.contenttypes.models import ContentType
    from django.db import connection, connections

    usual = connections.databases["default"]["NAME"]
    connection.close()
    for kept in (connection.settings_dict, connections.databases["default"]):
        kept["NAME"] = name
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connection.close()
        for kept in (connection.settings_dict, connections.databases["default"]):
            kept["NAME"] = usual
        ContentType.objects.clear_cache()


def _fill(**size: Any) -> None:
    from django.core.management import call_command

    from portal.core.generation import Size, generate

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    for done in generate(Size(**size)):
        if done.number % 10 == 0 or done.number == size["communities"]:
            say(f"  {done.number} of {size['communities']} communities made, {time.perf_counter() - began:.0f} s")


def _administer(statement: str, *, unless: str = "") -> None:
    import psycopg

    from portal import embedded

    address = embedded.database_settings()
    with psycopg.connect(dbname="postgres", user=address["USER"], host=address["HOST"], autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [unless]).fetchone()
        if not known:
            connection.execute(statement)


def session_of(username: str) -> dict[str, str]:
    """The headers with which a browser of somebody signed in asks; they live in the database in use."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils.crypto import get_random_string

    from portal.accounts.models import User

    user, session = User.objects.get(username=username), SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: get_random_string(32)}
    kept = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": kept, "Accept-Encoding": "gzip"}


@dataclass
class Server:
    """gunicorn with the workers and threads of `serve`, on a free port of this machine."""

    database: str
    settings: str = PORTAL
    port: int = 0
    process: subprocess.Popen | None = field(default=None, repr=False)
    environment: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> "Server":
        from portal.core import serving
        from portal.processes import die_with_parent

        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = probe.getsockname()[1]
        command = die_with_parent([sys.executable, "-m", *serving.web(HOST, self.port, WORKERS).command])
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": self.settings, "BENCH_SCRATCH": self.database}
        self.process = subprocess.Popen(command, env=environment | self.environment)
        for _try in range(300):
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError("the web server did not start") from None
                time.sleep(0.1)
            else:
                return self
        raise RuntimeError("the web server does not answer")

    def __exit__(self, *_error: object) -> None:
        assert self.process  # noqa: S101 - it was entered
        self.process.terminate()
        self.process.wait(20)

    def get(self, path: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
        """A page's text, and the headers for sending its form back."""
        request = urllib.request.Request(f"http://{HOST}:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - ours
            raw = response.read()
            text = (gzip.decompress(raw) if response.headers.get("Content-Encoding") == "gzip" else raw).decode()
            cookies = [value.split(";")[0] for value in response.headers.get_all("Set-Cookie", [])]
        return text, headers | {
            "Cookie": "; ".join([headers["Cookie"], *cookies]),
            "Content-Type": "application/x-www-form-urlencoded",
        }


class Client:
    """The load generator, in its process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.wait(10)

    def ask(self, order: Order) -> Answer:
        assert self.process.stdin  # noqa: S101 - piped above
        assert self.process.stdout  # noqa: S101
        self.process.stdin.write(json.dumps(asdict(order)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"asking for {order.path} failed")
        return Answer(**json.loads(line))
