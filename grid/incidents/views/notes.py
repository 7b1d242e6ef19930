"""Writing a note among colleagues."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from grid.incidents.forms.desk import NoteForm
from grid.incidents.models import Incident
from portal.core.access import fetch, needs

from .way import incident_url


@needs("incidents.note")
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """The small form of the incident's page posts here; what it refuses comes back on a page of its own."""
    incident = fetch(request, Incident.objects.select_related("category", "place", "community"), pk=pk)
    form = NoteForm(request.POST or None, incident=incident)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The note is kept. Its reporter does not read it."))
        return redirect(f"{incident_url(request, incident)}#notes")
    return render(request, "incidents/note.html", {"incident": incident, "form": form}, status=form.status)
