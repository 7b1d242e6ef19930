"""回访: whom to ring back, what came of each attempt."""

from django.contrib import messages
from django.db.models import F, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from grid.incidents import services
from grid.incidents.models import TRIES, CallBack, Incident
from grid.places.territory import territory_of
from portal.core.access import fetch, needs
from portal.core.pagination import page_of
from portal.core.refusals import Refused


@needs("incidents.call_back")
@require_safe
def call_back_list(request: HttpRequest) -> HttpResponse:
    """Callers who have not been asked yet, whoever waits longest first; those one handled are rung by others."""
    names = ("category", "place", "community")
    tries = Prefetch("call_backs", CallBack.objects.filter(at__gte=F("incident__closed_at")).select_related("by"))
    waiting = Incident.objects.visible_to(request.user).to_ring_back().exclude(handled_by=request.user)
    waiting = waiting.select_related(*names).defer("search").prefetch_related(tries).order_by("closed_at", "id")
    context = {
        "page": page_of(request, waiting),
        "most": TRIES,
        "shows_community": len(territory_of(request.user).communities) > 1,
    }
    return render(request, "incidents/call_backs.html", context)


@needs("incidents.call_back")
@require_POST
def not_reached(request: HttpRequest, pk: int) -> HttpResponse:
    """One tap after nobody answered."""
    incident = fetch(request, Incident.objects.all(), pk=pk)
    try:
        services.not_reached(incident, actor=request.user)
    except Refused as refused:
        messages.warning(request, f"{incident.number}: {refused}")
    else:
        messages.success(request, _("%(number)s: not reached, written down.") % {"number": incident.number})
    return redirect("incidents:call_backs")
