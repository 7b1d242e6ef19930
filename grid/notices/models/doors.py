"""Each household that is told at the door, by the leader of its building group."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Placed, PlacedQuerySet
from grid.roster.models import Household

from .notices import Notice


class DoorQuerySet(PlacedQuerySet):
    def valid(self) -> Self:
        """Of notices that were not withdrawn."""
        return self.filter(is_withdrawn=False)

    def waiting(self) -> Self:
        """Nobody has knocked, or nobody was home."""
        return self.valid().exclude(outcome=DoorPassing.Outcome.TOLD)

    def progress(self) -> dict[str, int]:
        """How many there are, were told, and were not met; one query."""
        outcome = DoorPassing.Outcome
        return self.order_by().aggregate(
            households=Count("pk"),
            told=Count("pk", Q(outcome=outcome.TOLD)),
            nobody_home=Count("pk", Q(outcome=outcome.NOBODY_HOME)),
        )


class DoorPassing(Placed):
    """上门告知: a household on the list of a notice; `place` is the building group in which it stood when it was told.

    While it waits, it goes along when its household comes to another building group.
    Written for all households at once when the notice is sent: those in which somebody lived that day (or that had a
    representative). So “told of all” counts records alone. Whoever moves in later is not on the list.
    """

    class Outcome(models.TextChoices):
        WAITING = "", _("Not told yet")
        TOLD = "told", _("Told")
        NOBODY_HOME = "nobody_home", _("Nobody home")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="doors", db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+", verbose_name=_("household"))
    outcome = models.CharField(_("at the door"), max_length=12, choices=Outcome, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"), db_index=False
    )
    at = models.DateTimeField(_("at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)
    is_withdrawn = models.BooleanField(default=False)

    objects = DoorQuerySet.as_manager()

    class Meta:
        verbose_name = _("household to be told")
        verbose_name_plural = _("households to be told")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["notice", "community", "place"], name="door_counted"),
            models.Index(fields=["place", "-sent_at"], name="door_of_group"),
            models.Index(fields=["sent_at"], name="door_sent"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["notice", "household"], name="door_once"),
            models.CheckConstraint(condition=Q(community__isnull=False), name="door_in_community"),
            models.CheckConstraint(
                condition=Q(outcome="", by=None, at=None)
                | Q(outcome__in=["told", "nobody_home"], by__isnull=False, at__isnull=False),
                name="door_says_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} → {self.household_id}"

    @property
    def is_told(self) -> bool:
        return self.outcome == self.Outcome.TOLD

    def get_absolute_url(self) -> Any:
        return self.notice.get_absolute_url()
