"""Browsers for the cast: each person has a browser of their own, as wide as their device, signed in."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from portal.accounts.models import User
from tests.cast import Person
from tests.snapshot import Snapshot

from . import chromium, server
from .devices import DESK, Device, sit
from .tour import Tour, scene
from .watch import Watch

WAIT = 30_000  # milliseconds; longer than any page takes on a machine with too much to do

expect.set_options(timeout=WAIT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name every test that a machine without Chromium leaves out; with CI=true the first test says that it must not."""
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    is_missing = chromium.find() is None
    for item in here:
        item.add_marker(pytest.mark.browser)
        if is_missing and item.name != "test_there_is_a_browser":
            item.add_marker(pytest.mark.skip(f"{item.name}: {chromium.MISSING}"))


@pytest.fixture(scope="package")
def playwright(django_db_setup: None) -> Iterator[Playwright]:
    """Its event loop lives in this thread, where Django then refuses to touch the database unless told otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as started:
            yield started
            connections.close_all()  # those of the loop's time, which nobody would find afterwards


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = chromium.launch(playwright)
    yield launched
    launched.close()


@pytest.fixture(scope="package")
def portal(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Portal]:
    with server.portal(tmp_path_factory.mktemp("static")) as running:
        yield running


@pytest.fixture
def home(portal: server.Portal) -> Iterator[str]:
    """The address of a running portal."""
    with override_settings(**portal.settings):
        yield portal.url
        portal.handler.come_to_rest()


Visit = Callable[..., Page]
Guest = Person | User | Client | None


@pytest.fixture
def watch(home: str) -> Iterator[Watch]:
    """What goes wrong in any browser of a test fails it at its end."""
    watching = Watch(home)
    yield watching
    assert not watching.wrong, "\n".join(watching.wrong)


@pytest.fixture
def visit(transactional_db: None, browser: Browser, home: str, watch: Watch) -> Iterator[Visit]:
    """Sit somebody down at a browser: `visit(chen, PHONE)`; None has not signed in, a client brings its own cookies."""
    opened: list[BrowserContext] = []

    def at(guest: Guest, device: Device = DESK, *, scripts: bool = True, **options: Any) -> Page:
        context = browser.new_context(
            base_url=home,
            viewport={"width": device.width, "height": device.height},
            is_mobile=device.is_phone,
            has_touch=device.is_phone,
            java_script_enabled=scripts,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **options,
        )
        opened.append(context)
        context.set_default_timeout(WAIT)
        watch.follow(context)
        cookies = signed_in(guest).cookies.items()
        context.add_cookies([{"name": name, "value": morsel.value, "url": home} for name, morsel in cookies])
        return sit(context.new_page(), device)

    yield at
    for context in opened:
        context.close()


def signed_in(guest: Guest) -> Client:
    """A client that holds the cookies of this person's session."""
    if isinstance(guest, Client):
        return guest
    client = Client()
    if guest is not None:
        client.force_login(guest if isinstance(guest, User) else guest.user)
    return client


KEPT: list[tuple[Tour, Snapshot]] = []


@pytest.fixture
def tour(request: pytest.FixtureRequest, visit: Visit, watch: Watch) -> Tour:
    """The way through every page there is; the records behind it are made once in a process and put back after that."""
    if not KEPT:
        places, urban = (request.getfixturevalue(name) for name in ("places", "urban"))
        KEPT.append((Tour.prepared(scene(request, places, urban), visit, watch), Snapshot.take()))
    else:
        KEPT[0][1].put_back()
    return replace(KEPT[0][0], stops=[*KEPT[0][0].stops], visit=visit, watch=watch)
