"""What the form of every move has in common: who may make it, how it is called on screen, when it is offered."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents.models import Incident
from portal.core.forms import ServiceForm
from portal.core.refusals import Text
from portal.core.workflow import Move, is_open
from portal.files.forms import PhotosField


def words(label: Text, *, most: int = 500, required: bool = False) -> forms.CharField:
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
    template: ClassVar[str] = "incidents/move.html"
    prefilled: ClassVar[tuple[str, ...]] = ()  # fields that a link to the page may fill in: never anything typed

    note = words(_("Note"))

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        """Whether the button appears: the state allows it, the user may, and no rule refuses it for certain."""
        return is_open(incident, cls.move) and user.has_perm(cls.permission, incident)


class OutcomeForm(MoveForm):
    """A move that says what was done, best with a photo taken afterwards."""

    service: ClassVar[Callable[..., Incident]]

    note = None
    outcome = words(_("What was done?"), most=1000, required=True)
    after = PhotosField(label=_("Photo afterwards"), required=False, kind="after")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].uploader = self.user

    def call(self, *, actor: Any) -> Incident:
        entered = self.cleaned_data
        return type(self).service(self.incident, actor=actor, outcome=entered["outcome"], photos=entered["after"])
