"""Redrawing on screen: each step is asked for, shown with what it touches, and agreed to."""

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from portal.core.access import View, fetch, needs
from portal.core.handover import held_by

from .forms import DepartmentStateForm, RenameDepartmentForm
from .models import Appointment, Department, Place
from .plans import Plan
from .redrawing_forms import StepForm


def step(form_class: type[StepForm]) -> View:
    """The page of one step: what it asks for, then what it touches, then done."""

    @needs(form_class.permission)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        place = fetch(request, Place.objects.select_related("parent"), pk=pk)
        if place.is_closed and request.method != "POST":
            return redirect(place)
        form = form_class.of(place)(request.POST or None, place=place)
        plan = None
        if form.is_valid() and "change" not in request.POST:
            if form.seen and form.carry_out(actor=request.user):
                messages.success(request, str(form.done))
                return redirect(form.result)
            plan = _preview(form)
        context = {"form": form, "plan": plan, "place": place}
        return render(request, "places/redraw.html", context, status=form.status)

    return view


def _preview(form: StepForm) -> Plan | None:
    """What would be done; None when it cannot be, and the form says why."""
    if form.errors.keys() - {NON_FIELD_ERRORS}:
        return None
    plan = form.plan()
    if plan.reasons and not form.errors:
        for reason in plan.reasons:
            form.add_error(reason.field if reason.field in form.fields else None, str(reason))
        form.status = 422
    return None if plan.reasons else plan


@needs("places.edit_department")
def rename_department(request: HttpRequest, pk: int) -> HttpResponse:
    department = fetch(request, Department.objects.select_related("street"), pk=pk)
    form = RenameDepartmentForm(request.POST or None, department=department)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The department is called “%(name)s” now.") % {"name": form.result.name})
        return redirect(f"{department.street.get_absolute_url()}#departments")
    context = {"form": form, "department": department}
    return render(request, "places/rename_department.html", context, status=form.status)


@needs("places.edit_department")
def department_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate a department, shown with what it holds and whose posts end; or reactivate it."""
    department = fetch(request, Department.objects.select_related("street"), pk=pk)
    form = DepartmentStateForm(request.POST if request.method == "POST" else None, department=department)
    if form.is_valid() and form.carry_out(actor=request.user):
        is_active = form.result.is_active
        messages.success(request, _("The department is active again.") if is_active else _("Deactivated."))
        return redirect(f"{department.street.get_absolute_url()}#departments")
    context = {
        "form": form,
        "department": department,
        "duties": held_by(department),
        "ending": Appointment.objects.standing().filter(department=department).select_related("user"),
    }
    return render(request, "places/department_state.html", context, status=form.status)
