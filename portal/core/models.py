"""What every app leans on: the audit trail and its seals, keys against double sending, messages waiting to leave."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """Something that was done: by whom, to what, when it happened and when it was written down.

    Append-only: the database refuses UPDATE, DELETE and TRUNCATE.
    """

    action = models.CharField(_("action"), max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"), db_index=False
    )
    subject_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+", db_index=False)
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    happened_at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now)
    note = models.TextField(_("note"), blank=True)
    data = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["happened_at", "id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "happened_at"], name="audit_subject"),
            models.Index(fields=["actor", "-recorded_at"], name="audit_actor"),
            BrinIndex(fields=["recorded_at"], name="audit_newest", pages_per_range=16, autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type_id}:{self.subject_id}"


class AuditSeal(models.Model):
    """A link of the chain that makes tampering visible: its digest covers the entry and the link before it."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="seal")
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit seal")
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(condition=models.Q(position__gte=1), name="audit_seal_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.digest[:12]}"


class IdempotencyKey(models.Model):
    """A form that was carried out: the same key again gives the same result and writes nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    key = models.UUIDField()
    fingerprint = models.CharField(max_length=64)
    carried_out = models.BooleanField(default=False)
    result_type = models.ForeignKey(ContentType, models.CASCADE, null=True, related_name="+")
    result_id = models.BigIntegerField(null=True)
    result = GenericForeignKey("result_type", "result_id")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("idempotency key")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return str(self.key)


class OutboxMessage(models.Model):
    """A message that leaves after the change it announces has been committed; it holds ids, never personal data."""

    topic = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    available_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("outbox message")
        indexes = [
            models.Index(fields=["available_at", "id"], name="outbox_due", condition=models.Q(delivered_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"
