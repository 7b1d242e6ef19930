"""How a place reads where it stands behind a figure."""

from portal.core import boards
from portal.core.boards import Line, Lines

from .models import Level, Place


def _line(place: Place) -> Line:
    above = place.parent.name if place.parent else ""
    community = place.community if place.is_building_group else None  # a grid's parent is the community
    tag = Level(place.level).label
    return Line(title=place.name, url=place.get_absolute_url(), meta=above, tag=tag, community=community)


boards.lines.add(
    "places.Place", Lines(lambda places: places.select_related("parent", "community"), _line, order=("code",))
)
