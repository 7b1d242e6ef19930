"""Bare views, a plain table and a tuned admin over the portal's tables: the least that Django costs, and its usual.

Each has the session and the user; the bare ones make one query and return as many bytes as the page beside which they
stand, read from a file that BENCH_PAGES names the directory of.
"""

import os
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from grid.incidents.models import Category, CategoryRule, Incident
from grid.places.models import Place
from portal.accounts.models import User

PAGES = Path(os.environ.get("BENCH_PAGES", "."))
NAMES = ("category", "place", "reporter", "holder", "department")
ROWS = 25


def open_ones() -> QuerySet[Incident]:
    """What the portal's list begins with, for whoever looks after the first community."""
    return Incident.objects.filter(community=_first(), state__in=OPEN).order_by("due_at", "id")


OPEN = ("reported", "opened", "dispatched", "in_progress", "suspended", "awaiting_verification", "rework")
_known: list[int] = []


def _first() -> int:
    """The first community; looked up once."""
    if not _known:
        _known.append(Place.objects.filter(level=1).values_list("pk", flat=True)[0])
    return _known[0]


@login_required
def bare(request: HttpRequest, page: str) -> HttpResponse:
    """One query and the bytes of a page of the portal."""
    assert Incident.objects.filter(community=_first()).values_list("pk").first()  # noqa: S101 - the query
    return HttpResponse((PAGES / page).read_bytes())


@login_required
def bare_post(request: HttpRequest) -> HttpResponse:
    """One row of the same table, committed."""
    now, category = timezone.now(), 1
    Incident.objects.create(
        place_id=_first(),
        community_id=_first(),
        category_id=category,
        rule_id=CategoryRule.objects.values_list("pk", flat=True)[0],
        description=request.POST["description"],
        reporter_id=request.user.pk,
        owner_id=request.user.pk,
        accept_due_at=now,
        due_at=now,
    )
    return HttpResponse(status=302, headers={"Location": "/"})


@login_required
def plain_list(request: HttpRequest) -> HttpResponse:
    """25 rows of the same columns through a template as one writes it at first."""
    rows = open_ones().select_related(*NAMES).defer("search", "caller_name", "caller_mobile")[:ROWS]
    return render(request, "plain_list.html", {"rows": rows})


class OpenToAll:
    """Everybody signed in may do everything: permissions are not what is measured."""

    def has_permission(self, request: HttpRequest, *_subject: Any) -> bool:
        return request.user.is_authenticated

    has_view_permission = has_add_permission = has_change_permission = has_permission
    has_delete_permission = has_module_permission = has_permission


class Site(OpenToAll, AdminSite):
    pass


class PlainAdmin(OpenToAll, ModelAdmin):
    """Tuned as its manual advises: names by one query, no second count, keys instead of endless selects."""

    list_display = (
        "number", "category", "description", "state", "severity", "place", "location", "reported_at", "reporter",
        "holder", "department", "due_at",
    )  # fmt: skip
    list_select_related = NAMES
    list_per_page = ROWS
    show_full_result_count = False
    exclude = ("search", "photos")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        return open_ones().defer("search", "caller_name", "caller_mobile")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("due_at", "id")


PlainAdmin.raw_id_fields = tuple(field.name for field in Incident._meta.fields if field.is_relation)


class IncidentAdmin(PlainAdmin):
    """With the filters and the search that stand above the portal's list."""

    list_filter = ("place", "state", "category__group", "severity", "reported_at", "level", "is_emergency")
    search_fields = ("description",)


site, plain_site = Site(name="admin"), Site(name="plain_admin")
site.register(Incident, IncidentAdmin)
plain_site.register(Incident, PlainAdmin)
for one in (site, plain_site):
    for model in (Category, Place, User, CategoryRule):
        one.register(model, type(f"{model.__name__}Admin", (OpenToAll, ModelAdmin), {}))
admin.site = site

urlpatterns = [
    path("bare/<str:page>/", bare),
    path("bare/", bare_post),
    path("plain/", plain_list),
    path("row/<int:pk>/", plain_list, name="row"),
    path("admin/", site.urls),
    path("plain-admin/", plain_site.urls),
]
