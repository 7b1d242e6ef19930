"""What no page may do: complain, fail to load, break the content security policy, open a dialog, leave home."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Request, Response

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`Content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""
STATUS = re.compile(r"the server responded with a status of (\d+)")


class Watch:
    """Listens to every browser of a test and collects what went wrong."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.wrong: list[str] = []
        self._expected: set[int] = set()
        self._answered: Counter[tuple[int, str]] = Counter()  # as expected; the console may speak of it later
        self._is_away = False

    def follow(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("requestfailed", self._failed)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.wrong.append(f"script error: {error.error}"))

    @contextmanager
    def expects(self, *statuses: int) -> Iterator[None]:
        """Within this block a page may be answered with one of these statuses, which browsers call an error."""
        self._expected = set(statuses)
        try:
            yield
        finally:
            self._expected = set()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Within this block the line is cut on purpose."""
        self._is_away = True
        try:
            yield
        finally:
            self._is_away = False

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.home, "blob:", "data:", "about:")):
            self.wrong.append(f"left home: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status in self._expected:
            self._answered[response.status, _page_of(response.url)] += 1

    def _failed(self, request: Request) -> None:
        # A page that is left lets go of what it was still loading; a download takes the place of a page.
        if request.failure != "net::ERR_ABORTED" and not self._is_away:
            self.wrong.append(f"failed: {request.method} {request.url} {request.failure}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or self._is_away:
            return
        url = message.location.get("url", "")
        if not self._is_expected(STATUS.search(message.text), url):
            self.wrong.append(f"console {message.type}: {message.text} ({url})")

    def _is_expected(self, status: re.Match[str] | None, url: str) -> bool:
        """Whether the console speaks of an answer that was expected: now, or once for each that came then."""
        if not status:
            return False
        answer = int(status[1]), _page_of(url)
        came = self._answered[answer] > 0
        self._answered[answer] -= came
        return came or answer[0] in self._expected

    def _dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":
            return
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def _page_of(url: str) -> str:
    return url.partition("#")[0]
