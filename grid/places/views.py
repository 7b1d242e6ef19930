from typing import Any

import segno
from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from portal.accounts import devices
from portal.accounts import services as accounts
from portal.accounts.models import User
from portal.core import rights
from portal.core.access import fetch, needs, public, signed_in
from portal.core.handover import duties_of
from portal.core.pagination import page_of

from . import slips
from .census import census_of
from .chronicle import chronicle_of
from .forms import (
    AppointForm,
    DepartmentForm,
    DismissForm,
    DutyPhoneForm,
    FirstRunForm,
    OpenPlacesForm,
    ResetPasswordForm,
    TakeOnForm,
)
from .models import Appointment, Department, Level, Place
from .overview import BELOW, overview, trail_to
from .redrawing_forms import STEPS
from .rules import can_reset_password, place_of
from .territory import only, territory_of

WITH_PARENTS = ("parent__parent__parent__parent",)


@needs("places.view")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Where I am responsible; with a single post straight to its place."""
    posts = territory_of(request.user).posts
    if len(posts) == 1 and posts[0].place:
        return redirect(posts[0].place)
    return render(request, "places/mine.html", {"posts": posts})


@needs("places.view")
@require_safe
def place(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, Place.objects.select_related(*WITH_PARENTS), pk=pk)
    return render(
        request, "places/place.html", {"look": overview(found, request.user), "may": _may(request.user, found)}
    )


@needs("places.view")
@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who held which post here before, and how the place was redrawn."""
    found = fetch(request, Place.objects.select_related(*WITH_PARENTS), pk=pk)
    held = Appointment.objects.held_at(found).ended().select_related("user", "department", "stands_in_for__user")
    page = page_of(request, held.order_by("-until", "-since", "pk"))
    trail = trail_to(found, request.user, _("Earlier holders"))
    context = {"place": found, "trail": trail, "page": page, "events": chronicle_of(found)}
    return render(request, "places/history.html", context)


@needs("places.open")
def open_places(request: HttpRequest, pk: int) -> HttpResponse:
    """Add what lies right below a place."""
    found = fetch(request, Place.objects, pk=pk)
    form = OpenPlacesForm(request.POST or None, parent=found)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("Added. Now appoint whoever leads there."))
        return redirect(f"{found.get_absolute_url()}#below")
    context = {"form": form, "place": found, "kind": BELOW[Level(found.level + 1)]}
    return render(request, "places/open.html", context, status=form.status)


@needs("places.duty_phone")
def duty_phone(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, Place.objects, pk=pk)
    form = DutyPhoneForm(request.POST if request.method == "POST" else None, place=found)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The duty telephone is right now."))
        return redirect(found)
    return render(request, "places/duty_phone.html", {"form": form, "place": found}, status=form.status)


@needs("places.appoint")
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    found = fetch(request, Place.objects.select_related(*WITH_PARENTS), pk=pk)
    return _appoint(request, found, back=found.get_absolute_url())


@needs("places.appoint")
def appoint_officer(request: HttpRequest, pk: int) -> HttpResponse:
    department = fetch(request, Department.objects.select_related("street"), pk=pk)
    return _appoint(request, department, back=department.street.get_absolute_url())


@needs("places.dismiss")
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    appointment = fetch(request, with_places(), pk=pk)
    form = DismissForm(request.POST or None, appointment=appointment)
    if form.is_valid() and form.carry_out(actor=request.user):
        ended = {"name": appointment.user, "post": appointment, "day": form.result.last_day}
        if form.result.has_ended:
            messages.success(request, _("%(name)s no longer holds the post “%(post)s”.") % ended)
        else:
            messages.success(request, _("%(name)s holds the post “%(post)s” until %(day)s.") % ended)
        return redirect(place_of_post(appointment))
    context = {
        "form": form,
        "appointment": appointment,
        "duties": duties_of(appointment.user, appointment.place or appointment.department),
        "may_replace": not appointment.stands_in_for_id,
        "back": place_of_post(appointment).get_absolute_url(),
    }
    return render(request, "places/dismiss.html", context, status=form.status)


@needs("places.add_department")
def add_department(request: HttpRequest, pk: int) -> HttpResponse:
    street = fetch(request, Place.objects, pk=pk)
    form = DepartmentForm(request.POST or None, street=street)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The department is added. Now appoint its officers."))
        return redirect(f"{street.get_absolute_url()}#departments")
    return render(request, "places/add_department.html", {"form": form, "street": street}, status=form.status)


