from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import ServiceForm
from portal.core.widgets import DayInput

from . import services
from .models import CalendarYear, SpecialDay

DAY_OFF, WORKING, MORNING = "off", "work", "morning"
KINDS = [
    (DAY_OFF, _("Day off")),
    (WORKING, _("Make-up working day (a weekend day that is worked)")),
    (MORNING, _("Half a day: only the morning is worked, until 12:00")),
]


def kind_of(special: SpecialDay) -> str:
    """Which of the kinds a special day is."""
    if special.morning_only:
        return MORNING
    return WORKING if special.is_working else DAY_OFF


def _kind() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("What it is"), choices=KINDS, widget=forms.RadioSelect)


class _DayForm(ServiceForm):
    """Says of days what they are; the services hear it as two facts."""

    def entered(self) -> dict[str, Any]:
        kind = self.cleaned_data["is_working"]
        return {**self.cleaned_data, "is_working": kind != DAY_OFF, "morning_only": kind == MORNING}


def _name() -> forms.CharField:
    return forms.CharField(
        label=_("Holiday"),
        max_length=SpecialDay._meta.get_field("name").max_length,
        help_text=_("The holiday it belongs to, as in the notice."),
    )


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput(), **kwargs)


class AddDaysForm(_DayForm):
    """One day, or every day of a holiday at once."""

    creates = True

    first = _day(_("First day"))
    last = _day(_("Last day"), required=False, help_text=_("Leave it empty for a single day."))
    is_working = _kind()
    name = _name()

    def call(self, *, actor: Any) -> SpecialDay:
        return services.add_days(**self.entered(), actor=actor)[0]


class ChangeDayForm(_DayForm):
    """What a special day is, and its name."""

    subjects = ("special",)
    special: SpecialDay

    is_working = _kind()
    name = _name()

    def call(self, *, actor: Any) -> SpecialDay:
        return services.change_day(self.special, **self.entered(), actor=actor)


class DeclareForm(ServiceForm):
    """The document after which a year is complete."""

    subjects = ("year",)
    year: int

    source = forms.CharField(
        label=_("Document number"),
        max_length=CalendarYear._meta.get_field("source").max_length,
        help_text=_("The number of the State Council's notice, for example 国办发明电〔2025〕7号."),
    )

    def call(self, *, actor: Any) -> CalendarYear:
        return services.declare(self.year, **self.cleaned_data, actor=actor)


class WithdrawForm(ServiceForm):
    """A year was declared complete by mistake."""

    subjects = ("year",)
    year: int

    def call(self, *, actor: Any) -> None:
        services.withdraw(self.year, actor=actor)
