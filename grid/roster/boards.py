"""What the roster shows on the boards: how many live where; people behind a number with half their name."""

from django.utils.translation import gettext_lazy as _

from grid.places.models import Level
from portal.core import boards
from portal.core.boards import Line, Lines, Panel, Shown

from .models import Household, Resident

boards.offer(
    Panel(
        "people",
        _("People and grids"),
        (
            Shown("places.grids", counts_level=Level.GRID),
            Shown("places.building_groups", counts_level=Level.BUILDING_GROUP),
            Shown("places.households"),
            Shown("places.residents"),
            Shown("places.elderly"),
            Shown("places.representatives", 1),
            Shown("places.mobilised", 1),
        ),
        beside="places.residents",
        order=50,
    ),
)


def _resident(resident: Resident) -> Line:
    return Line(
        title=resident.masked_name,
        url=resident.get_absolute_url(),
        meta=f"{resident.place} {resident.household}",
        community=resident.community,
    )


def _household(household: Household) -> Line:
    return Line(
        title=household.address,
        url=household.get_absolute_url(),
        meta=str(household.place),
        community=household.community,
    )


boards.lines.add(
    "roster.Resident", Lines(lambda people: people.select_related("household", "place", "community"), _resident)
)
boards.lines.add("roster.Household", Lines(lambda flats: flats.select_related("place", "community"), _household))
