"""From a report to a result."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents import services, workflow
from grid.incidents.fields import CategoryField
from grid.incidents.models import AnswerTemplate, Incident, Severity, street_of
from grid.incidents.relatives import relatives_of
from grid.incidents.rules import is_its_desk
from grid.incidents.selection import departments_for, posts_for

from .base import MoveForm, OutcomeForm, words
from .prepared import Prepared


class SettleForm(OutcomeForm):
    slug, move, permission, icon = "settle", workflow.SETTLE, "incidents.settle", "check-circle"
    title, done = _("Settle on the spot"), _("Settled. Somebody else will confirm it.")
    service = services.settle

    outcome = words(_("What did you do?"), most=1000, required=True)

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        small = incident.rule.settle_alone and incident.severity == Severity.GENERAL
        return small and super().is_offered(incident, user)


class OpenForm(MoveForm):
    slug, move, permission, icon = "open", workflow.OPEN_CASE, "incidents.open", "journal-text"
    title, done = _("Open a case"), _("The case is open. Dispatch it next.")

    category = CategoryField()
    severity = forms.ChoiceField(label=_("How serious is it?"), choices=Severity)

    field_order = ("category", "severity", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].offer([street_of(self.incident.place)], also=self.incident.category)
        self.fields["category"].initial = self.incident.category_id
        self.fields["severity"].initial = self.incident.severity

    def call(self, *, actor: Any) -> Incident:
        return services.open_case(self.incident, actor=actor, **self.cleaned_data)


class DeclineForm(Prepared, MoveForm):
    use = AnswerTemplate.Use.DECLINE
    slug, move, permission, icon = "decline", workflow.DECLINE, "incidents.decline", "slash-circle"
    title, done = _("Decline"), _("Declined. The reporter can read why.")

    note = words(_("Why is it declined? The reporter reads this."), required=True)

    def call(self, *, actor: Any) -> Incident:
        return services.decline(self.incident, actor=actor, **self.cleaned_data)


class DispatchForm(Prepared, MoveForm):
    use = AnswerTemplate.Use.DISPATCH
    slug, move, permission, icon = "dispatch", workflow.DISPATCH, "incidents.dispatch", "send"
    title, done = _("Dispatch"), _("Dispatched.")

    holder = forms.ChoiceField(label=_("To a person"), required=False)
    department = forms.ModelChoiceField(
        None, label=_("Or to a department of the street"), required=False, empty_label=_("No department")
    )
    note = words(_("What is to be done?"))

    field_order = ("holder", "department", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posts = list(posts_for(self.incident))
        offered = {post.user_id: f"{post.user} · {post}" for post in reversed(self.posts)}
        nearest_first = sorted(offered.items(), key=lambda item: [p.user_id for p in self.posts].index(item[0]))
        self.fields["holder"].choices = [("", _("Nobody")), *nearest_first]
        self.fields["holder"].initial = self._first_handler()
        self.fields["department"].queryset = departments_for(self.incident)

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return super().is_offered(incident, user) and is_its_desk(user, incident)

    def _first_handler(self) -> int | None:
        wanted = self.incident.rule.first_handler
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
    title, done = _("Call back"), _("Called back to be dispatched anew.")

    note = words(_("Why is it called back? Whoever has it reads this."), required=True)

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return super().is_offered(incident, user) and is_its_desk(user, incident)

    def call(self, *, actor: Any) -> Incident:
        return services.hand_back(self.incident, actor=actor, **self.cleaned_data)


class FinishForm(Prepared, OutcomeForm):
    use, answer_into = AnswerTemplate.Use.FINISH, "outcome"
    slug, move, permission, icon = "finish", workflow.FINISH, "incidents.finish", "check-circle"
    title, done = _("Finish"), _("Finished. Somebody else will verify it.")
    service = services.finish

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.incident.rule.photo_after:
            self.fields["after"].required = True
            self.fields["after"].help_text = _("This category needs one: others must see the result.")

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return super().is_offered(incident, user) and not relatives_of(incident).open_parts
