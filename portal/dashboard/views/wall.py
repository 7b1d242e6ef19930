"""The wall: one page with all panels of a place; without scripts each turn is a page that leads to the next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.core.access import needs
from portal.core.clock import now
from portal.dashboard.board import board_url
from portal.dashboard.wall import STAY, panels_of

from .boards import asked_period, facade_of, fetched


@needs("dashboard.board")
@require_safe
def wall(request: HttpRequest, pk: int) -> HttpResponse:
    """`show` is the panel that hangs there now, `still` keeps it there; both for browsers without scripts."""
    place = fetched(request, pk)
    if place.is_building_group:
        return redirect(facade_of(request.user, place))
    period = asked_period(request)
    panels = panels_of(place, period)
    number = _number(request.GET.get("show", ""), len(panels))
    is_paused = request.GET.get("still") == "1"
    kept = {name: request.GET[name] for name in ("period",) if name in request.GET}

    def to(show: int, *, still: bool) -> str:
        turned = (show - 1) % max(len(panels), 1) + 1
        query = {**kept, "show": str(turned), **({"still": "1"} if still else {})}
        return reverse("dashboard:wall", args=[place.pk], query=query)

    context = {
        "place": place,
        "period": period,
        "before": period.before(),
        "panels": panels,
        "number": number,
        "now": now(),
        "stay": STAY,
        "is_paused": is_paused,
        "previous_url": to(number - 1, still=is_paused),
        "next_url": to(number + 1, still=is_paused),
        "pause_url": to(number, still=not is_paused),
        "board_url": board_url(place, period),
    }
    return render(request, "dashboard/wall.html", context)


def _number(asked: str, most: int) -> int:
    """The panel asked for, the first when there is no such panel."""
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else 1
    return number if 1 <= number <= most else 1
