from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grid.places.territory import Post, territory_of
from portal.core import tiles
from portal.core.access import signed_in
from portal.core.clock import today
from portal.core.refusals import Text
from portal.core.tiles import Stat, Tile, ToDo

# So many things to do are seen at once, on the stairs and at a desk; one more is not worth folding away.
ON_THE_STAIRS, AT_A_DESK = 8, 16


@dataclass(frozen=True)
class Card:
    """How a post's place or department stands; those after the first are only named, with the way to them."""

    title: str
    url: str
    more: Text
    stats: list[Stat]


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs you today: the tiles a user may use, what waits for them, and how their place or department stands."""
    user = request.user
    offered = sorted((t for t in tiles.home_tiles if user.has_perm(t.permission)), key=lambda tile: tile.order)
    to_dos = sorted((entry for source in tiles.to_dos for entry in source(user)), key=_most_urgent_first)
    posts = territory_of(user).posts
    cards = list(_cards(user, posts))
    few = ON_THE_STAIRS if any(post.place and post.place.is_building_group for post in posts) else AT_A_DESK
    shown = len(to_dos) if len(to_dos) <= few + 1 else few
    context = {
        "greeting": _("Hello, %(name)s") % {"name": user.name},
        "day": date_format(today(), "DATE_FORMAT") + " " + date_format(today(), "l"),
        "tiles": [_shown(tile, user) for tile in offered],
        "to_dos": to_dos[:shown],
        "later": to_dos[shown:],
        "waiting": len(to_dos),
        "has_post": bool(posts),
        "card": cards[0] if cards else None,
        "others": cards[1:],
    }
    return render(request, "dashboard/home.html", context)


def _most_urgent_first(entry: ToDo) -> tuple[bool, int]:
    """What is red, that is urgent or overdue, stands before the rest, whatever it is about."""
    return entry.tone != "red", entry.order


def _shown(tile: Tile, user: Any) -> tuple[Tile, Text, int]:
    """A tile with its hint and its count for this user."""
    hint = tile.hint_for(user) if tile.hint_for else tile.hint
    return tile, hint, tile.badge(user) if tile.badge else 0


def _cards(user: Any, posts: tuple[Post, ...]) -> Iterator[Card]:
    """A card for each place and department; only the first is counted, so that many posts cost no more than one."""
    shown: set[Any] = set()
    for post in posts:
        where = post.place or post.department
        if where is None or where in shown:
            continue
        is_first = not shown
        shown.add(where)
        if post.place:
            found = [stat for source in tiles.place_stats for stat in source(user, post.place)] if is_first else []
            has_board = user.has_perm("dashboard.board", post.place)
            page = reverse("dashboard:board", args=[post.place.pk]) if has_board else post.place.get_absolute_url()
            yield Card(post.place.name, page, _("Board") if has_board else _("See more"), found)
        elif post.department:
            sources = tiles.department_stats if is_first else ()
            found = [stat for source in sources for stat in source(user, post.department)]
            yield Card(post.department.name, "", "", found)
