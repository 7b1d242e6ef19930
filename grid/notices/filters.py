"""The filter bar of the notices of one's area: everything chosen stands in the address."""

from datetime import date

import django_filters as filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from grid.places.filters import ANY
from portal.core.clock import end_of, start_of, today
from portal.core.filters import FilterBar
from portal.core.widgets import DayInput

from .models import Audience, Notice, NoticeQuerySet

TICK = forms.CheckboxInput


class Standing(models.TextChoices):
    """How a notice stands."""

    STANDING = "standing", _("Standing")
    LATE = "late", _("Answer overdue")
    ENDED = "ended", _("No longer stands")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class NoticeFilter(FilterBar):
    audience = filters.ChoiceFilter(label=_("For whom"), choices=Audience.choices, empty_label=ANY)
    standing = filters.ChoiceFilter(
        label=_("How it stands"), choices=Standing.choices, empty_label=ANY, method="only_standing"
    )
    since = filters.DateFilter(label=_("Sent from (day)"), method="sent_since", widget=DayInput())
    until = filters.DateFilter(label=_("to"), method="sent_until", widget=DayInput())
    urgent = filters.BooleanFilter(label=_("Urgent only"), method="only_urgent", widget=TICK)
    own = filters.BooleanFilter(label=_("Sent by me"), method="only_own", widget=TICK)

    class Meta:
        model = Notice
        fields = ("audience", "standing", "since", "until", "urgent", "own")

    def only_standing(self, queryset: NoticeQuerySet, name: str, value: str) -> NoticeQuerySet:
        if value == Standing.WITHDRAWN:
            return queryset.filter(withdrawn_at__isnull=False)
        if value == Standing.LATE:
            return queryset.filter(withdrawn_at=None, answer_by__lt=today())
        standing = Notice.objects.standing().order_by().values("pk")
        if value == Standing.STANDING:
            return queryset.filter(pk__in=standing)
        return queryset.filter(withdrawn_at=None).exclude(pk__in=standing)

    def sent_since(self, queryset: NoticeQuerySet, name: str, value: date) -> NoticeQuerySet:
        return queryset.filter(sent_at__gte=start_of(value))

    def sent_until(self, queryset: NoticeQuerySet, name: str, value: date) -> NoticeQuerySet:
        return queryset.filter(sent_at__lt=end_of(value))

    def only_urgent(self, queryset: NoticeQuerySet, name: str, value: bool) -> NoticeQuerySet:
        return queryset.filter(is_urgent=True) if value else queryset

    def only_own(self, queryset: NoticeQuerySet, name: str, value: bool) -> NoticeQuerySet:
        return queryset.filter(sender=self.request.user) if value else queryset
