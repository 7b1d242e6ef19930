"""The list's filter bar: it offers only the user's territory, and everything chosen stands in the address."""

from datetime import date
from typing import Any

import django_filters as filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from grid.places.filters import ANY, PlaceFilter
from grid.places.models import Place
from portal.core.clock import end_of, start_of

from .models import CategoryGroup, Incident, IncidentQuerySet, Severity
from .workflow import OPEN, State

DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class Scope(models.TextChoices):
    """The tabs above the list. Open ones come by deadline, so that what is overdue stands first."""

    OPEN = "open", _("Open")
    VERIFY = "verify", _("To verify")
    MINE = "mine", _("Reported by me")
    CALL_BACK = "call_back", _("To ring back")
    CLOSED = "closed", _("Closed")
    ALL = "all", _("All")


class IncidentFilter(filters.FilterSet):
    q = filters.CharFilter(label=_("Search"), method="search")
    place = PlaceFilter(label=_("Area"), method="within")
    state = filters.ChoiceFilter(label=_("State"), choices=State.choices, empty_label=ANY)
    group = filters.ModelChoiceFilter(
        label=_("Category"), queryset=CategoryGroup.objects.all(), field_name="category__group", empty_label=ANY
    )
    severity = filters.ChoiceFilter(label=_("Severity"), choices=Severity.choices, empty_label=ANY)
    since = filters.DateFilter(label=_("Reported from"), method="reported_since", widget=DAY)
    until = filters.DateFilter(label=_("to"), method="reported_until", widget=DAY)
    overdue = filters.BooleanFilter(label=_("Overdue only"), method="only_overdue", widget=forms.CheckboxInput)

    class Meta:
        model = Incident
        fields = ("q", "place", "state", "group", "severity", "since", "until", "overdue")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["q"].widget.attrs["placeholder"] = _("Number or words")
        self._offer_states()

    @property
    def scopes(self) -> list[tuple[str, Any]]:
        """The tabs this user can use: ringing callers back is the office's."""
        rings_back = self.request.user.has_perm("incidents.open")
        return [(scope, label) for scope, label in Scope.choices if scope != Scope.CALL_BACK or rings_back]

    @property
    def scope(self) -> str:
        asked = self.data.get("scope", Scope.OPEN)
        return asked if asked in Scope.values else Scope.OPEN

    def _offer_states(self) -> None:
        """The states that there are under the chosen tab; no choice at all where there is but one."""
        if self.scope in (Scope.VERIFY, Scope.CALL_BACK, Scope.CLOSED):
            del self.form.fields["state"]
        elif self.scope == Scope.OPEN:
            self.form.fields["state"].choices = [("", ANY), *((state, state.label) for state in OPEN)]

    @property
    def qs(self) -> IncidentQuerySet:
        """What was asked for; nothing when a filter makes no sense, for nobody meant to export everything."""
        found = super().qs if self.is_valid() else self.queryset.none()
        return _scoped(found, self.scope, self.request.user)

    def search(self, queryset: IncidentQuerySet, name: str, value: str) -> IncidentQuerySet:
        return queryset.matching(value)

    def within(self, queryset: IncidentQuerySet, name: str, value: Place) -> IncidentQuerySet:
        return queryset.within(value)

    def reported_since(self, queryset: IncidentQuerySet, name: str, value: date) -> IncidentQuerySet:
        return queryset.filter(reported_at__gte=start_of(value))

    def reported_until(self, queryset: IncidentQuerySet, name: str, value: date) -> IncidentQuerySet:
        return queryset.filter(reported_at__lt=end_of(value))

    def only_overdue(self, queryset: IncidentQuerySet, name: str, value: bool) -> IncidentQuerySet:
        return queryset.overdue() if value else queryset


def _scoped(queryset: IncidentQuerySet, scope: str, user: Any) -> IncidentQuerySet:
    if scope == Scope.OPEN:
        return queryset.open().order_by("due_at", "id")
    if scope == Scope.VERIFY:
        return queryset.awaiting_verification().order_by("due_at", "id")
    if scope == Scope.MINE:
        queryset = queryset.filter(reporter=user)
    if scope == Scope.CALL_BACK:
        queryset = queryset.to_ring_back()
    if scope == Scope.CLOSED:
        queryset = queryset.filter(state=State.CLOSED)
    return queryset.order_by("-reported_at", "-id")
