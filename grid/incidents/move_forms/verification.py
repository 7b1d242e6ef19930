"""Looking at a result: confirmed on site or by a resident, sent back, closed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents import services, workflow
from grid.incidents.models import AnswerTemplate, Incident, Resolution
from grid.incidents.rules import is_involved
from grid.incidents.services.verification import households_at
from grid.roster.models import Household
from portal.files.forms import PhotosField

from .base import MoveForm, words
from .prepared import Prepared

YES_NO = {"yes": "check-circle", "no": "x-circle"}
IS_THERE = {"yes": _("Yes, it is done"), "no": _("No, not yet")}


def is_there(label: Any) -> forms.TypedChoiceField:
    """Whether the result is there: nothing is chosen beforehand."""
    return forms.TypedChoiceField(
        label=label, choices=list(IS_THERE.items()), coerce=lambda value: value == "yes", widget=forms.RadioSelect
    )


class HouseholdField(forms.ModelChoiceField):
    """A flat of the building in which it happened; the form sets the `queryset`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Household.objects.none(), **kwargs)


def offer_households(form: forms.Form, incident: Incident) -> None:
    """Offer the flats whose residents may be asked, one of which is then needed; no field where there are none."""
    flats = households_at(incident)
    if flats.exists():
        form.fields["household"].queryset = flats
        form.fields["household"].required = True
    else:
        del form.fields["household"]


class VerifyForm(MoveForm):
    slug, move, permission, icon = "verify", workflow.VERIFY, "incidents.verify", "eye"
    title, done = _("Verify"), _("Your look is on record.")
    icons = YES_NO

    is_confirmed = is_there(_("Have you seen that it is done?"))
    note = words(_("What you saw"))
    photos = PhotosField(label=_("Photo of what you saw"), required=False, kind="photo")

    field_order = ("is_confirmed", "note", "photos")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photos"].uploader = self.user

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        waits = incident.verified_by_id is None and not is_involved(user, incident)
        return waits and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.verify(self.incident, actor=actor, **self.cleaned_data)


class ConfirmAtDoorForm(MoveForm):
    slug, move, permission, icon = "confirm-at-door", workflow.VERIFY, "incidents.confirm", "chat-dots"
    title, done = _("Ask a resident"), _("What the resident says is on record.")
    icons = YES_NO

    household = HouseholdField(label=_("Who says so? Choose the flat."), required=False, empty_label=_("Choose a flat"))
    is_confirmed = is_there(_("Does the resident say that it is done?"))
    note = words(_("What the resident says"))

    field_order = ("household", "is_confirmed", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_households(self, self.incident)

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        waits = incident.resident_confirmed_at is None and not is_involved(user, incident)
        return waits and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.confirm_at_door(self.incident, actor=actor, **self.cleaned_data)


class ReworkForm(MoveForm):
    slug, move, permission, icon = "rework", workflow.REWORK, "incidents.rework", "arrow-counterclockwise"
    title, done = _("Send back for rework"), _("Sent back.")

    note = words(_("What is not right yet?"), required=True)

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return not is_involved(user, incident) and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.rework(self.incident, actor=actor, **self.cleaned_data)


class CloseForm(Prepared, MoveForm):
    use = AnswerTemplate.Use.CLOSE
    slug, move, permission, icon = "close", workflow.CLOSE, "incidents.close", "archive"
    title, done = _("Close"), _("The incident is closed.")

    resolution = forms.ChoiceField(
        label=_("Is the problem solved?"), choices=Resolution, initial=Resolution.SOLVED, widget=forms.RadioSelect
    )
    note = words(_("What you saw, or how it stands. The reporter reads this."))

    field_order = ("resolution", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].help_text = _("Needed unless the problem is solved.")

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        verified = incident.is_confirmed or not is_involved(user, incident)
        return verified and not incident.waits_for_look and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.close(self.incident, actor=actor, **self.cleaned_data)
