"""One form for every step of redrawing: what it asks for, what it would change, and the service that does it.

A form is sent twice: first to be shown what it touches, then, with the digest of what was shown, to be carried out.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import ServiceForm
from portal.core.lines import LineField
from portal.core.refusals import Text

from . import boundaries, plans
from .forms import CodeField
from .models import Level, Place
from .plans import Plan
from .redrawing import Choice, choices_of
from .services import next_code


class StepForm(ServiceForm):
    """One step of redrawing a place."""

    creates = True
    subjects = ("place",)
    place: Place
    do_not_call_in_templates = True  # the page of a place names the steps it offers
    slug: ClassVar[str]
    permission: ClassVar[str] = "places.redraw"
    title: ClassVar[Text]
    hint: ClassVar[Text]
    done: ClassVar[Text]
    icon: ClassVar[str] = "pencil"
    asked_with_preview: ClassVar[str] = ""  # the field that makes sense only beside the preview
    drawn_apart: ClassVar[str] = ""  # the field that the template draws

    @classmethod
    def of(cls, place: Place) -> type["StepForm"]:
        """The form of this step for a place of this level."""
        return cls

    @classmethod
    def is_offered(cls, place: Place, user: Any) -> bool:
        """Whether the step is named on the page of the place."""
        return not place.is_closed and user.has_perm(cls.permission, place)

    @property
    def seen(self) -> str:
        """The digest of the preview that is agreed to; "" before there was one."""
        return self.data.get("seen", "")

    @property
    def skipped(self) -> str:
        """The fields that the page does not draw one below the other."""
        return " ".join(filter(None, [self.asked_with_preview, self.drawn_apart]))

    @property
    def kept(self) -> list[str]:
        """What was entered, to be sent again with the agreement."""
        return [self[name].as_hidden() for name in self.fields if name != self.asked_with_preview]

    def plan(self) -> Plan:
        """What would be done with what was entered."""
        raise NotImplementedError

    def entered(self) -> dict[str, Any]:
        """What was entered, in the service's words."""
        return {name: value for name, value in self.cleaned_data.items() if name != "idempotency_key"}

    def agreement(self) -> dict[str, Any]:
        """What was entered, and that it was seen."""
        return {**self.entered(), "seen": self.seen}


