from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.clock import today

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
        from .territory import territory_of

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


def _ids(field: str) -> Func:
    """An id as a one-element range: range types have a GiST operator class without any extension."""
    return Func(F(field), F(field), Value("[]"), function="int8range")


def _days(since: str = "since", until: str = "until") -> Func:
    return Func(F(since), F(until), function="daterange")


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
                expressions=[(_ids("place"), RangeOperators.OVERLAPS), (_days(), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} < {self.parent_id} {self.since}–{self.until or ''}"


class DepartmentQuerySet(models.QuerySet["Department"]):
    def visible_to(self, user: Any) -> Self:
        from .territory import territory_of

        return self.filter(territory_of(user).departments_q())


class Department(models.Model):
    """职能部门: a department of the street that answers when the street whistles (吹哨报到)."""

    street = models.ForeignKey(Place, models.PROTECT, related_name="departments", verbose_name=_("street"))
    street_level = models.GeneratedField(
        expression=Value(Level.STREET.value), output_field=models.SmallIntegerField(), db_persist=True
    )
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(_("active"), default=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["street", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["street", "name"],
                name="department_name_once",
                violation_error_message=_("The street has a department of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What somebody is appointed as; the place says over what."""

    STREET_ADMIN = "street_admin", _("Street-office admin")
    SECRETARY = "secretary", _("Community secretary")
    STAFF = "staff", _("Committee staff")
    SOCIAL_WORKER = "social_worker", _("Social worker")
    GRID_LEADER = "grid_leader", _("Grid leader")
    BUILDING_LEADER = "building_leader", _("Building leader")
    DEPARTMENT_OFFICER = "department_officer", _("Department officer")

    @property
    def level(self) -> Level | None:
        """The level of the places this role is held at; None for posts in a department."""
        return ROLE_LEVELS.get(self)


ROLE_LEVELS = {
    Role.STREET_ADMIN: Level.STREET,
    Role.SECRETARY: Level.COMMUNITY,
    Role.STAFF: Level.COMMUNITY,
    Role.SOCIAL_WORKER: Level.COMMUNITY,
    Role.GRID_LEADER: Level.GRID,
    Role.BUILDING_LEADER: Level.BUILDING_GROUP,
}
HEADS = (Role.SECRETARY, Role.GRID_LEADER, Role.BUILDING_LEADER)
HEAD_OF = {ROLE_LEVELS[role]: role for role in HEADS}


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def current(self, day: date | None = None) -> Self:
        """Held on a day, default today."""
        day = day or today()
        return self.filter(Q(until=None) | Q(until__gt=day), since__lte=day)

    def standing(self, day: date | None = None) -> Self:
        """Held on a day (default today) or promised for later."""
        return self.filter(Q(until=None) | Q(until__gt=day or today())).exclude(until=F("since"))

    def ended(self, day: date | None = None) -> Self:
        """Over by a day, default today, or called off before it began."""
        return self.filter(Q(until__lte=day or today()) | Q(until=F("since")))

    def held_at(self, place: Place) -> Self:
        """Posts at the place itself, or in the departments of a street."""
        return self.filter(Q(place=place) | Q(department__street=place))

    def heads(self) -> Self:
        """Posts that lead a place, stand-ins left aside."""
        return self.filter(role__in=HEADS, stands_in_for=None)

    def visible_to(self, user: Any) -> Self:
        from .territory import territory_of

        return self.filter(territory_of(user).appointments_q())


class Appointment(models.Model):
    """任职: who holds which post where, from the day `since` until before the day `until`.

    A stand-in for an absence is an appointment of its own that points at the one it stands in for.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments")
    role = models.CharField(_("post"), max_length=20, choices=Role)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="appointments", verbose_name=_("place")
    )
    place_level = models.SmallIntegerField(null=True, editable=False)
    place_is_open = models.GeneratedField(  # a post without an end needs a place without one: a foreign key over both
        expression=Case(When(until__isnull=True, then=Value(True))),
        output_field=models.BooleanField(null=True),
        db_persist=True,
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="appointments", verbose_name=_("department")
    )
    since = models.DateField(_("since"), default=today)
    until = models.DateField(_("until"), null=True, blank=True)
    stands_in_for = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="stand_ins", verbose_name=_("stands in for")
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["place", "role", "since"]
        indexes = [models.Index(fields=["user", "until"], name="appointment_user")]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="appointment_dates"),
            models.CheckConstraint(
                condition=Q(role=Role.DEPARTMENT_OFFICER, department__isnull=False, place=None)
                | (~Q(role=Role.DEPARTMENT_OFFICER) & Q(place__isnull=False, department=None)),
                name="appointment_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(place=None, place_level=None)
                | Q(place_level__isnull=False)  # said, for a check that comes out unknown would let the row in
                & Q(*[Q(role=role, place_level=level) for role, level in ROLE_LEVELS.items()], _connector=Q.OR),
                name="appointment_role_fits_level",
            ),
            ExclusionConstraint(
                name="appointment_one_head",
                expressions=[(_ids("place"), RangeOperators.OVERLAPS), (_days(), RangeOperators.OVERLAPS)],
                condition=Q(role__in=HEADS, stands_in_for=None),
                violation_error_message=_("This place has a head at that time already. Dismiss them first."),
            ),
            models.CheckConstraint(condition=~Q(stands_in_for=F("id")), name="appointment_not_own_stand_in"),
            models.UniqueConstraint(fields=["id", "place", "role"], name="appointment_id_place_role"),
            models.UniqueConstraint(fields=["id", "department"], name="appointment_id_department"),
            models.UniqueConstraint(
                fields=["user", "role", "place", "department"],
                condition=Q(until=None),
                nulls_distinct=False,
                name="appointment_not_twice",
                violation_error_message=_("They hold this post already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.place or self.department}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Copy the place's level, which a foreign key holds true and a check compares with the role."""
        self.place_level = self.place.level if self.place else None
        super().save(*args, **kwargs)

    @property
    def last_day(self) -> date | None:
        """The last day on which it is held, as people say it; None while no end is set."""
        return self.until - timedelta(days=1) if self.until else None

    @property
    def has_ended(self) -> bool:
        return self.until is not None and (self.until <= today() or self.until == self.since)

    @property
    def is_to_come(self) -> bool:
        return self.since > today()


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
        from .territory import territory_of

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
