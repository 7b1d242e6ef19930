"""What a step holds until its transaction ends, taken in this order by everybody: the drawing, the notice, its rows."""

from collections.abc import Iterable

from django.db.models import QuerySet

from grid.notices.models import Notice
from grid.places.models import Level, Place
from grid.places.redrawing import stay_as_drawn


def as_drawn(areas: Iterable[Place]) -> list[Place]:
    """The areas as they stand now; nobody redraws what lies in them until the transaction ends."""
    areas = list(areas)
    below = Place.objects.order_by().filter(parent__in=[area.pk for area in areas if area.is_street])
    communities = {area.community_id for area in areas if area.community_id}
    communities.update(below.filter(level=Level.COMMUNITY).values_list("pk", flat=True))
    for community in sorted(communities):
        stay_as_drawn(community)
    found = Place.objects.filter(pk__in=[area.pk for area in areas])
    return list(found.select_related("parent__parent__parent", "merged_into"))


def locked(notice: Notice) -> Notice:
    whole = Notice.objects.select_related("place__parent__parent", "place__merged_into")
    return whole.select_for_update(of=("self",)).get(pk=notice.pk)


def hold(rows: QuerySet) -> list[int]:
    """The keys of these rows, held in the order of their keys: two who hold several never wait for each other."""
    return list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
