"""What is done to several incidents at once: shown first, then done to each on its own."""

import functools
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grid.incidents import services, workflow
from grid.incidents.models import Incident, Resolution
from grid.incidents.rules import is_involved
from grid.incidents.selection import reach_of
from grid.places.models import Appointment
from portal.core import idempotency
from portal.core.clock import day_of
from portal.core.forms import ServiceForm
from portal.core.refusals import Text
from portal.core.workflow import Move, is_open

from .base import words

MOST_NAMED = 8
FAR_APART = timedelta(days=30)  # between repeats of one thing


class BulkForm(ServiceForm):
    """One thing done to each of the ticked incidents; what is refused is named and holds none of the others up."""

    creates = True
    subjects = ("incidents", "user")
    incidents: list[Incident]
    user: Any
    do_not_call_in_templates = True
    slug: ClassVar[str]
    move: ClassVar[Move]
    permission: ClassVar[str]
    title: ClassVar[Text]
    icon: ClassVar[str]
    scopes: ClassVar[tuple[str, ...]] = ("open", "all", "mine")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left_out = {one.pk: reason for one in self.incidents if (reason := self.why_not(one))}
        self.ready = [one for one in self.incidents if one.pk not in self.left_out]
        self.prepare()

    def prepare(self) -> None:
        """Offer what all that are ready have in common."""

    @property
    def warnings(self) -> list[str]:
        """What to look at twice before it is done."""
        return []

    @property
    def named_left_out(self) -> list[tuple[Incident, str]]:
        return [(one, self.left_out[one.pk]) for one in self.incidents if one.pk in self.left_out]

    @property
    def go(self) -> str:
        """What stands on the button: what is done, and to how many."""
        return f"{self.title} ({len(self.ready)})"

    def why_not(self, incident: Incident) -> str:
        """Why this one is left out, "" when nothing speaks against it yet."""
        if not self.user.has_perm(self.permission, incident):
            return gettext("not yours to do")
        if not is_open(incident, self.move):
            return gettext("it is “%(state)s”") % {"state": incident.get_state_display()}
        return ""

    def _run(self, actor: Any) -> None:
        """Use the key up first: each incident then has a transaction of its own, and sending twice does nothing."""
        key = self.cleaned_data.pop("idempotency_key")
        content = idempotency.fingerprint(self.data)
        _nothing, self.is_new = idempotency.once(key, user=actor, content=content, create=lambda: None)
        step = self.step(actor)  # first: it may take one out of those that are ready
        self.result = services.each(self.ready, step) if self.is_new else {}

    def step(self, actor: Any) -> Callable[[Incident], object]:
        """What is done to one of them."""
        raise NotImplementedError


class BulkDispatchForm(BulkForm):
    slug, move, permission, icon = "dispatch", workflow.DISPATCH, "incidents.dispatch", "send"
    title = _("Dispatch")

    to = forms.ChoiceField(label=_("To whom?"))
    note = words(_("What is to be done?"))

    def prepare(self) -> None:
        self.reach = reach_of(self.ready)
        number = len(self.ready)
        everywhere = [posts[0] for posts in self.reach.people.values() if len(posts) == number]
        people = [(f"p{post.user_id}", f"{post.user} · {post}") for post in everywhere]
        offices = [(f"d{one.pk}", str(one)) for one in self.reach.departments]
        self.fields["to"].choices = [
            ("", gettext("Choose")),
            (gettext("People"), people),
            (gettext("Departments"), offices),
        ]
        self.fields["to"].help_text = self._others(number)

    def _others(self, number: int) -> str:
        """Who reaches some of them only, so that nobody looks for them in vain."""
        some = [(posts[0], len(posts)) for posts in self.reach.people.values() if len(posts) < number]
        if not some:
            return ""
        named = gettext(", ").join(f"{post.user} ({n}/{number})" for post, n in some[:MOST_NAMED])
        return gettext("Not offered, for they look after some of them only: %(names)s%(more)s") % {
            "names": named,
            "more": "…" if len(some) > MOST_NAMED else "",
        }

    def step(self, actor: Any) -> Callable[[Incident], object]:
        to, note = self.cleaned_data["to"], self.cleaned_data["note"]
        holder: Appointment | None = next((p[0] for p in self.reach.people.values() if f"p{p[0].user_id}" == to), None)
        office = next((one for one in self.reach.departments if f"d{one.pk}" == to), None)
        target = {"holder": holder.user if holder else None, "department": office}
        return functools.partial(services.dispatch, actor=actor, note=note, **target)


