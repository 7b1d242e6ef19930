"""Writing a notice, correcting it, withdrawing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place
from portal.core.clock import today
from portal.core.forms import ServiceForm
from portal.core.keys import key_of
from portal.core.lines import LineField
from portal.core.widgets import DayInput

from . import services
from .addressing import Reach, audiences_from, reach_of
from .models import Audience, Notice
from .rules import sends_from

MANY = 8  # areas in one list
WITH_PARENTS = "parent__parent__parent"
BODY = forms.Textarea({"rows": 8})
ICONS = {
    Audience.EVERYONE: "people",
    Audience.COMMITTEES: "building",
    Audience.GRID_LEADERS: "diagram-3",
    Audience.LEADERS: "person",
    Audience.REPRESENTATIVES: "star",
    Audience.RESIDENTS: "house-door",
}
HINTS = {
    Audience.REPRESENTATIVES: _("Leaders tell the representative of each household"),
    Audience.RESIDENTS: _("Leaders tell every household in which somebody lives"),
}


@dataclass(frozen=True)
class Branch:
    """An area to choose, with those inside it."""

    place: Place
    parts: tuple[Place, ...]


class NoticeForm(ServiceForm):
    """A notice to those below; first shown as its readers will see it, then sent."""

    creates = True
    subjects = ("user", "to")
    user: Any
    to: Place | None

    place = forms.ModelChoiceField(Place.objects.none(), label=_("Sent from"), empty_label=None)
    audience = forms.ChoiceField(label=_("For whom?"), widget=forms.RadioSelect)
    areas = forms.ModelMultipleChoiceField(Place.objects.none(), label=_("Where?"), required=False)
    title = LineField(label=_("Title"), max_length=60)
    body = forms.CharField(
        label=_("The text"),
        max_length=2000,
        widget=BODY,
        help_text=_("Short sentences: what, when, where, what to do, whom to ask. Links and pictures are not sent."),
    )
    must_acknowledge = forms.BooleanField(
        label=_("Ask everybody to confirm that they know"), required=False, initial=True
    )
    is_urgent = forms.BooleanField(
        label=_("Urgent"),
        required=False,
        help_text=_("Stands first on every phone; whoever has not read it after a day is told again."),
    )
    answer_by = forms.DateField(
        label=_("Answer by"),
        required=False,
        widget=DayInput(),
        help_text=_("The last day to confirm it and to tell the households. Without a day it stands for 30 days."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        self.sources = sends_from(self.user)
        fields["place"].queryset = Place.objects.filter(pk__in=[place.pk for place in self.sources])
        fields["place"].initial = self.sources[0].pk if self.sources else None
        if len(self.sources) == 1:
            fields["place"].widget = forms.HiddenInput()
        offered = [one for one in Audience if any(one in audiences_from(place) for place in self.sources)]
        fields["audience"].choices = [(one.value, one.label) for one in offered]
        fields["audience"].initial = Audience.LEADERS
        fields["areas"].queryset = self._offered()
        if self.to and not any(place.pk == self.to.pk for place in self.sources):
            fields["areas"].initial = [self.to.pk]
        fields["answer_by"].widget.attrs["min"] = today().isoformat()
        self.icons, self.hints = ICONS, HINTS

    @cached_property
    def branches(self) -> list[Branch]:
        """What may be chosen, grid by grid (for a street, community by community); one query."""
        places = list(self.fields["areas"].queryset)  # type: ignore[attr-defined]
        inside: dict[int, list[Place]] = {}
        for place in places:
            inside.setdefault(place.parent_id or 0, []).append(place)
        heads = [place for place in places if place.parent_id not in {one.pk for one in places}]
        return [Branch(place, tuple(inside.get(place.pk, ()))) for place in heads]

    @property
    def is_folded(self) -> bool:
        """Whether so many may be chosen, and none is, that the choice stands folded away."""
        return len(self.branches) > MANY and not self.ticked and not self["areas"].errors

    @property
    def ticked(self) -> set[str]:
        """The keys of the areas chosen so far."""
        return {str(getattr(one, "pk", one)) for one in self["areas"].value() or ()}

    def clean_answer_by(self) -> date | None:
        """Said before the notice is looked at, not only when it is sent."""
        wanted: date | None = self.cleaned_data["answer_by"]
        if wanted and wanted < today():
            raise forms.ValidationError(services.DAY_HAS_PASSED)
        return wanted

    def reach(self) -> Reach:
        """What sending would come to now; the form is valid."""
        chosen = self.cleaned_data
        return reach_of(list(chosen["areas"]) or [chosen["place"]], chosen["audience"], sender=self.user)

    def call(self, *, actor: Any) -> Notice:
        said = dict(self.cleaned_data)
        place, areas = said.pop("place"), said.pop("areas") or None
        return services.send(services.Draft(areas=areas, **said), actor=actor, place=place)

    def _offered(self) -> Any:
        """Right below what one sends from and a level further; and the place from whose page one came."""
        wanted = Q(pk__in=[self.to.pk] if self.to else [])
        for place in self.sources:
            if place.level == Level.STREET:
                wanted |= Q(parent=place.pk) | Q(parent__parent=place.pk)
            elif place.level == Level.COMMUNITY:
                wanted |= Q(community=place.pk) & ~Q(pk=place.pk)
            else:  # whoever has several grids finds the building groups below each
                wanted |= Q(parent=place.pk) | (Q(pk=place.pk) if len(self.sources) > 1 else Q(pk__in=[]))
        if self.is_bound:
            wanted |= Q(pk__in=self._sent_keys())
        mine = Place.objects.open().filter(wanted).visible_to(self.user)
        return mine.select_related(WITH_PARENTS).order_by("code")

    def _sent_keys(self) -> Sequence[int]:
        """A building group that a street came from: it was offered then and is still, to whoever covers it."""
        keys = self.data.getlist("areas") if hasattr(self.data, "getlist") else self.data.get("areas", ())
        return [key for one in keys if (key := key_of(one))]


class CorrectForm(ServiceForm):
    """The notice once more, said right this time."""

    creates = True
    subjects = ("notice",)
    notice: Notice

    title = LineField(label=_("Title"), max_length=60)
    body = forms.CharField(label=_("The text"), max_length=2000, widget=BODY)
    reason = LineField(label=_("What was wrong?"), max_length=200, help_text=_("The readers of the old one see it."))

    def call(self, *, actor: Any) -> Notice:
        return services.correct(self.notice, actor=actor, **self.cleaned_data)


class WithdrawForm(ServiceForm):
    subjects = ("notice",)
    notice: Notice

    reason = LineField(
        label=_("Why is it withdrawn?"), max_length=200, help_text=_("Its readers are told, with this reason.")
    )

    def call(self, *, actor: Any) -> Notice:
        return services.withdraw(self.notice, actor=actor, **self.cleaned_data)


class AcknowledgeForm(ServiceForm):
    """One button: 我知道了."""

    subjects = ("notice",)
    notice: Notice

    def call(self, *, actor: Any) -> Notice:
        return services.acknowledge(self.notice, actor=actor)


class MarkForm(ServiceForm):
    """One tap at a door."""

    subjects = ("door",)
    door: Any

    outcome = forms.CharField(required=False, max_length=12)

    def call(self, *, actor: Any) -> Any:
        return services.mark(self.door, self.cleaned_data["outcome"], actor=actor)
