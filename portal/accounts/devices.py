"""Devices on which somebody signed in before, by a signed cookie that scripts cannot read.

Whoever attacks an account from elsewhere cannot use up the attempts of its owner's own phone (OWASP, "Slow Down Online
Guessing Attacks with Device Cookies").
"""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from .models import User

COOKIE = "device"
SALT = "portal.accounts.device"
KEPT = timedelta(days=400)  # as long as browsers keep any cookie
ACCOUNTS = 10  # of a tablet that a whole office passes around, the last ones


def known_device(request: HttpRequest, user: User | None) -> str:
    """The mark of this device if `user` signed in on it before, else ""."""
    mark, accounts = _read(request)
    return mark if user is not None and user.pk in accounts else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Know this device again when `user` next signs in on it."""
    mark, accounts = _read(request)
    accounts = [user.pk, *(pk for pk in accounts if pk != user.pk)][:ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps([mark or secrets.token_hex(8), accounts], salt=SALT),
        max_age=KEPT,
        path=reverse("accounts:sign_in"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[int]]:
    try:
        held: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return "", []
    mark, accounts = held
    return mark, accounts
