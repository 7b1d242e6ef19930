"""Estates and the building groups that belong to them."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from grid.places.models import Place, Placed, PlacedQuerySet


class Estate(Placed):
    """楼盘/小区: a property-management fact beside the hierarchy; its `place` is the community it lies in."""

    class Council(models.TextChoices):
        """Who speaks for the owners."""

        NONE = "none", _("None")
        PREPARING = "preparing", _("Being prepared")
        COMMITTEE = "committee", _("Owners' committee")
        PROPERTY_COUNCIL = "property_council", _("Property management council")

    name = models.CharField(_("name"), max_length=60)
    property_company = models.CharField(_("property company"), max_length=80, blank=True)
    council = models.CharField(_("owners' body"), max_length=20, choices=Council, default=Council.NONE)
    groups = models.ManyToManyField(
        Place,
        through="EstateGroup",
        through_fields=("estate", "group"),
        related_name="estates",
        verbose_name=_("building groups"),
    )

    objects = PlacedQuerySet.as_manager()

    class Meta:
        verbose_name = _("estate")
        verbose_name_plural = _("estates")
        ordering = ["community", "name"]
        constraints = [
            models.UniqueConstraint(fields=["id", "community"], name="estate_id_community"),
            models.CheckConstraint(condition=Q(place=F("community")), name="estate_of_community"),
            models.UniqueConstraint(
                fields=["community", "name"],
                name="estate_name_once",
                violation_error_message=_("The community has an estate of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("roster:estate", args=[self.pk])


class EstateGroup(models.Model):
    """Which estate a building group belongs to: one at most, of its own community."""

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="members")
    group = models.OneToOneField(Place, models.CASCADE, related_name="estate_membership")
    community = models.ForeignKey(
        Place, models.CASCADE, editable=False, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("building group of an estate")

    def __str__(self) -> str:
        return f"{self.estate_id} < {self.group_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.community_id = self.estate.place_id
        super().save(*args, **kwargs)
