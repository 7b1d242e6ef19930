"""One incident on screen, and the pages of its moves."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from grid.incidents import services, workflow
from grid.incidents.beside import look_beside, name_people, read_whole
from grid.incidents.filters import IncidentFilter
from grid.incidents.models import Incident
from grid.incidents.move_forms import MOVES, MoveForm
from grid.incidents.neighbours import neighbours_of
from grid.incidents.panels import panels_for
from grid.incidents.precedents import precedents_of
from grid.incidents.relatives import photos_with_merged
from grid.incidents.services.call_backs import rings_back
from grid.incidents.similar import repeats_of
from grid.incidents.timeline import timeline_of
from grid.places.territory import territory_of
from portal.core import kept
from portal.core.access import View, fetch, needs
from portal.core.workflow import is_open

from .way import back_to_list, incident_url, query_of

SHOWN_MOVES = 3  # the one to press and two beside it; the others stand under "More"


@needs("incidents.view")
@require_safe
def incident_detail(request: HttpRequest, pk: int) -> HttpResponse:
    incident = _fetched(request, pk)
    moves = [form for form in MOVES if form.is_offered(incident, request.user)]
    context = {
        "incident": incident,
        "query": query_of(request),
        **_along_the_list(request, incident),
        "sees_place": territory_of(request.user).covers(incident.place),
        "photos": photos_with_merged(incident, request.user),
        "timeline": timeline_of(incident),
        "moves": moves,
        "main_moves": moves[:SHOWN_MOVES],
        "more_moves": moves[SHOWN_MOVES:],
        "main_panels": panels_for(incident, request.user, "main"),
        "aside_panels": panels_for(incident, request.user, "aside"),
        "may_reveal": incident.masked_caller and request.user.has_perm("incidents.reveal_caller", incident),
    }
    return render(request, "incidents/detail.html", context)


@needs("incidents.view")
@require_safe
def incident_alike(request: HttpRequest, pk: int) -> HttpResponse:
    """What may be the same, and how the same was solved before; a part of the incident's page that comes after it."""
    incident = fetch(request, _one(), pk=pk)
    may_merge = request.user.has_perm("incidents.merge", incident)
    context = {
        "incident": incident,
        "query": query_of(request),
        "back": incident_url(request, incident),
        "precedents": precedents_of(incident, request.user),
        "repeats": repeats_of(incident, request.user) if may_merge and incident.is_open else [],
        "may_merge": may_merge and is_open(incident, workflow.MERGE),
    }
    return render(request, "incidents/alike.html", context)


def move(form_class: type[MoveForm]) -> View:
    """The page of one move: what it asks for, and the way back to the incident."""

    @needs(form_class.permission)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        incident = fetch(request, _one(), pk=pk)
        if kept.is_anothers(request):
            return kept.not_yours()
        asked = {name: request.GET[name] for name in form_class.prefilled if name in request.GET}
        data, files = request.POST or None, request.FILES or None
        form = form_class(data, files, incident=incident, user=request.user, initial=asked)
        if form.is_valid() and form.carry_out(actor=request.user):
            messages.success(request, form.done)
            return kept.done(request, incident_url(request, incident))
        context = {"incident": incident, "form": form, "photos": incident.photos.all()}
        context |= {"back": incident_url(request, incident)}
        return kept.page(request, form.template, context, form)

    return view


@needs("incidents.reveal_caller")
@require_POST
def caller_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a caller's full number once; the look is on record."""
    incident = fetch(request, _one(), pk=pk)
    caller = services.reveal_caller(incident, actor=request.user)
    context = {"incident": incident, "caller": caller, "rings_back": rings_back(request.user, incident)}
    return render(request, "incidents/caller.html", context)


def _one() -> Any:
    names = ("category__group", "place", "rule", "rating")  # a flat and a department are read where there is one
    return Incident.objects.select_related(*names)


def _fetched(request: HttpRequest, pk: int) -> Incident:
    """The incident of the page, with the names of all people and what else there is to show of it."""
    incident: Incident = fetch(request, Incident.objects, read=read_whole, pk=pk)
    name_people(incident)
    look_beside(incident)
    return incident


def _along_the_list(request: HttpRequest, incident: Incident) -> dict[str, Any]:
    """The way back to the list, and to the incidents beside this one when the address says in which list."""
    way: dict[str, Any] = {"back": back_to_list(request)}
    if query := query_of(request):
        chosen = IncidentFilter(request.GET, queryset=Incident.objects.visible_to(request.user), request=request)
        beside, base = neighbours_of(incident, chosen), reverse("incidents:list")
        found = {"previous": beside.previous, "next": beside.next}
        way["beside"] = {name: f"{base}{pk}/{query}" if pk else "" for name, pk in found.items()}
    return way
