"""Departments of the street are renamed, deactivated when they are no more, and called back to life."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core import audit
from portal.core.handover import held_by
from portal.core.refusals import refusals

from .models import Department
from .services import end_posts


@transaction.atomic
def rename(department: Department, *, name: str, actor: User | None) -> Department:
    """Give a department another name. Raises Refused when the street has one of this name."""
    department = Department.objects.select_for_update(of=("self",)).get(pk=department.pk)
    with refusals() as refuse:
        if Department.objects.filter(street=department.street_id, name=name).exclude(pk=department.pk).exists():
            refuse(_("The street has a department of this name already."), field="name")
    old, department.name = department.name, name
    department.save(update_fields=["name"])
    audit.record("department.renamed", department, actor=actor, data={"old": old, "new": name})
    return department


@transaction.atomic
def deactivate(department: Department, *, actor: User | None, note: str = "") -> Department:
    """Let a department be no more: nothing is dispatched to it from now on, and its officers' posts end.

    Raises Refused while it still holds something, for nobody would see it any more.
    """
    department = Department.objects.select_for_update(of=("self",)).get(pk=department.pk)
    with refusals() as refuse:
        if not department.is_active:
            refuse(_("This department has been deactivated already."))
        for duty in held_by(department):
            refuse(_("It still holds: %(what)s %(count)d.") % {"what": duty.label, "count": duty.count})
    end_posts(department=department, actor=actor, note=note)
    department.is_active = False
    department.save(update_fields=["is_active"])
    audit.record("department.deactivated", department, actor=actor, note=note)
    return department


@transaction.atomic
def reactivate(department: Department, *, actor: User | None) -> Department:
    """Let a department receive again what is dispatched to it; its officers are appointed anew."""
    department = Department.objects.select_for_update(of=("self",)).get(pk=department.pk)
    with refusals() as refuse:
        if department.is_active:
            refuse(_("This department is active."))
    department.is_active = True
    department.save(update_fields=["is_active"])
    audit.record("department.reactivated", department, actor=actor)
    return department
