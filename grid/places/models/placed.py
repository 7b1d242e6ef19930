"""Records that belong to a place."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .places import Level, Place, inside


class PlacedQuerySet(models.QuerySet):
    """Rows that belong to a place, seen through the territory of whoever asks."""

    def within(self, place: Place) -> Self:
        """Rows of a place and of everything below it, by keys: the community first, then the places inside it.

        What was merged into them is among them, for its records stayed where they were made.
        """
        if place.is_community:
            return self.filter(community=place)
        if place.level > Level.COMMUNITY:
            return self.filter(community=place.community_id, place__in=inside(place).values("pk"))
        below = Place.objects.order_by().filter(Q(parent=place.pk) | Q(parent__parent=place.pk))
        communities = below.filter(level=Level.COMMUNITY).values("pk")
        streets = below.filter(level=Level.STREET).values("pk")
        return self.filter(Q(community__in=communities) | Q(community=None) & (Q(place=place) | Q(place__in=streets)))

    def visible_to(self, user: Any) -> Self:
        from grid.places.territory import territory_of

        return self.filter(territory_of(user).as_q(self.model))


class Placed(models.Model):
    """A record that belongs to a place.

    `community` is the place's community: the database fills it when it is left empty and refuses any other
    (`database.placed`, in the migration of each such table). Empty only for records of a street or district.
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("place"))
    community = models.ForeignKey(
        Place, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("community")
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Take the community from the place."""
        self.community_id = self.place.community_id
        super().save(*args, **kwargs)
