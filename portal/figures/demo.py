"""The demonstration's last part: everything is counted once, so that boards show a history at once."""

from django.db.models import Model

from grid.places.models import Place
from portal.core.demonstration import Demonstration, Part, register

from . import rollup
from .models import Count


def load(_scene: Demonstration) -> Model:
    """Count every day up to yesterday, and how stocks stood at the ends of the last months; returns the district."""
    rollup.everything(hands=1)  # inside the one transaction of the loading
    return Place.objects.get(parent=None)


register(Part("figures", order=90, load=load, finds_others=lambda: Count.objects.exists()))
