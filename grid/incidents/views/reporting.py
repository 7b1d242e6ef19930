"""Putting incidents on record: from the walk, and at the desk."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from grid.incidents.forms import DeskForm, ReportForm, category_icons
from portal.core.access import needs


@needs("incidents.report")
def incident_report(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.POST or None, request.FILES or None, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Reported. Number %(number)s.") % {"number": form.result.number})
        return redirect(form.result)
    context = {"form": form, "icons": category_icons()}
    return render(request, "incidents/report.html", context, status=form.status)


@needs("incidents.enter")
def incident_enter(request: HttpRequest) -> HttpResponse:
    form = DeskForm(request.POST or None, request.FILES or None, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Entered. Number %(number)s.") % {"number": form.result.number})
        return redirect(form.result)
    return render(request, "incidents/enter.html", {"form": form}, status=form.status)