class NameForm(StepForm):
    slug, permission, title = "rename", "places.rename", _("Name and division code")
    hint, done = _("Put right how it is called and numbered"), _("Name and code are right now.")

    name = LineField(label=_("Name of the place"), max_length=60)
    code = CodeField(label=_("Division code"), max_length=40, help_text=_("Codes below that begin with it follow."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial, self.fields["code"].initial = self.place.name, self.place.code

    def plan(self) -> Plan:
        return plans.of_name(self.place, name=self.cleaned_data["name"], code=self.cleaned_data["code"])

    def call(self, *, actor: Any) -> Place:
        return boundaries.rename(self.place, actor=actor, **self.agreement())


class MoveForm(StepForm):
    slug, title, icon = "move", _("Move to another grid"), "signpost"
    hint, done = _("With all its households and posts"), _("It belongs to the other grid now.")

    to = forms.ModelChoiceField(Place.objects.none(), label=_("To which grid?"), empty_label=_("Choose…"))
    renumber = forms.BooleanField(label=_("Give it the next division code of that grid"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grids = Place.objects.open().filter(community=self.place.community_id, level=Level.GRID)
        fields: dict[str, Any] = self.fields
        fields["to"].queryset = grids if self.is_bound else grids.exclude(pk=self.place.parent_id or 0)

    @classmethod
    def is_offered(cls, place: Place, user: Any) -> bool:
        return place.is_building_group and super().is_offered(place, user)

    def plan(self) -> Plan:
        return plans.of_move(self.place, to=self.cleaned_data["to"], code=self._code())

    def call(self, *, actor: Any) -> Place:
        to = self.cleaned_data["to"]
        return boundaries.move(self.place, to=to, code=self._code(), actor=actor, seen=self.seen)

    def _code(self) -> str:
        return next_code(self.cleaned_data["to"]) if self.cleaned_data["renumber"] else ""


class MergeForm(StepForm):
    slug, title, icon = "merge", _("Merge into another"), "box-arrow-in-right"
    hint, done = _("All of it goes there, and this one is closed"), _("Merged. Here is what it belongs to now.")
    asked_with_preview = "hand_over"

    into = forms.ModelChoiceField(Place.objects.none(), label=_("Into which?"), empty_label=_("Choose…"))
    hand_over = forms.BooleanField(label=_("What they hold here passes to the one who leads there"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Place.objects.open().filter(community=self.place.community_id, level=self.place.level)
        others = others.exclude(pk=self.place.pk).select_related("parent")
        fields: dict[str, Any] = self.fields
        fields["into"].queryset = others
        if self.place.is_building_group:
            by_grid = groupby(others, key=lambda other: other.parent)
            fields["into"].choices = [
                ("", _("Choose…")),
                *[(str(grid), [(one.pk, one.name) for one in groups]) for grid, groups in by_grid],
            ]

    def plan(self) -> Plan:
        return plans.of_merge(self.place, into=self.cleaned_data["into"])

    def call(self, *, actor: Any) -> Place:
        return boundaries.merge(self.place, actor=actor, **self.agreement())


@dataclass(frozen=True)
class Building:
    """What may go to a new group, under one heading: all of it, or parts."""

    heading: str
    whole: list[Choice]
    parts: list[Choice]
    number: int


class SplitForm(StepForm):
    slug, title, icon = "split", _("Split"), "diagram-3"
    hint, done = _("Part of it becomes a new one beside it"), _("The new one is there. Now appoint whoever leads it.")

    name = LineField(label=_("Name of the new one"), max_length=60)
    code = CodeField(label=_("Division code of the new one"), max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.place.parent:
            self.fields["code"].initial = next_code(self.place.parent)

    @classmethod
    def of(cls, place: Place) -> type[StepForm]:
        return SplitGridForm if place.level == Level.GRID else SplitGroupForm


class ChosenField(forms.MultipleChoiceField):
    """Keys of what was offered; what has gone since is no error here: a second tap must come as far as the first."""

    def valid_value(self, value: str) -> bool:
        return True


class SplitGroupForm(SplitForm):
    """Buildings and households go to a new building group."""

    drawn_apart = "chosen"

    chosen = ChosenField(
        label=_("What goes to the new group?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what goes to the new group.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = choices_of(self.place)
        fields: dict[str, Any] = self.fields
        fields["chosen"].choices = [(choice.key, choice.label) for choice in self.offered]

    @property
    def buildings(self) -> list[Building]:
        """What is offered, building by building; a building's own choice comes before its parts."""
        found = []
        for heading, group in groupby(self.offered, key=lambda choice: choice.group):
            choices = list(group)
            whole = [choice for choice in choices if choice.label == heading]
            parts = [choice for choice in choices if choice.label != heading]
            found.append(Building(heading, whole, parts, sum(choice.number for choice in whole or parts)))
        return found

    @property
    def ticked(self) -> list[str]:
        return self["chosen"].value() or []

    def plan(self) -> Plan:
        return plans.of_split(self.place, **self._split())

    def call(self, *, actor: Any) -> Place:
        return boundaries.split(self.place, actor=actor, seen=self.seen, **self._split())

    def _split(self) -> dict[str, Any]:
        entered = self.cleaned_data
        return {"name": entered["name"], "code": entered["code"], "chosen": frozenset(entered["chosen"])}


class SplitGridForm(SplitForm):
    """Building groups go to a new grid."""

    groups = forms.ModelMultipleChoiceField(
        Place.objects.none(),
        label=_("Which building groups go to the new grid?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose building groups of this grid.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["groups"].queryset = self.place.children.open()
        if self.is_bound:  # a second tap must come as far as the first; the plan knows which are still here
            fields["groups"].queryset = Place.objects.open().filter(community=self.place.community_id)

    def plan(self) -> Plan:
        return plans.of_split_grid(self.place, **self._split())

    def call(self, *, actor: Any) -> Place:
        return boundaries.split_grid(self.place, actor=actor, seen=self.seen, **self._split())

    def _split(self) -> dict[str, Any]:
        entered = self.cleaned_data
        return {"name": entered["name"], "code": entered["code"], "groups": list(entered["groups"])}


class CloseForm(StepForm):
    slug, title, icon = "close", _("Close down"), "archive"
    hint, done = _("When it is empty and no more"), _("It is closed. Its records stay.")

    note = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 3}))

    def plan(self) -> Plan:
        return plans.of_close(self.place)

    def call(self, *, actor: Any) -> Place:
        return boundaries.close(self.place, actor=actor, **self.agreement())


STEPS: tuple[type[StepForm], ...] = (NameForm, MoveForm, SplitForm, MergeForm, CloseForm)
