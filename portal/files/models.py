from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .owners import seen_by


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: Any) -> "AttachmentQuerySet":
        """Those of records the user sees, and what the user has staged and not yet sent."""
        return self.filter(seen_by(user))

    def staged(self) -> "AttachmentQuerySet":
        """Not yet part of any record."""
        return self.filter(owner_type=None)

    def left_behind(self, since: datetime) -> "AttachmentQuerySet":
        """Staged before a moment and never sent."""
        return self.staged().filter(created_at__lt=since)


class Attachment(models.Model):
    """A photo as the portal made it anew from what was uploaded; of the upload itself nothing is kept.

    Without an owner it is staged: it waits for the form in which it was chosen to be accepted. `sha256` and `size`
    (bytes) are those of the stored image, so that a backup can be compared with them. Files never change.
    """

    class Kind(models.TextChoices):
        BEFORE = "before", _("Before")
        AFTER = "after", _("Afterwards")
        PHOTO = "photo", _("Photo")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PHOTO)
    owner_type = models.ForeignKey(ContentType, models.PROTECT, null=True, related_name="+", db_index=False)
    owner_id = models.BigIntegerField(null=True)
    owner = GenericForeignKey("owner_type", "owner_id")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    created_at = models.DateTimeField(default=timezone.now)
    image = models.FileField(max_length=100)
    thumbnail = models.FileField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["owner_type", "owner_id", "created_at"], name="attachment_owner"),
            models.Index(fields=["created_at"], name="attachment_staged", condition=Q(owner_type=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["image"], name="attachment_image_once"),
            models.UniqueConstraint(fields=["thumbnail"], name="attachment_thumbnail_once"),
            models.CheckConstraint(
                condition=Q(owner_type=None, owner_id=None) | Q(owner_type__isnull=False, owner_id__isnull=False),
                name="attachment_owner_whole",
            ),
            models.CheckConstraint(condition=Q(kind__in=["before", "after", "photo"]), name="attachment_kind_known"),
            models.CheckConstraint(condition=Q(size__gt=0, width__gt=0, height__gt=0), name="attachment_is_a_picture"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="attachment_sha256_whole"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return self.url

    @property
    def is_staged(self) -> bool:
        return self.owner_type_id is None

    @property
    def url(self) -> str:
        return reverse("files:show", args=[self.pk])

    @property
    def thumbnail_url(self) -> str:
        return reverse("files:thumbnail", args=[self.pk])
