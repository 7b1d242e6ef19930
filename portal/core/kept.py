"""Forms that a phone keeps until the server has them (static/src/js/outbox.js): scripts send them, answered in data.

Sent without scripts, the same forms are answered with pages.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac

from .forms import ServiceForm

JSON = "application/json"


def key_of(user: Any) -> str:
    """Under which key a browser keeps what this user has not sent yet: it names nobody, "" for nobody signed in."""
    if not user.is_authenticated:
        return ""
    return salted_hmac("portal.kept", str(user.pk), secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()[:32]


def is_anothers(request: HttpRequest) -> bool:
    """Whether a script sends what somebody else has left on this phone, who was signed in here before."""
    sender = request.headers.get("X-Kept-By")
    return sender is not None and sender != key_of(request.user)


def not_yours() -> HttpResponse:
    return JsonResponse({"reason": "owner"}, status=409)


def done(request: HttpRequest, to: Any) -> HttpResponse:
    """The way to what came of a form: a redirect, or its address for a script."""
    response = redirect(to)
    return JsonResponse({"url": response.url}, status=201) if _is_by_script(request) else response


def page(request: HttpRequest, template: str, context: dict[str, Any], form: ServiceForm) -> HttpResponse:
    """The form's page; for a script that has just sent it, what is wrong with it."""
    if form.is_bound and _is_by_script(request):
        return JsonResponse(_wrong(form), status=form.status)
    return render(request, template, context, status=form.status)


def _wrong(form: ServiceForm) -> dict[str, Any]:
    """Every error with its field, and the key to send it under next."""
    shown = [field for field in form if field.errors and not field.is_hidden]
    hidden = [str(error) for field in form if field.is_hidden for error in field.errors]
    return {
        "general": [*map(str, form.non_field_errors()), *hidden],
        "fields": [{"id": f.auto_id, "label": str(f.label), "errors": list(map(str, f.errors))} for f in shown],
        "key": str(form["idempotency_key"].value()) if form.creates else "",
    }


def _is_by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith(JSON)
