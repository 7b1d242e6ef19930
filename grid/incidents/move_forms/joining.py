"""Saying "me too": from the page of an incident, or in one tap from a report that turns out to be the same."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from grid.incidents import workflow
from grid.incidents.models import CoReport, Incident
from grid.incidents.rules import is_reporter
from grid.incidents.services.joining import join
from portal.files.forms import PhotosField

from .base import MoveForm, words


class JoinForm(MoveForm):
    """The fields are called as in a report, whose form may be sent here instead."""

    creates = True
    slug, move, permission, icon = "join", workflow.JOIN, "incidents.join", "people"
    title, done = _("I saw it too"), _("Noted: you saw it too. You hear what becomes of it.")

    note = None
    photos = PhotosField(label=_("Photo"), required=False, kind="before")
    description = words(_("Anything to add?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photos"].uploader = self.user

    @classmethod
    def is_offered(cls, incident: Incident, user: Any) -> bool:
        return not is_reporter(user, incident) and super().is_offered(incident, user)

    def call(self, *, actor: Any) -> CoReport:
        entered = self.cleaned_data
        return join(self.incident, actor=actor, note=entered["description"], photos=entered["photos"])
