"""What became of my reports: everything a user reported or saw too, and where it stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from grid.incidents.mine import reports_of, with_news
from portal.core.access import needs
from portal.core.pagination import page_of

SHOWN = 20
TABS = {"all": _("All"), "open": _("Still open"), "ended": _("Ended")}


@needs("incidents.report")
@require_safe
def incidents_mine(request: HttpRequest) -> HttpResponse:
    """A user's own reports, the newest first, each with what happened last and what they may do about it."""
    show = request.GET.get("show", "")
    show = show if show in TABS else "all"
    page = page_of(request, reports_of(request.user, show), size=SHOWN)
    context = {"page": page, "rows": with_news(page, request.user), "show": show, "tabs": TABS.items()}
    return render(request, "incidents/mine.html", context)
