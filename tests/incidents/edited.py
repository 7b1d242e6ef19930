"""Categories as a street edits them."""

from grid.incidents.models import Category, CategoryGroup, CategoryRule
from grid.incidents.services import categories
from grid.incidents.services.categories import Limits
from tests.factories import category


def limits_of(street=None, code="clutter", **changes) -> Limits:
    held = Limits.of(CategoryRule.objects.holding(category(code), street and street.pk))
    return Limits(**{**vars(held), **changes})


def change(he, places, code="clutter", **changes) -> CategoryRule:
    base = categories.held_by(category(code), places.street).pk
    limits = limits_of(places.street, code, **changes)
    return categories.change(category(code), street=places.street, actor=he.user, limits=limits, base=base, note="试行")


def own(he, places, *, name="屋顶光伏", group="other", **changes) -> Category:
    group = CategoryGroup.objects.get(code=group) if isinstance(group, str) else group
    return categories.add(street=places.street, group=group, name=name, actor=he.user, limits=limits_of(**changes))
