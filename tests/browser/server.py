"""The portal over HTTP, from a thread of this process, so that it sees the database of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


@contextmanager
def portal(directory: Path) -> Iterator[str]:
    """A running portal, its static files collected into `directory`, hashed and compressed; gives its address."""
    with override_settings(STATIC_ROOT=directory, STORAGES=settings.STORAGES | _static_files()):
        call_command("collectstatic", interactive=False, verbosity=0)
        thread = PortalThread()
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
        if thread.error:
            raise thread.error
        try:
            yield thread.url
        finally:
            thread.terminate()


def _static_files() -> dict[str, dict[str, str]]:
    return {"staticfiles": base.STORAGES["staticfiles"]}
