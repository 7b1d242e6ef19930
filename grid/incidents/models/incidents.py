import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.incidents.moments import LastMoment
from grid.incidents.workflow import OPEN, State
from grid.places.models import Department, Level, Placed, PlacedQuerySet
from grid.roster.models import Household
from portal.core import search
from portal.core.clock import day_of
from portal.core.personal import EncryptedCharField, mask_mobile, mask_name
from portal.files.models import Attachment

from .catalogue import Category, CategoryRule, Severity

RATED_WITHIN = timedelta(days=30)  # later nobody remembers
TRIES = 3  # so often a caller is rung who does not answer


class Tier(models.TextChoices):
    """At which level an incident is being handled; a separate fact from its state."""

    BUILDING_GROUP = "building_group", _("Building group")
    GRID = "grid", _("Grid")
    COMMUNITY = "community", _("Community")
    STREET = "street", _("Street")
    DEPARTMENT = "department", _("Department")

    @classmethod
    def of(cls, level: int) -> "Tier":
        """The tier at which whoever looks after a place of this level handles things."""
        return cls[Level(level).name]


class Resolution(models.TextChoices):
    """What came of it: closed and solved are two things."""

    SOLVED = "solved", _("Solved")
    PARTLY = "partly", _("Partly solved")
    EXPLAINED = "explained", _("Explained to the reporter")
    UNSOLVED = "unsolved", _("Could not be solved")


# Of what was closed lately (`lately_closed`).
TO_RING_BACK = ~Q(source="walk") & Q(rating=None, tries__lt=TRIES)
NOT_SOLVED = Q(resolution=Resolution.SOLVED, rating__is_solved=False)


def word_of_community(community: int | None) -> str:
    """A word in the index of the search that only the incidents of a community have, and nobody types."""
    return f"incommunity{community}" if community else ""


class IncidentQuerySet(PlacedQuerySet):
    def counted(self) -> "IncidentQuerySet":
        """What figures count: neither void nor merged nor a part of another; `due_by` falls on the day it is due."""
        return self.exclude(state=State.VOID).filter(parent=None).annotate(due_by=LastMoment("due_at"))

    def open(self) -> "IncidentQuerySet":
        """Neither closed nor declined nor void."""
        return self.filter(state__in=OPEN)

    def overdue(self, now: datetime | None = None) -> "IncidentQuerySet":
        """Open past the deadline; while the clock stands nothing is overdue."""
        return self.open().filter(due_at__lt=now or timezone.now(), suspended_at=None)

    def awaiting_verification(self) -> "IncidentQuerySet":
        return self.filter(state=State.AWAITING_VERIFICATION)

    def lately_closed(self, now: datetime | None = None) -> "IncidentQuerySet":
        """Closed in the last 30 days; `tries` counts the calls since then that nobody took."""
        since = (now or timezone.now()) - RATED_WITHIN
        unreached = apps.get_model("incidents", "CallBack").objects.filter(
            incident=models.OuterRef("pk"), was_reached=False, at__gte=models.OuterRef("closed_at")
        )
        counted = unreached.order_by().values("incident").annotate(number=models.Count("pk")).values("number")
        closed = self.filter(state=State.CLOSED, closed_at__gte=since)
        return closed.alias(tries=Coalesce(models.Subquery(counted), 0))

    def to_ring_back(self, now: datetime | None = None) -> "IncidentQuerySet":
        """回访: closed in the last 30 days on behalf of a caller or walk-in who has not been asked yet.

        Whoever could not be reached three times is rung no more.
        """
        return self.lately_closed(now).filter(TO_RING_BACK)

    def waiting_for_look(self) -> "IncidentQuerySet":
        """Drawn among the small things settled on the spot, and nobody has looked yet."""
        drawn = self.filter(state=State.AWAITING_VERIFICATION, is_sampled=True)
        return drawn.filter(verified_by=None, resident_confirmed_at=None)

    def not_solved_they_say(self, now: datetime | None = None) -> "IncidentQuerySet":
        """Closed as solved in the last 30 days, and whoever reported it says that it is not."""
        return self.lately_closed(now).filter(NOT_SOLVED)

    def matching(self, text: str, communities: Collection[int] = ()) -> "IncidentQuerySet":
        """Those with this number, or with all of these words in what was reported.

        Whoever knows that they lie in these `communities` says so: the index then passes over all others.
        """
        digits = unicodedata.normalize("NFKC", text).strip().rsplit("-", 1)[-1]
        wanted = search.query(text, also=[word_of_community(pk) for pk in sorted(communities)])
        if digits.isascii() and digits.isdigit() and len(digits) < 18:
            return self.filter(Q(pk=int(digits)) | Q(search=wanted))
        return self.filter(search=wanted) if wanted else self

    def with_names(self) -> "IncidentQuerySet":
        """With everything a row of a list shows, in one query; who called is not even decrypted."""
        names = ("category__group", "place", "community", "reporter", "holder", "department", "household")
        return self.select_related(*names).defer("search", "caller_name", "caller_mobile")


