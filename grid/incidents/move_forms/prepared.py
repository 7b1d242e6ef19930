"""A prepared answer put into the text of a move: chosen, filled in for the incident, altered before it is sent."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grid.incidents.models import AnswerTemplate, Incident
from grid.incidents.services.templates import filled
from portal.core.forms import ServiceForm


class AnswerSelect(forms.Select):
    """Options that carry their text, for the script which puts it into the textarea."""

    texts: dict[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.texts:
            option["attrs"]["data-text"] = self.texts[str(value)]
        return option


class Prepared(ServiceForm):
    """A form about an `incident` whose text (`answer_into`) may be taken from the answers prepared for this `use`.

    Without scripts the chosen answer is used when the text is left empty.
    """

    incident: Incident
    use: ClassVar[str]
    answer_into: ClassVar[str] = "note"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers = {str(pk): (title, filled(text, self.incident)) for pk, title, text in self._prepared()}
        if self.answers:
            self._offer_answers()
            if self.is_bound:
                self._use_answer()

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        entered.pop("prepared", None)
        return entered

    def _prepared(self) -> Any:
        rows = AnswerTemplate.objects.filter(_reaching(self.incident), is_active=True, use__in=(self.use, "any"))
        return rows.order_by("use", "title").values_list("pk", "title", "text")

    def _offer_answers(self) -> None:
        widget = AnswerSelect({"data-answers": self.answer_into})
        widget.texts = {key: text for key, (_title, text) in self.answers.items()}
        choices = [("", _("Write it yourself")), *((key, title) for key, (title, _text) in self.answers.items())]
        hint = _("It is used when you leave the text below empty.")
        label = _("Insert a prepared answer")
        self.fields["prepared"] = forms.ChoiceField(
            label=label, help_text=hint, choices=choices, required=False, widget=widget
        )
        names = [name for name in self.fields if name != "prepared"]
        self.order_fields([*names[: names.index(self.answer_into)], "prepared"])

    def _use_answer(self) -> None:
        chosen = self.answers.get(self.data.get(self.add_prefix("prepared"), ""))
        into = self.add_prefix(self.answer_into)
        if chosen and not self.data.get(into, "").strip():
            self.data = self.data.copy()
            self.data[into] = chosen[1]


def _reaching(incident: Incident) -> Q:
    """Those of the incident's community and of the street above it, whoever makes the move."""
    street = incident.community.parent_id if incident.community else incident.place_id
    return Q(place__in=[incident.community_id, street])
