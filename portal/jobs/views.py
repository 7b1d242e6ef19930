"""What somebody is having done, how far it is, and the files that came of it; nobody else sees them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from portal.core.access import fetch, signed_in
from portal.core.headers import download
from portal.core.pagination import page_of
from portal.core.refusals import Refused

from . import services
from .forms import CancelForm
from .models import Job
from .shown import shown

POLLED = "job-progress"
LIST = "jobs"


@signed_in
@require_safe
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """The user's own jobs, the newest first; asked for again while one is in hand."""
    page = page_of(request, Job.objects.visible_to(request.user).listed())
    is_polled = request.htmx.target == LIST  # type: ignore[attr-defined]
    context = {
        "page": page,
        "rows": shown(page.rows, request.user),
        "is_in_hand": any(job.is_in_hand for job in page.rows),
    }
    return render(request, "jobs/rows.html" if is_polled else "jobs/list.html", context)


@signed_in
@require_safe
@never_cache
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, and what came of it; then it counts as seen."""
    found = fetch(request, Job.objects.listed(), pk=pk)
    is_polled = request.htmx.target == POLLED  # type: ignore[attr-defined]
    if is_polled and not found.is_in_hand:
        return HttpResponseClientRefresh()
    services.seen(found)
    context = {"job": found, "one": shown([found], request.user)[0], "kept_days": services.KEPT.days}
    return render(request, "jobs/progress.html" if is_polled else "jobs/job.html", context)


@signed_in
@require_safe
@never_cache
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """What the job made, for its owner, as long as their rights last."""
    found = fetch(request, Job.objects.listed(), pk=pk)
    try:
        made, content = services.fetch_file(found, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(found)
    services.seen(found)
    return download(content, made.name, made.content_type)


@signed_in
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Once more what has failed."""
    found = fetch(request, Job.objects.listed(), pk=pk)
    try:
        return redirect(services.again(found, actor=request.user))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(found)


@signed_in
@never_cache
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether it is meant, then let it come to nothing."""
    found = fetch(request, Job.objects.listed(), pk=pk)
    form = CancelForm(request.POST if request.method == "POST" else None, job=found)  # it has no fields
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The job is cancelled."))
        return redirect(found)
    context = {"job": found, "one": shown([found], request.user)[0], "form": form}
    return render(request, "jobs/cancel.html", context, status=form.status)
