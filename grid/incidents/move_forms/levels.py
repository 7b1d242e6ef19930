"""Up the levels, across to a colleague, on site, and out of the way."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents import services, workflow
from grid.incidents.models import Incident, Tier
from grid.incidents.rules import is_assignee, is_its_desk, looks_after_its_level
from grid.incidents.selection import colleagues_of

from .asking import chosen_from, people_of
from .base import MoveForm, words


class EscalateForm(MoveForm):
    slug, move, permission, icon = "escalate", workflow.ESCALATE, "incidents.escalate", "upload"
    title, done = _("Pass it up"), _("Passed up to the next level.")

    note = words(_("Why does it take the next level?"), required=True)

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        if incident.level in (Tier.STREET, Tier.DEPARTMENT) or not super().is_offered(incident, user):
            return False
        return is_assignee(user, incident) or looks_after_its_level(user, incident)

    def call(self, *, actor: Any) -> Incident:
        return services.escalate(self.incident, actor=actor, **self.cleaned_data)


class TransferForm(MoveForm):
    slug, move, permission, icon = "transfer", workflow.TRANSFER, "incidents.transfer", "arrow-left-right"
    title, done = _("Pass to a colleague"), _("Passed on. You answer for it until they take it on.")

    holder = forms.ChoiceField(label=_("To whom?"), error_messages={"required": _("Choose who it is.")})
    note = words(_("Why? Your colleague reads it."), required=True)

    field_order = ("holder", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = colleagues_of(self.user, self.incident)
        self.fields["holder"].choices = [("", _("Choose…")), *people_of(self.colleagues)]
        if not self.colleagues:
            self.fields["holder"].help_text = _("Nobody else is there. Say “Not mine” instead.")

    def clean_holder(self) -> Any:
        return chosen_from(self.colleagues, self.cleaned_data["holder"])

    def call(self, *, actor: Any) -> Incident:
        return services.transfer(self.incident, actor=actor, **self.cleaned_data)


class ArriveForm(MoveForm):
    slug, move, permission, icon = "arrive", workflow.ARRIVE, "incidents.arrive", "geo-alt"
    title, done = _("I am on site"), _("Your arrival is on record.")

    note = words(_("What you find"))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return incident.arrived_at is None and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.arrive(self.incident, actor=actor, **self.cleaned_data)


class VoidForm(MoveForm):
    slug, move, permission, icon = "void", workflow.VOID, "incidents.void", "trash3"
    title, done = _("Void"), _("Voided.")

    note = words(_("Why is it void? The reporter reads this."), required=True)

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return super().is_offered(incident, user) and is_its_desk(user, incident)

    def call(self, *, actor: Any) -> Incident:
        return services.void(self.incident, actor=actor, **self.cleaned_data)
