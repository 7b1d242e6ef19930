"""Who was addressed, at which post, and when they read it."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Appointment, Placed, PlacedQuerySet, Role

from .notices import Notice


class ReceiptQuerySet(PlacedQuerySet):
    def valid(self) -> Self:
        """Of notices that were not withdrawn."""
        return self.filter(is_withdrawn=False)

    def unread(self) -> Self:
        return self.valid().filter(read_at=None)

    def of_people_in_office(self, day: date) -> Self:
        """Of whoever holds a post on that day, be it another one: nobody else may read notices."""
        return self.filter(Exists(Appointment.objects.current(day).filter(user=OuterRef("user"))))


class Receipt(Placed):
    """A post to which a notice was addressed; `place` is that of the post.

    Written for everybody at once when the notice is sent, and for those who come to such a post while it stands.
    Whoever holds posts at several of its places has a receipt at each, and reads all of them at once. Reading comes
    before acknowledging. What is withdrawn counts no more, and is marked here too: figures ask this table alone.
    """

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="receipts", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notice_receipts", db_index=False)
    role = models.CharField(_("post"), max_length=20, choices=Role)
    must_acknowledge = models.BooleanField(default=False)
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)
    read_at = models.DateTimeField(_("read at"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True)
    is_withdrawn = models.BooleanField(default=False)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["place__code", "role", "id"]
        indexes = [
            models.Index(fields=["notice", "community", "place"], name="receipt_counted"),
            models.Index(fields=["user", "-sent_at"], name="receipt_inbox"),
            models.Index(
                fields=["user"],
                name="receipt_unread",
                condition=Q(is_withdrawn=False) & (Q(read_at=None) | Q(must_acknowledge=True, acknowledged_at=None)),
            ),
            models.Index(fields=["sent_at"], name="receipt_sent"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["notice", "user", "place"], name="receipt_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="receipt_role_known"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None)
                | Q(read_at__isnull=False, acknowledged_at__isnull=False, acknowledged_at__gte=F("read_at")),
                name="receipt_read_before_acknowledged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} → {self.user_id}"
