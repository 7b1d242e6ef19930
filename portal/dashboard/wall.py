"""What hangs on the wall of an office: a board cut into panels that are read at five metres."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from django.utils.translation import gettext as _

from grid.places.models import Level, Place
from grid.places.overview import BELOW
from portal.core.refusals import Text
from portal.figures.periods import Period

from .board import Board, Group, Row, board_of, trends
from .charts import Chart
from .showing import Reading

STAY = 20  # seconds that a panel is shown
TILES = 8  # key figures that fit beside each other in figures of 96 pixels
FEW = 4  # so many are drawn larger still
ROWS = 10  # places that fit below each other
COUNTS, RATES = 2, 2  # columns beside a name

T = TypeVar("T")


@dataclass(frozen=True)
class Bar:
    """One place's share of the longest bar, in hundredths."""

    place: Place
    reading: Reading
    percent: int


@dataclass(frozen=True)
class Turn:
    """What is shown at one time: figures, places side by side, bars or a chart."""

    title: Text
    template: str = ""
    figures: Sequence[Reading] = ()
    urgent: str = ""  # the key of the figure that stands out
    heads: Sequence[Reading] = ()
    rows: Sequence[Row] = ()
    bars: Sequence[Bar] = ()
    chart: Chart | None = None

    @property
    def is_few(self) -> bool:
        return len(self.figures) <= FEW


def turns_of(place: Place, period: Period) -> list[Turn]:
    """What hangs there in turn; costs the same number of queries however much lies below."""
    board = board_of(place, period, charts=False)
    found = [*_figures(board.groups[:1]), *_side_by_side(board)]
    if board.table:
        drawn = trends(place, board.table.panel, period)
        found += [Turn(chart.title, chart=replace(chart, links=())) for chart in drawn]  # nobody taps on a wall
    return [*found, *_urgent(board), *_figures(board.groups[1:])]


def _figures(groups: Iterable[Group]) -> Iterator[Turn]:
    for group in groups:
        for part in _evenly(group.readings, TILES):
            yield Turn(group.panel.title, "dashboard/wall/figures.html", figures=part, urgent=group.panel.first)


def _side_by_side(board: Board) -> Iterator[Turn]:
    """The places below in the order of their codes: nobody asked for a ranking."""
    if not board.table:
        return
    keys = _columns(board.table.total.readings, urgent=board.table.panel.first)
    heads = [board.table.total.of(key) for key in keys]
    for part in _evenly(board.table.rows, ROWS):
        rows = [Row(row.place, [row.of(key) for key in keys], "") for row in part]
        yield Turn(_title_below(board), "dashboard/wall/places.html", heads=heads, rows=rows)


def _columns(readings: Sequence[Reading], *, urgent: str) -> list[str]:
    """The first counts and the first rates; what is urgent has bars of its own."""
    others = [one for one in readings if one.figure.key != urgent]
    counts = [one.figure.key for one in others if not one.is_rate][:COUNTS]
    return [*counts, *[one.figure.key for one in others if one.is_rate][:RATES]]


def _urgent(board: Board) -> Iterator[Turn]:
    """Where that lies which stands on top of the board, for every place below that has some of it."""
    for urgent in board.urgent:
        figure = urgent.reading.figure
        shown = [(row.place, row.of(figure.key)) for row in urgent.where]
        longest = max((one.value or 0 for _place, one in shown), default=0)
        bars = [Bar(place, one, _percent(one.value or 0, longest)) for place, one in shown]
        title = _("%(figure)s: where") % {"figure": figure.label}
        for part in _evenly(bars, ROWS):
            yield Turn(title, "dashboard/wall/bars.html", bars=part)


def _title_below(board: Board) -> str:
    return _("%(places)s side by side") % {"places": BELOW[Level(board.children[0].level)]}


def _percent(value: int | Decimal, longest: int | Decimal) -> int:
    return round(100 * value / longest) if longest else 0


def _evenly(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Parts of about the same length, none longer than `most`."""
    if not items:
        return
    parts = -(-len(items) // most)
    length = -(-len(items) // parts)
    for begin in range(0, len(items), length):
        yield items[begin : begin + length]
