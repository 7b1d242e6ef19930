"""The small forms of the desk: notes among colleagues, prepared answers."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from grid.incidents.models import AnswerTemplate, InternalNote
from grid.incidents.services import notes, templates
from grid.places.choosing import NamesPlaces
from grid.places.models import Level, Place
from grid.places.rules import OFFICE
from grid.places.territory import territory_of
from portal.core.forms import ServiceForm


class NoteForm(ServiceForm):
    """A note that the reporter does not read."""

    creates = True
    subjects = ("incident",)

    text = forms.CharField(label=_("Note among colleagues"), max_length=1000, widget=forms.Textarea({"rows": 2}))

    def call(self, *, actor: Any) -> InternalNote:
        return notes.write(self.incident, actor=actor, **self.cleaned_data)


class _Answer(ServiceForm):
    title = forms.CharField(label=_("Title"), max_length=40)
    use = forms.ChoiceField(label=_("For"), choices=AnswerTemplate.Use, initial=AnswerTemplate.Use.ANY)
    text = forms.CharField(label=_("Text"), max_length=500, widget=forms.Textarea({"rows": 5}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = templates.KNOWN if (get_language() or "").startswith("en") else templates.KNOWN.values()
        blanks = " ".join(f"{{{name}}}" for name in names)
        hint = gettext("These are filled in with those of the incident: %(blanks)s")
        self.fields["text"].help_text = hint % {"blanks": blanks}


class _AnswerPlace(NamesPlaces, forms.ModelChoiceField):
    """The communities and streets that somebody prepares answers for."""


class NewAnswerForm(_Answer):
    """An answer for a community, or for all of a street."""

    creates = True
    subjects = ("user",)

    place = _AnswerPlace(None, label=_("Who may use it"), empty_label=None)

    field_order = ("title", "use", "text", "place")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].queryset = places = places_to_prepare_for(self.user)
        self.fields["place"].initial = places.first()

    def call(self, *, actor: Any) -> AnswerTemplate:
        return templates.prepare(actor=actor, **self.cleaned_data)


class AnswerForm(_Answer):
    """Another wording, or put away."""

    subjects = ("template",)

    is_active = forms.BooleanField(label=_("May be chosen"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "use", "text", "is_active"):
            self.fields[name].initial = getattr(self.template, name)

    def call(self, *, actor: Any) -> AnswerTemplate:
        return templates.reword(self.template, actor=actor, **self.cleaned_data)


def places_to_prepare_for(user: Any) -> QuerySet[Place]:
    """The street or the community of each post in the office; a street admin's communities too."""
    posts = [post for post in territory_of(user).posts if post.role in OFFICE and post.place]
    streets = [post.place.pk for post in posts if post.place and post.place.level == Level.STREET]
    communities = frozenset().union(*(post.communities for post in posts))
    return Place.objects.filter(pk__in=[*streets, *communities], closed_on=None).order_by("level", "code")
