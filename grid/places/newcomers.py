"""How somebody new is named in a form: picked from the roster or typed, with the user name they will sign in with."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import USERNAME, User
from portal.core.personal import blind_index, clean_mobile

from .models import Place, Role
from .people import Candidate, candidates_near, mobile_of, suggested_username

OFFERED = 60
NAME_OFF = {"autocomplete": "off"}
MOBILE_OFF = {"autocomplete": "off", "inputmode": "tel"}


class UsernameField(forms.CharField):
    """A user name, small letters whatever the phone's keyboard begins with."""

    widget = forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})
    default_validators = [USERNAME]

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").lower()


class MobileField(forms.CharField):
    """A mobile number in its normal form, or none."""

    widget = forms.TextInput(MOBILE_OFF)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        return clean_mobile(typed) if typed else ""


class CandidateField(forms.ChoiceField):
    """Somebody of the roster, under the heading that says why they are named first; numbers are never in the page."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.by_key: dict[str, Candidate] = {}

    def offer(self, candidates: Iterable[Candidate]) -> None:
        groups: dict[Any, list[tuple[str, str]]] = {}
        for one in candidates:
            self.by_key[one.key] = one
            groups.setdefault(one.group, []).append((one.key, f"{one.name} · {one.note}"))
        self.choices = [("", _("Choose from the roster…")), *groups.items()]


def known_mobile(key: str, name: str) -> str:
    """The number of a candidate to sign in with; "" when they have none or somebody else signs in with it.

    Raises ValidationError when they themselves do: then they have an account.
    """
    try:
        number = clean_mobile(mobile_of(key) or "")
    except ValidationError:
        return ""
    holder = User.objects.filter(mobile_index=blind_index(number)).first()
    if holder and holder.name == name:
        raise ValidationError(_("They have an account already: choose them under “Somebody with an account”."))
    return "" if holder else number


class NewcomerFields(forms.Form):
    """Somebody new for a post at one place."""

    candidate = CandidateField(
        label=_("From the roster"),
        help_text=_("Party members first. Their number is taken over unseen; or type somebody else's name below."),
    )
    name = forms.CharField(label=_("Name"), max_length=60, widget=forms.TextInput(NAME_OFF), required=False)
    username = UsernameField(label=_("User name"), max_length=30, required=False)
    mobile = MobileField(
        label=_("Mobile number"), required=False, max_length=20, help_text=_("They can sign in with it as well.")
    )

    def offer_candidates(self, place: Place) -> None:
        """Offer those whom the roster knows; without any, the name is all there is to say."""
        fields: dict[str, Any] = self.fields
        offered = candidates_near([place], most=OFFERED)[place.pk]
        if offered:
            fields["candidate"].offer(offered)
        else:
            del fields["candidate"]
            fields["name"].required = True

    def suggest_username(self, role: Role) -> None:
        where: Any = self
        self.fields["username"].help_text = format_lazy(
            _("What they type to sign in. Left empty, it is made up for them, like {name}."),
            name=suggested_username(role, where.place),
        )

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        picked = self.fields["candidate"].by_key.get(entered.get("candidate")) if "candidate" in self.fields else None  # type: ignore[attr-defined]
        if picked:
            take_over(self, entered, picked, "candidate", "name", "mobile")
        elif not entered.get("name") and "name" not in self.errors:
            self.add_error("name", _("Choose somebody or type a name."))
        return entered

    def newcomer(self) -> dict[str, str]:
        """What was entered about them, in the service's words."""
        return {name: self.cleaned_data[name] for name in ("name", "username", "mobile")}


def take_over(
    form: forms.Form, entered: dict[str, Any], picked: Candidate, candidate: str, name: str, mobile: str
) -> None:
    """Let the one who was picked fill in what was left empty."""
    if entered.get(name) and entered[name] != picked.name:
        form.add_error(name, _("Choose somebody or type a name, not both."))
        return
    entered[name] = picked.name
    if not entered.get(mobile):
        try:
            entered[mobile] = known_mobile(picked.key, picked.name)
        except ValidationError as error:
            form.add_error(candidate, error)
