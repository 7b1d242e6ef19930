"""Several incidents at once, ticked in the list."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from grid.incidents.filters import Scope
from grid.incidents.forms import ConfirmForm
from grid.incidents.models import Incident
from portal.core.access import needs

CONFIRMED = 100


@needs("incidents.close")
@require_POST
def incidents_confirm(request: HttpRequest) -> HttpResponse:
    """Confirm and close the ticked ones; what is refused is named and keeps its state."""
    ticked = [pk for pk in request.POST.getlist("incident") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    visible = Incident.objects.visible_to(request.user).with_names().filter(pk__in=ticked[:CONFIRMED])
    incidents = [one for one in visible if request.user.has_perm("incidents.close", one)]
    form = ConfirmForm(request.POST, incidents=incidents)
    if not incidents:
        messages.warning(request, _("Tick at least one incident."))
    elif form.is_valid() and form.carry_out(actor=request.user):
        _report_results(request, form.result)
    return redirect(reverse("incidents:list", query={**request.GET.dict(), "scope": Scope.VERIFY.value}))


def _report_results(request: HttpRequest, results: dict[Incident, str]) -> None:
    closed = sum(not reason for reason in results.values())
    if closed:
        words = ngettext("%(count)d incident is closed.", "%(count)d incidents are closed.", closed)
        messages.success(request, words % {"count": closed})
    for incident, reason in results.items():
        if reason:
            messages.warning(request, f"{incident.number}: {reason}")
