"""Boards: one's own, one of a place, and what it shows as Excel."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grid.places.models import Level, Place
from grid.places.overview import BELOW
from grid.places.territory import own_place, territory_of
from portal.core import audit, tiles
from portal.core.access import admit, fetch, needs
from portal.core.clock import now, today
from portal.core.headers import download
from portal.core.spreadsheet import XLSX, workbook
from portal.dashboard import choosing, keeping, tables, wording
from portal.dashboard.board import Board, board_of
from portal.dashboard.forms import PeriodForm
from portal.dashboard.rules import LEAST_N, LEAST_PEOPLE
from portal.figures import progress
from portal.figures.periods import Period

WITH_PARENTS = "parent__parent__parent__parent"


@needs("dashboard.board")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The board of one's own place; whoever looks after several chooses."""
    held = [post.place for post in territory_of(request.user).posts if post.place]
    places = [place for place in dict.fromkeys(held) if request.user.has_perm("dashboard.board", place)]
    if len(places) == 1:
        return redirect(reverse("dashboard:board", args=[places[0].pk], query=request.GET))
    return render(request, "dashboard/boards.html", {"places": places})


@needs("dashboard.board")
@require_safe
def board(request: HttpRequest, pk: int) -> HttpResponse:
    """How a place stands in the period of the address; a building group is drawn as its façade."""
    place = fetched(request, pk)
    if place.is_building_group:
        return redirect(facade_of(request.user, place))
    period = asked_period(request)
    form = PeriodForm.of(request.GET, period)
    if form.is_valid():
        return redirect(f"{request.path}?{form.query(request.GET)}")
    key = "" if form.is_bound else keeping.key_of(request, "board", place, period)
    context = {
        "place": place,
        "trail": tuple(trail(request, place, period)),
        "drawn": keeping.kept(key, lambda: draw(request, place, period, form)),
        "now": now(),
        "links": tuple(link for source in tiles.place_links for link in source(request.user, place)),
        "to_recount": _to_recount(request, place, period),
    }
    return render(request, "dashboard/board.html", context, status=form.status)


def _to_recount(request: HttpRequest, place: Place, period: Period) -> str:
    """Where whoever may do so has these days counted anew."""
    if not request.user.has_perm("figures.recount", place):
        return ""
    return reverse("figures:recount", args=[place.pk], query={"period": period.token})


def draw(request: HttpRequest, place: Place, period: Period, form: PeriodForm) -> str:
    """All of a board that is the same for everybody who may open it."""
    context = {
        **around(request, place, period, form),
        "look": looked_at(request, place, period),
        "tag": ("grey", Level(place.level).label),
        "has_wall": place.level <= Level.COMMUNITY,
    }
    if period.last == today():
        live = _("live, as of %(time)s") % {"time": date_format(now(), "H:i:s")}
        context["subtitle"] = f"{context['subtitle']} · {live}"
    return render_to_string("dashboard/drawn_board.html", context, request)


@needs("dashboard.board")
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The table of the board as Excel, no more than the screen shows of it; that it was taken out is on record."""
    place = fetched(request, pk)
    period = asked_period(request)
    look = looked_at(request, place, period, charts=False)
    if look.table is None:
        raise Http404
    data = {"period": period.token, "panel": look.table.panel.key, "rows": len(look.table.rows)}
    audit.record("board.exported", place, actor=request.user, data=data)
    title = f"{place.name} {period.token}"
    content = workbook(title, tables.header(look.table), tables.rows(look.table))
    return download(content, f"board-{place.code}-{period.token}.xlsx", XLSX)


def fetched(request: HttpRequest, pk: int) -> Place:
    """The place of the address, with all that stands above it: of one's own places that is known already."""
    own = own_place(request.user, pk)
    if own:
        return admit(request, own)
    place: Place = fetch(request, Place.objects.select_related(WITH_PARENTS), pk=pk)
    return place


def asked_period(request: HttpRequest) -> Period:
    """The period of the address. Raises Http404 for one that there is not."""
    try:
        return choosing.asked(request.GET)
    except ValueError:
        raise Http404 from None


def looked_at(request: HttpRequest, place: Place, period: Period, *, charts: bool = True) -> Board:
    """The board under the figures and in the order of the address."""
    query = request.GET
    return board_of(place, period, panel=query.get("panel", ""), sort=query.get("sort", ""), charts=charts)


def facade_of(user: Any, group: Place) -> str:
    """Where a building group is drawn; its own page when no app draws it."""
    drawn = [link.url for source in tiles.place_links for link in source(user, group) if link.is_facade]
    return drawn[0] if drawn else group.get_absolute_url()


def around(request: HttpRequest, place: Place, period: Period, form: PeriodForm) -> dict[str, Any]:
    """What every page of a board shows: the way here, the periods, when it was counted, and what is left out."""
    earlier, later = choosing.beside(period, -1), choosing.beside(period, 1)
    return {
        "place": place,
        "trail": trail(request, place, period),
        "period": period,
        "before": period.before(),
        "usual": list(choosing.usual(period)),
        "earlier": earlier,
        "later": later,
        "earlier_short": wording.short(earlier) if earlier else "",
        "later_short": wording.short(later) if later else "",
        "form": form,
        "is_custom_open": form.is_bound,
        "subtitle": wording.told(period),
        "days": wording.days_of(period),
        "before_days": wording.days_of(period.before()),
        "below_title": "" if place.is_building_group else BELOW[Level(place.level + 1)],
        "now": now(),
        "counted_to": counted_to(period),
        "least_n": LEAST_N,
        "least_people": LEAST_PEOPLE,
    }


def counted_to(period: Period) -> date | None:
    """The last day that the night has counted, when it lags and the period goes on after it; else None."""
    reached = progress.counted_to()
    return reached if reached and period.last > reached else None


def trail(request: HttpRequest, place: Place, period: Period, last: str = "") -> list[tuple[str, str]]:
    """The way down from board to board; what lies above the reader's territory is named and leads nowhere."""
    territory = territory_of(request.user)

    def to(one: Place) -> str:
        return reverse("dashboard:board", args=[one.pk], query={"period": period.token})

    above = [(one.name, to(one) if territory.covers(one) else "") for one in place.ancestors]
    here = (place.name, to(place) if last else "")
    return [*above, here, *([(last, "")] if last else [])]
