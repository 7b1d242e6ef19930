"""Putting incidents on record: from the walk, and at the desk."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from grid.incidents.fields import photo_hints
from grid.incidents.flats import facade_to_choose_from
from grid.incidents.forms.reporting import DeskForm, ReportForm, SimilarForm, category_icons
from grid.incidents.selection import places_to_report_at
from grid.places.territory import territory_of
from portal.core import kept
from portal.core.access import needs
from portal.core.keys import key_of

from . import suggestions


@needs("incidents.report")
def incident_report(request: HttpRequest) -> HttpResponse:
    """A report; scripts keep it on the phone until it has arrived, and send it with `anyway`."""
    if kept.is_anothers(request):
        return kept.not_yours()
    form = ReportForm(request.POST or None, request.FILES or None, user=request.user)
    if suggestions.is_asked(request):
        suggestions.suggested_to(request, form)
    elif form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Reported. Number %(number)s.") % {"number": form.result.number})
        return kept.done(request, form.result)
    hints = photo_hints(territory_of(request.user).streets)
    context = {"form": form, "icons": category_icons(), "photo_hints": hints}
    return kept.page(request, "incidents/report.html", context, form)


@needs("incidents.report")
@require_POST
def incidents_similar(request: HttpRequest) -> HttpResponse:
    """What may have been reported already, as part of the report's page."""
    found = SimilarForm(request.POST, user=request.user).found()
    return render(request, "incidents/similar.html", {"similar": found})


@needs("incidents.report")
@require_safe
def report_flats(request: HttpRequest) -> HttpResponse:
    """The façades of the chosen building group, to point at a flat; addresses only."""
    places = places_to_report_at(request.user, "incidents.report")
    place = places.filter(pk=key_of(request.GET.get("place"))).first()
    if place is None:
        raise Http404
    front = facade_to_choose_from(place) if place.is_building_group else None
    return render(request, "incidents/flats.html", {"place": place, "front": front})


@needs("incidents.enter")
def incident_enter(request: HttpRequest) -> HttpResponse:
    form = DeskForm(request.POST or None, request.FILES or None, user=request.user)
    if suggestions.is_asked(request):
        suggestions.suggested_to(request, form)
    elif form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Entered. Number %(number)s.") % {"number": form.result.number})
        return redirect(form.result)
    return render(request, "incidents/enter.html", {"form": form}, status=form.status)
