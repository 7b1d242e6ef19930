"""Estates: the list of a community, one of them with its groups and counts, and how they are kept."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grid.places.models import Level, Place
from grid.places.territory import territory_of
from grid.roster.estates import counted, groups_of
from grid.roster.forms.estates import EstateForm
from grid.roster.models import Estate
from portal.core.access import fetch, needs
from portal.core.pagination import page_of


@needs("roster.view")
@require_safe
def estates(request: HttpRequest) -> HttpResponse:
    """The estates of the communities one looks after."""
    seen = Estate.objects.visible_to(request.user).select_related("community").annotate(group_count=Count("members"))
    page = page_of(request, seen.order_by("community__code", "name"))
    context = {
        "page": page,
        "rows": counted(page),
        "may_edit": bool(_kept_by(request.user)),
        "shows_community": len(territory_of(request.user).communities) > 1,
    }
    return render(request, "roster/estates/list.html", context)


@needs("roster.view")
@require_safe
def estate(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, Estate.objects.select_related("community"), pk=pk)
    groups = groups_of(found)
    context = {
        "estate": found,
        "groups": groups,
        "totals": {name: sum(getattr(row, name) for row in groups) for name in ("flats", "lived_in", "people")},
        "may_edit": request.user.has_perm("roster.estates", found),
    }
    return render(request, "roster/estates/estate.html", context)


@needs("roster.estates")
def estate_add(request: HttpRequest) -> HttpResponse:
    communities = _kept_by(request.user)
    if not communities:
        raise PermissionDenied
    form = EstateForm(request.POST or None, communities=communities, estate=None)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The estate is added."))
        return redirect(form.result)
    return render(request, "roster/estates/edit.html", {"form": form}, status=form.status)


@needs("roster.estates")
def estate_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, Estate.objects.select_related("community"), pk=pk)
    form = EstateForm(request.POST or None, communities=[found.community], estate=found)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Saved."))
        return redirect(found)
    return render(request, "roster/estates/edit.html", {"form": form, "estate": found}, status=form.status)


def _kept_by(user: Any) -> list[Place]:
    """The communities whose estates the user keeps."""
    covered = Place.objects.filter(pk__in=territory_of(user).communities, level=Level.COMMUNITY).order_by("code")
    return [place for place in covered if user.has_perm("roster.estates", place)]
