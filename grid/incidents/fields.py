"""How categories and places are offered wherever one is chosen."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from grid.places.choosing import NamesPlaces
from grid.places.models import Place

from .models import Category, CategoryRule


class InGroups(ModelChoiceIterator):
    """Categories under the names of their groups, in the order of the tree."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for group, categories in groupby(self.queryset, key=lambda category: category.group):
            yield str(group), [self.choice(category) for category in categories]


class CategoryField(forms.ModelChoiceField):
    """The categories on offer, in the groups of the tree; the form says for which streets (`offer`)."""

    iterator = InGroups

    def __init__(self, *, empty_label: Any = None, **kwargs: Any) -> None:
        everywhere = Category.objects.offered_in(()).select_related("group")
        super().__init__(everywhere, label=_("What is it about?"), empty_label=empty_label, **kwargs)
        self.error_messages["required"] = _("Choose what it is about.")

    def offer(self, streets: Iterable[int | None], *, also: Category | None = None) -> None:
        """Offer what these streets offer, and `also` one that something was reported under before it was retired."""
        offered = Category.objects.offered_in(street for street in streets if street)
        if also:
            offered |= Category.objects.filter(pk=also.pk)
        self.queryset = offered.select_related("group")


class PlaceField(NamesPlaces, forms.ModelChoiceField):
    """A place, offered by a name that tells it from the others; the form sets the `queryset`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Place.objects.none(), **kwargs)


def photo_hints(streets: Iterable[int]) -> dict[str, str]:
    """Category id → what its tile says below its name, where a report needs a photo; one query."""
    rules = CategoryRule.objects.by_category(next(iter(streets), None))
    return {str(category): str(_("needs a photo")) for category, rule in rules.items() if rule.photo_before}
