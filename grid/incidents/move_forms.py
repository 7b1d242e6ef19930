"""One form for every move: who may make it, how it is called on screen, and what it asks for."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import ServiceForm
from portal.core.refusals import Text
from portal.core.workflow import Move, is_open
from portal.files.forms import PhotosField

from . import services, workflow
from .fields import CategoryField
from .models import Incident, Rating, Severity
from .rules import is_handler, is_involved
from .selection import departments_for, posts_for


def _words(label: Text, *, most: int = 500, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, widget=forms.Textarea({"rows": 3}))


class MoveForm(ServiceForm):
    """One move of an incident: who may make it, how it is called, and what it asks for."""

    subjects = ("incident", "user")
    incident: Incident
    user: Any
    do_not_call_in_templates = True  # the detail page names the forms it offers
    slug: ClassVar[str]
    move: ClassVar[Move]
    permission: ClassVar[str]
    title: ClassVar[Text]
    done: ClassVar[Text]
    icon: ClassVar[str] = "check-lg"
    icons: ClassVar[dict[str, str]] = {}

    note = _words(_("Note"))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        """Whether the button appears: the state allows it, the user may, and no rule refuses it for certain."""
        return is_open(incident, cls.move) and user.has_perm(cls.permission, incident)


class OutcomeForm(MoveForm):
    """A move that says what was done, best with a photo taken afterwards."""

    service: ClassVar[Callable[..., Incident]]

    note = None
    outcome = _words(_("What was done?"), most=1000, required=True)
    after = PhotosField(label=_("Photo afterwards"), required=False, kind="after")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].uploader = self.user

    def call(self, *, actor: Any) -> Incident:
        entered = self.cleaned_data
        return type(self).service(self.incident, actor=actor, outcome=entered["outcome"], photos=entered["after"])


class SettleForm(OutcomeForm):
    slug, move, permission, icon = "settle", workflow.SETTLE, "incidents.settle", "check-circle"
    title, done = _("Settle on the spot"), _("Settled. Somebody else will confirm it.")
    service = services.settle

    outcome = _words(_("What did you do?"), most=1000, required=True)

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        small = incident.category.settle_alone and incident.severity == Severity.GENERAL
        return small and super().is_offered(incident, user)


class OpenForm(MoveForm):
    slug, move, permission, icon = "open", workflow.OPEN_CASE, "incidents.open", "journal-text"
    title, done = _("Open a case"), _("The case is open. Dispatch it next.")

    category = CategoryField()
    severity = forms.ChoiceField(label=_("How serious is it?"), choices=Severity)

    field_order = ("category", "severity", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].initial = self.incident.category_id
        self.fields["severity"].initial = self.incident.severity

    def call(self, *, actor: Any) -> Incident:
        return services.open_case(self.incident, actor=actor, **self.cleaned_data)


class DeclineForm(MoveForm):
    slug, move, permission, icon = "decline", workflow.DECLINE, "incidents.decline", "slash-circle"
    title, done = _("Decline"), _("Declined. The reporter can read why.")

    note = _words(_("Why is it declined? The reporter reads this."), required=True)

    def call(self, *, actor: Any) -> Incident:
        return services.decline(self.incident, actor=actor, **self.cleaned_data)


class DispatchForm(MoveForm):
    slug, move, permission, icon = "dispatch", workflow.DISPATCH, "incidents.dispatch", "send"
    title, done = _("Dispatch"), _("Dispatched.")

    holder = forms.ChoiceField(label=_("To a person"), required=False)
    department = forms.ModelChoiceField(
        None, label=_("Or to a department of the street"), required=False, empty_label=_("No department")
    )
    note = _words(_("What is to be done?"))

    field_order = ("holder", "department", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posts = list(posts_for(self.incident))
        offered = {post.user_id: f"{post.user} · {post}" for post in reversed(self.posts)}
        nearest_first = sorted(offered.items(), key=lambda item: [p.user_id for p in self.posts].index(item[0]))
        self.fields["holder"].choices = [("", _("Nobody")), *nearest_first]
        self.fields["holder"].initial = self._first_handler()
        self.fields["department"].queryset = departments_for(self.incident)

    def _first_handler(self) -> int | None:
        wanted = self.incident.category.first_handler
        return next((post.user_id for post in self.posts if post.role == wanted), None)

    def clean_holder(self) -> Any:
        chosen = self.cleaned_data["holder"]
        return next((post.user for post in self.posts if str(post.user_id) == chosen), None)

    def call(self, *, actor: Any) -> Incident:
        return services.dispatch(self.incident, actor=actor, **self.cleaned_data)


class TakeForm(MoveForm):
    slug, move, permission, icon = "take", workflow.TAKE, "incidents.take", "person-plus"
    title, done = _("Take it on"), _("It is yours now.")

    def call(self, *, actor: Any) -> Incident:
        return services.take(self.incident, actor=actor, **self.cleaned_data)


class ReturnForm(MoveForm):
    slug, move, permission, icon = "return", workflow.RETURN, "incidents.return", "arrow-return-left"
    title, done = _("Hand back"), _("Handed back to be dispatched anew.")

    note = _words(_("Why is it not yours?"), required=True)

    def call(self, *, actor: Any) -> Incident:
        return services.hand_back(self.incident, actor=actor, **self.cleaned_data)


class FinishForm(OutcomeForm):
    slug, move, permission, icon = "finish", workflow.FINISH, "incidents.finish", "check-circle"
    title, done = _("Finish"), _("Finished. Somebody else will verify it.")
    service = services.finish


class VerifyForm(MoveForm):
    slug, move, permission, icon = "verify", workflow.VERIFY, "incidents.verify", "eye"
    title, done = _("Verify"), _("Verified. The committee can close it.")

    note = _words(_("What you saw"))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        waits = incident.verified_by_id is None and not is_involved(user, incident)
        return waits and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.verify(self.incident, actor=actor, **self.cleaned_data)


class ReworkForm(MoveForm):
    slug, move, permission, icon = "rework", workflow.REWORK, "incidents.rework", "arrow-counterclockwise"
    title, done = _("Send back for rework"), _("Sent back.")

    note = _words(_("What is not right yet?"), required=True)

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return not is_involved(user, incident) and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.rework(self.incident, actor=actor, **self.cleaned_data)


class CloseForm(MoveForm):
    slug, move, permission, icon = "close", workflow.CLOSE, "incidents.close", "archive"
    title, done = _("Close"), _("The incident is closed.")

    note = _words(_("What you saw"))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        verified = incident.verified_by_id is not None or not is_involved(user, incident)
        return verified and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.close(self.incident, actor=actor, **self.cleaned_data)


class RateForm(MoveForm):
    creates = True
    slug, move, permission, icon = "rate", workflow.RATE, "incidents.rate", "star"
    title, done = _("Rate the result"), _("Thank you. Your rating is on record.")
    icons = {"satisfied": "emoji-smile", "fairly": "emoji-neutral", "dissatisfied": "emoji-frown"}

    note = None
    was_contacted = forms.TypedChoiceField(
        label=_("Did anybody get in touch?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        initial="yes",
        widget=forms.RadioSelect,
    )
    is_solved = forms.TypedChoiceField(
        label=_("Is the problem solved?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    satisfaction = forms.ChoiceField(
        label=_("How satisfied are you?"), choices=Rating.Satisfaction, widget=forms.RadioSelect
    )
    comment = _words(_("In your own words"))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        waits = not hasattr(incident, "rating") and not is_handler(user, incident)
        return waits and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Rating:
        return services.rate(self.incident, actor=actor, **self.cleaned_data)


MOVES: tuple[type[MoveForm], ...] = (
    OpenForm,
    TakeForm,
    DispatchForm,
    FinishForm,
    CloseForm,
    VerifyForm,
    RateForm,
    SettleForm,
    ReworkForm,
    ReturnForm,
    DeclineForm,
)
