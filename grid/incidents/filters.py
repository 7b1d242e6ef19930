"""The list's filter bar: it offers only the user's territory, and everything chosen stands in the address."""

from copy import deepcopy
from datetime import date
from typing import Any

import django_filters as filters
from django import forms
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from grid.places.filters import ANY, PlaceFilter
from grid.places.models import Place
from grid.places.territory import territory_of
from grid.roster.models import Household
from portal.core.clock import end_of, start_of
from portal.core.filters import FilterBar
from portal.core.widgets import DayInput

from .models import (
    Category,
    CategoryGroup,
    Incident,
    IncidentQuerySet,
    IncidentRequest,
    Resolution,
    Severity,
    Tier,
    streets_seen_by,
)
from .workflow import OPEN, State

TICK = forms.CheckboxInput
ASKED = [("any", _("Any request")), *IncidentRequest.Kind.choices]
# What is rarely asked stands apart, so that the bar stays one line.
RARE = ("level", "asked", "since", "until", "resolution", "emergency", "suspended", "drawn", "disputed", "merged")
NEVER_KEPT = {"q", "household"}  # what was typed may hold a name, and a flat is somebody's
LONGEST = 100  # characters of a filter's value


class Scope(models.TextChoices):
    """The tabs above the list. Open ones come by deadline, so that what is overdue stands first."""

    OPEN = "open", _("Open")
    VERIFY = "verify", _("To verify")
    MINE = "mine", _("Reported by me")
    CALL_BACK = "call_back", _("To ring back")
    CLOSED = "closed", _("Closed")
    ALL = "all", _("All")


def _households(request: HttpRequest) -> QuerySet:
    """A link from a façade narrows the list to one flat; `null` to what belongs to none."""
    return Household.objects.visible_to(request.user)


def _groups(request: HttpRequest) -> Any:
    """The nation's and those of the reader's streets: what another street has added is its own affair."""
    return CategoryGroup.objects.of_streets(streets_seen_by(request.user))


def _categories(request: HttpRequest) -> Any:
    return Category.objects.of_streets(streets_seen_by(request.user))


