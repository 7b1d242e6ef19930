"""The way down to a page of the roster, for its breadcrumbs."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from grid.places.models import Place
from grid.places.overview import trail_to
from grid.roster.models import Household

WITH_PARENTS = "parent__parent__parent__parent"


def trail(request: HttpRequest, place: Place, page: str) -> list[tuple[str, str]]:
    """To a page about a place."""
    *above, (name, _none) = trail_to(place, request.user)
    return [*above, (name, place.get_absolute_url()), (page, "")]


def trail_to_household(request: HttpRequest, household: Household, page: str = "") -> list[tuple[str, str]]:
    """To a flat, or to a page about it."""
    *above, _here = trail(request, household.place, "")
    found = [*above, (_("Buildings"), reverse("roster:buildings", args=[household.place_id]))]
    if not page:
        return [*found, (household.address, "")]
    return [*found, (household.address, household.get_absolute_url()), (page, "")]
