"""Posts that nobody holds: where, since when, and who held them last."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, Subquery

from portal.core.refusals import Text

from .models import HEAD_OF, Appointment, Level, Place
from .rules import can_appoint


@dataclass(frozen=True)
class Vacancy:
    """One place without a head today; `since` is the day after the last one's, or the day the place was opened."""

    place: Place
    since: date | None
    last_holder: str
    is_promised: bool
    may_appoint: bool

    @property
    def post(self) -> Text:
        return HEAD_OF[Level(self.place.level)].label


def vacant_below(place: Place) -> Any:
    """Open places without a head today: the place itself and those below it, from the communities down, by code."""
    here = Q(pk=place.pk) | Q(parent=place.pk)
    if place.level < Level.GRID:
        above = {Level.COMMUNITY: "community", Level.STREET: "community__parent"}
        here = Q(**{above.get(Level(place.level), "community__parent__parent"): place.pk})
    held = Appointment.objects.heads().filter(place=OuterRef("pk"))
    vacant = Place.objects.open().filter(here, ~Exists(held.current()), level__gte=Level.COMMUNITY)
    return vacant.annotate(is_promised=Exists(held.standing())).order_by("code")


def with_the_past(vacant: Any) -> Any:
    """With who led each last, until when, and since when it stands."""
    last = Appointment.objects.heads().ended().exclude(until=F("since")).filter(place=OuterRef("pk"))
    last = last.order_by("-until", "-pk")
    return vacant.select_related("parent", "community").annotate(
        last_holder=Subquery(last.values("user__name")[:1]),
        last_until=Subquery(last.values("until")[:1]),
        opened_on=Min("spans__since"),
    )


def shown(place: Any, user: Any) -> Vacancy:
    """A row of `with_the_past` as `user` sees it."""
    role = HEAD_OF[Level(place.level)]
    return Vacancy(
        place=place,
        since=place.last_until or place.opened_on,
        last_holder=place.last_holder or "",
        is_promised=place.is_promised,
        may_appoint=not place.is_promised and can_appoint(user, role, place),
    )
