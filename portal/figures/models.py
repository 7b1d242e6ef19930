"""What has been counted, and what must be counted anew."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place


class FigureKey(models.Model):
    """A figure's key by a short number, and up to which day it has been counted.

    Every day up to `through` is stored, if only by having no row; later days, and all of them while it is empty, are
    counted from the records when somebody asks.
    """

    id = models.SmallAutoField(primary_key=True)
    key = models.CharField(_("key"), max_length=60, unique=True)
    through = models.DateField(_("counted through"), null=True)

    class Meta:
        verbose_name = _("figure")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class Count(models.Model):
    """What a figure came to at a place on a day, or in the month, quarter or year that begins on it.

    Flows have rows by day and month, distinct values by quarter and year too, stocks by day alone. A number of 0 has no
    row. The key begins with the day: a night's rows are written side by side, and a place's figures stand together.
    """

    class Period(models.TextChoices):
        DAY = "D", _("Day")
        MONTH = "M", _("Month")
        QUARTER = "Q", _("Quarter")
        YEAR = "Y", _("Year")

    pk = models.CompositePrimaryKey("period", "day", "place_id", "figure_id")
    # Millions are written at once, by nobody but the roll-up: no key is checked for each of them.
    place = models.ForeignKey(Place, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    value = models.BigIntegerField(_("number"))
    day = models.DateField(_("first day"))
    figure = models.ForeignKey(FigureKey, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    period = models.CharField(_("period"), max_length=1, choices=Period, db_collation="C")

    class Meta:
        verbose_name = _("count")

    def __str__(self) -> str:
        return f"{self.figure_id} {self.place_id} {self.period}{self.day}: {self.value}"


class Snapshot(models.Model):
    """A stock was looked at when this day ended: a place without a number had none."""

    pk = models.CompositePrimaryKey("figure_id", "day")
    figure = models.ForeignKey(FigureKey, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("snapshot")

    def __str__(self) -> str:
        return f"{self.figure_id} {self.day}"


class DirtyDay(models.Model):
    """Records of these days were added, changed or taken away after the days had ended: they must be counted anew.

    Written by triggers of the tables of records, in the transaction of the change; whoever has counted the days deletes
    the marks they read before. Without a community it concerns all of them; the source `*` is every source. One that is
    `of_periods` concerns the different values of the quarters and years these days lie in, and of nothing else.
    """

    source = models.CharField(_("source"), max_length=30, db_collation="C")
    community = models.ForeignKey(Place, models.CASCADE, null=True, related_name="+", db_index=False)
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    of_periods = models.BooleanField(default=False, db_default=False)
    marked_at = models.DateTimeField(default=timezone.now, db_default=models.functions.Now())

    class Meta:
        verbose_name = _("dirty day")
        ordering = ["id"]
        indexes = [models.Index(fields=["source", "first"], name="dirty_source_first")]
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="dirty_day_dates")]

    def __str__(self) -> str:
        return f"{self.source} {self.community_id or '*'} {self.first}–{self.last}"
