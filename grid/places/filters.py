"""The filter by area that every list of records has."""

from collections.abc import Iterator
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .choosing import NamesPlaces, areas_of, name_among
from .models import Place

ANY = _("Any")


class AreaNames(filters.fields.ModelChoiceIterator):
    """Keys and names alone: there are a hundred and more, and a list shows them whenever it is opened."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for pk, level, name, parent in self.queryset.values_list("pk", "level", "name", "parent__name"):
            yield pk, name_among(level, name, parent or "")


class AreaField(NamesPlaces, filters.fields.ModelChoiceField):
    """An area under the name that tells it from the others."""

    iterator = AreaNames


class PlaceFilter(filters.ModelChoiceFilter):
    """Offers the areas the user looks after and no others."""

    field_class = AreaField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=_areas, empty_label=ANY, **kwargs)


def _areas(request: HttpRequest) -> QuerySet[Place]:
    asked = request.POST if request.method == "POST" else request.GET
    return areas_of(request.user, linked=asked.get("place", ""))
