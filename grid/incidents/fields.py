"""How categories and places are offered wherever one is chosen."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from grid.places.choosing import NamesPlaces
from grid.places.models import Place

from .models import Category


class InGroups(ModelChoiceIterator):
    """Categories under the names of their groups, in the order of the tree."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for group, categories in groupby(self.queryset, key=lambda category: category.group):
            yield str(group), [self.choice(category) for category in categories]


class CategoryField(forms.ModelChoiceField):
    """The active categories, offered in the groups of the tree."""

    iterator = InGroups

    def __init__(self, *, empty_label: Any = None, **kwargs: Any) -> None:
        active = Category.objects.filter(is_active=True).select_related("group")
        super().__init__(active, label=_("What is it about?"), empty_label=empty_label, **kwargs)
        self.error_messages["required"] = _("Choose what it is about.")


class PlaceField(NamesPlaces, forms.ModelChoiceField):
    """A place, offered by a name that tells it from the others; the form sets the `queryset`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Place.objects.none(), **kwargs)
