"""Failures that Django shows without knowing for whom: here in the reader's type, and with the choice of a language."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import loader


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, in words."""
    return _page(request, 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, in words; asks neither the database nor anything else that may just have failed."""
    return _page(request, 500)


def _page(request: HttpRequest, status: int) -> HttpResponse:
    known = {"request": request, "csrf_token": get_token(request)}
    return HttpResponse(loader.render_to_string(f"{status}.html", known), status=status)
