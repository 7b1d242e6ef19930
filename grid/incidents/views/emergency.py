"""应急: whom to call, and the shortest way to tell everybody up the chain."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from grid.incidents.forms.emergency import EmergencyForm, calls_for
from portal.core.access import needs


@needs("incidents.emergency")
def incident_emergency(request: HttpRequest) -> HttpResponse:
    form = EmergencyForm(request.POST or None, request.FILES or None, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        names = {"number": form.result.number}
        messages.success(request, _("Raised. Everybody above is being told. Number %(number)s.") % names)
        return redirect(form.result)
    context = {"form": form, "calls": calls_for(request.user)}
    return render(request, "incidents/emergency.html", context, status=form.status)
