"""The forms in which posts are given and ended, departments added, and an empty portal opened."""

import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.forms import password_field
from portal.accounts.models import USERNAME, User
from portal.core.clock import today
from portal.core.forms import ServiceForm
from portal.core.lines import LineField
from portal.core.widgets import DayInput

from . import departments, first_run, services
from .duty_phone import set_duty_phone
from .models import HEADS, Appointment, Department, Place, Role
from .newcomers import NewcomerFields, UsernameField
from .people import people_near, suggested_username
from .rules import roles_to_give


class PersonField(forms.ModelChoiceField):
    """Somebody who has an account, offered once, under the highest post they hold."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), **kwargs)

    def offer(self, posts: Iterable[Appointment]) -> None:
        """Offer the people of these appointments, which come in the order of the groups."""
        groups: dict[Any, list[tuple[int, str]]] = {}
        seen = set()
        for post in posts:
            if post.user_id not in seen:
                group = _("Without a post now") if post.has_ended else post.get_role_display()
                groups.setdefault(group, []).append((post.user_id, f"{post.user} · {post.place or post.department}"))
                seen.add(post.user_id)
        self.queryset = User.objects.filter(pk__in=seen)
        self.choices = [("", _("Choose…")), *groups.items()]


class PostForm(ServiceForm):
    """A post at a place or in a department, for somebody; what the two ways of naming them have in common."""

    creates = True
    subjects = ("where", "user")
    where: Place | Department
    user: User

    role = forms.ChoiceField(label=_("Post"), widget=forms.RadioSelect)
    since = forms.DateField(label=_("First day"), widget=DayInput())
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=DayInput(), help_text=_("Leave it empty while no end is set.")
    )
    stands_in_for = forms.ModelChoiceField(
        Appointment.objects.none(),
        label=_("Stands in for"),
        required=False,
        empty_label=_("Nobody: the post is their own"),
        help_text=_("For an absence. A stand-in has the same rights, and loses them when the holder's post ends."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        self.roles = roles_to_give(self.user, self.where)
        fields["role"].choices = [(role.value, role.label) for role in self.roles]
        fields["role"].initial = self.roles[0]
        if self.only_role:
            fields["role"].widget = forms.HiddenInput()
        fields["since"].initial = today()
        holders = Appointment.objects.standing().filter(**self._where(), role__in=self.roles, stands_in_for=None)
        fields["stands_in_for"].queryset = holders.select_related("user").order_by("since")
        fields["stands_in_for"].label_from_instance = lambda post: f"{post.user} · {post.get_role_display()}"
        if not holders:
            del fields["stands_in_for"]
        elif self.only_role in HEADS:  # the post is taken: what else can be meant
            fields["stands_in_for"].initial = holders[0]

    @property
    def only_role(self) -> Role | None:
        """The post when there is nothing to choose."""
        return self.roles[0] if len(self.roles) == 1 else None

    @property
    def place(self) -> Place:
        """The place, or the street of the department."""
        return self.where if isinstance(self.where, Place) else self.where.street

    def post(self) -> dict[str, Any]:
        """What was entered about the post, in the service's words."""
        entered = self.cleaned_data
        last_day = entered.get("last_day")
        return {
            **self._where(),
            "role": Role(entered["role"]),
            "since": entered["since"],
            "until": last_day + timedelta(days=1) if last_day else None,
            "stands_in_for": entered.get("stands_in_for"),
        }

    def _where(self) -> dict[str, Any]:
        is_place = isinstance(self.where, Place)
        return {"place": self.where if is_place else None, "department": None if is_place else self.where}


class AppointForm(PostForm):
    """A post for somebody who has an account."""

    person = PersonField(label=_("Who?"), error_messages={"required": _("Choose who it is.")})
    field_order = ("person",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["person"].offer(people_near(self.place, self.user))

    def call(self, *, actor: Any) -> Appointment:
        return services.appoint(self.cleaned_data["person"], actor=actor, **self.post())


class TakeOnForm(NewcomerFields, PostForm):
    """A post for somebody new, with an account; `first_password` goes on their slip."""

    first_password = ""

    field_order = ("candidate", "name", "username", "mobile")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_candidates(self.place)
        self.suggest_username(self.roles[0])

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if "username" in entered and "role" in entered:
            entered["username"] = entered["username"] or suggested_username(Role(entered["role"]), self.place)
        return entered

    def call(self, *, actor: Any) -> Appointment:
        appointment, self.first_password = services.take_on(actor=actor, **self.newcomer(), **self.post())
        return appointment


class DismissForm(ServiceForm):
    subjects = ("appointment",)
    appointment: Appointment

    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DayInput(),
        help_text=_("Leave it empty to end it at once, with today's rights."),
    )
    note = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 3}))

    def call(self, *, actor: Any) -> Appointment:
        return services.dismiss(self.appointment, actor=actor, **self.cleaned_data)