class Incident(Placed):
    """事件: something in a building, a grid or a community that wants handling, from the report to the rating."""

    class Source(models.TextChoices):
        WALK = "walk", _("On the walk")
        CALL = "call", _("Phone call")
        WALK_IN = "walk_in", _("Walk-in")

    category = models.ForeignKey(Category, models.PROTECT, related_name="incidents", verbose_name=_("category"))
    severity = models.CharField(_("severity"), max_length=10, choices=Severity, default=Severity.GENERAL)
    description = models.TextField(_("what happened"), max_length=1000, blank=True)
    location = models.CharField(_("where exactly"), max_length=100, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.WALK)
    state = models.CharField(_("state"), max_length=24, choices=State, default=State.REPORTED)
    level = models.CharField(_("level"), max_length=16, choices=Tier, default=Tier.BUILDING_GROUP)

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="reported_incidents",
        verbose_name=_("reported by"),
        db_index=False,
    )
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        verbose_name=_("household"),
        db_index=False,
    )
    is_emergency = models.BooleanField(_("emergency"), default=False)
    at_street = models.BooleanField(  # passed up to the street, whose admins dispatch it until they send it down again
        _("with the street"), default=False, db_default=False
    )
    caller_name = EncryptedCharField(_("caller's name"), blank=True)
    caller_mobile = EncryptedCharField(_("call-back number"), blank=True)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="held_incidents",
        verbose_name=_("held by"),
        db_index=False,
    )
    owner = models.ForeignKey(  # 首问负责: the first person asked, until somebody else has accepted it
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("responsible"),
        db_index=False,
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        related_name="incidents",
        verbose_name=_("department"),
        db_index=False,
    )
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("handled by"),
        db_index=False,
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("verification"),
        db_index=False,
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged", verbose_name=_("merged into"), db_index=False
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="parts", verbose_name=_("part of"), db_index=False
    )
    outcome = models.TextField(_("what was done"), max_length=1000, blank=True)
    resolution = models.CharField(_("result"), max_length=10, choices=Resolution, blank=True)
    settled_on_the_spot = models.BooleanField(_("settled on the spot"), default=False)
    is_sampled = models.BooleanField(_("drawn to be looked at on site"), default=False)
    rework_count = models.PositiveSmallIntegerField(_("times reworked"), default=0)

    reopened_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)

    rule = models.ForeignKey(CategoryRule, models.PROTECT, related_name="+", verbose_name=_("rule"), db_index=False)
    rule_frozen_at = models.DateTimeField(_("rule frozen at"), null=True)
    reported_at = models.DateTimeField(_("reported at"), default=timezone.now)
    opened_at = models.DateTimeField(_("opened at"), null=True)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True)
    taken_at = models.DateTimeField(_("taken on at"), null=True)
    arrived_at = models.DateTimeField(_("arrived at"), null=True)
    suspended_at = models.DateTimeField(_("suspended at"), null=True)
    expected_on = models.DateField(_("expected to go on"), null=True)
    resumed_at = models.DateTimeField(_("resumed at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    resident_confirmed_at = models.DateTimeField(_("confirmed by a resident at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    reopened_at = models.DateTimeField(_("reopened at"), null=True)
    stood_halves = models.PositiveSmallIntegerField(_("half days the clock stood"), default=0, db_default=0)
    more_days = models.DecimalField(_("working days more"), max_digits=5, decimal_places=1, default=0, db_default=0)
    accept_due_at = models.DateTimeField(_("to be taken up by"))
    act_due_at = models.DateTimeField(_("to be begun by"), null=True)
    due_at = models.DateTimeField(_("deadline"))
    due_is_certain = models.BooleanField(_("the deadline rests on a published calendar"), default=True)
    search = SearchVectorField(null=True, editable=False)
    photos = GenericRelation(Attachment, content_type_field="owner_type", object_id_field="owner_id")

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-reported_at", "-id"]
        indexes = [
            models.Index(fields=["community", "due_at", "id"], name="incident_open_due", condition=Q(state__in=OPEN)),
            models.Index(fields=["community", "-reported_at", "-id"], name="incident_newest"),
            models.Index(
                fields=["community", "closed_at"], name="incident_closings", condition=Q(closed_at__isnull=False)
            ),
            # A street asks for the first of all its communities: an index that begins with one has them in no order.
            models.Index(fields=["due_at", "id"], name="incident_open_due_street", condition=Q(state__in=OPEN)),
            # The clocks that run: whoever looks for those that ran out asks no closed incident.
            models.Index(
                fields=["accept_due_at", "id"], name="incident_accept_runs", condition=Q(state=State.REPORTED)
            ),
            models.Index(fields=["act_due_at", "id"], name="incident_act_runs", condition=Q(state=State.DISPATCHED)),
            models.Index(fields=["expected_on"], name="incident_waits", condition=Q(state=State.SUSPENDED)),
            models.Index(fields=["id"], name="incident_uncertain", condition=Q(due_is_certain=False, state__in=OPEN)),
            models.Index(fields=["-reported_at", "-id"], name="incident_newest_street"),
            models.Index(fields=["place", "-reported_at"], name="incident_at_place"),
            models.Index(fields=["reporter", "-reported_at"], name="incident_reporter"),
            models.Index(fields=["holder", "due_at"], name="incident_holder", condition=Q(state__in=OPEN)),
            models.Index(fields=["department", "due_at"], name="incident_department"),
            models.Index(
                fields=["due_at"], name="incident_emergencies", condition=Q(is_emergency=True, state__in=OPEN)
            ),
            models.Index(fields=["household"], name="incident_household", condition=Q(household__isnull=False)),
            models.Index(fields=["merged_into"], name="incident_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["parent"], name="incident_parts", condition=Q(parent__isnull=False)),
            # A day is counted by what was opened, closed and due on it, wherever that was.
            models.Index(fields=["opened_at"], name="incident_opened_on", condition=Q(opened_at__isnull=False)),
            models.Index(fields=["closed_at"], name="incident_closed_on", condition=Q(closed_at__isnull=False)),
            models.Index(LastMoment("due_at"), name="incident_due_by"),
            GinIndex(fields=["search"], name="incident_search"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="incident_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED, closed_at__isnull=False)
                & (Q(verified_by__isnull=False) | Q(resident_confirmed_at__isnull=False))
                | (~Q(state=State.CLOSED) & Q(closed_at=None)),
                name="incident_closed_is_verified",
            ),
            models.CheckConstraint(
                condition=Q(resolution__in=["", *Resolution.values]) & (~Q(state=State.CLOSED) | ~Q(resolution="")),
                name="incident_closed_says_result",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SUSPENDED, suspended_at__isnull=False)
                | (~Q(state=State.SUSPENDED) & Q(suspended_at=None)),
                name="incident_clock_stands_while_suspended",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | (Q(state=State.VOID) & ~Q(merged_into=F("id"))),
                name="incident_merged_is_void",
            ),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="incident_not_part_of_itself"),
            models.CheckConstraint(
                condition=Q(verified_by=None) | ~Q(verified_by=F("handled_by")), name="incident_verified_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.DISPATCHED, State.IN_PROGRESS])
                | Q(holder__isnull=False)
                | Q(department__isnull=False),
                name="incident_somebody_holds_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.category}"

    def get_absolute_url(self) -> str:
        return reverse("incidents:detail", args=[self.pk])

    @property
    def number(self) -> str:
        """事件编号: the day of the report and the running number."""
        return f"{day_of(self.reported_at):%Y%m%d}-{self.pk:05d}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.suspended_at is None and self.due_at < timezone.now()

    @property
    def result(self) -> str:
        """What came of it, in words; nothing before it is closed."""
        return self.get_resolution_display() if self.state == State.CLOSED else ""

    @property
    def state_and_result(self) -> str:
        """The state in its standard word, with what came of it: closed and solved are two things."""
        state = self.get_state_display()
        return f"{state} · {self.result}" if self.result else state

    @property
    def is_confirmed(self) -> bool:
        """Somebody who did not do the work has looked, or a resident has said so."""
        return self.verified_by_id is not None or self.resident_confirmed_at is not None

    @property
    def waits_for_look(self) -> bool:
        """Drawn among the small things settled on the spot, and nobody has looked yet."""
        return self.is_sampled and self.state == State.AWAITING_VERIFICATION and not self.is_confirmed

    @property
    def is_on_behalf(self) -> bool:
        """Entered at the desk for a caller or a walk-in."""
        return self.source != self.Source.WALK

    @property
    def masked_caller(self) -> str:
        return " ".join(filter(None, [mask_name(self.caller_name), mask_mobile(self.caller_mobile)]))
