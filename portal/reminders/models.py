from datetime import time
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.personal import EncryptedCharField
from portal.core.refusals import Text

from .registry import Pace, groups, kinds

QUIET_FROM, QUIET_UNTIL, DIGEST_AT = time(21), time(7), time(8)


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, user: Any) -> "ReminderQuerySet":
        """Nobody reads another's inbox."""
        return self.filter(user=user.pk)

    def unread(self) -> "ReminderQuerySet":
        return self.filter(read_at=None)


class Reminder(models.Model):
    """Something a user is told about a record: written once for each user, kind, subject and stage."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders", db_index=False)
    kind = models.CharField(max_length=60)
    subject_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+", db_index=False)
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    stage = models.CharField(max_length=40, blank=True)
    text = models.CharField(_("text"), max_length=300)
    created_at = models.DateTimeField(_("sent at"), default=timezone.now)
    read_at = models.DateTimeField(_("read at"), null=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="reminder_inbox"),
            models.Index(fields=["user", "-created_at", "-id"], name="reminder_unread", condition=Q(read_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "subject_type", "subject_id", "stage"], name="reminder_written_once"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("reminders:open", args=[self.pk])

    @property
    def label(self) -> Text:
        """What kind of message it is; one whose app has left the house is a message all the same."""
        kind = kinds.items.get(self.kind)
        return kind.label if kind else _("Message")

    @property
    def icon(self) -> str:
        kind = kinds.items.get(self.kind)
        return groups.items[kind.group].icon if kind else "bell"


class Preference(models.Model):
    """How a user is told of what waits in their inbox; without a row, in the portal alone.

    `paces` holds a `Pace` for each group of kinds that the user has decided about. Quiet hours that end when they begin
    are none. `refusals` counts the letters in a row that the address did not take; then it has to be confirmed anew.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="reminder_preference"
    )
    email = EncryptedCharField(_("e-mail address"), blank=True)
    email_confirmed_at = models.DateTimeField(null=True)
    email_refused_at = models.DateTimeField(null=True)
    refusals = models.PositiveSmallIntegerField(default=0)
    link_sent_at = models.DateTimeField(null=True)
    links_sent = models.PositiveSmallIntegerField(default=0)
    paces = models.JSONField(default=dict, blank=True)
    quiet_from = models.TimeField(_("quiet from"), default=QUIET_FROM)
    quiet_until = models.TimeField(_("quiet until"), default=QUIET_UNTIL)
    digest_at = models.TimeField(_("time of the daily mail"), default=DIGEST_AT)

    class Meta:
        verbose_name = _("preference")
        constraints = [
            models.CheckConstraint(
                condition=Q(email_confirmed_at=None) | Q(email_refused_at=None), name="preference_confirmed_or_refused"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user_id)

    def get_absolute_url(self) -> str:
        return reverse("reminders:settings")

    def pace_of(self, group: str) -> Pace:
        """What the user chose for a group, else what the group proposes."""
        return Pace(self.paces.get(group) or groups.items[group].pace)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> "DeliveryQuerySet":
        """Not ended: neither sent nor given up nor needed no more."""
        return self.filter(ended_at=None)

    def due(self, now: Any = None) -> "DeliveryQuerySet":
        return self.waiting().filter(available_at__lte=now or timezone.now())


class Delivery(models.Model):
    """A reminder on its way out on one channel; counted before it is sent, so that one that kills its worker ends.

    What leaves together has the same `bundle`, the id of its first delivery, set when it is taken for the first time:
    a letter that has to be sent again is the same letter under the same Message-ID.
    """

    class Outcome(models.TextChoices):
        SENT = "sent", _("Sent")
        READ = "read", _("Read before it left")
        OBSOLETE = "obsolete", _("Settled before it left")
        OFF = "off", _("Not wanted any more")
        REFUSED = "refused", _("Refused by the address")
        GIVEN_UP = "given_up", _("Given up")

    reminder = models.ForeignKey(Reminder, models.CASCADE, related_name="deliveries", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=20)
    available_at = models.DateTimeField()
    bundle = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_error = models.CharField(max_length=120, blank=True, default="", db_default="")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="", db_default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        indexes = [
            models.Index(fields=["available_at", "user"], name="delivery_due", condition=Q(ended_at=None)),
            models.Index(fields=["user", "channel"], name="delivery_of_user", condition=Q(ended_at=None)),
            models.Index(fields=["ended_at"], name="delivery_ended", condition=Q(ended_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["reminder", "channel"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="delivery_ends_somehow",
            ),
            models.CheckConstraint(
                condition=Q(bundle=None) | Q(bundle__lte=F("id")), name="delivery_bundle_is_its_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reminder_id} {self.channel}"
