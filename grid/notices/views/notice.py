"""One notice: for those who read it, and for those who want to know how far it has come."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from grid.notices import services
from grid.notices.counting import follow, tops_for, unread_in
from grid.notices.forms import AcknowledgeForm
from grid.notices.marks import facade_of, paint
from grid.notices.models import Notice
from grid.notices.rules import doors_of, led_by
from grid.places.models import Place
from grid.roster.buildings import front_of
from grid.roster.facade import legend
from portal.core.access import fetch, needs
from portal.core.keys import key_of
from portal.core.pagination import page_of

PARENTS = "place__parent__parent__parent"


@needs("notices.view")
@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Opening it is reading it; below the text what the reader may do about it, and the counts of their area."""
    found = fetch(request, _whole(), pk=pk)
    mine = list(found.receipts.filter(user=request.user).order_by("pk"))
    if mine and mine[0].read_at is None:
        services.read(found, actor=request.user)
    follows = request.user.has_perm("notices.follow")
    led = led_by(request.user) if found.is_at_the_door else []
    context = {
        "notice": found,
        "receipt": mine[0] if mine else None,
        "doors": doors_of(found, led).progress() if led else None,
        "may_manage": not found.is_withdrawn and request.user.has_perm("notices.manage", found),
        "areas": [area.place for area in found.areas.all()],
        **(_followed(request, found) if follows else {}),
    }
    return render(request, "notices/notice.html", context)


@needs("notices.acknowledge")
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """我知道了; then the page comes again there where it says so, above the doors to knock at."""
    found = fetch(request, _whole(), pk=pk)
    form = AcknowledgeForm(request.POST, notice=found)
    if form.is_valid() and form.carry_out(actor=request.user):
        return redirect(f"{found.get_absolute_url()}#known")
    messages.error(request, " ".join(str(error) for error in form.non_field_errors()))
    return redirect(found)


@needs("notices.follow")
@require_safe
def unread(request: HttpRequest, pk: int) -> HttpResponse:
    """Which posts have not read it yet, in the order of the places."""
    found = fetch(request, _whole(), pk=pk)
    at = _place_in(request, found)
    page = page_of(request, unread_in(found, request.user, at), size=50) if at else None
    return render(request, "notices/unread.html", {"notice": found, "at": at, "page": page})


def _followed(request: HttpRequest, found: Notice) -> dict[str, Any]:
    """The counts at the place that the address names, else at the highest one of the reader."""
    at, tops = _place_in(request, found), tops_for(found, request.user)
    if at is None or not tops:
        return {}
    trail = [place for place in (*at.ancestors, at) if tops[0].level <= place.level]
    counted = {"follow": follow(found, request.user, at), "trail": trail, "tops": tops}
    is_drawn = found.is_at_the_door and not found.is_withdrawn and at.is_building_group
    return counted | (_drawn(request, found, at) if is_drawn and request.user.has_perm("roster.view", at) else {})


def _drawn(request: HttpRequest, found: Notice, group: Place) -> dict[str, Any]:
    """The building group door by door."""
    front = front_of(group, paint(group, request.user, str(found.pk)).mark)
    return {"facade": facade_of(found, group), "front": front, "key": legend(front.flats)}


def _place_in(request: HttpRequest, found: Notice) -> Place | None:
    if asked := key_of(request.GET.get("at", "")):
        named = Place.objects.select_related("parent__parent__parent").visible_to(request.user).filter(pk=asked).first()
        if named:
            return named
    return next(iter(tops_for(found, request.user)), None)


def _whole() -> Any:
    names = ("sender", "withdrawn_by", "corrects", "correction", PARENTS)
    return Notice.objects.select_related(*names).prefetch_related("areas__place__parent")
