from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .arrangements import in_words

FIRST_YEAR, LAST_YEAR = 2000, 2099


class CalendarYear(models.Model):
    """A year whose days off have been published and entered: a year counts as known only when it is listed here.

    Nationwide data without territory, like the special days themselves.
    """

    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    source = models.CharField(_("document number"), max_length=60)

    class Meta:
        verbose_name = _("calendar year")
        verbose_name_plural = _("calendar years")
        ordering = ["year"]
        constraints = [
            models.UniqueConstraint(
                fields=["year"],
                name="calendar_year_once",
                violation_error_message=_("Somebody else has just declared this year complete."),
            ),
            models.CheckConstraint(condition=Q(year__range=(FIRST_YEAR, LAST_YEAR)), name="calendar_year_in_reach"),
            models.CheckConstraint(condition=~Q(source=""), name="calendar_year_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.source}"

    def get_absolute_url(self) -> str:
        return reverse("workdays:year", args=[self.year])


class SpecialDay(models.Model):
    """A day that differs from its weekday: a day off, a weekend day worked to make up for one (调休), or half of that.

    With `morning_only` it is worked until noon: the afternoon of a weekday is off, or the morning of a weekend made up.
    Nationwide data without territory: everyone with a post sees all of it, and `workdays.edit` holds for all of it.
    """

    day = models.DateField(_("day"))
    is_working = models.BooleanField(_("working day"))
    morning_only = models.BooleanField(_("only the morning"), default=False, db_default=False)
    name = models.CharField(_("holiday"), max_length=40)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["day"],
                name="special_day_once",
                violation_error_message=_("Somebody else has just entered one of these days."),
            ),
            models.CheckConstraint(
                condition=Q(day__range=(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))), name="special_day_in_reach"
            ),
            models.CheckConstraint(
                condition=Q(is_working=False) | Q(day__iso_week_day__gte=6) | Q(morning_only=True),
                name="special_day_makes_up_on_weekend",
                violation_error_message=_("Only a Saturday or a Sunday can become a make-up working day."),
            ),
            models.CheckConstraint(
                condition=Q(is_working=True) | Q(morning_only=False), name="special_day_half_is_worked"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="special_day_has_name"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("workdays:year", args=[self.day.year])

    @property
    def holiday(self) -> str:
        """The name in the reader's language."""
        return in_words(self.name)

    @property
    def edit_url(self) -> str:
        return reverse("workdays:change", args=[self.day.year, self.day.month, self.day.day])
