"""What stands beside an incident: others who saw the same, notes among colleagues, who was told when time ran out."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .incidents import Incident, Tier


class CoReport(models.Model):
    """同报: somebody saw the same and said "me too" instead of reporting it again; they are told like the reporter."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="co_reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="co_reports")
    note = models.CharField(_("what they add"), max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("report of the same")
        verbose_name_plural = _("reports of the same")
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "reporter"],
                name="co_report_once",
                violation_error_message=_("You have said so already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.reporter}"


class InternalNote(models.Model):
    """A note among those who handle an incident; its reporter does not read it."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    text = models.TextField(_("note"), max_length=1000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="internal_note_says_something")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.author}"


class Clock(models.TextChoices):
    """The three clocks of an incident: until it is taken up, until work begins, until it is closed."""

    ACCEPT = "accept", _("Taking it up")
    ACT = "act", _("Beginning")
    RESOLVE = "resolve", _("Closing")


class Escalation(models.Model):
    """A clock ran out and the next level was told; each stage of a clock is told once."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="escalations")
    clock = models.CharField(_("clock"), max_length=10, choices=Clock)
    stage = models.PositiveSmallIntegerField(_("stage"))
    due_at = models.DateTimeField(_("deadline"))
    level = models.CharField(_("level"), max_length=16, choices=Tier)
    told = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ["at", "id"]
        constraints = [  # an extension sets another deadline, which may be missed anew
            models.UniqueConstraint(fields=["incident", "clock", "stage", "due_at"], name="escalation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.clock} {self.stage}"
