"""A mail server on this machine that keeps every letter, to be counted by its Message-ID."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class PostOffice:
    """What arrived, in the order in which it did; `address` is what EMAIL_URL says."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def by_id(self) -> dict[str, list[EmailMessage]]:
        """The letters under each Message-ID: a second one under the same is thrown away by whoever receives it."""
        found: dict[str, list[EmailMessage]] = {}
        for letter in self.letters:
            found.setdefault(letter["Message-ID"], []).append(letter)
        return found


class Clerk(socketserver.StreamRequestHandler):
    """As much of SMTP as smtplib speaks."""

    def handle(self) -> None:
        try:
            self._say("220 here")
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"DATA":
                    self._say("354 go on")
                    self._keep()
                if word in (b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP", b"DATA"):
                    self._say("250 yes")
                elif word == b"QUIT":
                    return self._say("221 bye")
                else:
                    self._say("502 no")
        except OSError:
            pass  # whoever wrote was killed
        return None

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")

    def _keep(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise ConnectionAbortedError  # half a letter is none
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.office.letters.append(message_from_bytes(b"".join(lines), policy=default))  # type: ignore[attr-defined]


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    office: PostOffice


@contextmanager
def open_post_office() -> Iterator[PostOffice]:
    with Server(("127.0.0.1", 0), Clerk) as server:
        server.office = PostOffice(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield server.office
        finally:
            server.shutdown()
            thread.join()
