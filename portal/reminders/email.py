"""E-mail: plain text through whatever EMAIL_URL names, to addresses that their owners have confirmed."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail
from django.db.models import Q

from .channels import Away, Letter, NotSent, channels
from .letters import written
from .models import Preference

NO_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # what EMAIL_URL is when nobody has set it
AWAY = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPAuthenticationError)
CLOSING = 421  # RFC 5321: "service not available, closing transmission channel"


class EmailChannel:
    """Letters as mails. An error names its kind and the server's code: the server's words repeat the address."""

    key = "email"
    reached = Q(email_confirmed_at__isnull=False)

    def is_open(self) -> bool:
        return settings.EMAIL_BACKEND != NO_BACKEND

    def reaches(self, preference: Preference) -> bool:
        return preference.email_confirmed_at is not None

    @contextmanager
    def connect(self) -> Iterator[Callable[[Letter], None]]:
        with connected() as connection:
            yield lambda letter: self._send(letter, connection)

    def _send(self, letter: Letter, connection: Any) -> None:
        subject, body = written(letter)
        send(letter.preference.email, subject, body, name=f"reminders-{letter.number}", connection=connection)


@contextmanager
def connected() -> Iterator[Any]:
    """A connection to the mail server, for as many mails as there are. Raises Away."""
    connection = mail.get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise Away(_code(error)) from None
    try:
        yield connection
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.close()


def send(address: str, subject: str, body: str, *, name: str, connection: Any) -> None:
    """Send one mail under the Message-ID that `name` makes; the same name is the same mail. Raises NotSent or Away."""
    headers = {"Message-ID": f"<{name}@{_domain()}>", "Auto-Submitted": "auto-generated"}
    message = mail.EmailMessage(subject, body, to=[address], headers=headers, connection=connection)
    try:
        message.send()
    except smtplib.SMTPException as error:
        if isinstance(error, AWAY) or _number(error) == CLOSING:
            raise Away(_code(error)) from None
        raise NotSent(_code(error), is_refused=_is_refused(error)) from None
    except OSError as error:
        raise Away(_code(error)) from None


def _is_refused(error: Exception) -> bool:
    """Whether the server takes nothing for this address, now or later (RFC 5321, 4.2.1: codes from 500)."""
    return isinstance(error, smtplib.SMTPRecipientsRefused) and _number(error) >= 500


def _number(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _words in error.recipients.values()), default=0)
    return int(getattr(error, "smtp_code", 0) or 0)


def _code(error: Exception) -> str:
    return f"{type(error).__name__} {_number(error) or ''}".strip()


def _domain() -> str:
    """Under whose name mails are numbered: the portal's own, whatever machine sends them."""
    return urlsplit(settings.SITE_URL).hostname or parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]


channels.add(EmailChannel.key, EmailChannel())
