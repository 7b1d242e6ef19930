"""Looking at a result: confirmed, sent back, closed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents import services, workflow
from grid.incidents.models import Incident, Resolution
from grid.incidents.rules import is_involved

from .base import MoveForm, words


class VerifyForm(MoveForm):
    slug, move, permission, icon = "verify", workflow.VERIFY, "incidents.verify", "eye"
    title, done = _("Verify"), _("Verified. The committee can close it.")

    note = words(_("What you saw"))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        waits = incident.verified_by_id is None and not is_involved(user, incident)
        return waits and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.verify(self.incident, actor=actor, **self.cleaned_data)


class ReworkForm(MoveForm):
    slug, move, permission, icon = "rework", workflow.REWORK, "incidents.rework", "arrow-counterclockwise"
    title, done = _("Send back for rework"), _("Sent back.")

    note = words(_("What is not right yet?"), required=True)

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return not is_involved(user, incident) and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.rework(self.incident, actor=actor, **self.cleaned_data)


class CloseForm(MoveForm):
    slug, move, permission, icon = "close", workflow.CLOSE, "incidents.close", "archive"
    title, done = _("Close"), _("The incident is closed.")

    resolution = forms.ChoiceField(
        label=_("Is the problem solved?"), choices=Resolution, initial=Resolution.SOLVED, widget=forms.RadioSelect
    )
    note = words(_("What you saw"))

    field_order = ("resolution", "note")

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        verified = (
            incident.verified_by_id is not None
            or incident.resident_confirmed_at is not None
            or not is_involved(user, incident)
        )
        return verified and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.close(self.incident, actor=actor, **self.cleaned_data)
