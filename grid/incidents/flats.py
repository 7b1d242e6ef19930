"""Which flat a report is about: what people type or point at on the façade, as a household of the chosen place."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place
from grid.roster.addresses import parse_address
from grid.roster.buildings import front_of
from grid.roster.facade import Front, Mark
from grid.roster.models import Household

PLAIN = Mark("blue", "", "door-closed")


class FlatField(forms.CharField):
    """An address as people say it: 3-502, 3栋502, or 502 where the place has one such flat only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Which flat?"),
            max_length=60,
            required=False,
            help_text=_("For example 3-502. Only if it is about one flat."),
            widget=forms.TextInput({"autocomplete": "off"}),
            **kwargs,
        )


def households_called(place: Place, text: str) -> QuerySet[Household]:
    """The households of a place that an address may mean."""
    here = Household.objects.within(place)
    exact = here.annotate(whole=Concat("building", "unit", "room")).filter(whole="".join(text.split()))
    sought = parse_address(text)
    if sought is None:
        return exact
    parts = {"building_key": sought.building, "unit_key": sought.unit, "room_key": sought.room}
    named = here.filter(**{name: key for name, key in parts.items() if key})
    return named if named.exists() else exact


def the_flat(place: Place, text: str) -> Household:
    """The one household that an address means in a place. Raises ValidationError when there is none, or several."""
    found = list(households_called(place, text)[:2])
    if not found:
        raise forms.ValidationError(_("No such flat is on the roster here. Leave it empty, or write it like 3-502."))
    if len(found) > 1:
        raise forms.ValidationError(_("There are several such flats. Write the building too: 3-502."))
    return found[0]


def facade_to_choose_from(group: Place) -> Front:
    """The façades of a building group with nothing on them but addresses; one query."""
    return front_of(group, lambda home: PLAIN)
