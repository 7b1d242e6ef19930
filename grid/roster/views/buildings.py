"""The façades of a place, and how flats come to stand in them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from grid.places.models import Level, Place
from grid.roster.buildings import buildings_in, described, front_of
from grid.roster.facade import Mark, draw, legend
from grid.roster.facade_layers import LIVED_IN, offered
from grid.roster.forms.households import BuildForm, EnterHouseholdForm
from grid.roster.models import Household
from grid.roster.services import households as services
from portal.core.access import fetch, needs
from portal.core.keys import key_of
from portal.core.pagination import page_of

from .trail import WITH_PARENTS, trail

NEW = Mark("blue", gettext_lazy("New flat"), "plus-lg")
THERE = Mark("green", gettext_lazy("There already"), "check-lg")
BUILDINGS = 40  # on a page


@needs("roster.view")
@require_safe
def buildings(request: HttpRequest, pk: int) -> HttpResponse:
    """The façades of a building group under one layer; of a larger place the list of its buildings."""
    place = fetch(request, Place.objects.select_related(WITH_PARENTS), pk=pk)
    may_edit = place.is_building_group and not place.is_closed and request.user.has_perm("roster.edit", place)
    context = {"place": place, "trail": trail(request, place, _("Buildings")), "may_edit": may_edit}
    if place.is_building_group:
        return render(request, "roster/buildings/group.html", context | _painted(request, place))
    if place.level < Level.COMMUNITY:
        return render(request, "roster/buildings/above.html", context | {"below": place.children.open()})
    page = page_of(request, buildings_in(place), size=BUILDINGS)
    return render(request, "roster/buildings/list.html", context | {"page": page, "rows": described(page)})


@needs("roster.edit")
def household_add(request: HttpRequest, pk: int) -> HttpResponse:
    """One more flat of a building group."""
    place = fetch(request, _groups(), pk=pk)
    form = EnterHouseholdForm(request.POST or None, place=place, initial=_beside(request, place))
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The flat is on the roster. Now add whoever lives there."))
        return redirect(form.result)
    context = {"form": form, "place": place, "trail": trail(request, place, _("Add a flat"))}
    return render(request, "roster/households/add.html", context, status=form.status)


@needs("roster.edit")
def household_build(request: HttpRequest, pk: int) -> HttpResponse:
    """A whole building: described in a few numbers, shown, and entered once the picture is right."""
    place = fetch(request, _groups(), pk=pk)
    form = BuildForm(request.POST or None, place=place)
    context: dict[str, Any] = {"form": form, "place": place, "trail": trail(request, place, _("Add a building"))}
    if form.is_valid():
        context |= _sketch(form, place)
        if request.POST.get("step") == "create" and form.carry_out(actor=request.user):
            _tell(request, context["new"] if form.is_new else 0)
            return redirect("roster:buildings", place.pk)
    return render(request, "roster/households/build.html", context, status=form.status)


def _painted(request: HttpRequest, group: Place) -> dict[str, Any]:
    """The façades as the layer that the address names shows them; as they are lived in when it names none of the
    reader's.
    """
    layers = offered(request.user, group)
    asked = request.GET.get("layer", "")
    chosen = asked if asked in layers else LIVED_IN
    layer = layers[chosen]
    painted = layer.paint(group, request.user, request.GET.get("topic", ""))
    front = front_of(group, painted.mark)
    return {
        "layers": layers.items(),
        "chosen": chosen,
        "layer": layer,
        "subtitle": f"{group.code} · {layer.label}",
        "painted": painted,
        "beside": painted.beside,
        "front": front,
        "key": legend(front.flats),
        "as_table": request.GET.get("view") == "table",
    }


def _groups() -> Any:
    return Place.objects.filter(level=Level.BUILDING_GROUP).select_related(WITH_PARENTS)


def _sketch(form: BuildForm, place: Place) -> dict[str, Any]:
    """The building as it would stand, and how much of it is new."""
    there = services.addresses_in(place)
    homes = form.blueprint.homes()
    drawing = draw(homes, lambda home: THERE if services.key_of(home) in there else NEW)
    new = sum(services.key_of(home) not in there for home in homes)
    return {"drawing": drawing, "key": legend(drawing.flats), "new": new, "there": len(homes) - new}


def _tell(request: HttpRequest, new: int) -> None:
    if new:
        words = ngettext("%(count)d flat is on the roster now.", "%(count)d flats are on the roster now.", new)
        messages.success(request, words % {"count": new})
    else:
        messages.info(request, _("All of it was there already."))


def _beside(request: HttpRequest, place: Place) -> dict[str, str]:
    """What the flat at which somebody pressed "one more" has in common with the next one."""
    beside = key_of(request.GET.get("beside", ""))
    known = Household.objects.filter(place=place, pk=beside).first() if beside else None
    return {"building": known.building, "unit": known.unit} if known else {}
