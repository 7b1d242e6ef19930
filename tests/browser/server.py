"""The portal over HTTP, from a thread of this process, so that it sees the database of the tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.test import override_settings
from django.test.testcases import LiveServerThread

from portal.settings import base


class Handler(WSGIHandler):
    """Knows how many requests it is at: what a page left behind must not write into the database of the next test."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way, self.changed = 0, Condition()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self._count(1)
        try:
            response = super().__call__(environ, start_response)
        except BaseException:
            self._count(-1)
            raise
        close = response.close

        def closed() -> None:
            response.close = close
            try:
                close()
            finally:
                self._count(-1)

        response.close = closed
        return response

    def _count(self, more: int) -> None:
        with self.changed:
            self.under_way += more
            self.changed.notify_all()

    def come_to_rest(self, seconds: float = 30) -> None:
        """Wait until everything that was asked is answered."""
        with self.changed:
            self.changed.wait_for(lambda: not self.under_way, seconds)


class PortalThread(LiveServerThread):
    """Serves what people get: Django's usual test server hands out static files itself, here our middleware does."""

    def __init__(self, handler: Handler) -> None:
        super().__init__("127.0.0.1", static_handler=lambda _handler: handler)


@dataclass(frozen=True)
class Portal:
    """A running portal: its address, the settings under which it serves, and what answers there."""

    url: str
    settings: dict[str, Any]
    handler: Handler


@contextmanager
def portal(directory: Path) -> Iterator[Portal]:
    """Run a portal whose static files are collected into `directory`, hashed and compressed."""
    static_files = {"staticfiles": base.STORAGES["staticfiles"]}
    served = {"STATIC_ROOT": directory, "STORAGES": settings.STORAGES | static_files}
    with override_settings(**served):
        call_command("collectstatic", interactive=False, verbosity=0)
        handler = Handler()
        thread = PortalThread(handler)
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield Portal(f"http://{thread.host}:{thread.port}", served, handler)
    finally:
        thread.terminate()
