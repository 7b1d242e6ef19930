"""Lists under a name: kept from the list's address, shown as tabs above it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from grid.incidents.filters import IncidentFilter, list_query
from grid.incidents.models import Incident, SavedView
from grid.incidents.saving import RenameForm, SaveForm
from grid.incidents.services import saved_views
from portal.core.access import fetch, needs


@needs("incidents.view")
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the filters that stand in this page's address."""
    query = list_query(request.GET, to_store=True)
    form = SaveForm(request.POST or None, query=query.urlencode())
    back = f"{reverse('incidents:list')}?{query.urlencode()}"
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Kept as “%(name)s”.") % {"name": form.result.name})
        return redirect(back)
    context = {"form": form, "back": back, "filters": in_words(request, query), "leaves_words": "q" in request.GET}
    return render(request, "incidents/view_save.html", context, status=form.status)


@needs("incidents.view")
def view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    view = fetch(request, SavedView.objects, pk=pk)
    form = RenameForm(request.POST or None, view=view, initial={"name": view.name})
    back = f"{reverse('incidents:list')}?{view.query}"
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Renamed."))
        return redirect(back)
    context = {"form": form, "view": view, "back": back, "filters": in_words(request, QueryDict(view.query))}
    return render(request, "incidents/view_edit.html", context, status=form.status)


@needs("incidents.view")
@require_POST
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    view = fetch(request, SavedView.objects, pk=pk)
    saved_views.delete_view(view, actor=request.user)
    messages.success(request, _("The view is deleted; the incidents are as they were."))
    return redirect("incidents:list")


def in_words(request: HttpRequest, query: QueryDict) -> list[tuple[str, Any]]:
    """The filters of a query as (label, value) in the words of the filter bar."""
    chosen = IncidentFilter(query, queryset=Incident.objects.none(), request=request)
    found = [(_("Tab"), dict(chosen.scopes).get(chosen.scope, chosen.scope))]
    chosen.form.is_valid()
    for name, value in chosen.form.cleaned_data.items():
        if value:
            field = chosen.form.fields[name]
            said = dict(getattr(field, "choices", [])).get(value, value) if isinstance(value, str) else value
            found.append((field.label, _("Yes") if value is True else said))
    return found
