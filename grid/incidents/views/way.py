"""The way back to the list as it was left, and along it: the address of an incident carries the list's query."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse

from grid.incidents.filters import list_query
from grid.incidents.models import Incident


def query_of(request: HttpRequest) -> str:
    """The list's query as it stands in this address, "?scope=…" or "" when the reader comes from elsewhere."""
    return f"?{list_query(request.GET).urlencode()}" if "scope" in request.GET else ""


def incident_url(request: HttpRequest, incident: Incident) -> str:
    """An incident's page, from which the reader can go on along the list they came from."""
    return f"{incident.get_absolute_url()}{query_of(request)}"


def back_to_list(request: HttpRequest) -> str:
    """The list with its filters and page; the plain one when the reader comes from elsewhere."""
    plain = reverse("incidents:list")
    if query := query_of(request):
        return f"{plain}{query}"
    before = urlsplit(request.headers.get("Referer", ""))
    is_ours = (before.netloc, before.path) == (request.get_host(), plain)
    return f"{plain}?{before.query}" if is_ours and before.query else plain
