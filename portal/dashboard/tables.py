"""The table of a board as a spreadsheet: what the screen shows, and no number that it does not."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from .board import Row, Table
from .charts import TENTH
from .showing import Reading


def header(table: Table) -> list[str]:
    """The head of the table: each figure, what a rate was counted over, and the period before."""
    found = [_("Place"), _("Division code")]
    for reading in table.total.readings:
        unit = f" ({reading.figure.unit})" if reading.figure.unit else ""
        when = f" · {_('as of last night')}" if reading.now.as_of else ""
        found.append(f"{reading.figure.label}{unit}{when}")
        if reading.is_rate:
            found.append(f"{reading.figure.label} · n")
        found.append(f"{reading.figure.label} · {_('Period before')}")
    return found


def rows(table: Table) -> Iterator[list[Any]]:
    """The places in the order of the screen, the place itself last."""
    for row in table.rows:
        yield [row.place.name, row.place.code, *_cells(row)]
    yield [_("%(name)s in all") % {"name": table.total.place.name}, table.total.place.code, *_cells(table.total)]


def _cells(row: Row) -> Iterator[Any]:
    for reading in row.readings:
        yield _number(reading)
        if reading.is_rate:
            yield reading.n
        yield _number(reading.told_before)


def _number(reading: Reading) -> Any:
    if reading.is_hidden:
        return reading.text
    value = reading.value
    return value.quantize(TENTH, ROUND_HALF_UP) if isinstance(value, Decimal) else value
