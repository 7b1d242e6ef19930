"""A roster file on its way in: uploaded, read, previewed, applied or given up."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place, Placed, PlacedQuerySet
from portal.core.personal import EncryptedCharField


class RosterImport(Placed):
    """One file for the roster of a community (`place`), from its upload to its end.

    A worker reads it and writes down what applying it would change; nothing of the roster changes before somebody has
    agreed. `findings` is a JSON text (`importing.findings`): what was understood of the columns, problems by row and
    column, what would be added, changed, moved and is absent. It holds personal data and is encrypted; it goes with the
    file, a week after the upload or as soon as the import is applied and the report fetched, whichever is later.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("To be agreed to")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        REFUSED = "refused", _("Refused")
        DISCARDED = "discarded", _("Discarded")

    name = models.CharField(_("file"), max_length=200)
    size = models.PositiveIntegerField(_("bytes"))
    digest = models.CharField(max_length=64, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    columns = models.JSONField(default=dict, blank=True)  # field name: column number, as the user corrected the guess
    choices = models.JSONField(default=dict, blank=True)  # what the user agreed to: create places, remove residents
    stage = models.CharField(max_length=20, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    findings = EncryptedCharField(blank=True, default="")
    fingerprint = models.CharField(max_length=64, blank=True)
    refusal = models.TextField(blank=True)

    objects = PlacedQuerySet.as_manager()

    class Meta:
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["community", "-created_at"], name="roster_import_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(place=F("community")), name="roster_import_of_community"),
            models.UniqueConstraint(
                fields=["community"], condition=Q(state="applying"), name="roster_import_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("roster:import", args=[self.pk])


class ImportedFile(models.Model):
    """The bytes of an uploaded roster file, encrypted; deleted with its import's findings."""

    roster_import = models.OneToOneField(RosterImport, models.CASCADE, related_name="file")
    content = models.BinaryField()

    class Meta:
        verbose_name = _("imported file")

    def __str__(self) -> str:
        return f"{self.roster_import_id}"


class ColumnMemory(models.Model):
    """How a community's files name their columns, as somebody there corrected the guess last: {heading: field name}."""

    community = models.OneToOneField(Place, models.CASCADE, related_name="+")
    headings = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("column memory")

    def __str__(self) -> str:
        return f"{self.community_id}"
