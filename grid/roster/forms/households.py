"""The forms in which flats are entered one by one or a building at a time, put right, moved and spoken for."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place
from grid.places.territory import territory_of
from grid.roster.blueprint import MOST, Blueprint, unit_names
from grid.roster.models import Household, Resident
from grid.roster.services import households as services
from portal.core.clock import today
from portal.core.forms import ServiceForm
from portal.core.widgets import DayInput

LOWEST, HIGHEST = -9, 200
NOBODY = "nobody"


class HouseholdForm(ServiceForm):
    """What is to be known of one flat; what entering and correcting it have in common."""

    building = forms.CharField(label=_("Building"), max_length=40, help_text=_("As people say it, for example 3栋."))
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False, help_text=_("For example 2单元."))
    room = forms.CharField(label=_("Room"), max_length=20, help_text=_("For example 502, or 商铺3."))
    floor = forms.IntegerField(
        label=_("Floor"),
        required=False,
        min_value=LOWEST,
        max_value=HIGHEST,
        help_text=_("Leave it empty where the room number tells it."),
    )
    area_m2 = forms.DecimalField(
        label=_("Floor area (m²)"), required=False, min_value=1, max_digits=8, decimal_places=2
    )
    occupancy = forms.ChoiceField(label=_("Occupancy"), choices=Household.Occupancy.choices, required=False)
    use = forms.ChoiceField(
        label=_("Use"), choices=Household.Use.choices, initial=Household.Use.DWELLING, widget=forms.RadioSelect
    )

    def facts(self) -> services.Facts:
        return services.Facts(**self.cleaned_data)


class EnterHouseholdForm(HouseholdForm):
    """Another flat of a building group."""

    creates = True
    subjects = ("place",)
    place: Place

    def call(self, *, actor: Any) -> Household:
        return services.enter(self.place, facts=self.facts(), actor=actor)


class CorrectHouseholdForm(HouseholdForm):
    """What is known of a flat, to be put right."""

    subjects = ("household",)
    household: Household

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        known = kwargs["household"]
        kwargs["initial"] = {name: getattr(known, name) for name in self.base_fields if hasattr(known, name)}
        super().__init__(*args, **kwargs)

    def call(self, *, actor: Any) -> Household:
        return services.correct(self.household, facts=self.facts(), actor=actor)


class BuildForm(ServiceForm):
    """A whole building in a few numbers, shown before it is entered."""

    creates = True
    subjects = ("place",)
    place: Place

    building = forms.CharField(label=_("Building"), max_length=40, help_text=_("As people say it, for example 3栋."))
    units = forms.CharField(
        label=_("Units"),
        max_length=120,
        required=False,
        help_text=_("How many, or their names: 3, or A座 B座. Empty when the building has none."),
    )
    first_floor = forms.IntegerField(label=_("Lowest floor with flats"), initial=1, min_value=LOWEST, max_value=HIGHEST)
    last_floor = forms.IntegerField(label=_("Highest floor"), min_value=LOWEST, max_value=HIGHEST)
    flats = forms.IntegerField(label=_("Flats on each floor of a unit"), min_value=1, max_value=99)
    shops = forms.IntegerField(label=_("Shops"), initial=0, min_value=0, max_value=200, required=False)
    left_out = forms.CharField(
        label=_("Floors that do not exist"), max_length=60, required=False, help_text=_("For example 4, 14.")
    )

    def clean_left_out(self) -> frozenset[int]:
        return frozenset(int(number) for number in re.findall(r"\d{1,3}", self.cleaned_data["left_out"]))

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if {"first_floor", "last_floor", "flats", "building"} <= entered.keys():
            if entered["last_floor"] < entered["first_floor"]:
                self.add_error("last_floor", _("The highest floor cannot lie below the lowest."))
            elif not 0 < self.blueprint.size <= MOST:
                self.add_error(None, _("A building has at most %(most)d rooms here.") % {"most": MOST})
        return entered

    @property
    def blueprint(self) -> Blueprint:
        entered = self.cleaned_data
        return Blueprint(
            building=entered["building"],
            units=unit_names(entered["units"]),
            first_floor=entered["first_floor"],
            last_floor=entered["last_floor"],
            flats=entered["flats"],
            shops=entered.get("shops") or 0,
            left_out=entered.get("left_out") or frozenset(),
        )

    def call(self, *, actor: Any) -> Any:
        self.built = services.build(self.place, blueprint=self.blueprint, actor=actor)
        return self.place


class RepresentativeForm(ServiceForm):
    """Who speaks for the household: one of its members of age, or nobody."""

    subjects = ("household", "members")
    household: Household
    members: list[Resident]

    resident = forms.ChoiceField(label=_("Representative"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_age = [member for member in self.members if not services.is_under_age(member)]
        fields: dict[str, Any] = self.fields
        fields["resident"].choices = [
            *((str(member.pk), _described(member)) for member in of_age),
            (NOBODY, _("Nobody for now")),
        ]
        fields["resident"].initial = next((str(member.pk) for member in of_age if member.is_representative), NOBODY)

    def call(self, *, actor: Any) -> Resident | None:
        chosen = self.cleaned_data["resident"]
        resident = next((member for member in self.members if str(member.pk) == chosen), None)
        return services.choose_representative(self.household, resident=resident, actor=actor)


class MoveForm(ServiceForm):
    """Another building group of the community for a household, out of those that the user looks after."""

    subjects = ("household", "user")
    household: Household
    user: Any

    to = forms.ModelChoiceField(Place.objects.none(), label=_("New building group"), empty_label=_("Choose…"))
    on = forms.DateField(
        label=_("From"),
        initial=today,
        widget=DayInput(),
        help_text=_("The first day in the new group."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = Place.objects.filter(community=self.household.community_id, level=Level.BUILDING_GROUP).open()
        seen = groups.filter(territory_of(self.user).places_q()).exclude(pk=self.household.place_id)
        fields: dict[str, Any] = self.fields
        fields["to"].queryset = seen.select_related("parent").order_by("code")
        fields["to"].label_from_instance = lambda group: f"{group.parent} · {group}"

    def clean_to(self) -> Place:
        group = self.cleaned_data["to"]
        if not self.user.has_perm("roster.edit", group):
            raise forms.ValidationError(_("You do not look after this building group."))
        return group

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day > today():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def call(self, *, actor: Any) -> Household:
        services.move([self.household], self.cleaned_data["to"], actor, self.cleaned_data["on"])
        return self.household


class RemoveForm(ServiceForm):
    """A flat that was entered by mistake goes."""

    subjects = ("household",)
    household: Household

    def call(self, *, actor: Any) -> None:
        services.remove(self.household, actor=actor)


def _described(member: Resident) -> str:
    age = member.age()
    years = _("%(age)d years old") % {"age": age} if age is not None else ""
    return " · ".join(str(part) for part in (member.name, member.relation, years) if part)
