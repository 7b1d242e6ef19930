"""The page of one flat, and everything that is done to it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grid.roster.forms.households import CorrectHouseholdForm, MoveForm, RemoveForm, RepresentativeForm
from grid.roster.models import Household, Resident
from grid.roster.portrait import portrait
from grid.roster.services import households as services
from portal.core.access import fetch, needs

from .trail import WITH_PARENTS, trail_to_household


@needs("roster.view")
@require_safe
def household(request: HttpRequest, pk: int) -> HttpResponse:
    found = _fetched(request, pk)
    context = {
        "household": found,
        "home": portrait(found, request.user),
        "trail": trail_to_household(request, found),
        "may_edit": request.user.has_perm("roster.edit", found),
    }
    return render(request, "roster/households/household.html", context)


@needs("roster.edit")
def household_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _fetched(request, pk)
    form = CorrectHouseholdForm(request.POST or None, household=found)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Saved."))
        return redirect(found)
    context = {"form": form, "household": found, "trail": trail_to_household(request, found, _("Correct"))}
    return render(request, "roster/households/edit.html", context, status=form.status)


@needs("roster.edit")
def representative(request: HttpRequest, pk: int) -> HttpResponse:
    """Who speaks for the household."""
    found = _fetched(request, pk)
    members = list(Resident.objects.present().filter(household=found).order_by("birth", "pk"))
    form = RepresentativeForm(request.POST or None, household=found, members=members)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Saved."))
        return redirect(found)
    context = {
        "form": form,
        "household": found,
        "too_young": [member for member in members if services.is_under_age(member)],
        "members": members,
        "trail": trail_to_household(request, found, _("Representative")),
    }
    return render(request, "roster/households/representative.html", context, status=form.status)


@needs("roster.edit")
def household_move(request: HttpRequest, pk: int) -> HttpResponse:
    """To another building group: first what it touches, then the move."""
    found = _fetched(request, pk)
    form = MoveForm(request.POST or None, household=found, user=request.user)
    people = list(Resident.objects.present().filter(household=found))
    context = {"form": form, "household": found, "trail": trail_to_household(request, found, _("Move"))}
    if form.is_valid():
        to = form.cleaned_data["to"]
        if request.POST.get("step") == "move" and form.carry_out(actor=request.user):
            messages.success(request, _("Moved to %(place)s.") % {"place": to})
            return redirect("roster:household", found.pk)
        context |= {
            "to": to,
            "people": len(people),
            "has_representative": any(one.is_representative for one in people),
            "against": services.against([found], to),
        }
    return render(request, "roster/households/move.html", context, status=form.status)


@needs("roster.edit")
def household_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a flat that was entered by mistake."""
    found = _fetched(request, pk)
    form = RemoveForm(request.POST if request.method == "POST" else None, household=found)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The flat is gone from the roster."))
        return redirect("roster:buildings", found.place_id)
    context = {"form": form, "household": found, "trail": trail_to_household(request, found, _("Entered by mistake"))}
    return render(request, "roster/households/remove.html", context, status=form.status)


def _fetched(request: HttpRequest, pk: int) -> Household:
    return fetch(request, Household.objects.select_related(f"place__{WITH_PARENTS}", "community"), pk=pk)
