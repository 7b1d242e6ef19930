"""The forms in which an incident is put on record, and the one that confirms several."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import ServiceForm
from portal.core.layouts import Columns, Sheet, laid_out
from portal.core.personal import clean_mobile
from portal.files.forms import PhotosField

from . import services
from .fields import CategoryField, PlaceField
from .models import CategoryGroup, Incident, Severity
from .selection import nearest_place, places_to_report_at

SETTLEMENT = ("settled", "outcome", "after")


class ReportForm(ServiceForm):
    """A report from the walk: camera first, one question a screen, the building preselected."""

    creates = True
    subjects = ("user",)

    photos = PhotosField(label=_("Photo"), required=False, kind="before")
    category = CategoryField(widget=forms.RadioSelect)
    place = PlaceField(label=_("Which building?"), empty_label=None)
    location = forms.CharField(
        label=_("Where exactly?"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"placeholder": _("For example: 3rd floor, beside the lift")}),
    )
    description = forms.CharField(
        label=_("What did you see?"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    severity = forms.ChoiceField(label=_("How serious is it?"), choices=Severity, initial=Severity.GENERAL)
    settled = forms.BooleanField(label=_("I have settled it on the spot"), required=False)
    outcome = forms.CharField(
        label=_("What did you do?"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )
    after = PhotosField(label=_("Photo afterwards"), required=False, kind="after")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = places_to_report_at(self.user, "incidents.report")
        self.fields["place"].initial = nearest_place(self.user, "incidents.report")
        for name in ("photos", "after"):
            self.fields[name].uploader = self.user
        self.may_settle = self.user.has_perm("incidents.settle")
        for name in () if self.may_settle else SETTLEMENT:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        place = entered.get("place")
        if entered.get("settled") and place and not self.user.has_perm("incidents.settle", place):
            self.add_error("settled", _("You may not settle things on the spot there."))
        return entered

    def call(self, *, actor: Any) -> Incident:
        settlement = {name: self.cleaned_data.get(name) for name in SETTLEMENT}
        incident = services.report(
            actor=actor, **{name: value for name, value in self.cleaned_data.items() if name not in SETTLEMENT}
        )
        if settlement["settled"]:
            services.settle(incident, actor=actor, outcome=settlement["outcome"], photos=settlement["after"])
        return incident


class DeskForm(ServiceForm):
    """Entry at the desk on behalf of a caller or a walk-in."""

    creates = True
    subjects = ("user",)

    source = forms.ChoiceField(
        label=_("How did it come in?"),
        choices=[(s.value, s.label) for s in (Incident.Source.CALL, Incident.Source.WALK_IN)],
    )
    caller_name = forms.CharField(label=_("Caller's name"), max_length=60, required=False)
    caller_mobile = forms.CharField(
        label=_("Call-back number"),
        max_length=30,
        required=False,
        help_text=_("A mobile number, needed for a call; stored encrypted and shown masked."),
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    place = PlaceField(label=_("Where?"), empty_label=_("Choose a place"))
    location = forms.CharField(label=_("Where exactly?"), max_length=100, required=False)
    category = CategoryField(empty_label=_("Choose a category"))
    severity = forms.ChoiceField(label=_("How serious is it?"), choices=Severity, initial=Severity.GENERAL)
    description = forms.CharField(label=_("What did they say?"), max_length=1000, widget=forms.Textarea({"rows": 4}))
    photos = PhotosField(label=_("Photos"), required=False, kind="before")

    helper = laid_out(
        "idempotency_key",
        Columns(
            Sheet(_("Who"), "source", "caller_name", "caller_mobile"),
            Sheet(_("What and where"), "category", "severity", "place", "location"),
        ),
        Sheet(_("What they said"), "description", "photos"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = places_to_report_at(self.user, "incidents.enter")
        self.fields["photos"].uploader = self.user

    def clean_caller_mobile(self) -> str:
        mobile = self.cleaned_data["caller_mobile"]
        return clean_mobile(mobile) if mobile else ""

    def call(self, *, actor: Any) -> Incident:
        return services.report(actor=actor, **self.cleaned_data)


class ConfirmForm(ServiceForm):
    """Several results confirmed and closed at once; one that is refused is named and holds none of the others up."""

    subjects = ("incidents",)

    def call(self, *, actor: Any) -> dict[Incident, str]:
        return services.close_several(self.incidents, actor=actor)


def category_icons() -> dict[str, str]:
    """Group name → icon, for the tiles."""
    return {str(group): group.icon for group in CategoryGroup.objects.all()}
