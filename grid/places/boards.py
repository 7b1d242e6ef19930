"""How a place reads where it stands behind a figure."""

from portal.core import boards
from portal.core.boards import Line, Lines

from .models import Level, Place


def _line(place: Place) -> Line:
    above = place.parent.name if place.parent else ""
    return Line(title=place.name, url=place.get_absolute_url(), meta=above, tag=Level(place.level).label)


boards.lines.add("places.Place", Lines(lambda places: places.select_related("parent"), _line, order=("code",)))
