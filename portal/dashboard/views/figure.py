"""The page of a figure: no number without the records behind it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.core.access import needs
from portal.core.pagination import page_of
from portal.dashboard import wording
from portal.dashboard.explaining import behind, explain
from portal.dashboard.forms import PeriodForm
from portal.dashboard.remainder import narrowed, shares
from portal.figures.registry import figures

from .boards import around, asked_period, facade_of, fetched, trail


@needs("dashboard.board")
@require_safe
def figure(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """How a figure is counted, out of what, where below it comes from, and every record that it counts."""
    place = fetched(request, pk)
    if key not in figures.items:
        raise Http404
    period = asked_period(request)
    form = PeriodForm.of(request.GET, period)
    if form.is_valid():
        return redirect(f"{request.path}?{form.query(request.GET)}")
    look = explain(place, figures.items[key], period)
    records = behind(look, place, period, request.user)
    shown, page = [], None
    if records.rows is not None:
        shown = shares(look.figure, look.parts, request.GET.get("which", ""))
        page = page_of(request, narrowed(look.figure, records.rows, shown))
    context = {
        **around(request, place, period, form),
        "trail": trail(request, place, period, last=str(look.figure.label)),
        "subtitle": f"{place} · {wording.told(period)}",
        "look": look,
        "why": records.why,
        "note": records.note,
        "shares": shown,
        "page": page,
        "lines": [records.lines.line(one) for one in page] if page and records.lines else [],
        "charts": [look.chart],
        "facade": facade_of(request.user, place) if place.is_building_group else "",
    }
    return render(request, "dashboard/figure.html", context, status=form.status)
