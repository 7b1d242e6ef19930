"""Language and type size: the account's own; before signing in, what this browser chose."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .models import User

LARGE_TYPE_COOKIE = "large_type"
KEPT = timedelta(days=365)


def picked(request: HttpRequest) -> dict[str, Any]:
    """The preferences that somebody chose in this browser without having signed in."""
    found: dict[str, Any] = {}
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if language in User.Language.values:
        found["language"] = language
    if LARGE_TYPE_COOKIE in request.COOKIES:
        found["large_type"] = request.COOKIES[LARGE_TYPE_COOKIE] == "true"
    return found


def pick(response: HttpResponse, *, language: str | None = None, large_type: bool | None = None) -> None:
    """Let this browser keep a preference until somebody signs in."""
    secure = settings.LANGUAGE_COOKIE_SECURE
    if language is not None:
        name = settings.LANGUAGE_COOKIE_NAME
        response.set_cookie(name, language, max_age=KEPT, secure=secure, httponly=True, samesite="Lax")
    if large_type is not None:
        value = "true" if large_type else "false"
        response.set_cookie(LARGE_TYPE_COOKIE, value, max_age=KEPT, secure=secure, httponly=True, samesite="Lax")


def unpick(response: HttpResponse) -> None:
    """Let go of this browser's preferences: they have become an account's, and the next person has their own."""
    for name in (settings.LANGUAGE_COOKIE_NAME, LARGE_TYPE_COOKIE):
        response.delete_cookie(name, samesite="Lax")