class IncidentFilter(FilterBar):
    q = filters.CharFilter(label=_("Search"), method="search")
    place = PlaceFilter(label=_("Area"), method="within")
    state = filters.ChoiceFilter(label=_("State"), choices=State.choices, empty_label=ANY)
    group = filters.ModelChoiceFilter(
        label=_("Category"), queryset=_groups, field_name="category__group", empty_label=ANY
    )
    severity = filters.ChoiceFilter(label=_("Severity"), choices=Severity.choices, empty_label=ANY)
    since = filters.DateFilter(label=_("Reported from"), method="reported_since", widget=DayInput())
    until = filters.DateFilter(label=_("to"), method="reported_until", widget=DayInput())
    household = filters.ModelChoiceFilter(queryset=_households, null_label=ANY, widget=forms.HiddenInput)
    category = filters.ModelChoiceFilter(queryset=_categories, widget=forms.HiddenInput)
    counts = filters.BooleanFilter(method="only_counted", widget=forms.HiddenInput)
    overdue = filters.BooleanFilter(label=_("Overdue only"), method="only_overdue", widget=TICK)
    held = filters.BooleanFilter(label=_("Held by me"), method="only_held", widget=TICK)
    level = filters.ChoiceFilter(label=_("Level"), choices=Tier.choices, empty_label=ANY)
    asked = filters.ChoiceFilter(label=_("Waiting for a decision"), choices=ASKED, empty_label=ANY, method="only_asked")
    resolution = filters.ChoiceFilter(label=_("Result"), choices=Resolution.choices, empty_label=ANY)
    emergency = filters.BooleanFilter(label=_("Emergencies only"), method="only_emergencies", widget=TICK)
    suspended = filters.BooleanFilter(label=_("Suspended only"), method="only_suspended", widget=TICK)
    drawn = filters.BooleanFilter(label=_("Drawn to be looked at"), method="only_drawn", widget=TICK)
    disputed = filters.BooleanFilter(label=_("Not solved, they say"), method="only_disputed", widget=TICK)
    merged = filters.BooleanFilter(label=_("With merged ones"), method="with_merged", widget=TICK)

    class Meta:
        model = Incident
        fields = ("q", "place", "state", "group", "severity", "since", "until", "overdue")

    def __init__(self, data: QueryDict, queryset: IncidentQuerySet, *, request: HttpRequest) -> None:
        # All that the library's own does, but for copying nineteen filters: see `filters`.
        self.is_bound, self.data, self.form_prefix = True, data, None
        self.queryset, self.request = queryset, request

    @cached_property
    def filters(self) -> dict[str, filters.Filter]:
        """Copied when somebody asks for them: a list that is not narrowed needs none but to draw the bar."""
        copied = deepcopy(self.base_filters)
        for one in copied.values():
            one.model, one.parent = Incident, self
        return copied

    @property
    def form(self) -> forms.Form:
        """Built when somebody asks for it, as the filters are."""
        if not hasattr(self, "_form"):
            self._offer(super().form.fields)
        return self._form

    @property
    def is_plain(self) -> bool:
        """Whether the list is not narrowed at all: then the bar is the same for everybody who looks after the same."""
        return not any(self.data.get(name) for name in self.base_filters)

    @property
    def bar_key(self) -> str:
        """What the bar of a list that is not narrowed depends on."""
        mine = territory_of(self.request.user)
        places = sorted(post.place.pk for post in mine.posts if post.place)
        return f"{get_language()} {self.scope} {places} {sorted(mine.departments)}"

    @property
    def scopes(self) -> list[tuple[str, Any]]:
        """The tabs this user can use: ringing callers back is the office's."""
        rings_back = self.request.user.has_perm("incidents.open")
        return [(scope, label) for scope, label in Scope.choices if scope != Scope.CALL_BACK or rings_back]

    @property
    def narrowed_to(self) -> str:
        """What a link has narrowed the list to and the filter bar does not show."""
        chosen = self.form.cleaned_data if not self.is_plain and self.is_valid() else {}
        household = _("at no household") if chosen.get("household") == "null" else chosen.get("household")
        counts = _("only what counts: nothing void, no parts") if chosen.get("counts") else None
        return " · ".join(str(one) for one in (household, chosen.get("category"), counts) if one)

    @property
    def scope(self) -> str:
        asked = self.data.get("scope", Scope.OPEN)
        return asked if asked in Scope.values else Scope.OPEN

    def _offer(self, fields: dict[str, Any]) -> None:
        """The states that there are under the chosen tab; no choice at all where there is but one."""
        fields["q"].widget.attrs["placeholder"] = _("Number or words")
        if self.scope in (Scope.VERIFY, Scope.CALL_BACK, Scope.CLOSED):
            del fields["state"]
        elif self.scope == Scope.OPEN:
            fields["state"].choices = [("", ANY), *((state, state.label) for state in OPEN)]
        if self.scope not in (Scope.CLOSED, Scope.CALL_BACK, Scope.ALL, Scope.MINE):
            del fields["resolution"]
        if self.scope not in (Scope.VERIFY, Scope.ALL):
            del fields["drawn"]
        if self.scope not in (Scope.CLOSED, Scope.ALL):
            del fields["disputed"]
        if self.scope != Scope.ALL:
            del fields["merged"]
        if self.scope not in (Scope.OPEN, Scope.MINE, Scope.ALL):
            del fields["suspended"]

    @property
    def rare(self) -> str:
        """The fields that stand apart, and whether any of them is used."""
        return " ".join(name for name in RARE if name in self.form.fields)

    @property
    def uses_rare(self) -> bool:
        return any(self.data.get(name) for name in RARE)

    @property
    def qs(self) -> IncidentQuerySet:
        """What was asked for, under the chosen tab."""
        found = self.queryset if self.is_plain else super().qs
        if self.scope == Scope.ALL and not self.data.get("merged"):
            found = found.filter(merged_into=None)
        return _scoped(found, self.scope, self.request.user)

    def only_counted(self, queryset: IncidentQuerySet, name: str, value: bool) -> IncidentQuerySet:
        """What figures count, for a number that leads to its records."""
        return queryset.counted() if value else queryset

    def only_drawn(self, queryset: IncidentQuerySet, name: str, value: bool) -> IncidentQuerySet:
        return queryset.waiting_for_look() if value else queryset

    def only_disputed(self, queryset: IncidentQuerySet, name: str, value: bool) -> IncidentQuerySet:
        return queryset.not_solved_they_say() if value else queryset

    def search(self, queryset: IncidentQuerySet, name: str, value: str) -> IncidentQuerySet:
        return queryset.matching(value, territory_of(self.request.user).only_communities)

    def within(self, queryset: IncidentQuerySet, name: str, value: Place) -> IncidentQuerySet:
        return queryset.within(value)

    def reported_since(self, queryset: IncidentQuerySet, name: str, value: date) -> IncidentQuerySet:
        return queryset.filter(reported_at__gte=start_of(value))

    def reported_until(self, queryset: IncidentQuerySet, name: str, value: date) -> IncidentQuerySet:
        return queryset.filter(reported_at__lt=end_of(value))

    def only_overdue(self, queryset: IncidentQuerySet, name: str, value: bool) -> IncidentQuerySet:
        return queryset.overdue() if value else queryset

    def only_held(self, queryset: IncidentQuerySet, name: str, value: bool) -> IncidentQuerySet:
        return queryset.filter(holder=self.request.user) if value else queryset

    def only_asked(self, queryset: IncidentQuerySet, name: str, value: str) -> IncidentQuerySet:
        asked = IncidentRequest.objects.pending().order_by()
        asked = asked if value == "any" else asked.filter(kind=value)
        return queryset.filter(pk__in=asked.values("incident"))

    def only_emergencies(self, queryset: IncidentQuerySet, name: str, value: bool) -> IncidentQuerySet:
        return queryset.filter(is_emergency=True) if value else queryset

    def only_suspended(self, queryset: IncidentQuerySet, name: str, value: bool) -> IncidentQuerySet:
        return queryset.filter(suspended_at__isnull=False) if value else queryset

    def with_merged(self, queryset: IncidentQuerySet, name: str, value: bool) -> IncidentQuerySet:
        return queryset  # hidden under the tab of all unless this is ticked, see `qs`


def list_query(query: QueryDict, *, scope: str = "", to_store: bool = False) -> QueryDict:
    """What is known of a list's query, in a settled order; `to_store` without what is typed, and without the page."""
    known = ["scope", *IncidentFilter.base_filters, *([] if to_store else ["page"])]
    found = QueryDict(mutable=True)
    for name in known:
        value = (name == "scope" and scope) or query.get(name, "")
        if value and len(value) <= LONGEST and not (to_store and name in NEVER_KEPT):
            found[name] = value
    return found


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
