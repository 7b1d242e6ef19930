"""Suspending what cannot go on, and letting it go on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grid.incidents import services, workflow
from grid.incidents.models import Incident
from portal.core.widgets import DayInput

from .base import MoveForm, words


class SuspendForm(MoveForm):
    slug, move, permission, icon = "suspend", workflow.SUSPEND, "incidents.suspend", "pause-circle"
    title, done = _("Suspend"), _("Suspended: the clock stands.")

    note = words(_("Why can it not go on? The others read it."), required=True)
    expected_on = forms.DateField(
        label=_("When is it expected to go on?"),
        widget=DayInput(),
        help_text=_("The clock stands until somebody lets it run on. On this day you are reminded."),
    )

    def call(self, *, actor: Any) -> Incident:
        return services.suspend(self.incident, actor=actor, **self.cleaned_data)


class ResumeForm(MoveForm):
    slug, move, permission, icon = "resume", workflow.RESUME, "incidents.suspend", "play-circle"
    title, done = _("Resume"), _("It goes on: the deadline moved by as long as the clock stood.")

    note = words(_("What has changed?"))

    def call(self, *, actor: Any) -> Incident:
        return services.resume(self.incident, actor=actor, **self.cleaned_data)
