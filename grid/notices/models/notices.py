"""通知: what a street, a community or a grid tells those below it."""

from datetime import date, datetime, timedelta
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place, Placed, PlacedQuerySet
from grid.places.territory import territory_of
from portal.core.clock import day_of, today

STANDS = timedelta(days=30)  # without a day by which it is to be answered
SENT_FROM = (Level.STREET, Level.COMMUNITY, Level.GRID)


class Audience(models.TextChoices):
    """Whom a notice addresses in its areas."""

    EVERYONE = "everyone", _("Everybody who holds a post there")
    COMMITTEES = "committees", _("Community committees")
    GRID_LEADERS = "grid_leaders", _("Grid leaders")
    LEADERS = "leaders", _("Building leaders")
    REPRESENTATIVES = "representatives", _("Household representatives, at the door")
    RESIDENTS = "residents", _("All households, at the door")

    @property
    def is_at_the_door(self) -> bool:
        """Whether building leaders carry it from door to door."""
        return self in AT_THE_DOOR


AT_THE_DOOR = (Audience.REPRESENTATIVES, Audience.RESIDENTS)


class NoticeQuerySet(PlacedQuerySet):
    def standing(self, now: datetime | None = None) -> Self:
        """Not withdrawn, and still to be read: until the day it wants an answer by, else for 30 days."""
        now = now or timezone.now()
        lasts = Q(answer_by__gte=day_of(now)) | Q(answer_by=None, sent_at__gte=now - STANDS)
        return self.filter(lasts, withdrawn_at=None, sent_at__lte=now)

    def visible_to(self, user: Any) -> Self:
        """Sent from the reader's territory, addressed to the reader, or to anybody in their territory."""
        territory = territory_of(user)
        if not territory.posts:
            return self.none()
        receipts = apps.get_model("notices", "Receipt").objects.filter(notice=OuterRef("pk")).order_by()
        doors = apps.get_model("notices", "DoorPassing").objects.filter(notice=OuterRef("pk")).order_by()
        return self.filter(
            territory.as_q(self.model)
            | Exists(receipts.filter(user=user))
            | Exists(receipts.visible_to(user))
            | Exists(doors.visible_to(user))
        )


class Notice(Placed):
    """通知: plain text, sent from `place` to those below it; never changed, but withdrawn or replaced by a correction.

    `place_level` is the place's own, which a foreign key over both holds true: no building group sends notices.
    """

    place_level = models.SmallIntegerField(editable=False)
    title = models.CharField(_("title"), max_length=60)
    body = models.TextField(_("text"), max_length=2000)
    audience = models.CharField(_("for whom"), max_length=20, choices=Audience)
    is_urgent = models.BooleanField(_("urgent"), default=False)
    must_acknowledge = models.BooleanField(_("to be acknowledged"), default=False)
    answer_by = models.DateField(_("answer by"), null=True, blank=True)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("sent by"), db_index=False
    )
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="correction", verbose_name=_("corrects")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    why_withdrawn = models.CharField(_("why it was withdrawn"), max_length=200, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-sent_at", "-id"]
        indexes = [
            models.Index(fields=["-sent_at", "-id"], name="notice_newest"),
            models.Index(fields=["community", "-sent_at"], name="notice_of_community"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="notice_audience_known"),
            models.CheckConstraint(condition=Q(place_level__in=SENT_FROM), name="notice_sent_from_above"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(body=""), name="notice_says_something"),
            models.CheckConstraint(condition=Q(corrects=None) | ~Q(corrects=F("id")), name="notice_not_own_correction"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, why_withdrawn="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(why_withdrawn="")),
                name="notice_withdrawn_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.place_level = self.place.level
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("notices:notice", args=[self.pk])

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def is_at_the_door(self) -> bool:
        return self.audience in AT_THE_DOOR

    @property
    def ends_on(self) -> date:
        """The last day on which it stands."""
        return self.answer_by or day_of(self.sent_at + STANDS)

    @property
    def is_standing(self) -> bool:
        return not self.is_withdrawn and self.ends_on >= today()

    @property
    def is_late(self) -> bool:
        """Past the day by which it wanted an answer."""
        return not self.is_withdrawn and self.answer_by is not None and self.answer_by < today()


class NoticeArea(models.Model):
    """One of the places to which a notice goes, with all below it; the sending place itself when it goes everywhere."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="areas")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("area of a notice")
        ordering = ["place__code"]
        constraints = [models.UniqueConstraint(fields=["notice", "place"], name="notice_area_once")]

    def __str__(self) -> str:
        return f"{self.notice_id} → {self.place}"
