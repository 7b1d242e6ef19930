from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django_htmx.http import HttpResponseClientRedirect

from portal.core.access import View

from . import appearance, services
from .models import User


class AppearanceMiddleware:
    """Every page in the language and type size of its reader; Chinese by default, whatever the browser prefers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        translation.activate(settings.LANGUAGE_CODE)
        picked = appearance.picked(request)
        # The user in person: every page looks at them a hundred times, and the lazy one asks each time who that is.
        user = request.user = get_user(request)
        language = user.language if user.is_authenticated else picked.get("language", settings.LANGUAGE_CODE)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        is_large = user.large_type if user.is_authenticated else picked.get("large_type", False)
        request.large_type = is_large  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class FirstStepsMiddleware:
    """Nobody is served before they have agreed to the purposes and replaced a first password."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: tuple, kwargs: dict) -> HttpResponse | None:
        if getattr(view, "access", "public") == "public" or not request.user.is_authenticated:
            return None
        step = next_step(request.user)
        if step is None or request.path == reverse(step):
            return None
        url = reverse(step)
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(url)
        if request.method == "GET":
            url += "?" + urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(url)


def next_step(user: User) -> str | None:
    """The page a user must pass before anything else, by the name of its URL."""
    if user.consented_version != services.CONSENT_VERSION:
        return "accounts:consent"
    return "accounts:password" if user.must_change_password else None
