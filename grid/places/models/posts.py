"""Departments, and who holds which post where."""

from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from portal.core.clock import today

from .places import Level, Place
from .ranges import days, ids


class DepartmentQuerySet(models.QuerySet["Department"]):
    def visible_to(self, user: Any) -> Self:
        from grid.places.territory import territory_of

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
        from grid.places.territory import territory_of

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
                expressions=[(ids("place"), RangeOperators.OVERLAPS), (days(), RangeOperators.OVERLAPS)],
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
