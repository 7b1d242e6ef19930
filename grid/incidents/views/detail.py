"""One incident on screen, and the pages of its moves."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from grid.incidents import services
from grid.incidents.models import Incident
from grid.incidents.move_forms import MOVES, MoveForm
from grid.incidents.panels import panels_for
from grid.incidents.timeline import timeline_of
from grid.places.territory import territory_of
from portal.core.access import View, fetch, needs


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
        "main_panels": panels_for(incident, request.user, "main"),
        "aside_panels": panels_for(incident, request.user, "aside"),
        "may_reveal": incident.masked_caller and request.user.has_perm("incidents.reveal_caller", incident),
    }
    return render(request, "incidents/detail.html", context)


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


@needs("incidents.reveal_caller")
@require_POST
def caller_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a caller's full number once; the look is on record."""
    incident = fetch(request, _one(), pk=pk)
    caller = services.reveal_caller(incident, actor=request.user)
    return render(request, "incidents/caller.html", {"incident": incident, "caller": caller})


def _one() -> Any:
    people = ("reporter", "holder", "owner", "handled_by", "verified_by")
    return Incident.objects.select_related(
        "category__group", "place", "community", "department", "rule", "household", "rating", *people
    )


def _list_before(request: HttpRequest) -> str:
    """The list as the reader left it, with its filters and page; the plain one when they come from elsewhere."""
    plain, before = reverse("incidents:list"), urlsplit(request.headers.get("Referer", ""))
    is_ours = (before.netloc, before.path) == (request.get_host(), plain)
    return f"{plain}?{before.query}" if is_ours and before.query else plain
