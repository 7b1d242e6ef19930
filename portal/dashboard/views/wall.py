"""The wall: one page with all panels of a place; without scripts each turn is a page that leads to the next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from grid.places.models import Place
from portal.core.access import needs
from portal.core.clock import now
from portal.dashboard import keeping, wording
from portal.dashboard.board import board_url
from portal.dashboard.wall import STAY, turns_of
from portal.figures.periods import Period

from .boards import asked_period, counted_to, facade_of, fetched


@needs("dashboard.board")
@require_safe
def wall(request: HttpRequest, pk: int) -> HttpResponse:
    """`show` is the panel that hangs there now, `still` keeps it there; both for browsers without scripts."""
    place = fetched(request, pk)
    if place.is_building_group:
        return redirect(facade_of(request.user, place))
    period = asked_period(request)
    show, is_still = _number(request.GET.get("show", "")), request.GET.get("still") == "1"
    key = keeping.key_of(request, "wall", place, period, show=show, still=is_still, large=request.large_type)  # type: ignore[attr-defined]
    return HttpResponse(keeping.kept(key, lambda: _draw(request, place, period, show=show, is_still=is_still)))


def _draw(request: HttpRequest, place: Place, period: Period, *, show: int, is_still: bool) -> str:
    """The whole page: nothing on it depends on who looks at it but language and size of type."""
    turns, before = turns_of(place, period), period.before()
    number = show if 1 <= show <= len(turns) else 1
    asked = {name: request.GET[name] for name in ("period",) if name in request.GET}

    def to(show: int, *, still: bool) -> str:
        turned = (show - 1) % max(len(turns), 1) + 1
        query = {**asked, "show": str(turned), **({"still": "1"} if still else {})}
        return reverse("dashboard:wall", args=[place.pk], query=query)

    context = {
        "place": place,
        "period": period,
        "before": before.label if before.is_whole else wording.days_of(before),
        "turns": turns,
        "number": number,
        "now": now(),
        "counted_to": counted_to(period),
        "stay": STAY,
        "is_paused": is_still,
        "previous_url": to(number - 1, still=is_still),
        "next_url": to(number + 1, still=is_still),
        "pause_url": to(number, still=not is_still),
        "board_url": board_url(place, period),
    }
    return render_to_string("dashboard/wall.html", context, request)


def _number(asked: str) -> int:
    """The number of the panel asked for, 1 when it is none."""
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 3 else 1
