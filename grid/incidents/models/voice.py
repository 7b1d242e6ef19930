"""What people say of a result: whoever verifies it, whoever reported it, whoever is rung back."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.incidents.workflow import State
from grid.roster.models import Household

from .incidents import Incident


class RatingQuerySet(models.QuerySet["Rating"]):
    def counted(self) -> "RatingQuerySet":
        """Valid call-backs (有效回访): one for each closing, of incidents that count themselves."""
        return self.filter(counts_for__isnull=False, incident__parent=None).exclude(incident__state=State.VOID)

    def visible_to(self, user: Any) -> "RatingQuerySet":
        """What was said of incidents of the user's territory."""
        return self.filter(incident__in=Incident.objects.order_by().visible_to(user))


class Rating(models.Model):
    """What the reporter says of the result; the base of response, solving and satisfaction rates.

    One counts for each closing: when an incident is reopened, what was said before stays and counts no more.
    """

    class Satisfaction(models.TextChoices):
        SATISFIED = "satisfied", _("Satisfied")
        FAIRLY = "fairly", _("Fairly satisfied")
        DISSATISFIED = "dissatisfied", _("Dissatisfied")

    class Channel(models.TextChoices):
        SELF = "self", _("By the reporter")
        CALL_BACK = "call_back", _("By call-back")
        DOOR = "door", _("At the door")
        LINK = "link", _("By link")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="ratings")
    counts_for = models.OneToOneField(Incident, models.PROTECT, null=True, related_name="rating", editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    was_contacted = models.BooleanField(_("was contacted"), default=True)
    is_solved = models.BooleanField(_("the problem is solved"))
    satisfaction = models.CharField(_("satisfaction"), max_length=12, choices=Satisfaction)
    comment = models.TextField(_("comment"), max_length=500, blank=True)
    rated_by = models.ForeignKey(  # nobody: the reporter themselves, through a link
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    rated_at = models.DateTimeField(default=timezone.now)

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["rated_at", "id"]
        indexes = [
            models.Index(fields=["rated_at"], name="rating_counted_on", condition=Q(counts_for__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(counts_for=None) | Q(counts_for=F("incident")), name="rating_counts_for_its_incident"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.get_satisfaction_display()}"


class Verification(models.Model):
    """核查: somebody looked whether the result is there: another post, the grid leader, a resident of the building."""

    class Via(models.TextChoices):
        SITE = "site", _("On site")
        DOOR = "door", _("A resident, at the door")
        LINK = "link", _("A resident, by link")

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="verifications")
    via = models.CharField(_("how"), max_length=10, choices=Via, default=Via.SITE)
    is_confirmed = models.BooleanField(_("the result is there"))
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="+", verbose_name=_("household"), db_index=False
    )
    note = models.CharField(_("what was seen"), max_length=500, blank=True)
    recorded_by = models.ForeignKey(  # nobody: a resident, through a link
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=False) | Q(via="link"), name="verification_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.get_via_display()}"


class VoiceLink(models.Model):
    """A link through which one person without an account says one thing, once: rates a result, or confirms it.

    Only a digest of the token is kept: whoever reads the table can open no link.
    """

    class Purpose(models.TextChoices):
        RATE = "rate", _("Rate the result")
        CONFIRM = "confirm", _("Confirm the result")

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="links")
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True)
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="+", verbose_name=_("household"), db_index=False
    )
    shows_outcome = models.BooleanField(_("shows what was done"), default=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.get_purpose_display()}"

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.expires_at > timezone.now()


class CallBack(models.Model):
    """回访: one attempt to ring a caller back; who was reached says what they think in a rating."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="call_backs")
    was_reached = models.BooleanField(_("was reached"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.at}"
