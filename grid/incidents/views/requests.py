"""What is asked of the office, and what it decides."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from grid.incidents import services
from grid.incidents.models import IncidentRequest
from grid.incidents.models.asking import RequestQuerySet
from grid.incidents.move_forms.asking import DecideForm
from grid.incidents.rules import is_its_desk
from grid.incidents.selection import to_decide
from grid.places.territory import territory_of
from portal.core.access import fetch, needs
from portal.core.pagination import page_of
from portal.core.refusals import Refused

MINE, WAITING, DECIDED = "mine", "waiting", "decided"
SCOPES = {
    MINE: gettext_lazy("For me to decide"),
    WAITING: gettext_lazy("All that wait"),
    DECIDED: gettext_lazy("Decided"),
}
NAMES = (
    "incident__category",
    "incident__place",
    "incident__community",
    "asked_by",
    "decided_by",
    "suggested_holder",
    "suggested_department",
)


@needs("incidents.decide")
@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """The longest-waiting first; what is decided, the newest first."""
    scope = request.GET.get("scope", MINE)
    scope = scope if scope in SCOPES else MINE
    kind = request.GET.get("kind", "")
    found = _scoped(request, scope)
    if kind in IncidentRequest.Kind.values:
        found = found.filter(kind=kind)
    context = {
        "page": page_of(request, found.select_related(*NAMES).defer("incident__search")),
        "scope": scope,
        "scopes": SCOPES.items(),
        "kind": kind,
        "kinds": IncidentRequest.Kind.choices,
        "shows_community": len(territory_of(request.user).communities) > 1,
    }
    return render(request, "incidents/requests.html", context)


@needs("incidents.decide")
def request_decide(request: HttpRequest, pk: int) -> HttpResponse:
    asked = fetch(request, _one(), pk=pk)
    incident = asked.incident
    form = DecideForm(request.POST or None, asked=asked, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        words = _("Agreed. It is done.") if form.result.is_granted else _("Not agreed. Whoever asked reads why.")
        messages.success(request, words)
        return redirect("incidents:requests")
    context = {
        "asked": asked,
        "incident": incident,
        "form": form,
        "photos": incident.photos.all(),
        "is_own": asked.asked_by_id == request.user.pk,
        "is_elsewhere": not is_its_desk(request.user, incident),
    }
    return render(request, "incidents/decide.html", context, status=form.status)


@needs("incidents.withdraw")
@require_POST
def request_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever asked takes it back, with one tap."""
    asked = fetch(request, _one(), pk=pk)
    try:
        services.withdraw(asked, actor=request.user)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Taken back."))
    return redirect(asked.incident)


def _scoped(request: HttpRequest, scope: str) -> RequestQuerySet:
    seen = IncidentRequest.objects.visible_to(request.user)
    if scope == DECIDED:
        return seen.exclude(decided_at=None).order_by("-decided_at", "-id")
    waiting = seen.pending() if scope == WAITING else seen & to_decide(request.user)
    return waiting.order_by("asked_at", "id")


def _one() -> RequestQuerySet:
    return IncidentRequest.objects.select_related(*NAMES, "incident__holder", "incident__department")
