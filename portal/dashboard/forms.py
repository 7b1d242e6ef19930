"""Any days one likes: from, to; one day alone is a day."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.clock import today
from portal.core.widgets import DayInput
from portal.figures import periods
from portal.figures.periods import EARLIEST, Period

from .choosing import MOST_DAYS, STAYS


class PeriodForm(forms.Form):
    """What is chosen becomes the token of a period in the address."""

    since = forms.DateField(label=gettext_lazy("From"), widget=DayInput())
    until = forms.DateField(label=gettext_lazy("To"), widget=DayInput())

    @classmethod
    def of(cls, query: QueryDict, period: Period) -> "PeriodForm":
        """Filled with what an address asks for, else with the days of the period one looks at."""
        if any(name in query for name in cls.base_fields):
            return cls(query)
        return cls(initial={"since": period.first, "until": period.last})

    @property
    def status(self) -> int:
        return 422 if self.is_bound and self.errors else 200

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since: date | None = cleaned.get("since")
        until: date | None = cleaned.get("until")
        if since and until:
            if since > until:
                self.add_error("until", _("The last day is before the first."))
            if since > today():
                self.add_error("since", _("That day has not come yet."))
            if since < EARLIEST:
                self.add_error("since", _("Nothing is on record from so long ago."))
            elif (until - since).days > MOST_DAYS:
                self.add_error("since", _("Choose no more than five years."))
        return cleaned

    def query(self, asked: QueryDict) -> str:
        """The address with the period in it, and what else of it stays."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        found = QueryDict(mutable=True)
        found["period"] = _named(since, until).token
        for name in STAYS:
            if asked.get(name):
                found[name] = asked[name]
        return found.urlencode()


def _named(first: date, last: date) -> Period:
    """The day, month, quarter or year that begins and ends with these days, so that the one before is its like."""
    named = (periods.whole(kind, first) for kind in (periods.DAY, periods.MONTH, periods.QUARTER, periods.YEAR))
    return next((one for one in named if (one.first, one.last) == (first, last)), Period(periods.RANGE, first, last))
