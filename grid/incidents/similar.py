"""Near-duplicates: what somebody has reported already, of the same kind and hereabouts, in the last four weeks."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grid.places.models import Place
from grid.roster.models import EstateGroup
from portal.core.clock import day_of
from portal.core.search import tokens

from .models import Category, CoReport, Incident

RECENT = timedelta(days=28)
SHOWN = 3
LOOKED_AT = 100  # the newest; a building with more open ones of a kind in four weeks has another problem
ALIKE = 0.3  # share of the shorter text's bigrams that both have
SAME_PLACE, SAME_CATEGORY, SAME_WORDS = 2.0, 1.5, 2.0


@dataclass(frozen=True)
class Similar:
    """An open incident that may be the same, and why; `mine` when the user reported it or joined it."""

    incident: Incident
    score: float
    reasons: tuple[str, ...]
    mine: bool = False

    @property
    def why(self) -> str:
        """Same building, same category, 3 days ago."""
        return _(", ").join(self.reasons)


def similar_to(
    user: Any, *, place: Place, category: Category, words: str = "", now: datetime | None = None
) -> list[Similar]:
    """At most three open incidents that the user sees and that may be the same, the likeliest first; four queries."""
    now = now or timezone.now()
    nearby = _nearby(place)
    recent = (
        Incident.objects.open()
        .visible_to(user)
        .filter(
            community=place.community_id,
            place__in=nearby,
            category__group=category.group_id,
            reported_at__gte=now - RECENT,
        )
    )
    rows = recent.select_related("category", "place").defer("search", "caller_name", "caller_mobile")
    said = frozenset(tokens(words))
    judged = (_judged(row, place, category, said, now) for row in rows.order_by("-reported_at", "-id")[:LOOKED_AT])
    best = sorted(filter(None, judged), key=lambda one: (-one.score, -one.incident.pk))[:SHOWN]
    return _with_photos(_marked(best, user))


def repeats_of(incident: Incident, user: Any) -> list[Similar]:
    """Other open incidents that may be the same as one on record, the likeliest first."""
    words = f"{incident.description} {incident.location}"
    found = similar_to(user, place=incident.place, category=incident.category, words=words)
    own = {incident.pk, incident.parent_id}
    return [one for one in found if one.incident.pk not in own and one.incident.parent_id not in own - {None}]


def overlap(these: frozenset[str], those: frozenset[str]) -> float:
    """How much of the shorter of two texts is in the other one too, from 0 to 1."""
    shorter = min(len(these), len(those))
    return len(these & those) / shorter if shorter else 0.0


def _nearby(place: Place) -> list[int]:
    """The place itself, and the building groups of its estate."""
    estate = EstateGroup.objects.filter(estate__members__group=place, community=place.community_id)
    return [place.pk, *estate.exclude(group=place.pk).values_list("group", flat=True)]


def _judged(
    incident: Incident, place: Place, category: Category, said: frozenset[str], now: datetime
) -> Similar | None:
    """How alike it is; None when it is something else for all that is known."""
    here, alike = incident.place_id == place.pk, incident.category_id == category.pk
    theirs = frozenset(tokens(f"{incident.description} {incident.location}"))
    shared = overlap(said, theirs)
    speaks = shared >= ALIKE and len(said & theirs) > 1  # one pair of characters alone is chance
    if not (speaks or (alike and (here or not said))):
        return None
    age = (day_of(now) - day_of(incident.reported_at)).days
    score = here * SAME_PLACE + alike * SAME_CATEGORY + shared * SAME_WORDS - age / RECENT.days
    reasons = [
        _("same building") if here and place.is_building_group else _("same place") if here else _("same estate"),
        _("same category") if alike else "",
        _("similar words") if speaks else "",
        ngettext("%(days)d day ago", "%(days)d days ago", age) % {"days": age} if age else _("today"),
    ]
    return Similar(incident, score, tuple(filter(None, reasons)))


def _marked(found: list[Similar], user: Any) -> list[Similar]:
    """With what the user has reported or joined already: there is nothing to say twice."""
    said = CoReport.objects.filter(reporter=user, incident__in=[one.incident.pk for one in found])
    joined = set(said.values_list("incident", flat=True)) if found else set()
    return [replace(one, mine=one.incident.pk in joined or one.incident.reporter_id == user.pk) for one in found]


def _with_photos(found: list[Similar]) -> list[Similar]:
    prefetch_related_objects([one.incident for one in found], "photos")
    return found
