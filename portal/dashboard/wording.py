"""How periods are written on a board: beside its title, below a picture, at the head of a table."""

from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.figures import periods
from portal.figures.periods import Period


def days_of(period: Period) -> str:
    """From which day to which, for whoever compares one that still runs."""
    first = date_format(period.first, "SHORT_DATE_FORMAT")
    last = date_format(period.last, "SHORT_DATE_FORMAT")
    return first if first == last else f"{first} – {last}"


def told(period: Period) -> str:
    """Its name, and its days where the name does not say them."""
    if period.kind in (periods.DAY, periods.RANGE):
        return period.label
    return f"{period.label} · {days_of(period)}"


def short(period: Period) -> str:
    """What is written below a picture."""
    match period.kind:
        case periods.DAY:
            return date_format(period.first, "MONTH_DAY_FORMAT")
        case periods.MONTH | periods.RANGE:
            return f"{period.first:%Y-%m}"
        case periods.QUARTER:
            return period.token
    return f"{period.first:%Y}"


def axis(shown: Sequence[Period]) -> str:
    """What the labels of a trend are."""
    names = {periods.DAY: _("Day"), periods.QUARTER: _("Quarter"), periods.YEAR: _("Year")}
    return names.get(shown[-1].kind, _("Month"))
