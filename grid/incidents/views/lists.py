"""The list of incidents: on screen, on paper, as a spreadsheet."""

from dataclasses import replace
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from grid.incidents import exports, tables
from grid.incidents.filters import IncidentFilter, Scope, list_query
from grid.incidents.forms.exports import ExportForm
from grid.incidents.models import Incident, SavedView
from grid.incidents.move_forms import bulk
from grid.incidents.rows import rows_of
from grid.incidents.services import exporting
from grid.places.territory import territory_of
from portal.accounts.models import User
from portal.core import audit
from portal.core.access import needs
from portal.core.clock import now, today
from portal.core.components import page_url
from portal.core.headers import download
from portal.core.pagination import page_of

PRINTED = 500


def _filtered(request: HttpRequest) -> IncidentFilter:
    incidents = Incident.objects.visible_to(request.user).with_names()
    return IncidentFilter(request.GET, queryset=incidents, request=request)


@needs("incidents.view")
@require_safe
def incident_list(request: HttpRequest) -> HttpResponse:
    chosen = IncidentFilter(request.GET, queryset=Incident.objects.visible_to(request.user), request=request)
    page = page_of(request, chosen.qs.values_list("pk", flat=True))
    query = list_query(request.GET, scope=chosen.scope)
    rows = rows_of(page.rows, query=f"?{query.urlencode()}", names_communities=_spans_communities(request))
    kept = list_query(query, to_store=True)
    views = list(SavedView.objects.visible_to(request.user))
    context = {
        "filter": chosen,
        "page": replace(page, rows=rows),
        "query": query.urlencode(),
        "may": {what: request.user.has_perm(f"incidents.{what}") for what in ("report", "enter", "export")},
        "may_confirm": chosen.scope == Scope.VERIFY and request.user.has_perm("incidents.close"),
        "bulk": _bulk_buttons(request, chosen.scope),
        "views": views,
        "view": next((view for view in views if view.query == kept.urlencode()), None),
        "kept": kept.urlencode(),
        "is_filtered": len(kept) > 1,
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
@require_http_methods(["GET", "HEAD", "POST"])
def incident_export(request: HttpRequest) -> HttpResponse:
    """The current list as Excel, without callers' names and numbers; the export is on record, and a long one a job."""
    asked = exports.chosen(request.user, request.GET)
    pks = list(asked.qs.values_list("pk", flat=True)[: exporting.MOST + 1])
    if len(pks) > exporting.MOST:
        messages.error(request, _("More than %(most)d rows: narrow the filter first.") % {"most": exporting.MOST})
        return redirect(reverse("incidents:list", query=request.GET))
    which = exports.in_words(asked)
    if len(pks) > exporting.AT_ONCE:
        return _by_job(request, pks, which)
    content = exporting.export(pks, actor=cast(User, request.user), which=which)
    return download(content, f"incidents-{today():%Y%m%d}.xlsx", tables.XLSX)


def _by_job(request: HttpRequest, pks: list[int], which: list[str]) -> HttpResponse:
    """Ask whether the long list is to be made, and have it made."""
    query = list_query(request.GET, to_store=True).urlencode()
    title = _("Incidents: %(which)s") % {"which": _("; ").join(which)}
    searched = any(request.GET.get(name) for name in exports.UNSAID)
    form = ExportForm(request.POST or None, pks=pks, query=query, title=title, searched=searched)
    if form.is_valid() and form.carry_out(actor=request.user):
        return redirect(form.result)
    context = {"form": form, "which": which, "rows": len(pks), "query": list_query(request.GET).urlencode()}
    return render(request, "incidents/export.html", context, status=form.status)


def _bulk_buttons(request: HttpRequest, scope: str) -> list[dict[str, Any]]:
    forms = bulk.offered(request.user, scope)
    return [{"url": page_url(f"incidents:bulk_{f.slug}"), "icon": f.icon, "title": f.title} for f in forms]


def _spans_communities(request: HttpRequest) -> bool:
    return len(territory_of(request.user).communities) > 1
