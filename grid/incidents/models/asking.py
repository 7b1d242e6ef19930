"""What is asked and then decided: 退回 (not mine), 延期 (more time), 重开 (not solved)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Department, Place

from .incidents import Incident


class RequestQuerySet(models.QuerySet["IncidentRequest"]):
    def pending(self) -> "RequestQuerySet":
        """Asked and not decided."""
        return self.filter(decided_at=None)

    def visible_to(self, user: Any) -> "RequestQuerySet":
        return self.filter(incident__in=Incident.objects.visible_to(user).order_by())


class IncidentRequest(models.Model):
    """Somebody asks for what is not theirs to decide; one of a kind waits at a time."""

    class Kind(models.TextChoices):
        RETURN = "return", _("Not mine")
        EXTENSION = "extension", _("More time")
        REOPEN = "reopen", _("Not solved")

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="requests")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    reason = models.CharField(_("reason"), max_length=500)
    days = models.DecimalField(_("working days more"), max_digits=4, decimal_places=1, null=True, blank=True)
    suggested_holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    suggested_department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+", db_index=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"), db_index=False
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
        db_index=False,
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    is_granted = models.BooleanField(_("granted"), null=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind"],
                condition=Q(decided_at=None),
                name="incident_request_one_waits",
                violation_error_message=_("This has been asked for already and waits for a decision."),
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, is_granted=None, decided_by=None)
                | Q(decided_at__isnull=False, is_granted__isnull=False, decided_by__isnull=False),
                name="incident_request_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(kind="extension") | (Q(days__isnull=False) & Q(days__gt=0)),
                name="incident_request_says_how_long",
            ),
            models.CheckConstraint(
                condition=Q(is_granted=None) | Q(is_granted=False) | ~Q(decided_by=F("asked_by")),
                name="incident_request_granted_by_another",
                violation_error_message=_("Somebody else decides what you ask for."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.get_kind_display()}"

    @property
    def place(self) -> Place:
        """The place of its incident: who may decide follows from it."""
        return self.incident.place

    @property
    def department(self) -> Department | None:
        return self.incident.department

    @property
    def is_pending(self) -> bool:
        return self.decided_at is None

    @property
    def is_withdrawn(self) -> bool:
        """Whoever asked took it back."""
        return self.is_granted is False and self.decided_by_id == self.asked_by_id

    @property
    def suggested(self) -> Any:
        """Whom the asker thinks it belongs to."""
        return self.suggested_holder or self.suggested_department
