from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.forms import ServiceForm
from portal.core.widgets import DayInput
from portal.jobs import services as jobs

from .periods import EARLIEST
from .progress import last_settled_day

MOST_DAYS = 366


class RecountForm(ServiceForm):
    """From which day to which the figures are counted anew, by a job."""

    creates = True
    subjects = ("place",)

    first = forms.DateField(label=gettext_lazy("From"), widget=DayInput())
    last = forms.DateField(label=gettext_lazy("To"), widget=DayInput())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if last and last > last_settled_day():
            self.add_error("last", _("Today is always counted live: choose a day before it."))
        if first and first < EARLIEST:
            self.add_error("first", _("Nothing is on record from so long ago."))
        if first and last and first > last:
            self.add_error("last", _("The last day comes before the first."))
        if first and last and (last - first).days >= MOST_DAYS:
            self.add_error("first", _("At most %(most)d days at once.") % {"most": MOST_DAYS})
        return cleaned

    def call(self, *, actor: Any) -> Any:
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        words = {"first": date_format(first, "DATE_FORMAT"), "last": date_format(last, "DATE_FORMAT")}
        return jobs.start(
            "figures.recount",
            owner=actor,
            title=_("Figures from %(first)s to %(last)s") % words,
            payload={"place": self.place.pk, "first": first.isoformat(), "last": last.isoformat()},
            total=(last - first).days + 1,
        )

    @staticmethod
    def usual() -> dict[str, date]:
        """The last thirty days that are over."""
        last = last_settled_day()
        return {"first": last - timedelta(days=29), "last": last}
