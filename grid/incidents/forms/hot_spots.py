"""What the page of hot spots is narrowed to; everything chosen stands in the address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from grid.incidents.hot_spots import PERIODS, HotSpots, hot_spots_of
from grid.incidents.models import CategoryGroup
from grid.places.filters import ANY
from grid.places.models import Place


class HotSpotForm(forms.Form):
    """The last 12 or 24 months, all categories or one group of them; what makes no sense is as if it were not said."""

    def __init__(self, *args: Any, place: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place
        street = next((one.pk for one in (*place.ancestors, place) if one.is_street), None)
        groups, periods = CategoryGroup.objects.of_street(street), [(str(one), month_words(one)) for one in PERIODS]
        self.fields["months"] = forms.ChoiceField(label=_("Period"), choices=periods, required=False)
        self.fields["group"] = forms.ModelChoiceField(groups, label=_("Category"), required=False, empty_label=ANY)

    def look(self) -> HotSpots:
        """The hot spots of the place as they were asked for."""
        chosen = self.cleaned_data if self.is_valid() else {}
        months = int(chosen.get("months") or PERIODS[0])
        return hot_spots_of(self.place, months=months, group=chosen.get("group"))


def month_words(number: int) -> str:
    """The period in words."""
    return ngettext("The last %(count)d month", "The last %(count)d months", number) % {"count": number}
