"""Who lives in the demonstration: everybody counted on 31 May 2023, and what has happened to them since."""

from grid.places.demo.atlas import COMMUNITIES
from grid.places.models import Level, Place
from grid.roster.models import Estate, EstateGroup, Household, Resident, ResidentSpan
from portal.core import demonstration
from portal.core.demonstration import Demonstration, Part

from .life import Chronicle
from .naming import Namer, Numbers
from .plans import ESTATES
from .settling import Settlement, settle

AT_ONCE = 1000  # rows in one statement


def load(scene: Demonstration) -> Place:
    """Settle the communities and let their people live on to the present day; returns the district."""
    numbers = Numbers()
    for community in COMMUNITIES:
        settlement = settle(scene, community, Namer(scene.random("names", community.code)), numbers)
        chronicle = Chronicle(scene, settlement, numbers)
        chronicle.unfold()
        _open_estates(settlement.place)
        _write(settlement, chronicle)
    return Place.objects.get(parent=None)


def _write(settlement: Settlement, chronicle: Chronicle) -> None:
    households = sorted(settlement.households, key=lambda one: one.place.code)
    Household.objects.bulk_create(households, batch_size=AT_ONCE)
    Resident.objects.bulk_create(settlement.everybody, batch_size=AT_ONCE)
    ResidentSpan.objects.bulk_create(chronicle.spans, batch_size=AT_ONCE)
    demonstration.write_down(chronicle.told())


def _open_estates(community: Place) -> None:
    groups = Place.objects.filter(community=community, level=Level.BUILDING_GROUP).select_related("parent")
    for plan in ESTATES[community.code]:
        estate = Estate.objects.create(
            place=community, name=plan.name, property_company=plan.company, council=plan.council
        )
        EstateGroup.objects.bulk_create(
            EstateGroup(estate=estate, group=group, community=community)
            for group in groups
            if group.parent.name in plan.grids
        )


demonstration.register(Part("roster", order=15, load=load, finds_others=lambda: Household.objects.exists()))
