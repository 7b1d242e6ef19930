"""A board: how a place stands in a period, beside the period before, and beside each other all that lies below it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property

from grid.places.models import Level, Place, PlaceSpan
from portal.core.boards import Panel, Shown, panels
from portal.core.refusals import Text
from portal.figures.periods import Period
from portal.figures.reading import Value, series
from portal.figures.registry import figures, is_of_people

from .charts import Chart
from .choosing import recent
from .drawing import side_by_side, trend_of
from .showing import Reading, hide_small_groups, read_as

Values = dict[tuple[int, Period, str], Value]


@dataclass(frozen=True)
class Column:
    """A figure over the table; `sort` is the order that its heading leads to, `order` the one it stands in."""

    label: Text
    unit: Text
    key: str
    sort: str
    order: str = ""  # ascending, descending


@dataclass(frozen=True)
class Row:
    """One place beside the others."""

    place: Place
    readings: list[Reading]
    url: str

    def of(self, key: str) -> Reading:
        return next(one for one in self.readings if one.figure.key == key)


@dataclass(frozen=True)
class Table:
    """The places below, side by side under the figures of a panel; `total` is the place itself."""

    panel: Panel
    columns: list[Column]
    rows: list[Row]
    total: Row
    sort: str = ""

    @property
    def is_sorted(self) -> bool:
        return bool(self.sort)


@dataclass(frozen=True)
class Group:
    """The figures of one panel at the place itself."""

    panel: Panel
    readings: list[Reading]
    is_chosen: bool


@dataclass(frozen=True)
class Urgent:
    """What stands on top of a board, and the places below that have some of it."""

    reading: Reading
    where: list[Row]


@dataclass(frozen=True)
class Board:
    """Everything on one board; costs the same number of queries however much lies below."""

    place: Place
    period: Period
    before: Period
    children: list[Place]
    groups: list[Group]
    table: Table | None
    urgent: list[Urgent]
    charts: list[Chart]

    @cached_property
    def level(self) -> Text:
        return Level(self.place.level).label


def board_of(place: Place, period: Period, *, panel: str = "", sort: str = "", charts: bool = True) -> Board:
    """Look at a place in a period; `panel` names the figures that its table shows, `sort` a key, with "-" upwards."""
    offered = _offered(place)
    chosen = next((one for one in offered if one.key == panel), offered[0] if offered else None)
    children = below(place, period)
    before = period.before()
    keys = list(dict.fromkeys(shown.key for one in offered for shown in one.figures))
    values = series([place, *children], keys, [before, period]) if keys else {}
    reader = _Reader(values, period, before)
    table = reader.table(chosen, place, children, sort) if chosen else None
    drawn: list[Chart] = []
    if charts and chosen and table:
        drawn = [*trends(place, chosen, period, values), *side_by_side(table, sort, period)]
    return Board(
        place,
        period,
        before,
        children,
        [Group(one, reader.readings(one, place), one is chosen) for one in offered],
        table,
        list(reader.urgent(offered, place, children)),
        drawn,
    )


def below(place: Place, period: Period) -> list[Place]:
    """The places right below, as they stood in the period, in the order of their codes; closed ones of then as well."""
    if place.is_building_group:
        return []
    stood = Q(until=None) | Q(until__gt=period.first)
    then = PlaceSpan.objects.order_by().filter(stood, parent=place, since__lte=period.last).values_list("place")
    now = Place.objects.order_by().filter(parent=place, closed_on=None).values_list("pk")
    found = list(Place.objects.filter(pk__in=then.union(now)).order_by("code"))  # each by its index
    for one in found:
        if one.parent_id == place.pk:
            one.parent = place
    return found


def board_url(place: Place, period: Period, **query: str) -> str:
    return reverse("dashboard:board", args=[place.pk], query=_query(period, **query))


def figure_url(place: Place, key: str, period: Period) -> str:
    return reverse("dashboard:figure", args=[place.pk, key], query=_query(period))


def trends(place: Place, panel: Panel, period: Period, known: Values | None = None) -> list[Chart]:
    """What the panel draws over time, at this place; all of it out of one look at the stored days."""
    keys = [key for trend in panel.trends for key in trend.figures if key in figures.items]
    if not keys:
        return []
    shown = recent(period)
    values = over_periods(place, list(dict.fromkeys(keys)), shown, known or {})
    links = [board_url(place, one, panel=panel.key) for one in shown]
    return [trend_of(trend, place, shown, values, links) for trend in panel.trends if set(trend.figures) & set(keys)]


def over_periods(place: Place, keys: list[str], shown: list[Period], known: Values) -> Values:
    """Figures of a place over periods. What is known of the last is not asked again: it is the one that still runs."""
    *others, last = shown
    if any((place.pk, last, key) not in known for key in keys):
        return series([place], keys, shown)
    found = series([place], keys, others) if others else {}
    return found | {(place.pk, last, key): known[place.pk, last, key] for key in keys}


def _query(period: Period, **more: str) -> dict[str, str]:
    return {"period": period.token, **{name: value for name, value in more.items() if value}}


def _offered(place: Place) -> list[Panel]:
    """The panels that have figures, in order: an app that is not there leaves nothing behind."""
    found = []
    for panel in sorted(panels, key=lambda one: one.order):
        known = tuple(one for one in panel.figures if one.key in figures.items and one.suits(place.level))
        if known:
            found.append(replace(panel, figures=known))
    return found


class _Reader:
    """The values of a board as its parts ask for them."""

    def __init__(self, values: Values, period: Period, before: Period) -> None:
        self.values, self.period, self.before = values, period, before

    def reading(self, shown: Shown, place: Place) -> Reading:
        now = self.values.get((place.pk, self.period, shown.key))
        then = self.values.get((place.pk, self.before, shown.key))
        url = figure_url(place, shown.key, self.period)
        return read_as(figures.items[shown.key], now, then, shown=shown, url=url, period=self.period)

    def readings(self, panel: Panel, place: Place) -> list[Reading]:
        return [self.reading(shown, place) for shown in panel.figures]

    def row(self, panel: Panel, place: Place) -> Row:
        return Row(place, self.readings(panel, place), board_url(place, self.period, panel=panel.key))

    def table(self, panel: Panel, place: Place, children: Sequence[Place], sort: str) -> Table:
        panel = replace(panel, figures=tuple(one for one in panel.figures if one.suits(place.level + 1)))
        by = [hide_small_groups(self.reading(shown, child) for child in children) for shown in panel.figures]
        rows = [
            Row(child, [column[at] for column in by], board_url(child, self.period, panel=panel.key))
            for at, child in enumerate(children)
        ]
        key, is_upward = sort.removeprefix("-"), sort.startswith("-")
        if key not in {shown.key for shown in panel.figures}:
            sort = key = ""
        columns = [_column(shown.key, sort) for shown in panel.figures]
        if key:
            rows = ordered(rows, key, upwards=is_upward)
        return Table(panel, columns, rows, self.row(panel, place), sort)

    def urgent(self, offered: Iterable[Panel], place: Place, children: Sequence[Place]) -> Iterator[Urgent]:
        """What each panel puts on top. Raises ValueError for people: a few of them would stand there by their place."""
        for panel in offered:
            shown = next((one for one in panel.figures if one.key == panel.first), None)
            if shown is None:
                continue
            if is_of_people(figures.items[shown.key]):
                raise ValueError(f"{panel.key}: {shown.key} counts people and cannot stand on top")
            there = [self.reading(shown, child) for child in children]
            where = [Row(child, [one], one.url) for child, one in zip(children, there, strict=True) if one.value]
            yield Urgent(self.reading(shown, place), where)


def ordered(rows: Sequence[Row], key: str, *, upwards: bool) -> list[Row]:
    """By a figure, because a reader asked for it; what says too little for an order stands last, by its code."""
    ranked = [row for row in rows if row.of(key).is_ranked]
    ranked.sort(key=lambda row: row.of(key).value or 0, reverse=not upwards)
    return [*ranked, *(row for row in rows if not row.of(key).is_ranked)]


def _column(key: str, sort: str) -> Column:
    """A click puts the largest first, the next the smallest, the third the codes again."""
    figure = figures.items[key]
    following = {key: f"-{key}", f"-{key}": ""}.get(sort, key)
    order = {key: "descending", f"-{key}": "ascending"}.get(sort, "")
    return Column(figure.label, figure.unit, key, following, order)