@needs("places.reset_password")
def reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first: the old password stops working and the person is signed out everywhere."""
    appointment = fetch(request, with_places(), pk=pk)
    form = ResetPasswordForm(request.POST or None, appointment=appointment)
    if form.is_valid() and form.carry_out(actor=request.user):
        return to_slip(request, appointment, form.first_password)
    context = {
        "form": form,
        "appointment": appointment,
        "reaches_further": not can_reset_password(request.user, appointment.user),
        "back": place_of_post(appointment).get_absolute_url(),
    }
    return render(request, "places/reset_password.html", context, status=form.status)


@needs("places.reset_password")
@never_cache
@require_safe
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper with user name and first password: to be seen once."""
    appointment = fetch(request, with_places(), pk=pk)
    back = place_of_post(appointment).get_absolute_url()
    first_password = slips.take(request.session, appointment)
    if first_password is None:
        return render(request, "places/slip_gone.html", {"appointment": appointment, "back": back}, status=410)
    address = request.build_absolute_uri("/")
    context = {
        "appointment": appointment,
        "first_password": first_password,
        "address": address,
        "qr": qr_code(address),
        "back": back,
    }
    with translation.override(appointment.user.language):  # whoever reads it, not whoever prints it
        return render(request, "places/slip.html", context)


@signed_in
@require_safe
def my_rights(request: HttpRequest) -> HttpResponse:
    """What I may do, and where: every post apart, in words."""
    posts = [(post, list(rights.allowed(only(request.user, post)))) for post in territory_of(request.user).posts]
    return render(request, "places/rights.html", {"posts": posts})


@public
@sensitive_post_parameters()
def first_run(request: HttpRequest) -> HttpResponse:
    """Open an empty portal; once anybody can sign in, this page is no more."""
    if User.objects.exists():
        raise Http404
    form = FirstRunForm(request.POST or None)
    if form.is_valid() and form.carry_out(actor=None):
        auth.login(request, form.result, backend="portal.accounts.backends.SignInBackend")
        accounts.signed_in(form.result)
        response = redirect("dashboard:home")
        devices.remember(request, response, form.result)
        return response
    return render(request, "places/first_run.html", {"form": form}, status=form.status)


def _appoint(request: HttpRequest, where: Place | Department, *, back: str) -> HttpResponse:
    is_new = request.GET.get("person") == "new"
    form_class = TakeOnForm if is_new else AppointForm
    form = form_class(request.POST or None, where=where, user=request.user)
    if form.is_valid() and form.carry_out(actor=request.user):
        made = form.result
        messages.success(request, _("%(name)s now holds the post “%(post)s”.") % {"name": made.user, "post": made})
        return to_slip(request, made, form.first_password) if isinstance(form, TakeOnForm) else redirect(back)
    context = {"form": form, "where": where, "is_new": is_new, "back": back}
    return render(request, "places/appoint.html", context, status=form.status)


def qr_code(address: str) -> str:
    """An address as an inline SVG."""
    code = segno.make(address, micro=False, error="m")
    return mark_safe(code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S308


def to_slip(request: HttpRequest, appointment: Appointment, first_password: str) -> HttpResponse:
    """On to the slip; a request that was repeated made no password, and the first one's is kept already."""
    if first_password:
        slips.keep(request.session, appointment, first_password)
    return redirect(reverse("places:slip", args=[appointment.pk]))


def with_places() -> Any:
    return Appointment.objects.select_related("user", "place", "department__street", "stands_in_for__user")


def place_of_post(appointment: Appointment) -> Place:
    place = place_of(appointment)
    assert place is not None  # noqa: S101  (the database knows no appointment without one)
    return place


def _may(user: Any, place: Place) -> dict[str, Any]:
    return {
        "open": user.has_perm("places.open", place),
        "duty_phone": user.has_perm("places.duty_phone", place),
        "appoint": user.has_perm("places.appoint", place),
        "appoint_leaders": user.has_perm("places.appoint_leaders", place) and census_of(place).vacant > 0,
        "add_department": user.has_perm("places.add_department", place),
        "steps": [form for form in STEPS if form.is_offered(place, user)],
    }
