"""Readers with a confirmed address, and a mail server of our own that can be told to refuse or to fall silent."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, time
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from portal.accounts.models import User
from portal.core.clock import SHANGHAI
from portal.reminders.models import Preference
from portal.reminders.registry import Due, Kind, kinds
from portal.reminders.services import deliver_due, remind, remind_many

NEVER_QUIET = {"quiet_from": time(0), "quiet_until": time(0)}


def moment(text: str) -> datetime:
    """2026-11-22 21:30 on the clocks of Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Kind]:
    """Offer a kind of reminders for this test alone."""

    def offer(key: str = "tests.scene", group: str = "work", **fields: Any) -> Kind:
        made = Kind(key, fields.pop("label", "Something to do"), group, **fields)
        monkeypatch.setitem(kinds.items, key, made)
        return made

    return offer


@pytest.fixture
def reachable() -> Callable[..., Preference]:
    """Give somebody an address that is confirmed; never quiet unless the test says so."""

    def confirmed(person: Any, email: str = "", **fields: Any) -> Preference:
        user = person if isinstance(person, User) else person.user
        values = {**NEVER_QUIET, "email_confirmed_at": timezone.now(), **fields}
        return Preference.objects.create(user=user, email=email or f"{user.username}@example.cn", **values)

    return confirmed


def tell(person: Any, stage: str = "1", *, kind: str = "tests.scene", text: str = "楼道堆物今天到期") -> Any:
    """Remind somebody of their own account."""
    return remind(person.user, kind=kind, about=person.user, stage=stage, text=text)


def tell_many(people: list[Any], stage: str = "1", *, kind: str = "tests.scene", text: Any = "今天到期") -> int:
    """Remind several, each of their own account, in one go."""
    return remind_many([Due(one.pk, User, one.pk, text, stage) for one in people], kind=kind)


def mailed() -> list[tuple[str, str]]:
    """To whom which subject went, once what is due has left."""
    deliver_due()
    return [(message.to[0], message.subject) for message in mail.outbox]


class MailServer:
    """A small SMTP server on this machine; what it answers to a recipient or to the data may be changed."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.recipient, self.data = "250 OK", "250 OK"
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # or whoever waits in `accept` would still take one in
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as line:

            def say(words: str) -> None:
                line.write(f"{words}\r\n".encode())
                line.flush()

            say("220 ready")
            for raw in line:
                word = raw[:4].upper()
                if word == b"RCPT":
                    say(self.recipient)
                elif word == b"DATA":
                    say("354 go on")
                    content = b"".join(iter(line.readline, b".\r\n"))
                    if self.data.startswith("250"):
                        self.received.append(message_from_bytes(content, policy=policy.default))
                    say(self.data)
                elif word == b"QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 OK")


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """Everything is mailed through it."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 2
    yield server
    with suppress(OSError):
        server.close()
