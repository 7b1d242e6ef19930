"""What is asked for when a list is kept under a name."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import ServiceForm

from .models import SavedView
from .services import saved_views


class SaveForm(ServiceForm):
    """A name for the filters of a list."""

    creates = True
    subjects = ("query",)
    query: str

    name = forms.CharField(
        label=_("What shall it be called?"), max_length=30, help_text=_("For example: my emergencies")
    )

    def call(self, *, actor: Any) -> SavedView:
        return saved_views.save_view(actor=actor, query=self.query, **self.cleaned_data)


class RenameForm(ServiceForm):
    subjects = ("view",)
    view: SavedView

    name = forms.CharField(label=_("Name"), max_length=30)

    def call(self, *, actor: Any) -> SavedView:
        return saved_views.rename_view(self.view, actor=actor, **self.cleaned_data)
