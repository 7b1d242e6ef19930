"""Links for people without an account: made by the office, opened by anybody who holds one."""

from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from grid.incidents import guessing
from grid.incidents.forms.voice import SPEAK, LinkForm
from grid.incidents.models import Incident, VoiceLink
from grid.incidents.services import links
from grid.places.views import qr_code
from portal.accounts.throttle import refused
from portal.core.access import fetch, needs, public

log = structlog.get_logger(__name__)

THANKED_FOR = timedelta(hours=1)
COOKIE = "said"


@needs("incidents.link")
def link_make(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link; it is shown once, in the answer, and stands nowhere afterwards."""
    names = ("category", "place", "community", "rule", "handled_by", "household")
    incident = fetch(request, Incident.objects.select_related(*names), pk=pk)
    form = LinkForm(request.POST or None, incident=incident)
    if form.is_valid() and form.carry_out(actor=request.user):
        if form.result is None:
            messages.info(request, _("A link is shown only once. Make a new one; the earlier one ends with it."))
            return redirect(incident)
        link, token = form.result
        address = request.build_absolute_uri(reverse("voice", args=[token]))
        context = {"incident": incident, "link": link, "address": address, "qr": qr_code(address)}
        return render(request, "incidents/link_made.html", context)
    context = {
        "incident": incident,
        "form": form,
        "purpose": links.purpose_of(incident),
        "open_links": links.open_of(incident),
    }
    return render(request, "incidents/link.html", context, status=form.status)


# A browser that tells nobody where it comes from tells no origin either, and what a cookie would lend authority to is
# nothing here: whoever knows the address may speak, and nobody else does.
@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def voice(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody without an account is asked, once; every link that opens nothing looks alike."""
    link = links.found(token)
    response = _answer(request, link) if link else _nothing(request)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _answer(request: HttpRequest, link: VoiceLink) -> HttpResponse:
    form = SPEAK[link.purpose](request.POST if request.method == "POST" else None, link=link)
    if form.is_valid() and form.carry_out(actor=None) and form.result.incident_id == link.incident_id:
        return _thank(request, link)
    if form.is_bound:
        link = links.found_again(link)  # somebody may have used it in this moment
    if links.is_of_use(link):
        context = {"link": link, "form": form, "outcome": links.outcome_shown(link)}
        return render(request, "incidents/voice.html", context, status=form.status)
    if link.used_at and _has_spoken(request, link):
        return render(request, "incidents/voice_thanks.html")
    return _nothing(request)


def _thank(request: HttpRequest, link: VoiceLink) -> HttpResponse:
    """Back to the same address, where this browser, and no other, is thanked."""
    response = redirect(request.path)
    response.set_signed_cookie(
        COOKIE,
        str(link.pk),
        salt=link.digest,
        max_age=THANKED_FOR,
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _has_spoken(request: HttpRequest, link: VoiceLink) -> bool:
    said: Any = request.get_signed_cookie(COOKIE, default="", salt=link.digest, max_age=THANKED_FOR)
    return said == str(link.pk)


def _nothing(request: HttpRequest) -> HttpResponse:
    open_at = guessing.count_miss(request)
    if open_at:
        log.warning("link.throttled")
        return refused(request, open_at)
    return render(request, "incidents/voice_gone.html", status=404)
