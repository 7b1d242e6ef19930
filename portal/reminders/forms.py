from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import ServiceForm

from . import services
from .models import Preference
from .registry import Pace, in_order

HOURS = [(f"{hour:02}:00", f"{hour:02}:00") for hour in range(24)]


class AddressForm(ServiceForm):
    preference: Preference
    subjects = ("preference",)

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        help_text=_("Used for these messages and nothing else, and kept encrypted. Leave it empty to delete it."),
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
        error_messages={"invalid": _("That is no e-mail address. One looks like this: name@example.cn")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = self.preference.email

    def call(self, *, actor: Any) -> Preference:
        return services.set_address(self.preference.user, email=self.cleaned_data["email"], actor=actor)


class PaceForm(ServiceForm):
    """One choice for each group that is registered, then the hours."""

    preference: Preference
    subjects = ("preference",)

    quiet_from = forms.ChoiceField(label=_("Quiet from"), choices=HOURS)
    quiet_until = forms.ChoiceField(label=_("Quiet until"), choices=HOURS)
    digest_at = forms.ChoiceField(
        label=_("Time of the daily mail"), choices=HOURS, help_text=_("One mail with everything since the last one.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = in_order()
        for group in groups:
            self.fields[group.key] = forms.ChoiceField(
                label=group.label,
                help_text=group.hint,
                choices=Pace.choices,
                initial=self.preference.pace_of(group.key).value,
            )
        self.order_fields([group.key for group in groups])
        for name in ("quiet_from", "quiet_until", "digest_at"):
            self.fields[name].initial = f"{getattr(self.preference, name):%H:%M}"
        self.groups = " ".join(group.key for group in groups)

    def call(self, *, actor: Any) -> Preference:
        chosen = dict(self.cleaned_data)
        hours = {name: time.fromisoformat(chosen.pop(name)) for name in ("quiet_from", "quiet_until", "digest_at")}
        return services.choose(self.preference.user, paces=chosen, actor=actor, **hours)


class ConfirmForm(ServiceForm):
    """One button."""

    token: str
    subjects = ("token",)

    def call(self, *, actor: Any) -> Preference:
        return services.confirm(self.token)
