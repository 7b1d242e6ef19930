"""What the page of hot spots is narrowed to; everything chosen stands in the address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from grid.places.filters import ANY
from grid.places.models import Place

from .hot_spots import PERIODS, HotSpots, hot_spots_of
from .models import CategoryGroup


class HotSpotForm(forms.Form):
    """The last 12 or 24 months, all categories or one group of them; what makes no sense is as if it were not said."""

    months = forms.ChoiceField(label=_("Period"), required=False)
    group = forms.ModelChoiceField(CategoryGroup.objects.none(), label=_("Category"), required=False, empty_label=ANY)

    def __init__(self, *args: Any, place: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place
        street = next((one.pk for one in (*place.ancestors, place) if one.is_street), None)
        self.fields["group"].queryset = CategoryGroup.objects.of_street(street)
        self.fields["months"].choices = [(str(number), _month_words(number)) for number in PERIODS]

    def look(self) -> HotSpots:
        """The hot spots of the place as they were asked for."""
        chosen = self.cleaned_data if self.is_valid() else {}
        months = int(chosen.get("months") or PERIODS[0])
        return hot_spots_of(self.place, months=months, group=chosen.get("group"))


def _month_words(number: int) -> str:
    return ngettext("The last %(count)d month", "The last %(count)d months", number) % {"count": number}
