"""A figure explained: how it is counted, out of what, where below it comes from, and which records it counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from grid.places.models import Level, Place
from portal.core.boards import Line, Lines, Shown, lines_of, panels
from portal.core.clock import today
from portal.core.refusals import Text
from portal.figures.periods import Period
from portal.figures.reading import Value, records, series
from portal.figures.registry import AnyFigure, Distinct, Flow, Ratio, Score, Stock, figures

from .board import Row, below, figure_url
from .charts import Chart, Number
from .choosing import recent
from .drawing import over_time
from .showing import Reading, hide_small_groups, read_as


@dataclass(frozen=True)
class Part:
    """One number that goes into a figure: how it weighs, and what it comes to."""

    label: Text
    weight: str
    text: str
    url: str
    is_whole: bool = False
    value: Number | None = None  # what may be told of it


@dataclass(frozen=True)
class Explained:
    """Everything on the page of a figure but its records; the same number of queries whatever lies below."""

    figure: AnyFigure
    reading: Reading
    parts: list[Part]
    rows: list[Row]
    chart: Chart


def explain(place: Place, figure: AnyFigure, period: Period) -> Explained:
    """One figure at one place in a period, and at each place right below."""
    children, before = below(place, period), period.before()
    keys = list(dict.fromkeys([figure.key, *figure.parts]))
    periods = recent(period)
    values = series([place, *children], keys, list(dict.fromkeys([before, period, *periods])))  # few keys: asked once
    shown = shown_of(figure.key)

    def reading(at: Place) -> Reading:
        now, then = (values.get((at.pk, one, figure.key)) for one in (period, before))
        return read_as(figure, now, then, shown=shown, url=figure_url(at, figure.key, period), period=period)

    here = reading(place)
    readings = hide_small_groups(reading(child) for child in children)
    rows = [Row(child, [one], one.url) for child, one in zip(children, readings, strict=True)]
    links = [figure_url(place, figure.key, one) for one in periods]
    chart = over_time(figure, place, periods, values, links)
    parts = [] if here.is_hidden else _parts(figure, place, period, values)
    return Explained(figure, here, parts, rows, chart)


def shown_of(key: str) -> Shown | None:
    """How the boards show a figure; None for one that stands on none."""
    return next((shown for panel in panels for shown in panel.figures if shown.key == key), None)


@dataclass(frozen=True)
class Behind:
    """The records that a figure counts, as a reader may see them.

    `why` says why there are none to see, `note` why there may be more or fewer of them than the figure says.
    """

    rows: QuerySet | None
    lines: Lines | None
    why: str = ""
    note: str = ""


def behind(explained: Explained, place: Place, period: Period, user: Any) -> Behind:
    """The records behind a figure, newest first; those of people only for whoever may see them, and never of a few."""
    figure = explained.figure
    if isinstance(figure, Score):
        return Behind(None, None, _("It is worked out of other figures: the records stand behind those."))
    if figure.permission and not user.has_perm(figure.permission, place):
        return Behind(None, None, _("You may see the number, but not the records behind it."))
    if explained.reading.is_hidden:
        return Behind(None, None, _("So few people could be recognised: neither the number nor the people are shown."))
    found: Any = records(figure.key, place, period.first, period.last)
    lines = None if found is None else lines_of(found.model)
    if lines is None or not hasattr(found, "visible_to"):  # whose territory it is has to be known
        return Behind(None, None, _("There are no single records to show."))
    if place.level < Level.COMMUNITY:
        lines = replace(lines, line=_with_community(lines.line))
    return Behind(lines.prepare(_in_order(figure, found.visible_to(user), lines)), lines, note=_note(figure, period))


def _note(figure: AnyFigure, period: Period) -> str:
    if isinstance(figure, Distinct):
        return _("Each is counted once, however many of these records are theirs.")
    if isinstance(figure, Stock) and period.last < today():
        return _("The number is what was known when that day ended; the list is what is known of that day now.")
    return ""


def _with_community(line: Callable[[Any], Line]) -> Callable[[Any], Line]:
    """Above the communities a record names its own first: places below are called alike everywhere."""

    def told(record: Any) -> Line:
        one = line(record)
        return replace(one, meta=f"{one.community} · {one.meta}".strip(" ·")) if one.community else one

    return told


def _in_order(figure: AnyFigure, found: QuerySet, lines: Lines) -> QuerySet:
    if isinstance(figure, Ratio):
        return _in_order(figures.items[figure.over], found, lines)
    if isinstance(figure, Flow | Distinct):
        return found.order_by(f"-{figure.moment}", "-pk")
    return found.order_by(*lines.order)


def _parts(figure: AnyFigure, place: Place, period: Period, values: dict[tuple[int, Period, str], Value]) -> list[Part]:
    def part(key: str, weight: Decimal | int, *, is_whole: bool = False) -> Part:
        one = figures.items[key]
        value = read_as(one, values.get((place.pk, period, key)), None, shown=None, url="")
        weighs = "" if weight == 1 else f"{written_weight(weight)} × "
        return Part(one.label, weighs, value.text, figure_url(place, key, period), is_whole, value.value)

    if isinstance(figure, Ratio):
        return [*(part(key, weight) for weight, key in figure.of), part(figure.over, 1, is_whole=True)]
    if isinstance(figure, Score):
        return [part(key, weight) for weight, key in figure.of]
    return []


def written_weight(weight: Decimal | int) -> str:
    """0.9 as it stands in the rule: never rounded."""
    return f"{weight:f}" if isinstance(weight, Decimal) else str(weight)
