"""Incidents on screen: the list, one incident, and putting them on record."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from grid.places.territory import territory_of
from portal.core import audit
from portal.core.access import View, fetch, needs
from portal.core.clock import now, today
from portal.core.pagination import page_of
from portal.core.spreadsheet import workbook

from . import services, tables
from .filters import IncidentFilter, Scope
from .forms import ConfirmForm, DeskForm, ReportForm, category_icons
from .models import Incident
from .move_forms import MOVES, MoveForm
from .timeline import timeline_of

PRINTED = 500
EXPORTED = 5000
CONFIRMED = 100


def _filtered(request: HttpRequest) -> IncidentFilter:
    incidents = Incident.objects.visible_to(request.user).with_names()
    return IncidentFilter(request.GET, queryset=incidents, request=request)


@needs("incidents.view")
@require_safe
def incident_list(request: HttpRequest) -> HttpResponse:
    chosen = _filtered(request)
    page = page_of(request, chosen.qs)
    context = {
        "filter": chosen,
        "page": page,
        "may": {what: request.user.has_perm(f"incidents.{what}") for what in ("report", "enter", "export")},
        "shows_community": _spans_communities(request),
        "may_confirm": chosen.scope == Scope.VERIFY and request.user.has_perm("incidents.close"),
    }
    return render(request, "incidents/list.html", context)


@needs("incidents.export")
@require_safe
def incident_print(request: HttpRequest) -> HttpResponse:
    """The current list on A4; that it was printed is on record."""
    chosen = _filtered(request)
    rows = list(chosen.qs[: PRINTED + 1])
    audit.record("incidents.printed", request.user, actor=request.user, data={"rows": len(rows[:PRINTED])})
    context = {
        "rows": rows[:PRINTED],
        "is_cut": len(rows) > PRINTED,
        "most": PRINTED,
        "now": now(),
        "shows_community": _spans_communities(request),
    }
    return render(request, "incidents/list_print.html", context)


@needs("incidents.export")
@require_safe
def incident_export(request: HttpRequest) -> HttpResponse:
    """The current list as Excel, without callers' names and numbers; the export is on record."""
    rows = list(_filtered(request).qs[: EXPORTED + 1])
    if len(rows) > EXPORTED:
        messages.error(request, _("More than %(most)d rows: narrow the filter first.") % {"most": EXPORTED})
        return redirect(reverse("incidents:list", query=request.GET))
    audit.record("incidents.exported", request.user, actor=request.user, data={"rows": len(rows)})
    content = workbook(_("Incidents"), tables.header(), (tables.row(incident) for incident in rows))
    response = HttpResponse(content, content_type=tables.XLSX)
    response["Content-Disposition"] = f'attachment; filename="incidents-{today():%Y%m%d}.xlsx"'
    return response


@needs("incidents.view")
@require_safe
def incident_detail(request: HttpRequest, pk: int) -> HttpResponse:
    incident = fetch(request, _one(), pk=pk)
    context = {
        "incident": incident,
        "back": _list_before(request),
        "sees_place": territory_of(request.user).covers(incident.place),
        "photos": incident.photos.all(),
        "timeline": timeline_of(incident),
        "moves": [form for form in MOVES if form.is_offered(incident, request.user)],
        "may_reveal": incident.masked_caller and request.user.has_perm("incidents.reveal_caller", incident),
    }
    return render(request, "incidents/detail.html", context)


@needs("incidents.report")
def incident_report(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.POST or None, request.FILES or None, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Reported. Number %(number)s.") % {"number": form.result.number})
        return redirect(form.result)
    context = {"form": form, "icons": category_icons()}
    return render(request, "incidents/report.html", context, status=form.status)


@needs("incidents.enter")
def incident_enter(request: HttpRequest) -> HttpResponse:
    form = DeskForm(request.POST or None, request.FILES or None, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Entered. Number %(number)s.") % {"number": form.result.number})
        return redirect(form.result)
    return render(request, "incidents/enter.html", {"form": form}, status=form.status)


def move(form_class: type[MoveForm]) -> View:
    """The page of one move: what it asks for, and the way back to the incident."""

    @needs(form_class.permission)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        incident = fetch(request, _one(), pk=pk)
        form = form_class(request.POST or None, request.FILES or None, incident=incident, user=request.user)
        if form.is_valid() and form.carry_out(actor=request.user):
            messages.success(request, form.done)
            return redirect(incident)
        context = {"incident": incident, "form": form, "photos": incident.photos.all()}
        return render(request, "incidents/move.html", context, status=form.status)

    return view


@needs("incidents.close")
@require_POST
def incidents_confirm(request: HttpRequest) -> HttpResponse:
    """Confirm and close the ticked ones; what is refused is named and keeps its state."""
    ticked = [pk for pk in request.POST.getlist("incident") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    visible = Incident.objects.visible_to(request.user).with_names().filter(pk__in=ticked[:CONFIRMED])
    incidents = [one for one in visible if request.user.has_perm("incidents.close", one)]
    form = ConfirmForm(request.POST, incidents=incidents)
    if not incidents:
        messages.warning(request, _("Tick at least one incident."))
    elif form.is_valid() and form.carry_out(actor=request.user):
        _report_results(request, form.result)
    return redirect(reverse("incidents:list", query={**request.GET.dict(), "scope": Scope.VERIFY.value}))


@needs("incidents.reveal_caller")
@require_POST
def caller_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a caller's full number once; the look is on record."""
    incident = fetch(request, _one(), pk=pk)
    caller = services.reveal_caller(incident, actor=request.user)
    return render(request, "incidents/caller.html", {"incident": incident, "caller": caller})


def _one() -> Any:
    people = ("reporter", "holder", "handled_by", "verified_by")
    return Incident.objects.select_related("category__group", "place", "community", "department", "rating", *people)


def _spans_communities(request: HttpRequest) -> bool:
    return len(territory_of(request.user).communities) > 1


def _list_before(request: HttpRequest) -> str:
    """The list as the reader left it, with its filters and page; the plain one when they come from elsewhere."""
    plain, before = reverse("incidents:list"), urlsplit(request.headers.get("Referer", ""))
    is_ours = (before.netloc, before.path) == (request.get_host(), plain)
    return f"{plain}?{before.query}" if is_ours and before.query else plain


def _report_results(request: HttpRequest, results: dict[Incident, str]) -> None:
    closed = sum(not reason for reason in results.values())
    if closed:
        words = ngettext("%(count)d incident is closed.", "%(count)d incidents are closed.", closed)
        messages.success(request, words % {"count": closed})
    for incident, reason in results.items():
        if reason:
            messages.warning(request, f"{incident.number}: {reason}")
