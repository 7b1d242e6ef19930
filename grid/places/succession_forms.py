"""The forms in which a post passes to a successor, and in which many building leaders are appointed at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from portal.core.forms import ServiceForm
from portal.core.keys import key_of
from portal.core.widgets import DayInput

from . import succession
from .forms import PersonField
from .models import Appointment, Level, Place, Role
from .newcomers import MOBILE_OFF, NAME_OFF, CandidateField, MobileField, NewcomerFields, UsernameField, take_over
from .people import candidates_near, people_near, suggested_username, suggested_usernames
from .rules import place_of
from .succession import Newcomer
from .vacancies import vacant_below

ROWS = 120
OFFERED = 8


class ReplaceForm(ServiceForm):
    """A post passes from its holder to somebody else, with its duties."""

    creates = True
    subjects = ("appointment", "user")
    appointment: Appointment
    user: Any
    first_password = ""

    last_day = forms.DateField(
        label=_("Last day of the one who leaves"),
        required=False,
        widget=DayInput(),
        help_text=_("The successor begins on the day after. Left empty, the post and the duties pass at once."),
    )
    note = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))

    @property
    def place(self) -> Place:
        place = place_of(self.appointment)
        assert place is not None  # noqa: S101  (the database knows no appointment without one)
        return place

    def successor(self) -> dict[str, Any]:
        """Who follows, in the service's words."""
        raise NotImplementedError

    def call(self, *, actor: Any) -> Appointment:
        days = {name: self.cleaned_data[name] for name in ("last_day", "note")}
        made, self.first_password = succession.replace(self.appointment, actor=actor, **days, **self.successor())
        return made


class ReplaceByKnownForm(ReplaceForm):
    """By somebody who has an account."""

    person = PersonField(label=_("Who follows?"), error_messages={"required": _("Choose who it is.")})
    field_order = ("person",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = people_near(self.place, self.user)
        fields: dict[str, Any] = self.fields
        fields["person"].offer(post for post in near if post.user_id != self.appointment.user_id)

    def successor(self) -> dict[str, Any]:
        return {"successor": self.cleaned_data["person"]}


class ReplaceByNewcomerForm(NewcomerFields, ReplaceForm):
    """By somebody new, with an account; `first_password` goes on their slip."""

    field_order = ("candidate", "name", "username", "mobile")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_candidates(self.place)
        self.suggest_username(Role(self.appointment.role))

    def successor(self) -> dict[str, Any]:
        newcomer = self.newcomer()
        newcomer["username"] = newcomer["username"] or suggested_username(Role(self.appointment.role), self.place)
        return {"newcomer": newcomer}


@dataclass(frozen=True)
class Row:
    """One vacant building group and what is typed beside it."""

    place: Place
    candidate: BoundField | None
    name: BoundField
    mobile: BoundField
    username: BoundField

    @property
    def errors(self) -> list[str]:
        fields = (self.candidate, self.name, self.mobile, self.username)
        return [str(error) for field in fields if field is not None for error in field.errors]


class LeadersForm(ServiceForm):
    """Leaders for all vacant building groups below a community or grid; rows left blank are skipped.

    A row that was filled in stays in the form even if its post has been taken meanwhile: nothing typed is lost.
    """

    creates = True
    subjects = ("place", "user")
    place: Place
    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.made: list[tuple[Appointment, str]] = []
        vacant = vacant_below(self.place).filter(level=Level.BUILDING_GROUP, is_promised=False).select_related("parent")
        found = list(vacant[: ROWS + 1])
        self.is_cut = len(found) > ROWS
        self.groups = {group.pk: group for group in found[:ROWS]}
        if typed := self._typed() - self.groups.keys():
            here = {"parent": self.place} if self.place.level == Level.GRID else {"community": self.place.community_id}
            for group in Place.objects.select_related("parent").filter(
                pk__in=typed, level=Level.BUILDING_GROUP, **here
            ):
                self.groups[group.pk] = group
        groups = list(self.groups.values())
        self.suggested = suggested_usernames(Role.BUILDING_LEADER, groups) if groups else {}
        offered = candidates_near(groups, most=OFFERED)
        for group in groups:
            self._add_row(group, offered[group.pk])

    def _typed(self) -> set[int]:
        """Groups of which something was typed in what was sent."""
        keys = (key.partition("_") for key, value in self.data.items() if value)
        return {key_of(pk) for name, _line, pk in keys if name in ("name", "mobile", "candidate")}

    def _add_row(self, group: Place, offered: list[Any]) -> None:
        pk, fields = group.pk, self.fields
        if offered:
            field = CandidateField(label=_("From the roster"))
            field.offer(offered)
            fields[f"candidate_{pk}"] = field
        fields[f"name_{pk}"] = forms.CharField(
            label=_("Name"), max_length=60, required=False, widget=forms.TextInput(NAME_OFF)
        )
        fields[f"mobile_{pk}"] = MobileField(
            label=_("Mobile number"), max_length=20, required=False, widget=forms.TextInput(MOBILE_OFF)
        )
        fields[f"username_{pk}"] = UsernameField(
            label=_("User name"), max_length=30, required=False, initial=self.suggested[pk]
        )
        for name in ("candidate", "name", "mobile", "username"):
            if f"{name}_{pk}" in fields:
                fields[f"{name}_{pk}"].widget.attrs["aria-label"] = f"{fields[f'{name}_{pk}'].label}: {group}"

    @property
    def rows(self) -> Iterator[Row]:
        for group in sorted(self.groups.values(), key=lambda group: group.code):
            pk = group.pk
            candidate = self[f"candidate_{pk}"] if f"candidate_{pk}" in self.fields else None
            yield Row(group, candidate, self[f"name_{pk}"], self[f"mobile_{pk}"], self[f"username_{pk}"])

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        for pk in self.groups:
            fields: dict[str, Any] = self.fields
            key = entered.get(f"candidate_{pk}")
            if key:
                picked = fields[f"candidate_{pk}"].by_key[key]
                take_over(self, entered, picked, f"candidate_{pk}", f"name_{pk}", f"mobile_{pk}")
            elif entered.get(f"mobile_{pk}") and not entered.get(f"name_{pk}"):
                self.add_error(f"name_{pk}", _("Choose somebody or type a name."))
        return entered

    def call(self, *, actor: Any) -> list[tuple[Appointment, str]]:
        entered = self.cleaned_data
        newcomers = [
            Newcomer(
                place=group,
                name=entered[f"name_{pk}"],
                username=entered[f"username_{pk}"] or self.suggested[pk],
                mobile=entered[f"mobile_{pk}"],
                source=entered.get(f"candidate_{pk}") or "",
            )
            for pk, group in self.groups.items()
            if entered[f"name_{pk}"]
        ]
        self.made = succession.appoint_leaders(newcomers, actor=actor)
        return self.made
