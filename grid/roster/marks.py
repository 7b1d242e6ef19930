"""What the cells of a façade say unless another room colours them: who lives there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.core.clock import today

from .facade import Badge, Mark
from .models import ELDERLY_FROM, Household, ResidentQuerySet, years_before

REPRESENTED = Badge("star-fill", _("has a representative"))
ALONE = Badge("heart-fill", _("an elderly person living alone"))
SHOP = Mark("amber", _("Shop"), "shop")
VACANT = Mark("grey", _("Vacant flat"), "door-closed")


@dataclass(frozen=True)
class Occupants:
    """Who is present in a household, in numbers."""

    people: int = 0
    is_represented: bool = False
    is_elderly_alone: bool = False


NOBODY = Occupants()


def occupants_of(residents: ResidentQuerySet, day: date | None = None) -> dict[int, Occupants]:
    """Of all households of these residents, by household; one query. A household that is missing has nobody present."""
    day = day or today()
    speaks = Q(represents_since__lte=day) & (Q(represents_until=None) | Q(represents_until__gt=day))
    counted = residents.present(day).order_by().values_list("household")
    rows = counted.annotate(
        people=Count("pk"),
        speaking=Count("pk", speaks),
        elderly=Count("pk", Q(birth__lte=years_before(day, ELDERLY_FROM))),
    )
    return {pk: Occupants(people, speaking > 0, people == elderly == 1) for pk, people, speaking, elderly in rows}


def as_lived_in(occupants: Mapping[int, Occupants]) -> Callable[[Household], Mark]:
    """Lived in, rented, vacant or a shop; with its number of people, a representative, an elderly person alone."""

    def mark(household: Household) -> Mark:
        who = occupants.get(household.pk, NOBODY)
        badges = [REPRESENTED] if who.is_represented else []
        if who.is_elderly_alone:
            badges.append(ALONE)
        if household.use == Household.Use.SHOP:
            tone, label, symbol = SHOP.tone, SHOP.label, SHOP.symbol
        elif not who.people:
            return VACANT
        elif household.occupancy == Household.Occupancy.RENTED:
            tone, label, symbol = "green", _("Rented"), "key-fill"
        else:
            tone, label, symbol = "blue", _("Lived in"), "house-door-fill"
        return Mark(tone, label, symbol, *_counted(who.people), badges=tuple(badges))

    return mark


def _counted(people: int) -> tuple[str, str]:
    if not people:
        return "", ""
    return str(people), ngettext("%(count)d person", "%(count)d people", people) % {"count": people}
