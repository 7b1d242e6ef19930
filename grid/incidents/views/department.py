"""The desk of a department's officers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from grid.incidents import department
from portal.core.access import needs
from portal.core.pagination import page_of


@needs("incidents.department")
@require_safe
def department_desk(request: HttpRequest) -> HttpResponse:
    """What was whistled to the departments of the reader, in four tabs, and how fast they answer."""
    now = timezone.now()
    tabs = department.tabs(now)
    tab = tabs.get(request.GET.get("tab", ""), tabs["new"])
    incidents = department.whistled_to(request.user)
    counted = department.counts(incidents, now)
    page = page_of(request, department.listed(incidents, tab))
    context = {
        "departments": department.departments_of(request.user),
        "tabs": [(one, counted[key]) for key, one in tabs.items()],
        "tab": tab,
        "page": page,
        "rows": department.rows(page, request.user),
        "answering": department.answering(incidents),
    }
    return render(request, "incidents/department.html", context)
