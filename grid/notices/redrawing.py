"""What is still to be told goes along with its household (`receivers`); a preview says how many there are."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place
from grid.places.redrawing import Choice, Contents, Selection, Touched, contents

from .models import DoorPassing, Notice


def count(places: Sequence[Place], selection: Selection) -> Iterable[Touched]:
    """Households still to be told: whoever leads the group to which they come finds them on the list."""
    if selection is not None:
        return
    communities = {place.community_id for place in places}
    here = Q(place__in=places) | Q(place__parent__in=places)
    standing = Notice.objects.standing().order_by().values("pk")
    doors = DoorPassing.objects.waiting().filter(here, community__in=communities, notice__in=standing).count()
    if doors:
        yield Touched(_("Households still to be told of notices"), doors)


def _no_choices(place: Place) -> Iterable[Choice]:
    return ()


def _with_households(from_place: Place, to_place: Place, selection: Selection, actor: Any, on: date) -> None:
    """The roster announces which households move; what was told keeps its place."""


contents.add("notices", Contents(count=count, choices=_no_choices, move=_with_households))
