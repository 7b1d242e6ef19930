from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.core.access import needs
from portal.core.clock import start_of, today

from . import calendar, services, sheet
from .forms import DAY_OFF, AddDaysForm, ChangeDayForm, DeclareForm, WithdrawForm, kind_of
from .models import FIRST_YEAR, LAST_YEAR, CalendarYear, SpecialDay


@needs("workdays.view")
@require_safe
def year(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """The working days of a year, month by month; by default of the current one."""
    year = _in_reach(today().year if year is None else year)
    special = list(SpecialDay.objects.filter(day__year=year))
    halves = frozenset(row.day for row in special if row.morning_only)
    read = calendar.Calendar(special={row.day: row.is_working for row in special}, mornings=halves)
    context = {
        "year": year,
        "previous": year - 1 if year > FIRST_YEAR else None,
        "next": year + 1 if year < LAST_YEAR else None,
        "known": CalendarYear.objects.filter(year=year).first(),
        "is_published": services.is_published(year),
        "weekdays": sheet.WEEKDAYS,
        "months": sheet.months(year, special, today=today()),
        "breaks": sheet.breaks(special),
        "working_days": read.between(start_of(date(year, 1, 1)), start_of(date(year + 1, 1, 1))),
        "days_off": sum(not row.is_working for row in special),
        "made_up": sum(row.is_working and not row.morning_only for row in special),
        "halves": len(halves),
        "may_edit": request.user.has_perm("workdays.edit"),
    }
    return render(request, "workdays/year.html", context)


@needs("workdays.edit")
def add_days(request: HttpRequest, year: int) -> HttpResponse:
    form = AddDaysForm(request.POST or None, initial={"is_working": DAY_OFF})
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The days are entered."))
        return redirect("workdays:year", form.cleaned_data["first"].year)
    return render(request, "workdays/add.html", {"form": form, "year": _in_reach(year)}, status=form.status)


@needs("workdays.edit")
def change_day(request: HttpRequest, year: int, month: int, day: int) -> HttpResponse:
    special = _special(year, month, day)
    initial = {"is_working": kind_of(special), "name": special.name}
    form = ChangeDayForm(request.POST or None, special=special, initial=initial)
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("The day is changed."))
        return redirect(special)
    return render(request, "workdays/change.html", {"form": form, "special": special}, status=form.status)


@needs("workdays.edit")
@require_POST
def remove_day(request: HttpRequest, year: int, month: int, day: int) -> HttpResponse:
    special = _special(year, month, day)
    services.remove_day(special, actor=request.user)
    messages.success(request, _("The day counts by its weekday again."))
    return redirect(special)


@needs("workdays.edit")
def declare(request: HttpRequest, year: int) -> HttpResponse:
    form = DeclareForm(request.POST or None, year=_in_reach(year), initial=_declared(year))
    if form.is_valid() and form.carry_out(actor=request.user):
        messages.success(request, _("%(year)d is complete: deadlines there are certain.") % {"year": year})
        return redirect(form.result)
    return _declaration(request, year, form, status=form.status)


@needs("workdays.edit")
@require_POST
def withdraw(request: HttpRequest, year: int) -> HttpResponse:
    refused = WithdrawForm(request.POST, year=_in_reach(year))
    if refused.is_valid() and refused.carry_out(actor=request.user):
        messages.success(request, _("%(year)d counts as not known again.") % {"year": year})
        return redirect("workdays:year", year)
    form = DeclareForm(year=year, initial=_declared(year))
    return _declaration(request, year, form, refused=refused, status=refused.status)


def _declaration(request: HttpRequest, year: int, form: DeclareForm, *, status: int, **context: Any) -> HttpResponse:
    context |= {"form": form, "year": year, "is_declared": bool(_declared(year))}
    context["is_published"] = services.is_published(year)
    return render(request, "workdays/declare.html", context, status=status)


def _declared(year: int) -> dict[str, Any]:
    return dict(CalendarYear.objects.filter(year=year).values("source").first() or {})


def _special(year: int, month: int, day: int) -> SpecialDay:
    """The special day of a date; found without a territory, for the calendar is the nation's."""
    try:
        return SpecialDay.objects.get(day=date(year, month, day))
    except (SpecialDay.DoesNotExist, ValueError):
        raise Http404 from None


def _in_reach(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    return year
