from typing import Any

from django import forms
from django.contrib import auth
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.core.forms import ServiceForm

from . import services
from .models import User


def password_field(label: Any, *, new: bool = False, **kwargs: Any) -> forms.CharField:
    """A password as it was typed, spaces included, with a length that costs the hasher nothing."""
    widget = forms.PasswordInput({"autocomplete": "new-password" if new else "current-password"})
    return forms.CharField(label=label, strip=False, max_length=200, widget=widget, **kwargs)


class SignInForm(forms.Form):
    """Who comes in; no service, for a transaction rolled back would forget the failure."""

    username = forms.CharField(
        label=_("User name or mobile number"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = password_field(_("Password"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password" if self.is_bound else "username"].widget.attrs["autofocus"] = True

    def user(self, request: HttpRequest) -> User | None:
        """The user whose password this is; else one answer, the same for every reason."""
        user = auth.authenticate(request, **self.cleaned_data)
        if user is None:
            self.add_error("password", _("The name or number and the password do not belong together. Check both."))
        return user


class ConsentForm(ServiceForm):
    """Agreeing is one button."""

    def call(self, *, actor: User) -> User:
        return services.consent(actor, actor=actor)


class PasswordForm(ServiceForm):
    user: User
    subjects = ("user",)

    old = password_field(_("Present password"))
    new = password_field(
        _("New password"),
        new=True,
        help_text=_("At least 8 characters, not only digits, and nothing others guess, such as your name or number."),
    )
    repeat = password_field(_("New password once more"), new=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user.must_change_password:
            self.fields["old"].label = _("First password, from your slip")

    def clean_repeat(self) -> str:
        repeated: str = self.cleaned_data["repeat"]
        if self.cleaned_data.get("new", repeated) != repeated:
            raise forms.ValidationError(_("This is not the same as the new password above."))
        return repeated

    def call(self, *, actor: User) -> User:
        return services.change_password(
            self.user, old=self.cleaned_data["old"], new=self.cleaned_data["new"], actor=actor
        )
