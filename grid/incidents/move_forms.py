"""One form for every move: who may make it, how it is called on screen, and what it asks for."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import ServiceForm
from portal.core.refusals import Text
from portal.core.workflow import Move
from portal.files.forms import PhotosField

from . import services, workflow
from .forms import CategoryField, grouped_categories
from .models import Incident, Rating, Severity
from .rules import is_handler
from .selection import departments_for, posts_for

NOTE = {"rows": 3, "maxlength": 500}


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
    not_by_handler: ClassVar[bool] = False

    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(NOTE))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        """Whether the button appears: the state allows it, the user may, and no rule refuses it for certain."""
        return (
            incident.state in cls.move.sources
            and user.has_perm(cls.permission, incident)
            and not (cls.not_by_handler and is_handler(user, incident))
        )


def _reason(label: Text) -> forms.CharField:
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea(NOTE))


class SettleForm(MoveForm):
    slug, move, permission, icon = "settle", workflow.SETTLE, "incidents.settle", "check-circle"
    title, done = _("Settle on the spot"), _("Settled. Somebody else will confirm it.")

    note = None
    outcome = forms.CharField(label=_("What did you do?"), max_length=1000, widget=forms.Textarea(NOTE))
    after = PhotosField(label=_("Photo afterwards"), required=False, kind="after")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].uploader = self.user

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        small = incident.category.settle_alone and incident.severity == Severity.GENERAL
        return small and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.settle(
            self.incident, actor=actor, outcome=self.cleaned_data["outcome"], photos=self.cleaned_data["after"]
        )


class OpenForm(MoveForm):
    slug, move, permission, icon = "open", workflow.OPEN_CASE, "incidents.open", "journal-text"
    title, done = _("Open a case"), _("The case is open. Dispatch it next.")

    category = CategoryField()
    severity = forms.ChoiceField(label=_("How serious is it?"), choices=Severity)

    field_order = ("category", "severity", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = grouped_categories()
        self.fields["category"].initial = self.incident.category_id
        self.fields["severity"].initial = self.incident.severity

    def call(self, *, actor: Any) -> Incident:
        return services.open_case(self.incident, actor=actor, **self.cleaned_data)


class DeclineForm(MoveForm):
    slug, move, permission, icon = "decline", workflow.DECLINE, "incidents.decline", "slash-circle"
    title, done = _("Decline"), _("Declined. The reporter can read why.")

    note = _reason(_("Why is it declined? The reporter reads this."))

    def call(self, *, actor: Any) -> Incident:
        return services.decline(self.incident, actor=actor, **self.cleaned_data)


class DispatchForm(MoveForm):
    slug, move, permission, icon = "dispatch", workflow.DISPATCH, "incidents.dispatch", "send"
    title, done = _("Dispatch"), _("Dispatched.")

    holder = forms.ChoiceField(label=_("To a person"), required=False)
    department = forms.ModelChoiceField(
        None, label=_("Or to a department of the street"), required=False, empty_label=_("No department")
    )
    note = forms.CharField(label=_("What is to be done?"), max_length=500, required=False, widget=forms.Textarea(NOTE))

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

    note = _reason(_("Why is it not yours?"))

    def call(self, *, actor: Any) -> Incident:
        return services.hand_back(self.incident, actor=actor, **self.cleaned_data)


class FinishForm(MoveForm):
    slug, move, permission, icon = "finish", workflow.FINISH, "incidents.finish", "check-circle"
    title, done = _("Finish"), _("Finished. Somebody else will verify it.")

    note = None
    outcome = forms.CharField(label=_("What was done?"), max_length=1000, widget=forms.Textarea(NOTE))
    after = PhotosField(label=_("Photo afterwards"), required=False, kind="after")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].uploader = self.user

    def call(self, *, actor: Any) -> Incident:
        return services.finish(
            self.incident, actor=actor, outcome=self.cleaned_data["outcome"], photos=self.cleaned_data["after"]
        )


class VerifyForm(MoveForm):
    slug, move, permission, icon = "verify", workflow.VERIFY, "incidents.verify", "eye"
    title, done, not_by_handler = _("Verify"), _("Verified. The committee can close it."), True

    note = forms.CharField(label=_("What you saw"), max_length=500, required=False, widget=forms.Textarea(NOTE))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return incident.verified_by_id is None and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.verify(self.incident, actor=actor, **self.cleaned_data)


class ReworkForm(MoveForm):
    slug, move, permission, icon = "rework", workflow.REWORK, "incidents.rework", "arrow-counterclockwise"
    title, done = _("Send back for rework"), _("Sent back.")

    note = _reason(_("What is not right yet?"))

    def call(self, *, actor: Any) -> Incident:
        return services.rework(self.incident, actor=actor, **self.cleaned_data)


class CloseForm(MoveForm):
    slug, move, permission, icon = "close", workflow.CLOSE, "incidents.close", "archive"
    title, done = _("Close"), _("The incident is closed.")

    note = forms.CharField(label=_("What you saw"), max_length=500, required=False, widget=forms.Textarea(NOTE))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        verified = incident.verified_by_id is not None or not is_handler(user, incident)
        return verified and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> Incident:
        return services.close(self.incident, actor=actor, **self.cleaned_data)


class RateForm(MoveForm):
    slug, move, permission, icon = "rate", workflow.RATE, "incidents.rate", "star"
    title, done, not_by_handler = _("Rate the result"), _("Thank you. Your rating is on record."), True
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
    comment = forms.CharField(label=_("In your own words"), max_length=500, required=False, widget=forms.Textarea(NOTE))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        theirs = incident.is_on_behalf or incident.reporter_id == user.pk
        return theirs and not hasattr(incident, "rating") and super().is_offered(incident, user)

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
