"""Several incidents at once, ticked in the list."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from grid.incidents.filters import Scope, list_query
from grid.incidents.models import Incident
from grid.incidents.move_forms.bulk import BulkForm, ConfirmForm
from portal.core.access import View, needs
from portal.core.keys import key_of

MOST = 100


@needs("incidents.close")
@require_POST
def incidents_confirm(request: HttpRequest) -> HttpResponse:
    """Confirm and close the ticked ones; what is refused is named and keeps its state."""
    incidents = [one for one in _ticked(request) if request.user.has_perm("incidents.close", one)]
    form = ConfirmForm(request.POST, incidents=incidents)
    if not incidents:
        messages.warning(request, _("Tick at least one incident."))
    elif form.is_valid() and form.carry_out(actor=request.user):
        _report_results(request, form.result)
    return redirect(reverse("incidents:list", query={**request.GET.dict(), "scope": Scope.VERIFY.value}))


def bulk(form_class: type[BulkForm]) -> View:
    """What is about to be done to the ticked ones, then what became of each: the form's key tells the two apart."""

    @needs(form_class.permission)
    @require_POST
    def view(request: HttpRequest) -> HttpResponse:
        incidents = _ticked(request)
        back = f"{reverse('incidents:list')}?{list_query(request.GET).urlencode()}".rstrip("?")
        if not incidents:
            messages.warning(request, _("Tick at least one incident."))
            return redirect(back)
        sent = "idempotency_key" in request.POST
        form = form_class(request.POST if sent else None, incidents=incidents, user=request.user)
        done = sent and form.is_valid() and form.carry_out(actor=request.user)
        context = {"form": form, "incidents": incidents, "back": back, "most": MOST, "is_cut": _is_cut(request)}
        if done:
            context |= {"results": _results(request, form)}
        return render(request, "incidents/bulk.html", context, status=form.status)

    return view


def _keys(request: HttpRequest) -> list[str]:
    return [pk for pk in request.POST.getlist("incident") if key_of(pk)]


def _is_cut(request: HttpRequest) -> bool:
    return len(_keys(request)) > MOST


def _ticked(request: HttpRequest) -> list[Incident]:
    """Those ticked that the user sees, a hundred at most."""
    visible = Incident.objects.visible_to(request.user).with_names().select_related("place__merged_into")
    return list(visible.filter(pk__in=_keys(request)[:MOST]).order_by("due_at", "id"))


def _results(request: HttpRequest, form: BulkForm) -> dict[str, object]:
    """What became of each, in the state in which it is now."""
    states = {one.pk: one for one in _ticked(request)}
    rows = [(states.get(one.pk, one), reason) for one, reason in form.result.items()]
    return {
        "is_new": form.is_new,
        "done": [one for one, reason in rows if not reason],
        "refused": [(one, reason) for one, reason in rows if reason],
        "now": list(states.values()) if not form.is_new else [],
    }


def _report_results(request: HttpRequest, results: dict[Incident, str]) -> None:
    closed = sum(not reason for reason in results.values())
    if closed:
        words = ngettext("%(count)d incident is closed.", "%(count)d incidents are closed.", closed)
        messages.success(request, words % {"count": closed})
    for incident, reason in results.items():
        if reason:
            messages.warning(request, f"{incident.number}: {reason}")
