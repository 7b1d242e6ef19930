from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from grid.places.territory import territory_of
from portal.core import tiles
from portal.core.components import page_url
from portal.core.templatetags.ui import asset


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
    posts = [str(post) for post in territory_of(user).posts]
    entries = [_entry(item, request) for item in offered]
    # The same menu is drawn again and again: kept under what it shows, see base.html.
    shown = [(entry["url"], entry["active"], entry["count"]) for entry in entries]
    key = f"{get_language()} {asset(name='build/sprite.svg')} {shown}"
    return {"nav": entries, "nav_key": key, "post_summary": " / ".join(posts[:2])}


def _entry(item: tiles.NavItem, request: HttpRequest) -> dict[str, Any]:
    url = page_url(item.url_name)
    match = request.resolver_match
    return {
        "url": url,
        "label": item.label,
        "icon": item.icon,
        "on_phone": item.on_phone,
        "active": bool(match and match.view_name in (item.url_name, *item.also)),
        "count": item.badge(request.user) if item.badge else 0,
    }