class ResetPasswordForm(ServiceForm):
    """Nothing to fill in; a double tap makes one password, or the slip would show the one that no longer works."""

    creates = True
    subjects = ("appointment",)
    appointment: Appointment
    first_password = ""

    def call(self, *, actor: Any) -> User:
        self.first_password = services.reset_password(self.appointment.user, actor=actor)
        return self.appointment.user


class CodeField(forms.CharField):
    """A division code as people type it: with full-width digits, with spaces."""

    widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: Any) -> str:
        return "".join(unicodedata.normalize("NFKC", super().to_python(value) or "").split())


class OpenPlacesForm(ServiceForm):
    """New communities of a street, grids of a community or building groups of a grid: a line each."""

    creates = True
    subjects = ("parent",)
    parent: Place

    names = forms.CharField(
        label=_("Names, one a line"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 6}),
    )
    first_code = CodeField(
        label=_("Division code of the first"), max_length=40, help_text=_("The others count up from it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_code"].initial = services.next_code(self.parent)

    def clean_names(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["names"].splitlines() if line.strip()]

    def call(self, *, actor: Any) -> list[Place]:
        return services.open_places(self.parent, actor=actor, **self.cleaned_data)


class DutyPhoneForm(ServiceForm):
    subjects = ("place",)
    place: Place

    duty_phone = forms.CharField(
        label=_("Duty telephone"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("A public number that somebody answers at any hour. Whoever raises an emergency sees it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duty_phone"].initial = self.place.duty_phone

    def call(self, *, actor: Any) -> Place:
        return set_duty_phone(self.place, actor=actor, **self.cleaned_data)


class DepartmentForm(ServiceForm):
    creates = True
    subjects = ("street",)
    street: Place

    name = LineField(label=_("Name of the department"), max_length=60)

    def call(self, *, actor: Any) -> Department:
        return services.add_department(self.street, actor=actor, **self.cleaned_data)


class RenameDepartmentForm(ServiceForm):
    subjects = ("department",)
    department: Department

    name = LineField(label=_("Name of the department"), max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = self.department.name

    def call(self, *, actor: Any) -> Department:
        return departments.rename(self.department, actor=actor, **self.cleaned_data)


class DepartmentStateForm(ServiceForm):
    """Deactivates an active department and reactivates one that was deactivated."""

    subjects = ("department",)
    department: Department

    note = forms.CharField(label=_("Reason"), max_length=500, required=False, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.department.is_active:
            del self.fields["note"]

    def call(self, *, actor: Any) -> Department:
        if self.department.is_active:
            return departments.deactivate(self.department, actor=actor, **self.cleaned_data)
        return departments.reactivate(self.department, actor=actor)


class FirstRunForm(ServiceForm):
    """An empty portal's street, first community and administrator.

    Without an idempotency key: its fingerprint would be a fast hash of a password, and the lock lets only one through.
    """

    setup_code = forms.CharField(
        label=_("Set-up code"),
        max_length=40,
        help_text=_("It stands where the portal was started, and shows that you are the one who did."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    district_name = LineField(label=_("District"), max_length=60)
    district_code = CodeField(label=_("Code of the district"), max_length=40, help_text=_("6 digits"))
    street_name = LineField(label=_("Street or town"), max_length=60)
    street_code = CodeField(label=_("Code of the street"), max_length=40, help_text=_("9 digits"))
    community_name = LineField(label=_("First community"), max_length=60)
    community_code = CodeField(label=_("Code of the community"), max_length=40, help_text=_("12 digits"))
    name = LineField(label=_("Your name"), max_length=60, widget=forms.TextInput({"autocomplete": "name"}))
    username = UsernameField(label=_("User name"), max_length=30, help_text=USERNAME.message)
    password = password_field(
        _("Password"), new=True, help_text=_("At least 8 characters, not only digits, and nothing others guess.")
    )
    repeat = password_field(_("Password once more"), new=True)
    is_staff_too = forms.BooleanField(
        label=_("I also work in this community: make me its committee staff"), required=False
    )

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if entered.get("password") and entered.get("repeat") and entered["password"] != entered["repeat"]:
            self.add_error("repeat", _("This is not the same as the password above."))
        return entered

    def call(self, *, actor: None) -> User:
        return first_run.open_portal(**{name: value for name, value in self.cleaned_data.items() if name != "repeat"})
