"""Asking for what is not one's own to decide, and the form in which it is decided."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.incidents import services, workflow
from grid.incidents.models import RATED_WITHIN, AnswerTemplate, Incident, IncidentRequest
from grid.incidents.requests import requests_of
from grid.incidents.selection import departments_for, posts_for
from grid.places.models import Appointment
from portal.core.forms import ServiceForm
from portal.files.forms import PhotosField

from .base import MoveForm, words
from .prepared import Prepared

Kind = IncidentRequest.Kind


def people_of(posts: Iterable[Appointment]) -> list[tuple[str, str]]:
    """Each person once, under the nearest of their posts; the posts come in that order."""
    found: dict[str, str] = {}
    for post in posts:
        found.setdefault(str(post.user_id), f"{post.user} · {post}")
    return list(found.items())


def chosen_from(posts: Iterable[Appointment], value: str) -> Any:
    """The user whose key was chosen, if they are among these."""
    return next((post.user for post in posts if str(post.user_id) == value), None)


class AskForm(MoveForm):
    """A request of one kind; while one waits another is not offered."""

    creates = True
    kind: str

    note = None

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        if not super().is_offered(incident, user):
            return False
        return not any(one.is_pending and one.kind == cls.kind for one in requests_of(incident))


class AskReturnForm(AskForm):
    slug, move, permission, icon = "ask-return", workflow.ASK_RETURN, "incidents.ask_return", "arrow-return-left"
    title, done = _("Not mine"), _("The office will decide. Until then it stays with you.")
    kind = Kind.RETURN

    reason = words(_("Why is it not yours?"), required=True)
    suggested_holder = forms.ChoiceField(label=_("Whose is it?"), required=False)
    suggested_department = forms.ModelChoiceField(
        None, label=_("Or which department's?"), required=False, empty_label=_("I do not know")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posts = [post for post in posts_for(self.incident) if post.user_id != self.user.pk]
        self.fields["suggested_holder"].choices = [("", _("I do not know")), *people_of(self.posts)]
        others = departments_for(self.incident).exclude(pk=self.incident.department_id or 0)
        self.fields["suggested_department"].queryset = others

    def clean_suggested_holder(self) -> Any:
        return chosen_from(self.posts, self.cleaned_data["suggested_holder"])

    def call(self, *, actor: Any) -> IncidentRequest:
        return services.ask_return(self.incident, actor=actor, **self.cleaned_data)


class AskExtensionForm(AskForm):
    slug, move, permission, icon = "ask-extension", workflow.ASK_EXTENSION, "incidents.ask_extension", "clock-history"
    title, done = _("Ask for more time"), _("The office will decide. The deadline stands until then.")
    kind = Kind.EXTENSION

    days = forms.DecimalField(
        label=_("How many working days more?"),
        min_value=Decimal("0.5"),
        max_value=30,
        decimal_places=1,
        initial=1,
        widget=forms.NumberInput({"step": "0.5", "inputmode": "decimal"}),
    )
    reason = words(_("Why does it take longer?"), required=True)

    def call(self, *, actor: Any) -> IncidentRequest:
        return services.ask_extension(self.incident, actor=actor, **self.cleaned_data)


class AskReopenForm(AskForm):
    slug, move, permission, icon = "ask-reopen", workflow.ASK_REOPEN, "incidents.ask_reopen", "arrow-counterclockwise"
    title, done = _("Not solved: ask to reopen"), _("The office will decide and you will hear of it.")
    kind = Kind.REOPEN

    reason = words(_("What is not solved?"), required=True)
    photos = PhotosField(label=_("Photo of it now"), required=False, kind="before")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photos"].uploader = self.user

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        closed = incident.closed_at
        is_fresh = closed is not None and closed >= timezone.now() - RATED_WITHIN
        return is_fresh and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> IncidentRequest:
        return services.ask_reopen(self.incident, actor=actor, **self.cleaned_data)


GRANT: dict[str, Any] = {
    Kind.RETURN: _("Agree: it goes back and is dispatched anew"),
    Kind.EXTENSION: _("Agree: the deadline moves"),
    Kind.REOPEN: _("Agree: it is opened again"),
}
REFUSE: dict[str, Any] = {
    Kind.RETURN: _("Do not agree: it stays with them"),
    Kind.EXTENSION: _("Do not agree: the deadline stands"),
    Kind.REOPEN: _("Do not agree: it stays closed"),
}


class DecideForm(Prepared, ServiceForm):
    """What the office says to a request; what is handed back may be dispatched in the same step."""

    use, answer_into = AnswerTemplate.Use.ANY, "reply"
    subjects = ("asked", "user")
    asked: IncidentRequest
    user: Any

    granted = forms.TypedChoiceField(
        label=_("What do you decide?"), coerce=lambda value: value == "yes", widget=forms.RadioSelect
    )
    holder = forms.ChoiceField(label=_("Dispatch it at once to a person"), required=False)
    department = forms.ModelChoiceField(
        None, label=_("Or to a department of the street"), required=False, empty_label=_("No department")
    )
    reply = words(_("Answer: whoever asked reads it"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.incident = kwargs["asked"].incident
        super().__init__(*args, **kwargs)
        kind, incident = self.asked.kind, self.asked.incident
        self.fields["granted"].choices = [("yes", GRANT[kind]), ("no", REFUSE[kind])]
        if kind != Kind.RETURN:
            del self.fields["holder"], self.fields["department"]
            return
        self.posts = [post for post in posts_for(incident) if post.user_id != self.asked.asked_by_id]
        self.fields["holder"].choices = [("", _("Not yet")), *people_of(self.posts)]
        self.fields["holder"].initial = self.asked.suggested_holder_id
        self.fields["department"].queryset = departments_for(incident)
        self.fields["department"].initial = self.asked.suggested_department_id

    def clean_holder(self) -> Any:
        return chosen_from(self.posts, self.cleaned_data["holder"])

    def clean(self) -> dict[str, Any]:
        """Whom to dispatch it to is asked of what is granted only."""
        entered = super().clean() or {}
        if entered.get("granted") is False:
            entered.pop("holder", None)
            entered.pop("department", None)
        return entered

    def call(self, *, actor: Any) -> IncidentRequest:
        return services.decide(self.asked, actor=actor, **self.cleaned_data)
