"""The portal over HTTP, from a thread of this process, so that it sees the database of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.test import override_settings
from django.test.testcases import LiveServerThread

from portal.settings import base


class PortalThread(LiveServerThread):
    """Serves what people get: Django's usual test server hands out static files itself, here our middleware does."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1", static_handler=lambda _handler: WSGIHandler())


@dataclass(frozen=True)
class Portal:
    """A running portal: its address, and the settings under which it serves."""

    url: str
    settings: dict[str, Any]


@contextmanager
def portal(directory: Path) -> Iterator[Portal]:
    """Run a portal whose static files are collected into `directory`, hashed and compressed."""
    static_files = {"staticfiles": base.STORAGES["staticfiles"]}
    served = {"STATIC_ROOT": directory, "STORAGES": settings.STORAGES | static_files}
    thread = PortalThread()
    thread.daemon = True
    with override_settings(**served):
        call_command("collectstatic", interactive=False, verbosity=0)
        thread.start()
        thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield Portal(f"http://{thread.host}:{thread.port}", served)
    finally:
        thread.terminate()
