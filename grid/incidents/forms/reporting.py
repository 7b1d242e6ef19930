"""The forms in which an incident is put on record, and the one that confirms several."""

from typing import Any

from crispy_forms.layout import HTML, Div
from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents import services
from grid.incidents.fields import CategoryField, PlaceField
from grid.incidents.flats import FlatField, the_flat
from grid.incidents.models import CategoryGroup, Incident, Severity
from grid.incidents.selection import nearest_place, places_to_report_at
from grid.incidents.similar import Similar, similar_to
from grid.places.territory import territory_of
from portal.core.forms import ServiceForm
from portal.core.layouts import Columns, Sheet, laid_out
from portal.core.personal import clean_mobile
from portal.core.refusals import Reason, Refused
from portal.files.forms import PhotosField

SUGGESTIONS = HTML('{% include "incidents/suggest_box.html" %}')
SETTLEMENT = ("settled", "outcome", "after")


class ReportForm(ServiceForm):
    """A report from the walk: camera first, one question a screen, the building preselected.

    When others seem to have reported the same, it comes back once with what they reported, and `anyway` to be ticked. A
    phone that has shown them already, or that was without a line, sends the tick along.
    """

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
    flat = FlatField()
    description = forms.CharField(
        label=_("What did you see?"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    severity = forms.ChoiceField(label=_("How serious is it?"), choices=Severity, initial=Severity.GENERAL)
    settled = forms.BooleanField(label=_("I have settled it on the spot"), required=False)
    outcome = forms.CharField(
        label=_("What did you do?"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )
    after = PhotosField(label=_("Photo afterwards"), required=False, kind="after")
    anyway = forms.BooleanField(label=_("It is something else: report it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.similar: list[Similar] = []
        self.fields["category"].offer(territory_of(self.user).streets)
        self.fields["place"].queryset = places_to_report_at(self.user, "incidents.report")
        if not self.is_bound:
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
        return _with_household(self, entered)

    def call(self, *, actor: Any) -> Incident:
        entered = dict(self.cleaned_data)
        settlement = {name: entered.pop(name, None) for name in SETTLEMENT}
        if not entered.pop("anyway"):
            self._look_for_the_same(entered)
        incident = services.report(actor=actor, **entered)
        if settlement["settled"]:
            services.settle(incident, actor=actor, outcome=settlement["outcome"], photos=settlement["after"])
        return incident

    def _look_for_the_same(self, entered: dict[str, Any]) -> None:
        """Raises Refused when others seem to have reported it; asked only of a key that has not been used yet."""
        found = similar_to(
            self.user, place=entered["place"], category=entered["category"], words=entered["description"]
        )
        if any(not one.mine for one in found):
            self.similar = found
            raise Refused(Reason(_("Somebody may have reported this already: look below."), "anyway"))


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
    flat = FlatField()
    category = CategoryField(empty_label=_("Choose a category"))
    severity = forms.ChoiceField(label=_("How serious is it?"), choices=Severity, initial=Severity.GENERAL)
    is_emergency = forms.BooleanField(
        label=_("Emergency"),
        required=False,
        help_text=_("Everybody above is told at once, and it is opened as a case without waiting."),
    )
    description = forms.CharField(label=_("What did they say?"), max_length=1000, widget=forms.Textarea({"rows": 4}))
    photos = PhotosField(label=_("Photos"), required=False, kind="before")

    helper = laid_out(
        "idempotency_key",
        Columns(
            Div(
                Sheet(_("Who"), "source", "caller_name", "caller_mobile"),
                Sheet(_("Where"), "place", "location", "flat"),
                css_class="stack",
            ),
            Sheet(_("What they said"), "description", SUGGESTIONS, "category", "severity", "is_emergency", "photos"),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].offer(territory_of(self.user).streets)
        self.fields["place"].queryset = places_to_report_at(self.user, "incidents.enter")
        self.fields["photos"].uploader = self.user

    def clean_caller_mobile(self) -> str:
        mobile = self.cleaned_data["caller_mobile"]
        return clean_mobile(mobile) if mobile else ""

    def clean(self) -> dict[str, Any]:
        return _with_household(self, super().clean() or {})

    def call(self, *, actor: Any) -> Incident:
        entered = dict(self.cleaned_data)
        if entered.pop("is_emergency"):
            del entered["severity"]  # an emergency is urgent
            return services.raise_emergency(actor=actor, **entered)
        return services.report(actor=actor, **entered)


class SimilarForm(forms.Form):
    """What is known so far of a report that is being written."""

    category = CategoryField()
    place = PlaceField()
    description = forms.CharField(max_length=1000, required=False)

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data)
        self.user = user
        self.fields["category"].offer(territory_of(user).streets)
        self.fields["place"].queryset = places_to_report_at(user, "incidents.report")

    def found(self) -> list[Similar]:
        """What may be the same; nothing while it is not known what and where."""
        if not self.is_valid():
            return []
        entered = self.cleaned_data
        return similar_to(self.user, place=entered["place"], category=entered["category"], words=entered["description"])


def category_icons() -> dict[str, str]:
    """Group name → icon, for the tiles."""
    return {str(group): group.icon for group in CategoryGroup.objects.all()}


def _with_household(form: ServiceForm, entered: dict[str, Any]) -> dict[str, Any]:
    """What was entered, with the household that the flat's address means in place of the address."""
    flat, place = entered.pop("flat", ""), entered.get("place")
    entered["household"] = None
    if flat and place:
        try:
            entered["household"] = the_flat(place, flat)
        except forms.ValidationError as error:
            form.add_error("flat", error)
    return entered
