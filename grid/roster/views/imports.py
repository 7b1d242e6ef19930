"""A roster file on its way in, on screen: uploaded, waited for, its columns matched, previewed, agreed to."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from grid.roster.forms.imports import AbsentForm, AgreeForm, ColumnsForm, DiscardForm, UploadForm
from grid.roster.importing.findings import Findings
from grid.roster.importing.template import template_workbook
from grid.roster.models import RosterImport
from grid.roster.services import imports as services
from grid.roster.services.import_jobs import IMPORT
from portal.accounts.models import User
from portal.core.access import fetch, needs
from portal.core.headers import download
from portal.core.pagination import page_of
from portal.core.refusals import Refused
from portal.jobs import services as jobs

from .import_preview import Preview, progress_of, steps_of
from .import_results import brought_by, limits, timeline_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
POLLED = "import-progress"
State = RosterImport.State
AT_WORK = (State.UPLOADED, State.CHECKING, State.APPLYING)


@needs("roster.import")
def import_list(request: HttpRequest) -> HttpResponse:
    """The imports of the user's communities, and the form that begins another."""
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        return redirect(form.result)
    mine = RosterImport.objects.filter(community__in=form.communities).order_by("-created_at", "-pk")
    page = page_of(request, mine.select_related("uploaded_by", "community").defer("findings"))
    brought = brought_by(page.rows)
    context = {
        "form": form,
        "page": page,
        "rows": [(one, brought.get(one.pk)) for one in page],
        "shows_community": len(form.communities) > 1,
        "limits": limits(),
    }
    return render(request, "roster/imports/list.html", context, status=form.status)


@needs("roster.import")
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """An empty roster file with the columns in their order."""
    return download(template_workbook(), _("Roster template") + ".xlsx", XLSX)


@needs("roster.import")
@require_safe
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Whatever stage the import is in."""
    roster_import = _one(request, pk)
    if roster_import.state in AT_WORK:
        return _waiting(request, roster_import)
    if request.htmx.target == POLLED:  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    jobs.seen_about(IMPORT, pk, by=cast(User, request.user))
    if roster_import.state != State.CHECKED:
        return _ended(request, roster_import)
    findings = services.findings_of(roster_import)
    if findings is None or findings.missing:
        return redirect("roster:import_columns", pk)
    return _preview(request, roster_import, findings)


@needs("roster.import")
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which column holds what; the answer is remembered for the community's next file."""
    roster_import = _one(request, pk)
    findings = services.findings_of(roster_import)
    if findings is None or not findings.columns or roster_import.state != State.CHECKED:
        return redirect(roster_import)
    form = ColumnsForm(request.POST or None, roster_import=roster_import, columns=findings.columns)
    if form.is_bound and form.is_valid() and form.carry_out(actor=request.user):
        return redirect(roster_import)
    context = {
        "roster_import": roster_import,
        "findings": findings,
        "form": form,
        "steps": steps_of(roster_import, at="columns"),
    }
    return render(request, "roster/imports/columns.html", context, status=form.status)


@needs("roster.import")
@require_POST
def import_absent(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the ticks of one page of absent people, and turn to another."""
    roster_import = _one(request, pk)
    findings = services.findings_of(roster_import)
    if findings is None or roster_import.state != State.CHECKED:
        return redirect(roster_import)
    form = AbsentForm(request.POST, findings=findings)
    page = 1
    if form.is_valid():
        services.tick(roster_import, actor=request.user, remove=form.ticks())
        page = form.cleaned_data["page"] or 1
    return redirect(f"{roster_import.get_absolute_url()}?tab=absent&page={page}#changes")


@needs("roster.import")
@require_POST
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to what the preview showed."""
    roster_import = _one(request, pk)
    findings = services.findings_of(roster_import)
    if findings is None or roster_import.state != State.CHECKED:
        return redirect(roster_import)  # sent twice: the first time has done it
    form = AgreeForm(request.POST, roster_import=roster_import, findings=findings)
    if form.is_valid() and form.carry_out(actor=request.user):
        return redirect(roster_import)
    return _preview(request, roster_import, findings, form)


@needs("roster.import")
@require_POST
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a file up; it and all that was read from it are deleted."""
    form = DiscardForm(request.POST, roster_import=_one(request, pk))
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The file is discarded. The roster is as it was."))
        return redirect("roster:imports")
    for error in form.non_field_errors():
        messages.error(request, str(error))
    return redirect("roster:import", pk)


@needs("roster.import")
@require_safe
def import_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The user's own file with what is wrong marked in its cells."""
    roster_import = _one(request, pk)
    try:
        name, content = services.report(roster_import, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(roster_import)
    return download(content, name, XLSX)


def _one(request: HttpRequest, pk: int) -> RosterImport:
    found: RosterImport = fetch(request, RosterImport.objects.select_related("community", "uploaded_by"), pk=pk)
    return found


def _waiting(request: HttpRequest, roster_import: RosterImport) -> HttpResponse:
    context: dict[str, Any] = {"roster_import": roster_import, "progress": progress_of(roster_import)}
    if request.htmx.target == POLLED:  # type: ignore[attr-defined]
        return render(request, "roster/imports/progress.html", context)
    context["steps"] = steps_of(roster_import)
    return render(request, "roster/imports/waiting.html", context)


def _preview(
    request: HttpRequest, roster_import: RosterImport, findings: Findings, form: AgreeForm | None = None
) -> HttpResponse:
    ticked = roster_import.choices.get("remove", ())
    kept = [one.resident for one in findings.absent if one.resident in ticked]
    initial = {"fingerprint": findings.fingerprint, "ticked": kept}
    form = form or AgreeForm(roster_import=roster_import, findings=findings, initial=initial)
    context = {
        "roster_import": roster_import,
        "findings": findings,
        "preview": Preview(request, findings),
        "form": form,
        "ticked": form.ticks() if form.is_bound and form.is_valid() else kept,
        "again": UploadForm(user=request.user),
        "limits": limits(),
        "tag": ("red", _("To be put right")) if findings.errors else None,
        "steps": steps_of(roster_import),
    }
    return render(request, "roster/imports/preview.html", context, status=form.status)


def _ended(request: HttpRequest, roster_import: RosterImport) -> HttpResponse:
    context = {
        "roster_import": roster_import,
        "figures": brought_by([roster_import]).get(roster_import.pk),
        "timeline": timeline_of(roster_import),
        "form": UploadForm(user=request.user),
        "limits": limits(),
        "steps": steps_of(roster_import),
        "people": reverse("roster:people"),
        "buildings": reverse("roster:buildings", args=[roster_import.community_id]),
    }
    return render(request, "roster/imports/ended.html", context)
