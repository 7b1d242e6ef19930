"""What a board draws: its figures over time, and the places below side by side."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from grid.places.models import Place
from portal.core.boards import Trend
from portal.figures.periods import Period
from portal.figures.reading import Value
from portal.figures.registry import AnyFigure, figures

from .charts import Chart, DataLine
from .showing import Reading, read_as
from .wording import axis, short

if TYPE_CHECKING:
    from .board import Table

LEAST_BARS = 2  # fewer that say anything are not worth a picture


def trend_of(
    trend: Trend,
    place: Place,
    shown: Sequence[Period],
    values: Mapping[tuple[int, Period, str], Value],
    links: Sequence[str] = (),
) -> Chart:
    """The figures of a trend over periods; where there were too few for a rate, the line has a gap.

    `links` are the pages of these periods.
    """
    known = [key for key in trend.figures if key in figures.items]
    lines = [line_of([_reading(key, values.get((place.pk, period, key))) for period in shown]) for key in known]
    return Chart(
        key=trend.key,
        title=trend.title,
        kind="line",
        axis=axis(shown),
        labels=[short(period) for period in shown],
        lines=lines,
        unit=figures.items[known[0]].unit,
        links=links,
    )


def over_time(
    figure: AnyFigure,
    place: Place,
    shown: Sequence[Period],
    values: Mapping[tuple[int, Period, str], Value],
    links: Sequence[str] = (),
) -> Chart:
    """One figure over periods."""
    trend = Trend("over_time", _("%(figure)s over time") % {"figure": figure.label}, (figure.key,))
    return trend_of(trend, place, shown, values, links)


def side_by_side(table: "Table", sort: str, period: Period) -> list[Chart]:
    """The places below under the figure by which they are ordered, else under the one that the panel names."""
    if not table.columns:
        return []
    keys = [column.key for column in table.columns]
    key = sort.removeprefix("-") if table.is_sorted else table.panel.beside
    key = key if key in keys else keys[0]
    figure = figures.items[key]
    readings = [row.of(key) for row in table.rows]
    if sum(one.is_ranked for one in readings) < LEAST_BARS:
        return []
    lines = [line_of(readings)]
    before = [one.told_before.value for one in readings]
    if readings[0].is_compared and any(value is not None for value in before):
        lines.append(DataLine(_("Period before"), before, is_before=True))
    return [
        Chart(
            key="beside",
            title=_("%(figure)s, side by side") % {"figure": figure.label},
            kind="across",
            axis=_("Place"),
            labels=[row.place.name for row in table.rows],
            lines=lines,
            unit=figure.unit,
            links=[row.url for row in table.rows],
            words=period.label,
        )
    ]


def line_of(readings: Sequence[Reading]) -> DataLine:
    """One figure as a line: only what may be told, a rate with what it was counted over."""
    first = readings[0]
    over = [one.n for one in readings] if first.is_rate else ()
    return DataLine(first.figure.label, [one.value for one in readings], over=over)


def _reading(key: str, value: Value | None) -> Reading:
    return read_as(figures.items[key], value, None, shown=None, url="")
