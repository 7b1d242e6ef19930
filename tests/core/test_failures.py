"""Pages that say what went wrong, in the reader's language and type."""

import re

import pytest
from django.test import Client

from portal.dashboard.views import home

SWITCH = '<button class="tool" type="submit" name="language" value="en" lang="en">'


def leads_to(page: str) -> set[str]:
    """Where choosing a language or a type leads from here."""
    return set(re.findall(r'name="next" value="([^"]*)"', page))


@pytest.fixture
def unlucky(monkeypatch):
    """A portal in which something fails."""

    def fails(*args: object) -> None:
        raise RuntimeError("a fault made for a test")

    monkeypatch.setattr(home, "today", fails)


def test_the_language_is_chosen_on_a_page_that_is_not_there(client_of, li):
    answer = client_of(li).get("/no-such-page/?from=slip")
    page = answer.content.decode()

    assert (answer.status_code, SWITCH in page) == (404, True)
    assert leads_to(page) == {"/no-such-page/?from=slip"}


def test_a_page_one_may_not_see_is_read_in_english_once_that_is_chosen(client_of, chen):
    browser = client_of(chen)
    refused = browser.get("/incidents/categories/")
    browser.post("/language/", {"language": "en", "next": leads_to(refused.content.decode()).pop()})

    assert (refused.status_code, SWITCH in refused.content.decode()) == (403, True)
    assert '<html lang="en"' in browser.get("/incidents/categories/").content.decode()


@pytest.mark.parametrize("path", ["/language/", "/large-type/"])
def test_what_was_sent_in_vain_is_not_led_back_to(path, li):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(li.user)
    page = browser.post(path, {"language": "en"}).content.decode()

    assert SWITCH in page
    assert leads_to(page) == {"/"}


def test_a_request_nobody_understands_is_answered_in_words_and_in_large_type(client_of, li):
    browser = client_of(li)
    browser.post("/large-type/", {"large_type": "true"})
    answer = browser.post("/language/", {"language": "none"})
    page = answer.content.decode()

    assert (answer.status_code, SWITCH in page, leads_to(page)) == (400, True, {"/"})
    assert '<html lang="zh-Hans" data-large="true">' in page


def test_a_fault_is_told_in_the_readers_language_and_type(client_of, li, unlucky):
    browser = client_of(li)
    browser.raise_request_exception = False
    browser.post("/large-type/", {"large_type": "true"})
    browser.post("/language/", {"language": "en"})
    answer = browser.get("/")
    page = answer.content.decode()

    assert (answer.status_code, leads_to(page)) == (500, {"/"})
    assert '<html lang="en" data-large="true">' in page
    assert "a fault made for a test" not in page
