"""Incidents keep their place when places are redrawn; a preview says how many there are."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place
from grid.places.redrawing import Choice, Contents, Selection, Touched, contents

from .models import Incident
from .workflow import OPEN


def count(places: Sequence[Place], selection: Selection) -> Iterable[Touched]:
    """Open and ended incidents there; a split leaves all of them where they were reported."""
    if selection is not None:
        return
    communities = {place.community_id for place in places}
    here = Incident.objects.filter(Q(place__in=places) | Q(place__parent__in=places), community__in=communities)
    counts = here.aggregate(open=Count("pk", Q(state__in=OPEN)), ended=Count("pk", ~Q(state__in=OPEN)))
    url = reverse("incidents:list", query={"place": places[0].pk}) if len(places) == 1 else ""
    if counts["open"]:
        yield Touched(_("Open incidents"), counts["open"], url, stays=True, waits=True)
    if counts["ended"]:
        yield Touched(_("Incidents that have ended"), counts["ended"], stays=True)


def _no_choices(place: Place) -> Iterable[Choice]:
    return ()


def _stay(from_place: Place, to_place: Place, selection: Selection, actor: Any, on: date) -> None:
    """Records keep their place."""


contents.add("incidents", Contents(count=count, choices=_no_choices, move=_stay))
