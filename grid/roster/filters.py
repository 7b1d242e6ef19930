"""The filters of the people's list: they offer only the user's territory, and what is chosen stands in the address.

The box is no filter: what is typed into it is personal and stands in no address.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import django_filters as filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from grid.places.filters import ANY, PlaceFilter

from .finding import Area, Question, area_of, areas_of, find, residents_in
from .models import ADULT_FROM, ELDERLY_FROM, Household, Resident, ResidentQuerySet

HERE = _("Lives here")


class Age(models.TextChoices):
    """Bands of age in completed years; whoever has no date of birth is in none."""

    MINOR = "minor", _("Under 18")
    ADULT = "adult", _("18 to 59")
    ELDERLY = "elderly", _("60 and over")
    VERY_OLD = "very_old", _("80 and over")


AGES: dict[str, dict[str, int]] = {
    Age.MINOR: {"under": ADULT_FROM},
    Age.ADULT: {"at_least": ADULT_FROM, "under": ELDERLY_FROM},
    Age.ELDERLY: {"at_least": ELDERLY_FROM},
    Age.VERY_OLD: {"at_least": 80},
}


class Presence(models.TextChoices):
    LEFT = "left", _("Has left")
    ALL = "all", _("Both")


def _tick(label: Any, method: str) -> filters.BooleanFilter:
    return filters.BooleanFilter(label=label, method=method, widget=forms.CheckboxInput)


class PeopleFilter(filters.FilterSet):
    """What narrows a list of people; `areas` is where it looks and `narrow` what it asks of each person."""

    place = PlaceFilter(label=_("Area"), method="skip")
    age = filters.ChoiceFilter(label=_("Age"), choices=Age.choices, empty_label=ANY, method="aged")
    presence = filters.ChoiceFilter(label=_("On the roster"), choices=Presence.choices, empty_label=HERE, method="skip")
    representative = _tick(_("Household representative"), "only_representatives")
    party = _tick(_("Party member"), "only_party")
    mobilised = _tick(_("Mobilised"), "only_mobilised")
    alone = _tick(_("Living alone"), "only_alone")
    rented = _tick(_("Rented"), "only_rented")
    away = _tick(_("Away"), "only_away")

    class Meta:
        model = Resident
        fields = ("place", "age", "presence", "representative", "party", "mobilised", "alone", "rented", "away")

    def areas(self, permission: str = "roster.view") -> Sequence[Area]:
        """Where to look: the chosen area, else wherever the user may; nowhere when a filter makes no sense."""
        if not self.is_valid():
            return ()
        place, user = self.form.cleaned_data["place"], self.request.user
        if place is None:
            return areas_of(user, permission)
        return (area_of(place),) if user.has_perm(permission, place) else ()

    def narrow(self, residents: ResidentQuerySet) -> ResidentQuerySet:
        """Those among `residents` whom the filters let through; nobody when one makes no sense."""
        if not self.is_valid():
            return residents.none()
        presence = self.form.cleaned_data["presence"]
        if presence != Presence.ALL:
            residents = residents.gone() if presence == Presence.LEFT else residents.present()
        return self.filter_queryset(residents)

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What is chosen, as fields to be sent along with the box."""
        return [(name, value) for name in self.form.fields for value in self.data.getlist(name) if value]

    @property
    def to_store(self) -> str:
        """What is chosen, as an address has it: keys and codes."""
        return urlencode(self.chosen)

    @property
    def in_words(self) -> list[str]:
        """What is chosen, to be read."""
        if not self.is_valid():
            return []
        return [
            str(field.label) if value is True else f"{field.label}: {self._said(name, value)}"
            for name, field in self.form.fields.items()
            if (value := self.form.cleaned_data[name])
        ]

    def _said(self, name: str, value: Any) -> Any:
        return dict(self.form.fields[name].choices).get(value, value) if isinstance(value, str) else value

    @property
    def includes_the_left(self) -> bool:
        return self.is_valid() and bool(self.form.cleaned_data["presence"])

    def found(self, question: Question | None, *, most: int, permission: str = "roster.view") -> ResidentQuerySet:
        """Those whom the filters let through, and of them the best answers to what was typed, if anything was."""
        areas = self.areas(permission)
        if question is None:
            return self.narrow(residents_in(areas))
        return find(question, areas=areas, narrow=self.narrow, most=most)

    def skip(self, residents: ResidentQuerySet, name: str, value: Any) -> ResidentQuerySet:
        return residents

    def aged(self, residents: ResidentQuerySet, name: str, value: str) -> ResidentQuerySet:
        return residents.aged(**AGES[value])

    def only_representatives(self, residents: ResidentQuerySet, name: str, value: bool) -> ResidentQuerySet:
        return residents.representatives() if value else residents

    def only_party(self, residents: ResidentQuerySet, name: str, value: bool) -> ResidentQuerySet:
        return residents.filter(is_party_member=True) if value else residents

    def only_mobilised(self, residents: ResidentQuerySet, name: str, value: bool) -> ResidentQuerySet:
        return residents.mobilised() if value else residents

    def only_alone(self, residents: ResidentQuerySet, name: str, value: bool) -> ResidentQuerySet:
        return residents.present().living_alone() if value else residents

    def only_rented(self, residents: ResidentQuerySet, name: str, value: bool) -> ResidentQuerySet:
        return residents.filter(household__occupancy=Household.Occupancy.RENTED) if value else residents

    def only_away(self, residents: ResidentQuerySet, name: str, value: bool) -> ResidentQuerySet:
        return residents.filter(away_since__isnull=False) if value else residents


def with_homes(residents: ResidentQuerySet) -> ResidentQuerySet:
    """Residents with what a list says of each: the flat, its group and its community."""
    return residents.select_related("household", "place__parent", "community").defer("id_number", "remark")
