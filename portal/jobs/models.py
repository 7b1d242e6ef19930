"""Long work that somebody started: how far it is, how it ended, and the file it made."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.personal import EncryptedCharField


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Not finished")
    EXPIRED = "expired", _("Deleted")
    CANCELLED = "cancelled", _("Cancelled")


IN_HAND = (State.WAITING, State.RUNNING)
ENDED = (State.DONE, State.FAILED)
OVER = (*ENDED, State.EXPIRED, State.CANCELLED)
WORTH_TELLING = timedelta(seconds=20)  # whoever started what took less is still looking at it


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> "JobQuerySet":
        """Nobody sees another's work."""
        return self.filter(owner=user.pk)

    def in_hand(self) -> "JobQuerySet":
        """Not ended yet."""
        return self.filter(state__in=IN_HAND)

    def listed(self) -> "JobQuerySet":
        """Without the lists of records that some are about."""
        return self.defer("payload", "note")


class Job(models.Model):
    """One piece of long work. The row is the truth: the worker that carries it out may be killed at any moment.

    `payload` holds ids and codes, never what people have typed: that is `note`, encrypted. `posts` are the ids of the
    posts under which it was started, for kinds whose file goes with them. `about` is the id of the
    record whose own worker does the work, for kinds that are only followed here. `turn` counts how often a worker has
    begun: what an earlier one still does finds it changed and writes nothing; `attempts` counts those that got nowhere.
    `done` and `total` count what the kind says.
    """

    kind = models.CharField(max_length=60)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("started by"), db_index=False
    )
    title = models.CharField(_("title"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    stage = models.CharField(max_length=20, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    payload = models.JSONField(default=dict, blank=True)
    note = EncryptedCharField(blank=True, default="")
    posts = models.JSONField(default=list, blank=True)
    about = models.BigIntegerField(null=True)
    key = models.UUIDField(null=True)
    fingerprint = models.CharField(max_length=64, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    turn = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(_("started at"), default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    expires_at = models.DateTimeField(_("kept until"), null=True)
    seen_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="job_of_owner"),
            models.Index(fields=["created_at"], name="job_in_hand", condition=Q(state__in=IN_HAND)),
            models.Index(fields=["expires_at"], name="job_expires", condition=Q(expires_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="job_started_once"),
            models.UniqueConstraint(
                fields=["owner", "kind", "fingerprint"],
                condition=Q(state__in=IN_HAND),
                name="job_in_hand_once",
            ),
            models.UniqueConstraint(fields=["kind", "about"], name="job_about_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_known"),
            models.CheckConstraint(condition=Q(total=0) | Q(done__lte=F("total")), name="job_done_within_total"),
            models.CheckConstraint(
                condition=Q(state__in=IN_HAND, finished_at=None) | Q(state__in=OVER, finished_at__isnull=False),
                name="job_finished_when_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("jobs:job", args=[self.pk])

    @property
    def is_in_hand(self) -> bool:
        return self.state in IN_HAND

    @property
    def is_worth_telling(self) -> bool:
        """Whether it took so long that its owner has gone on to something else."""
        return self.finished_at is not None and self.finished_at - self.created_at >= WORTH_TELLING

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


class JobFile(models.Model):
    """What a job has made, encrypted; deleted a week later. `size` is that of the file itself, in bytes."""

    job = models.OneToOneField(Job, models.CASCADE, related_name="file")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("file of a job")
        verbose_name_plural = _("files of jobs")

    def __str__(self) -> str:
        return self.name
