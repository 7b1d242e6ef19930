"""The one door: every view declares whom it serves, every lookup passes through the territory of whoever asks.

A view that declares nothing answers 403 (see `middleware.DeclaredAccessMiddleware`). Unseen is 404, unpermitted 403.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Manager, Model, QuerySet
from django.db.models.manager import BaseManager
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django_htmx.http import HttpResponseClientRedirect

log = structlog.get_logger(__name__)

View = Callable[..., HttpResponse]
M = TypeVar("M", bound=Model)


def public(view: View) -> View:
    """Anyone may see this page, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Anyone who has signed in may see this page; it shows nothing but their own."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        return view(request, *args, **kwargs)

    inner.access = "signed in"  # type: ignore[attr-defined]
    return inner


def needs(permission: str) -> Callable[[View], View]:
    """Only those who hold `permission` may see this page.

    A page without an object asks whether they hold it anywhere. A page of one object (`pk` in its address) must `fetch`
    it, which first answers 404 to whoever cannot see it and then asks for the permission on it; one that forgets to
    fetch answers 403 to everybody, so that it is noticed the first time anyone opens it.
    """

    def decorator(view: View) -> View:
        @functools.wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            door = request.door = Door(permission)  # type: ignore[attr-defined]
            if "pk" not in kwargs and not request.user.has_perm(permission):
                raise _unpermitted(request, permission)
            response = view(request, *args, **kwargs)
            if "pk" in kwargs and not door.was_used and not isinstance(response, HttpResponseNotAllowed):
                log.error("access.scope_forgotten", path=request.path)
                raise PermissionDenied
            return response

        inner.access = permission  # type: ignore[attr-defined]
        return inner

    return decorator


@dataclass
class Door:
    """What a request needs, and whether an object has passed through."""

    permission: str
    was_used: bool = False


def fetch(
    request: HttpRequest, source: Manager | QuerySet, *, read: Callable[[Any], Any] | None = None, **lookup: Any
) -> Any:
    """The one object of `source` that the user may see and act on; `read` makes it of its key, else the source does.

    Raises Http404 when it does not exist or lies outside the user's territory (the two are not told apart), and
    PermissionDenied when it is seen but the view's permission does not hold on it.
    """
    queryset: Any = source.all() if isinstance(source, BaseManager) else source  # knows `visible_to`
    seen = queryset.visible_to(request.user).filter(**lookup).order_by()  # one at most: an order is only dear
    found: Model | None = next(map(read, seen.values_list("pk", flat=True)[:1]) if read else iter(seen[:1]), None)
    if found is None:
        log.warning("access.unseen", model=queryset.model._meta.label, user_id=request.user.pk, path=request.path)
        raise Http404
    return admit(request, found)


def admit(request: HttpRequest, seen: M) -> M:
    """Let through the door what is known to lie in the user's territory, because their posts themselves name it.

    Raises PermissionDenied when the view's permission does not hold on it.
    """
    door = getattr(request, "door", None)
    if door:
        door.was_used = True
        if not request.user.has_perm(door.permission, seen):
            raise _unpermitted(request, door.permission)
    return seen


def _unpermitted(request: HttpRequest, permission: str) -> PermissionDenied:
    log.warning("access.unpermitted", permission=permission, user_id=request.user.pk, path=request.path)
    return PermissionDenied()


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    htmx = getattr(request, "htmx", None)
    if not htmx:
        return redirect_to_login(request.get_full_path())
    # It would follow a redirect and put the sign-in page into the middle of this one; and a fragment's address is no
    # page to come back to.
    return HttpResponseClientRedirect(redirect_to_login(htmx.current_url_abs_path or "/").url)
