"""The places, who looks after them, and the records that belong to them."""

from .placed import Placed, PlacedQuerySet
from .places import CODE, DIVISION_CODE, TELEPHONE, Level, Place, PlaceQuerySet, PlaceSpan, inside
from .posts import HEAD_OF, HEADS, ROLE_LEVELS, Appointment, AppointmentQuerySet, Department, DepartmentQuerySet, Role

__all__ = [
    "CODE",
    "DIVISION_CODE",
    "HEADS",
    "HEAD_OF",
    "ROLE_LEVELS",
    "TELEPHONE",
    "Appointment",
    "AppointmentQuerySet",
    "Department",
    "DepartmentQuerySet",
    "Level",
    "Place",
    "PlaceQuerySet",
    "PlaceSpan",
    "Placed",
    "PlacedQuerySet",
    "Role",
    "inside",
]
