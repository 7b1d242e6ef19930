"""Flats and shops, and the households in them."""

from datetime import date

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from grid.places.models import Level, Place, Placed, PlacedQuerySet


class HouseholdQuerySet(PlacedQuerySet):
    def lived_in(self, day: date | None = None) -> "HouseholdQuerySet":
        """Households with somebody present on a day, default today."""
        from .residents import Resident

        residents = Resident.objects.present(day).filter(household=models.OuterRef("pk"))
        return self.filter(models.Exists(residents))

    def in_order(self) -> "HouseholdQuerySet":
        """Building by building from the ground up."""
        return self.order_by("building_key", "unit_key", F("floor").asc(nulls_first=True), "room_key", "pk")


class Household(Placed):
    """居住户: a flat or shop of a building group with whoever lives there; an empty one is a flat without a household.

    The address is kept as people write it, and once more as keys without the words around the numbers (`3栋`, `3幢` and
    `３ 栋` have the key `3`): the keys make it unique within the group and are what a search for 3-502 looks at.
    """

    class Occupancy(models.TextChoices):
        UNKNOWN = "", _("Not known")
        REGISTERED = "registered", _("Registered residence")  # 户籍
        RENTED = "rented", _("Rented")  # 租住
        VACANT = "vacant", _("Vacant flat")  # 空置

    class Use(models.TextChoices):
        DWELLING = "dwelling", _("Dwelling")
        SHOP = "shop", _("Shop")

    place_level = models.GeneratedField(
        expression=Value(Level.BUILDING_GROUP.value), output_field=models.SmallIntegerField(), db_persist=True
    )
    place_is_open = models.GeneratedField(expression=Value(True), output_field=models.BooleanField(), db_persist=True)
    building = models.CharField(_("building"), max_length=40)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    floor = models.SmallIntegerField(_("floor"), null=True, blank=True)
    room = models.CharField(_("room"), max_length=20)
    building_key = models.CharField(max_length=40, editable=False, db_collation="C")
    unit_key = models.CharField(max_length=20, blank=True, editable=False, db_collation="C")
    room_key = models.CharField(max_length=20, editable=False, db_collation="C")
    area_m2 = models.DecimalField(
        _("floor area (m²)"), max_digits=8, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    occupancy = models.CharField(_("occupancy"), max_length=12, choices=Occupancy, blank=True)
    use = models.CharField(_("use"), max_length=10, choices=Use, default=Use.DWELLING)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ["community_id", "building_key", "unit_key", "floor", "room_key"]
        indexes = [models.Index(fields=["community", "room_key", "building_key"], name="household_room")]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "building_key", "unit_key", "room_key"],
                name="household_once",
                violation_error_message=_("This flat is on the roster already."),
            ),
            models.UniqueConstraint(fields=["id", "place", "community"], name="household_id_place"),
            models.CheckConstraint(condition=Q(community__isnull=False), name="household_in_community"),
            models.CheckConstraint(condition=~Q(building_key="") & ~Q(room_key=""), name="household_has_address"),
            models.CheckConstraint(condition=Q(area_m2=None) | Q(area_m2__gt=0), name="household_area_positive"),
            models.CheckConstraint(
                condition=Q(occupancy__in=["", "registered", "rented", "vacant"]), name="household_occupancy_known"
            ),
            models.CheckConstraint(condition=Q(use__in=["dwelling", "shop"]), name="household_use_known"),
            models.CheckConstraint(condition=Q(floor=None) | Q(floor__range=(-9, 200)), name="household_floor"),
        ]

    def __str__(self) -> str:
        return self.address

    def get_absolute_url(self) -> str:
        return reverse("roster:household", args=[self.pk])

    @property
    def address(self) -> str:
        """As people say it within the group: 3栋2单元502."""
        return f"{self.building}{self.unit}{self.room}"


class HouseholdSpan(models.Model):
    """In which building group a household stood before it came under another; `until` is the first day no more."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="spans")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    until = models.DateField(_("until"))

    class Meta:
        verbose_name = _("household span")
        ordering = ["household", "until"]

    def __str__(self) -> str:
        return f"{self.household_id} < {self.place_id} –{self.until}"
