"""The incidents of a place as a picture: on a schematic of it, and by building over the months."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grid.incidents.forms.hot_spots import HotSpotForm, month_words
from grid.incidents.map import MEASURES, measure_of, schematic_of
from grid.incidents.tables import XLSX
from grid.places.models import Level, Place
from grid.places.overview import trail_to
from portal.core import audit
from portal.core.access import fetch, needs
from portal.core.clock import today
from portal.core.headers import download
from portal.core.pagination import page_of
from portal.core.spreadsheet import workbook

WITH_PARENTS = "parent__parent__parent__parent"
ROWS = 25


@needs("incidents.view")
@require_safe
def incident_map(request: HttpRequest, pk: int) -> HttpResponse:
    """The schematic of a street, a community or a grid; a building group is drawn as its façade."""
    place = _fetched(request, pk)
    if place.is_building_group:
        return redirect(reverse("roster:buildings", args=[place.pk], query={"layer": "incidents"}))
    measure = measure_of(request.GET.get("show"))
    context = {
        "place": place,
        "trail": _trail(request, place, _("Incident map")),
        "map": schematic_of(place, measure),
        "measures": MEASURES.values(),
        "measure": measure,
    }
    return render(request, "incidents/map.html", context)


@needs("incidents.view")
@require_safe
def hot_spots(request: HttpRequest, pk: int) -> HttpResponse:
    place = _fetched(request, pk)
    form = HotSpotForm(request.GET, place=place)
    found = form.look()
    page: Any = page_of(request, found.rows, size=ROWS)  # a list is sliced as well
    context = {
        "place": place,
        "trail": _trail(request, place, _("Hot spots")),
        "hot": found,
        "page": page,
        "form": form,
        "subtitle": " · ".join([place.name, month_words(len(found.months)), str(found.group or "")]).removesuffix(
            " · "
        ),
        "may_export": request.user.has_perm("incidents.export", place),
    }
    return render(request, "incidents/hot_spots.html", context)


@needs("incidents.export")
@require_safe
def hot_spots_export(request: HttpRequest, pk: int) -> HttpResponse:
    """What the page of hot spots shows, all of it, as Excel; the export is on record."""
    place = _fetched(request, pk)
    found = HotSpotForm(request.GET, place=place).look()
    header = [_("Place"), *(f"{month:%Y-%m}" for month in found.months), _("In all"), _("Period before"), _("Change")]
    rows = [
        [row.place.name, *(cell.number for cell in row.cells), row.total, row.before, row.change] for row in found.rows
    ]
    audit.record("incidents.exported", request.user, actor=request.user, data={"rows": len(rows), "place": place.pk})
    return download(workbook(_("Hot spots"), header, rows), f"hot-spots-{today():%Y%m%d}.xlsx", XLSX)


def _fetched(request: HttpRequest, pk: int) -> Place:
    """The place of the address; a district has too many buildings to be drawn."""
    place: Place = fetch(request, Place.objects.select_related(WITH_PARENTS), pk=pk)
    if place.level < Level.STREET:
        raise Http404
    return place


def _trail(request: HttpRequest, place: Place, page: str) -> list[tuple[str, str]]:
    *above, (name, _none) = trail_to(place, request.user)
    return [*above, (name, place.get_absolute_url()), (page, "")]
