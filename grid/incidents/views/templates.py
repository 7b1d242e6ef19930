"""Prepared answers: the list of one's own, and the pages on which one is written or changed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grid.incidents.forms.desk import AnswerForm, NewAnswerForm
from grid.incidents.models import AnswerTemplate
from portal.core.access import fetch, needs
from portal.core.pagination import page_of


@needs("incidents.templates")
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """Those of one's communities and of the streets above them; which of them one may change is said beside each."""
    rows = (
        AnswerTemplate.objects.visible_to(request.user).select_related("place").order_by("-is_active", "use", "title")
    )
    page = page_of(request, rows)
    may_edit = {row.pk for row in page.rows if request.user.has_perm("incidents.templates", row)}
    return render(request, "incidents/templates/list.html", {"page": page, "may_edit": may_edit})


@needs("incidents.templates")
def template_add(request: HttpRequest) -> HttpResponse:
    form = NewAnswerForm(request.POST or None, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Saved. It can be chosen from now on."))
        return redirect("incidents:templates")
    return render(request, "incidents/templates/edit.html", {"form": form}, status=form.status)


@needs("incidents.templates")
def template_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, AnswerTemplate.objects.select_related("place"), pk=pk)
    form = AnswerForm(request.POST or None, template=found)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Saved."))
        return redirect("incidents:templates")
    return render(request, "incidents/templates/edit.html", {"form": form, "template": found}, status=form.status)
