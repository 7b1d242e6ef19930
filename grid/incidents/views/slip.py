"""事件单: one incident as a PDF."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from grid.incidents.models import Incident
from grid.incidents.services.moving import record
from grid.incidents.slip import slip as typeset_slip
from portal.core.access import fetch, needs
from portal.core.clock import now
from portal.core.headers import download


@needs("incidents.export")
@require_safe
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """The slip to be printed and signed; that it was made is on record."""
    people = ("reporter", "holder", "owner", "handled_by", "verified_by")
    rows = Incident.objects.select_related(
        "category__group", "place", "community", "department", "household", "rating", "rule", *people
    )
    incident = fetch(request, rows, pk=pk)
    path = incident.get_absolute_url()
    address = f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)
    at = now()
    content = typeset_slip(incident, printed_by=request.user, at=at, address=address)
    record("printed", incident, request.user, at=at, announce=False)
    return download(content, f"incident-{incident.number}.pdf", "application/pdf")
