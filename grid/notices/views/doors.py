"""From door to door: a leader's households, one tap each."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from grid.notices.forms import MarkForm
from grid.notices.marks import facade_of
from grid.notices.models import Audience, DoorPassing, Notice
from grid.notices.rules import doors_of, led_by
from grid.places.models import Place
from grid.roster.facade import natural
from grid.roster.models import Resident
from portal.core.access import fetch, needs
from portal.core.personal import mask_name

SHOWS = {"all": gettext_lazy("All"), "left": gettext_lazy("Still to tell")}


@dataclass(frozen=True)
class Stairs:
    """The doors of one staircase, from the bottom up."""

    place: Place
    label: str
    doors: list[DoorPassing]


@needs("notices.pass_on")
@require_safe
def doors(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, Notice.objects.select_related("place"), pk=pk)
    here = doors_of(found, led_by(request.user))
    show = "left" if request.GET.get("show") == "left" else "all"
    rows = here.exclude(outcome=DoorPassing.Outcome.TOLD) if show == "left" else here
    context = {
        "notice": found,
        "progress": here.progress(),
        "stairs": list(_by_stairs(_named(found, rows.select_related("household", "place")))),
        "show": show,
        "shows": SHOWS.items(),
        "facades": list(_facades(found, request.user)),
    }
    return render(request, "notices/doors.html", context)


@needs("notices.pass_on")
@require_POST
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Told, nobody home, or taken back; without scripts the list comes again, at the same door."""
    door = fetch(request, DoorPassing.objects.select_related("notice", "household", "place"), pk=pk)
    form = MarkForm(request.POST, door=door)
    show = "left" if request.POST.get("show") == "left" else "all"
    back = reverse("notices:doors", args=[door.notice_id], query={"show": show})
    if not (form.is_valid() and form.carry_out(actor=request.user)):
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return HttpResponseClientRedirect(back) if request.htmx else redirect(back)  # type: ignore[attr-defined]
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{back}#door-{pk}")
    [shown] = _named(door.notice, [form.result])
    progress = doors_of(door.notice, led_by(request.user)).progress()
    context = {"door": shown, "progress": progress, "show": show, "notice": door.notice, "is_fragment": True}
    return render(request, "notices/marked.html", context)


def _named(notice: Notice, rows: Iterable[DoorPassing]) -> list[DoorPassing]:
    """The doors, those of representatives with half of their names: enough to know whom to ask for; one query."""
    found = list(rows)
    if notice.audience == Audience.REPRESENTATIVES:
        speaking = Resident.objects.representatives().filter(household__in={door.household_id for door in found})
        names = dict(speaking.order_by().values_list("household", "name"))
        for door in found:
            door.asked_for = mask_name(names.get(door.household_id, ""))  # type: ignore[attr-defined]
    return found


def _facades(notice: Notice, user: Any) -> Iterable[tuple[Place, str]]:
    """The building groups that the user leads, each with where it is drawn."""
    led = {post.place.pk: post.place for post in led_by(user) if post.place}
    for group in led.values():
        yield group, facade_of(notice, group)


def _by_stairs(rows: list[DoorPassing]) -> Iterable[Stairs]:
    rows.sort(key=_walking)
    for _key, group in groupby(rows, key=lambda door: _walking(door)[:3]):
        doors_here = list(group)
        home = doors_here[0].household
        yield Stairs(doors_here[0].place, f"{home.building}{home.unit}", doors_here)


def _walking(door: DoorPassing) -> Any:
    """Building by building and staircase by staircase, from the ground up."""
    home = door.household
    return (
        door.place.code,
        natural(home.building_key),
        natural(home.unit_key),
        home.floor or 0,
        natural(home.room_key),
    )
