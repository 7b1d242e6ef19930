import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from grid.places.models import Department, Level, Placed, PlacedQuerySet, Role
from portal.core import search
from portal.core.clock import day_of
from portal.core.personal import EncryptedCharField, mask_mobile, mask_name
from portal.files.models import Attachment

from .workflow import OPEN, State

RATED_WITHIN = timedelta(days=30)  # later nobody remembers


class Severity(models.TextChoices):
    GENERAL = "general", _("General")
    SERIOUS = "serious", _("Serious")
    URGENT = "urgent", _("Urgent")


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


class Named(models.Model):
    """Catalogue rows carry both their names, for screens speak two languages."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("Chinese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name


class CategoryGroup(Named):
    """The upper level of the category tree."""

    icon = models.CharField(_("icon"), max_length=40)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("category group")
        verbose_name_plural = _("category groups")
        ordering = ["order"]


class Category(Named):
    """What happened: who handles it first, how many working days it may take, whether a leader may settle it."""

    group = models.ForeignKey(CategoryGroup, models.PROTECT, related_name="categories", verbose_name=_("group"))
    first_handler = models.CharField(_("first handler"), max_length=20, choices=Role)
    days_general = models.PositiveSmallIntegerField(_("working days, general"))
    days_serious = models.PositiveSmallIntegerField(_("working days, serious"))
    days_urgent = models.PositiveSmallIntegerField(_("working days, urgent"))
    settle_alone = models.BooleanField(_("may be settled on the spot"), default=False)
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["group__order", "order"]
        constraints = [
            models.CheckConstraint(
                condition=Q(days_general__gte=F("days_serious"), days_serious__gte=F("days_urgent")),
                name="category_graver_is_faster",
            ),
        ]

    def days(self, severity: str) -> int:
        """Working days from the report to the closing; 0 means the same day."""
        return getattr(self, f"days_{Severity(severity).value}")


class IncidentQuerySet(PlacedQuerySet):
    def open(self) -> "IncidentQuerySet":
        """Neither closed nor declined nor void."""
        return self.filter(state__in=OPEN)

    def overdue(self, now: datetime | None = None) -> "IncidentQuerySet":
        """Open past the deadline."""
        return self.open().filter(due_at__lt=now or timezone.now())

    def awaiting_verification(self) -> "IncidentQuerySet":
        return self.filter(state=State.AWAITING_VERIFICATION)

    def to_ring_back(self, now: datetime | None = None) -> "IncidentQuerySet":
        """回访: closed in the last 30 days on behalf of a caller or walk-in who has not been asked yet."""
        since = (now or timezone.now()) - RATED_WITHIN
        closed = self.filter(state=State.CLOSED, rating=None, closed_at__gte=since)
        return closed.exclude(source=Incident.Source.WALK)

    def matching(self, text: str) -> "IncidentQuerySet":
        """Those with this number, or with all of these words in what was reported."""
        digits = unicodedata.normalize("NFKC", text).strip().rsplit("-", 1)[-1]
        if digits.isascii() and digits.isdigit() and len(digits) < 18:
            return self.filter(Q(pk=int(digits)) | Q(search=search.query(text)))
        wanted = search.query(text)
        return self.filter(search=wanted) if wanted else self

    def with_names(self) -> "IncidentQuerySet":
        """With everything a row of a list shows, in one query; who called is not even decrypted."""
        names = ("category__group", "place", "community", "reporter", "holder", "department")
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
    outcome = models.TextField(_("what was done"), max_length=1000, blank=True)
    settled_on_the_spot = models.BooleanField(_("settled on the spot"), default=False)
    rework_count = models.PositiveSmallIntegerField(_("times reworked"), default=0)

    reported_at = models.DateTimeField(_("reported at"), default=timezone.now)
    opened_at = models.DateTimeField(_("opened at"), null=True)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
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
            models.Index(fields=["-reported_at", "-id"], name="incident_newest_street"),
            models.Index(fields=["place", "-reported_at"], name="incident_at_place"),
            models.Index(fields=["reporter", "-reported_at"], name="incident_reporter"),
            models.Index(fields=["holder", "due_at"], name="incident_holder", condition=Q(state__in=OPEN)),
            models.Index(fields=["department", "due_at"], name="incident_department"),
            GinIndex(fields=["search"], name="incident_search"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="incident_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED, closed_at__isnull=False, verified_by__isnull=False)
                | (~Q(state=State.CLOSED) & Q(closed_at=None)),
                name="incident_closed_is_verified",
            ),
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
        return self.is_open and self.due_at < timezone.now()

    @property
    def responsible(self) -> Any:
        """首问负责: the first person asked owns it until somebody else has accepted it."""
        return self.holder if self.holder_id and self.state != State.DISPATCHED else self.reporter

    @property
    def is_on_behalf(self) -> bool:
        """Entered at the desk for a caller or a walk-in."""
        return self.source != self.Source.WALK

    @property
    def masked_caller(self) -> str:
        return " ".join(filter(None, [mask_name(self.caller_name), mask_mobile(self.caller_mobile)]))


class Rating(models.Model):
    """What the reporter says of the result; the base of response, solving and satisfaction rates."""

    class Satisfaction(models.TextChoices):
        SATISFIED = "satisfied", _("Satisfied")
        FAIRLY = "fairly", _("Fairly satisfied")
        DISSATISFIED = "dissatisfied", _("Dissatisfied")

    class Channel(models.TextChoices):
        SELF = "self", _("By the reporter")
        CALL_BACK = "call_back", _("By call-back")

    incident = models.OneToOneField(Incident, models.PROTECT, related_name="rating")
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    was_contacted = models.BooleanField(_("was contacted"), default=True)
    is_solved = models.BooleanField(_("the problem is solved"))
    satisfaction = models.CharField(_("satisfaction"), max_length=12, choices=Satisfaction)
    comment = models.TextField(_("comment"), max_length=500, blank=True)
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    rated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")

    def __str__(self) -> str:
        return f"{self.incident_id} {self.get_satisfaction_display()}"
