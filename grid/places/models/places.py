"""The places of the hierarchy, and under which parent each stood when."""

from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .ranges import days, ids

DIVISION_CODE = r"^\d{6}(\d{3}){0,4}$"
TELEPHONE = r"^[0-9]{3,4}-[0-9]{7,8}$|^1[3-9][0-9]{9}$|^400[0-9]{7}$|^[19][0-9]{4}$|^[2-9][0-9]{6,7}$"
CODE = RegexValidator(DIVISION_CODE, _("A division code has 6, 9, 12, 15 or 18 digits."))


class Level(models.IntegerChoices):
    """The five-level mobilisation hierarchy counts from the community down; street and district stand above it."""

    DISTRICT = -1, _("District")
    STREET = 0, _("Street")
    COMMUNITY = 1, _("Community")
    GRID = 2, _("Grid")
    BUILDING_GROUP = 3, _("Building group")

    @property
    def digits(self) -> int:
        """How many digits the division code of such a place has."""
        return 3 * (self.value + 3)


class PlaceQuerySet(models.QuerySet["Place"]):
    def open(self) -> Self:
        """Places of today; a closed one keeps its records and is no more to choose, to count or to lead."""
        return self.filter(closed_on=None)

    def visible_to(self, user: Any) -> Self:
        """Places of the user's territory, closed ones too; what stands above it is named by `trail_to` alone."""
        from grid.places.territory import territory_of

        return self.filter(territory_of(user).places_q())


class Place(models.Model):
    """A division or subdivision that somebody looks after, from the district down to the building group.

    `code` is the statistical division code (6 digits district, 9 street, 12 community, then 3 for the grid and 3 for
    the building group): it names and sorts, and no query depends on it. `parent_level` exists so that the database can
    see that levels nest: a foreign key over (parent, parent_level) makes a grid under a building group, and any loop,
    impossible. Another over (parent, parent_community) keeps a subtree in one community, and one over (parent,
    parent_is_open) keeps a place from being closed above an open one. The database fills `community` from the parent;
    a community is its own. From the day `closed_on` a place is no more; `merged_into` has taken its place, and is
    itself open or was closed later without another in its stead.
    """

    level = models.SmallIntegerField(_("level"), choices=Level)
    code = models.CharField(_("division code"), max_length=18, validators=[CODE])
    name = models.CharField(_("name"), max_length=60)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    parent_level = models.GeneratedField(
        expression=F("level") - 1, output_field=models.SmallIntegerField(), db_persist=True
    )
    community = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="places", verbose_name=_("community")
    )
    parent_community = models.GeneratedField(
        expression=Case(When(level__gt=Level.COMMUNITY, then=F("community_id"))),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    duty_phone = models.CharField(_("duty telephone"), max_length=20, blank=True, default="", db_default="")
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )
    is_open = models.GeneratedField(
        expression=Case(When(closed_on__isnull=True, then=Value(True)), default=Value(False)),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    parent_is_open = models.GeneratedField(
        expression=Case(When(closed_on__isnull=True, then=Value(True))),
        output_field=models.BooleanField(null=True),
        db_persist=True,
    )

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["code"]
        indexes = [models.Index(fields=["parent", "code"], name="place_children")]
        constraints = [
            models.UniqueConstraint(fields=["id", "level"], name="place_id_level"),
            models.UniqueConstraint(fields=["id", "community"], name="place_id_community"),
            models.UniqueConstraint(fields=["id", "is_open"], name="place_id_open"),
            models.UniqueConstraint(
                fields=["code"], name="place_code_once", violation_error_message=_("This division code is taken.")
            ),
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=Q(closed_on=None),
                name="place_name_once",
                violation_error_message=_("There is a place of this name here already."),
            ),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="place_level_known"),
            models.CheckConstraint(
                condition=Q(code__regex=DIVISION_CODE) & Q(level=Length("code") / 3 - 3),
                name="place_code_fits_level",
                violation_error_message=_("The division code does not have as many digits as this level needs."),
            ),
            models.CheckConstraint(
                condition=Q(level=Level.DISTRICT, parent=None) | Q(level__gt=Level.DISTRICT, parent__isnull=False),
                name="place_has_parent",
            ),
            models.CheckConstraint(
                condition=Q(level__lt=Level.COMMUNITY, community=None)
                | Q(level=Level.COMMUNITY, community=F("id"))
                | Q(level__gt=Level.COMMUNITY, community__isnull=False),
                name="place_knows_community",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(level__gt=Level.COMMUNITY), name="place_closed_below_community"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | (Q(closed_on__isnull=False) & ~Q(merged_into=F("id"))),
                name="place_merged_is_closed",
            ),
            models.CheckConstraint(
                condition=Q(duty_phone="") | Q(duty_phone__regex=TELEPHONE, level__in=[Level.STREET, Level.COMMUNITY]),
                name="place_duty_phone",
                violation_error_message=_("Only streets and communities have a duty telephone."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Know the community that the database filled in."""
        super().save(*args, **kwargs)
        if self.level >= Level.COMMUNITY and self.community_id is None:
            self.refresh_from_db(fields=["community"])

    def get_absolute_url(self) -> str:
        return reverse("places:place", args=[self.pk])

    @property
    def is_street(self) -> bool:
        return self.level == Level.STREET

    @property
    def is_community(self) -> bool:
        return self.level == Level.COMMUNITY

    @property
    def is_building_group(self) -> bool:
        return self.level == Level.BUILDING_GROUP

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None

    @property
    def ancestors(self) -> list["Place"]:
        """From the district down to the parent; free when loaded with `select_related("parent__parent__…")`."""
        found: list[Place] = []
        place = self.parent
        while place:
            found.insert(0, place)
            place = place.parent
        return found


def inside(place: Place) -> PlaceQuerySet:
    """A grid or building group with what lies in it and what was merged into them; closed ones too."""
    here = Q(pk=place.pk) | Q(merged_into=place.pk)
    if place.level == Level.GRID:
        here |= Q(parent=place.pk) | Q(merged_into__parent=place.pk)
    return Place.objects.order_by().filter(here, community=place.community_id)


class PlaceSpan(models.Model):
    """Under which parent a place stood, and when; `until` is the first day no more. The past keeps its places."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="spans")
    parent = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("place span")
        ordering = ["place", "since"]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="place_span_dates"),
            ExclusionConstraint(
                name="place_span_one_parent",
                expressions=[(ids("place"), RangeOperators.OVERLAPS), (days(), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} < {self.parent_id} {self.since}–{self.until or ''}"
