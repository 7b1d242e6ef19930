from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from grid.places.territory import territory_of
from portal.core import tiles
from portal.core.components import page_url
from portal.core.refusals import Text


@dataclass(frozen=True)
class Entry:
    """One line of a reader's menu; two are the same when they look the same in one language."""

    url: str
    active: bool
    count: int
    on_phone: bool
    label: Text = field(compare=False)
    icon: str = field(compare=False)


def nav(request: HttpRequest) -> dict[str, Any]:
    """The navigation this user may use, in order, the three of the phone's tab bar first."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    known: dict[str, Any] | None = getattr(request, "offered_nav", None)  # a page drawn in parts is offered it once
    if known is None:
        known = request.offered_nav = _nav(request, user)  # type: ignore[attr-defined]
    return known


def _nav(request: HttpRequest, user: Any) -> dict[str, Any]:
    offered = [item for item in tiles.navigation if not item.permission or user.has_perm(item.permission)]
    offered = [item for item in offered if item.shows is None or item.shows(user)]
    offered.sort(key=lambda item: (not item.on_phone, item.order))
    posts = [str(post) for post in territory_of(user).posts[:2]]
    return {"nav": tuple(_entry(item, request) for item in offered), "post_summary": " / ".join(posts)}


def _entry(item: tiles.NavItem, request: HttpRequest) -> Entry:
    match = request.resolver_match
    return Entry(
        url=page_url(item.url_name),
        active=bool(match and match.view_name in (item.url_name, *item.also)),
        count=item.badge(request.user) if item.badge else 0,
        on_phone=item.on_phone,
        label=item.label,
        icon=item.icon,
    )
