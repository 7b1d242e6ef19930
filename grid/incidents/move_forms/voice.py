"""What those say whom it concerned."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents import services, workflow
from grid.incidents.models import Incident, Rating
from grid.incidents.rules import is_handler

from .base import MoveForm, words


class RateForm(MoveForm):
    creates = True
    slug, move, permission, icon = "rate", workflow.RATE, "incidents.rate", "star"
    title, done = _("Rate the result"), _("Thank you. Your rating is on record.")
    icons = {"satisfied": "emoji-smile", "fairly": "emoji-neutral", "dissatisfied": "emoji-frown"}

    note = None
    was_contacted = forms.TypedChoiceField(
        label=_("Did anybody get in touch?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        initial="yes",
        widget=forms.RadioSelect,
    )
    is_solved = forms.TypedChoiceField(
        label=_("Is the problem solved?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    satisfaction = forms.ChoiceField(
        label=_("How satisfied are you?"), choices=Rating.Satisfaction, widget=forms.RadioSelect
    )
    comment = words(_("In your own words"))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        waits = not hasattr(incident, "rating") and not is_handler(user, incident)
        return waits and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Rating:
        return services.rate(self.incident, actor=actor, **self.cleaned_data)
