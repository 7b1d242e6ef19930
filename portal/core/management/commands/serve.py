import socket
from argparse import ArgumentParser
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from portal import embedded
from portal.core import serving

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - asked about, never chosen


class Command(BaseCommand):
    """`make serve`, and the second half of `make demo`."""

    help = "Run the portal on this machine: web, worker, clock, and the embedded engines. Ctrl-C stops it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2, help="web processes, of four threads each")

    def handle(self, *, host: str, port: int, workers: int, **_options: Any) -> None:
        refuse_taken_address(host, port)
        embedded.ensure_started(settings.ENGINES_PROFILE)
        call_command("migrate", interactive=False, verbosity=0)
        near = "127.0.0.1" if host in EVERYWHERE else host
        site = f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"
        lines = [*welcome(site)]
        connection.close()
        schedule = settings.STATE_DIR / "beat" / "schedule"
        schedule.parent.mkdir(parents=True, exist_ok=True)

        self.say(_("Starting …"))
        supervisor = serving.Supervisor(
            [serving.web(host, port, workers), serving.worker(), serving.clock(str(schedule))],
            keep_alive=lambda: embedded.ensure_started(settings.ENGINES_PROFILE),
            say=self.say,
        )
        supervisor.run(is_ready=lambda: answers(near, port), greet=lambda: self.say("\n".join(lines)))
        embedded.release(settings.ENGINES_PROFILE, patience=3)
        self.say(_("Stopped."))

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def welcome(site: str) -> Iterator[str]:
    """What whoever started the portal needs to know: the address, and how to get in."""
    yield _("The portal is open at %(site)s/ (Ctrl-C stops it).") % {"site": site}
    hints = settings.STATE_DIR / settings.DEMO_HINTS
    if not get_user_model().objects.exists():
        code = import_string(settings.FIRST_RUN_CODE)()
        yield _("Nobody can sign in yet. Set it up at %(address)s with the code %(code)s.") % {
            "address": site + reverse(settings.FIRST_RUN_URL),
            "code": code,
        }
    elif hints.exists():
        yield hints.read_text().rstrip()


def refuse_taken_address(host: str, port: int) -> None:
    """Say so before anything starts when somebody else listens there. Raises CommandError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            words = _("Cannot listen on %(host)s, port %(port)s: %(reason)s. Choose another: --port 8001")
            raise CommandError(words % {"host": host, "port": port, "reason": error.strerror}) from None


def answers(host: str, port: int) -> bool:
    """Whether the web server serves."""
    client = HTTPConnection(host, port, timeout=2)
    try:
        client.request("GET", "/livez")
        return client.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        client.close()
