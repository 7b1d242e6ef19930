"""The form in which an estate is entered and put right."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place
from grid.roster.models import Estate
from grid.roster.services import estates as services
from portal.core.forms import ServiceForm


class EstateForm(ServiceForm):
    """What is to be known of an estate, and which building groups belong to it."""

    subjects = ("communities", "estate")
    communities: list[Place]
    estate: Estate | None

    community = forms.ModelChoiceField(Place.objects.none(), label=_("Community"), empty_label=None)
    name = forms.CharField(label=_("Name of the estate"), max_length=60)
    property_company = forms.CharField(label=_("Property company"), max_length=80, required=False)
    council = forms.ChoiceField(
        label=_("Owners' body"), choices=Estate.Council.choices, initial=Estate.Council.NONE, widget=forms.RadioSelect
    )
    groups = forms.ModelMultipleChoiceField(
        Place.objects.none(), label=_("Building groups"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.creates = kwargs.get("estate") is None
        known: Estate | None = kwargs.get("estate")
        if known:
            names = ("name", "property_company", "council")
            kwargs["initial"] = {name: getattr(known, name) for name in names} | {"groups": list(known.groups.all())}
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        ids = [community.pk for community in self.communities]
        fields["community"].queryset = Place.objects.filter(pk__in=ids)
        fields["community"].initial = ids[0]
        if len(ids) == 1:
            fields["community"].widget = forms.HiddenInput()
        groups = Place.objects.filter(community__in=ids, level=Level.BUILDING_GROUP).open()
        fields["groups"].queryset = groups  # those of other estates too, so that sending twice is no mistake
        free = groups.filter(Q(estate_membership=None) | Q(estate_membership__estate=known))
        offered = free.select_related("parent", "community").order_by("code")
        fields["groups"].choices = [(group.pk, self._label(group)) for group in offered]

    def _label(self, group: Place) -> str:
        above = f"{group.community} · {group.parent}" if len(self.communities) > 1 else str(group.parent)
        return f"{above} · {group}"

    def call(self, *, actor: Any) -> Estate:
        entered = dict(self.cleaned_data)
        community, groups = entered.pop("community"), entered.pop("groups")
        facts = services.Facts(**entered)
        if self.estate:
            return services.correct(self.estate, facts=facts, groups=groups, actor=actor)
        return services.add(community, facts=facts, groups=groups, actor=actor)
