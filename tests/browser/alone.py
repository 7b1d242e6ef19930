"""Components on pages made of nothing else, under the portal's policy and without a server."""

import mimetypes
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Browser, Page, Route

from .conftest import WAIT
from .watch import REPORT_VIOLATIONS

ORIGIN = "http://127.0.0.1:9"
BUILD = settings.BASE_DIR / "static" / "build"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)
Show = Callable[..., Page]


@contextmanager
def alone(browser: Browser, **options: Any) -> Iterator[Show]:
    """Shows a template's source as a page: `page.asked` is what it asks of its server, `page.wrong` its complaints."""
    if not (BUILD / "app.js").exists():
        pytest.skip("not built: npm run build")
    context = browser.new_context(**{"viewport": {"width": 390, "height": 844}, "has_touch": True, **options})
    context.set_default_timeout(WAIT)
    context.add_init_script(REPORT_VIOLATIONS)

    def shown(source: str, *, head: str = "", **words: object) -> Page:
        skeleton = (
            '{% extends "document.html" %}{% load ui %}{% block head_extra %}'
            + head
            + '{% endblock %}{% block body %}<main id="content">'
            + source
            + "</main>{% endblock %}"
        )
        with translation.override("en"):
            html = Template(skeleton).render(Context({"request": RequestFactory().get("/"), **words}))
        page = context.new_page()
        page.asked, page.wrong = [], []  # type: ignore[attr-defined]
        page.on("console", lambda said: page.wrong.append(said.text) if said.type in ("error", "warning") else None)  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.wrong.append(str(error)))  # type: ignore[attr-defined]

        def answer(route: Route) -> None:
            static = re.match(rf"{ORIGIN}/static/build/([\w.-]+)$", route.request.url)
            if static:
                path = Path(BUILD / static[1])
                route.fulfill(body=path.read_bytes(), content_type=mimetypes.guess_type(path.name)[0])
                return
            page.asked.append(route.request)  # type: ignore[attr-defined]
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)

        page.route("**/*", answer)
        page.goto(f"{ORIGIN}/")
        page.asked.clear()  # type: ignore[attr-defined]
        return page

    try:
        yield shown
    finally:
        context.close()
