"""A chart is its table: what a board hands over, what stands in the page, and what the script draws from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import zip_longest

from django.utils.formats import number_format

from portal.core.refusals import Text

KINDS = ("line", "bar", "across")  # over time; side by side; side by side with long names, lying
Number = int | Decimal
NONE = "—"
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class DataLine:
    """One row of values under one name; None is "—" in the table and a gap in the drawing.

    `over` is the number each rate was counted over; it stands beside the rate. `is_before` is drawn paler: what it is
    compared with.
    """

    name: Text
    values: Sequence[Number | None]
    over: Sequence[Number | None] = ()
    is_before: bool = False


@dataclass(frozen=True)
class Cell:
    """One value as the script and as people read it."""

    value: str  # "" for none, else a plain number with a point
    text: str
    over: str = ""


@dataclass(frozen=True)
class LabelRow:
    """One label with a cell for each line; `href` leads to what stands behind it."""

    label: Text
    href: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Values under the same labels. `key` is its name in the page, `axis` heads the column of labels.

    Raises ValueError for an unknown kind and for a line that is longer or shorter than the labels.
    """

    key: str
    title: Text
    kind: str
    axis: Text
    labels: Sequence[Text]
    lines: Sequence[DataLine]
    unit: Text = ""
    links: Sequence[str] = ()  # where each label leads
    words: Text = ""  # a sentence under the heading

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.key}: a chart is one of {', '.join(KINDS)}, not {self.kind}")
        for line in self.lines:
            if len(line.values) != len(self.labels) or len(line.over) not in (0, len(self.labels)):
                raise ValueError(f"{self.key}: {line.name} does not have a value for each label")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for line in self.lines for value in line.values)

    @property
    def rows(self) -> Iterator[LabelRow]:
        """The table: a row for each label, in the order given."""
        columns = [[_cell(*pair) for pair in zip_longest(line.values, line.over)] for line in self.lines]
        for at, (label, href) in enumerate(zip_longest(self.labels, self.links, fillvalue="")):
            yield LabelRow(label, href, tuple(column[at] for column in columns))


def _cell(value: Number | None, over: Number | None) -> Cell:
    counted_over = "" if over is None else written(over)
    return Cell("" if value is None else str(value), written(value), counted_over)


def written(value: Number | None) -> str:
    """A number as people read it: a rate with one decimal place, a count with none; "—" for none."""
    if value is None:
        return NONE
    if isinstance(value, Decimal):
        return number_format(rounded(value), decimal_pos=1, force_grouping=True)
    return number_format(value, force_grouping=True)


def rounded(value: Number) -> Decimal:
    """To the decimal place that is told, half up."""
    return Decimal(value).quantize(TENTH, ROUND_HALF_UP)
