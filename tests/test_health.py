"""What a load balancer asks, with everything well and with an engine away."""

import os
import signal
import socket
import time

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql import base
from django.urls import reverse

from portal import embedded
from portal.core import health

from .running import free_port


@pytest.fixture
def black_hole():
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def nobody():
    """A port where nobody listens, and nobody else begins to: it is held."""
    with free_port() as port:
        yield port


@pytest.fixture
def database_at(monkeypatch):
    """Point this process's database somewhere else until the test ends."""

    def point(port: int) -> None:
        connection.close()
        for name, value in {"HOST": "127.0.0.1", "PORT": str(port)}.items():
            monkeypatch.setitem(connection.settings_dict, name, value)
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "patience", 2)  # as for any server that is named

    yield point
    connection.close()


def get(client, name):
    started = time.monotonic()
    response = client.get(reverse(name))
    return response, time.monotonic() - started


@pytest.mark.django_db
def test_ready_when_both_answer(client):
    response, _ = get(client, "readyz")

    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": True, "broker": True}


def test_alive_asks_nobody(client):
    """The fixture `db` is not used: a query would fail the test."""
    assert client.get(reverse("livez")).content == b"ok"


@pytest.mark.parametrize("name", ["livez", "readyz"])
def test_only_for_reading(client, name):
    assert client.post(reverse(name)).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("trouble", ["nobody", "black_hole"])
def test_not_ready_while_the_broker_is_away_and_quick_to_say_so(client, settings, trouble, request):
    settings.REDIS_URL = f"redis://127.0.0.1:{request.getfixturevalue(trouble)}/0"

    response, seconds = get(client, "readyz")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": True, "broker": False}
    assert seconds < 5


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trouble", ["nobody", "black_hole"])
def test_not_ready_while_the_database_is_away_and_quick_to_say_so(client, database_at, trouble, request):
    database_at(request.getfixturevalue(trouble))

    response, seconds = get(client, "readyz")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": False, "broker": True}
    assert seconds < 10


@pytest.fixture
def refusals(monkeypatch):
    """Let the next so many connections be refused."""
    left = []
    connect = base.DatabaseWrapper.get_new_connection

    def refuse_or_connect(self, params):
        if left:
            left.pop()
            raise base.Database.OperationalError("the database system is starting up")
        return connect(self, params)

    monkeypatch.setattr(base.DatabaseWrapper, "get_new_connection", refuse_or_connect)
    connection.close()
    yield left
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_request_waits_for_a_database_that_restarts(refusals):
    refusals.extend(range(3))

    assert health.database_answers() is True
    assert refusals == []


@pytest.mark.django_db(transaction=True)
def test_it_does_not_wait_for_ever(refusals, monkeypatch):
    refusals.extend(range(1000))
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "patience", 0.3)
    started = time.monotonic()

    assert health.database_answers() is False
    assert 0.1 < time.monotonic() - started < 5


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not embedded.is_embedded()[0], reason="stops a process of the embedded server")
def test_a_server_that_hangs_is_noticed_before_a_request_relies_on_it():
    connection.ensure_connection()
    assert connection.is_usable() is True
    backend = connection.connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    started = time.monotonic()
    try:
        assert connection.is_usable() is False
        assert time.monotonic() - started < 8
    finally:
        os.kill(backend, signal.SIGCONT)
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_is_not_usable():
    connection.ensure_connection()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

    assert connection.is_usable() is False
    connection.close()
    assert health.database_answers() is True
