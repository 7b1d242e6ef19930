"""What those are asked who open a link without an account, and the form that makes such a link."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents.models import Incident, Rating, Verification, VoiceLink
from grid.incidents.move_forms.base import words
from grid.incidents.move_forms.verification import YES_NO, HouseholdField, is_there, offer_households
from grid.incidents.move_forms.voice import RatingFields
from grid.incidents.services import links
from portal.core.forms import ServiceForm
from portal.core.refusals import Text


class LinkForm(ServiceForm):
    """A new link: to the caller who rates a result, or to a resident of the building who confirms it."""

    creates = True
    subjects = ("incident",)
    incident: Incident

    household = HouseholdField(label=_("For whom? Choose the flat."), required=False, empty_label=_("Choose a flat"))

    shows_outcome = forms.BooleanField(label=_("Show them what was done, in these words"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if links.purpose_of(self.incident) == VoiceLink.Purpose.CONFIRM:
            offer_households(self, self.incident)
        else:
            del self.fields["household"]
        self.fields["shows_outcome"].help_text = _("Leave it out when it names somebody or a flat.")

    def call(self, *, actor: Any) -> tuple[VoiceLink, str]:
        return links.issue(self.incident, actor=actor, **self.cleaned_data)


class SpeakForm(ServiceForm):
    """One thing said through a link; `heading` asks for it."""

    creates = True
    subjects = ("link",)
    link: VoiceLink
    heading: ClassVar[Text]
    send: ClassVar[Text] = _("Send")


class RateByLinkForm(RatingFields, SpeakForm):
    heading = _("Are you satisfied with the result?")

    def call(self, *, actor: Any) -> Rating:
        return links.rate_by_link(self.link, **self.cleaned_data)


class ConfirmByLinkForm(SpeakForm):
    heading = _("Has this been done?")
    icons = YES_NO

    is_confirmed = is_there(_("Go and look, if you can. Is it done?"))
    note = words(_("What you saw"))

    def call(self, *, actor: Any) -> Verification:
        return links.confirm_by_link(self.link, **self.cleaned_data)


SPEAK: dict[str, type[SpeakForm]] = {
    VoiceLink.Purpose.RATE: RateByLinkForm,
    VoiceLink.Purpose.CONFIRM: ConfirmByLinkForm,
}
