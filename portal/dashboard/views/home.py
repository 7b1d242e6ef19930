from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grid.places.territory import territory_of
from portal.core import tiles
from portal.core.access import signed_in
from portal.core.clock import today


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs you today: the tiles a user may use, what waits for them, and how their place stands."""
    user = request.user
    offered = sorted((t for t in tiles.home_tiles if user.has_perm(t.permission)), key=lambda tile: tile.order)
    to_dos = sorted((entry for source in tiles.to_dos for entry in source(user)), key=lambda entry: entry.order)
    place = next((post.place for post in territory_of(user).posts if post.place), None)
    context = {
        "greeting": _("Hello, %(name)s") % {"name": user.name},
        "day": date_format(today(), "DATE_FORMAT") + " " + date_format(today(), "l"),
        "tiles": [(tile, tile.badge(user) if tile.badge else 0) for tile in offered],
        "to_dos": to_dos,
        "place": place,
        "stats": [stat for source in tiles.place_stats for stat in source(user, place)] if place else [],
    }
    return render(request, "dashboard/home.html", context)
