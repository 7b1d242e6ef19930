"""The browser these tests need, and the watch that is kept over its pages."""

import os

import pytest

from . import chromium
from .conftest import WAIT
from .devices import DESK
from .watch import Watch


def test_there_is_a_browser():
    if chromium.find() is None:
        leave_out = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        leave_out(f"The browser tests were left out: {chromium.MISSING}")


@pytest.fixture
def watch(home: str) -> Watch:
    """In this file what goes wrong is looked at by each test."""
    return Watch(home)


FAULTS = {
    "console.error('oh')": "console error: oh",
    "setTimeout(() => { throw new Error('oh') })": "script error: oh",
    "alert('oh')": "dialog: oh",
    "document.body.append(Object.assign(document.createElement('img'), {src: '/no-such-picture.png'}))": "404",
    "document.body.setAttribute('style', 'color: red')": "Content security policy: style-src-attr inline",
    "fetch('https://example.org/').catch(() => 0)": "Content security policy: connect-src https://example.org",
    "location.href = 'http://example.org/'": "left home: http://example.org/",
}


@pytest.mark.parametrize(("fault", "noticed"), FAULTS.items(), ids=range(len(FAULTS)))
def test_the_watch_notices_what_goes_wrong(visit, watch, fault, noticed):
    page = visit(None, DESK)
    page.goto("/sign-in/")
    assert watch.wrong == []

    page.evaluate(f"() => {{ {fault} }}")
    patience = WAIT
    while patience > 0 and not any(noticed in wrong for wrong in watch.wrong):
        page.wait_for_timeout(100)
        patience -= 100

    assert any(noticed in wrong for wrong in watch.wrong), watch.wrong
