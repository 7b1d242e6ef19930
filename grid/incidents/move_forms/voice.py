"""What those say whom it concerned."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents import services, workflow
from grid.incidents.models import Incident, Rating
from grid.incidents.rules import is_handler
from grid.incidents.services.voice import is_spoken_for
from portal.core.forms import ServiceForm

from .base import MoveForm, words
from .verification import YES_NO


def yes_or_no(label: Any, **kwargs: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        **kwargs,
    )


class RatingFields(ServiceForm):
    """What is asked of whoever says what they think of a result."""

    creates = True
    icons: ClassVar[dict[str, str]] = {
        "satisfied": "emoji-smile",
        "fairly": "emoji-neutral",
        "dissatisfied": "emoji-frown",
        **YES_NO,
    }

    was_contacted = yes_or_no(_("Did anybody get in touch?"))
    is_solved = yes_or_no(_("Is the problem solved?"))
    satisfaction = forms.ChoiceField(
        label=_("How satisfied are you?"), choices=Rating.Satisfaction, widget=forms.RadioSelect
    )
    comment = words(_("In your own words"))


class RateForm(RatingFields, MoveForm):
    slug, move, permission, icon = "rate", workflow.RATE, "incidents.rate", "star"
    title, done = _("Rate the result"), _("Thank you. Your rating is on record.")

    note = None

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        waits = not hasattr(incident, "rating") and not is_handler(user, incident)
        return waits and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Rating:
        return services.rate(self.incident, actor=actor, **self.cleaned_data)


class RateAtDoorForm(RatingFields, MoveForm):
    slug, move, permission, icon = "rate-at-door", workflow.RATE, "incidents.confirm", "chat-dots"
    title, done = _("Rated at the door"), _("What was said at the door is on record.")

    note = None
    satisfaction = forms.ChoiceField(
        label=_("How satisfied are they?"), choices=Rating.Satisfaction, widget=forms.RadioSelect
    )
    comment = words(_("In their own words"))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        waits = is_spoken_for(incident) and not hasattr(incident, "rating") and not is_handler(user, incident)
        return waits and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Rating:
        return services.rate_at_door(self.incident, actor=actor, **self.cleaned_data)