class BulkExtendForm(BulkForm):
    slug, move, permission, icon = "extend", workflow.EXTEND, "incidents.extend", "calendar-plus"
    title = _("Give more time")

    days = forms.DecimalField(
        label=_("Working days more"),
        min_value=Decimal("0.5"),
        max_value=Decimal(60),
        decimal_places=1,
        initial=Decimal(3),
        help_text=_("Half days count too: 0.5"),
        widget=forms.NumberInput({"step": "0.5", "inputmode": "decimal"}),
    )
    note = words(_("Why? The handlers read this."), required=True)

    def clean_days(self) -> Decimal:
        days = self.cleaned_data["days"]
        if days % Decimal("0.5"):
            raise forms.ValidationError(gettext("Whole or half days."))
        return days

    def step(self, actor: Any) -> Callable[[Incident], object]:
        return functools.partial(services.extend, actor=actor, **self.cleaned_data)


class BulkMergeForm(BulkForm):
    slug, move, permission, icon = "merge", workflow.MERGE, "incidents.merge", "intersect"
    title = _("Merge")

    into = forms.ChoiceField(label=_("Which one stays?"), widget=forms.RadioSelect)
    note = words(_("Note"))

    def why_not(self, incident: Incident) -> str:
        """The one that stays may be further on than its repeats."""
        if not self.user.has_perm(self.permission, incident):
            return gettext("not yours to do")
        return "" if incident.is_open else gettext("it is “%(state)s”") % {"state": incident.get_state_display()}

    def prepare(self) -> None:
        oldest_first = sorted(self.ready, key=lambda one: (is_open(one, self.move), one.reported_at, one.pk))
        self.fields["into"].choices = [(str(one.pk), self._words(one)) for one in oldest_first]
        self.fields["into"].initial = str(oldest_first[0].pk) if oldest_first else None

    @property
    def warnings(self) -> list[str]:
        """Repeats of one thing are of one kind, at one place, and not months apart."""
        found = []
        kinds, at = ({str(getattr(one, name)): None for one in self.ready} for name in ("category", "place"))
        if len(kinds) > 1:
            found.append(gettext("They are of different kinds: %(names)s.") % {"names": _some(kinds)})
        if len(at) > 1:
            found.append(gettext("They are at different places: %(names)s.") % {"names": _some(at)})
        days = sorted(day_of(one.reported_at) for one in self.ready)
        if days and days[-1] - days[0] > FAR_APART:
            words = gettext("The first and the last were reported %(days)d days apart.")
            found.append(words % {"days": (days[-1] - days[0]).days})
        return found

    def _words(self, one: Incident) -> str:
        facts = [one.number, str(one.category), str(one.place), one.location, str(one.get_state_display())]
        return " · ".join(filter(None, facts))

    def step(self, actor: Any) -> Callable[[Incident], object]:
        main = next(one for one in self.ready if str(one.pk) == self.cleaned_data["into"])
        self.ready = [one for one in self.ready if one != main]
        return lambda one: services.merge([one], into=main, actor=actor, note=self.cleaned_data["note"])


def _some(names: Iterable[str]) -> str:
    named = list(names)
    return gettext(", ").join(named[:MOST_NAMED]) + ("…" if len(named) > MOST_NAMED else "")


class BulkCloseForm(BulkForm):
    slug, move, permission, icon = "close", workflow.CLOSE, "incidents.close", "archive"
    title = _("Close with a result")
    scopes = ("verify", "open", "all")

    resolution = forms.ChoiceField(
        label=_("Is the problem solved?"), choices=Resolution, initial=Resolution.SOLVED, widget=forms.RadioSelect
    )
    note = words(_("What you saw"))

    def why_not(self, incident: Incident) -> str:
        if not (reason := super().why_not(incident)) and is_involved(self.user, incident):
            return "" if incident.is_confirmed else gettext("you handled it yourself")
        return reason

    def step(self, actor: Any) -> Callable[[Incident], object]:
        return functools.partial(services.close, actor=actor, **self.cleaned_data)


class ConfirmForm(ServiceForm):
    """Several results confirmed and closed at once, from the list itself."""

    subjects = ("incidents",)

    def call(self, *, actor: Any) -> dict[Incident, str]:
        return services.close_several(self.incidents, actor=actor)


BULK: tuple[type[BulkForm], ...] = (BulkDispatchForm, BulkCloseForm, BulkExtendForm, BulkMergeForm)


def offered(user: Any, scope: str) -> list[type[BulkForm]]:
    """What may be done to ticked rows under a tab, by this user."""
    return [form for form in BULK if scope in form.scopes and user.has_perm(form.permission)]
