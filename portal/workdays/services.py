"""Special days are entered, changed and removed; a year is declared complete."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.refusals import refusals

from .arrangements import ARRANGEMENTS, Arrangement
from .models import FIRST_YEAR, LAST_YEAR, CalendarYear, SpecialDay
from .signals import calendar_changed

LONGEST = 31  # days entered at once; the longest holiday so far had 9


@transaction.atomic
def add_days(
    *,
    first: date,
    last: date | None = None,
    is_working: bool,
    morning_only: bool = False,
    name: str,
    actor: Any,
) -> list[SpecialDay]:
    """Enter every day from `first` to `last` (default the same) as a day off, a make-up working day, or half a day.

    With `morning_only` it is worked until noon, be it a weekday or a weekend day. Raises Refused when a day is entered
    already, or when a whole make-up day is no weekend day.
    """
    last = last or first
    length = (last - first).days + 1
    days = [first + timedelta(days=offset) for offset in range(min(length, LONGEST))]
    with refusals() as refuse:
        if length < 1:
            refuse(_("The last day cannot come before the first."), field="last")
        if length > LONGEST:
            refuse(_("Enter at most %(count)d days at once.") % {"count": LONGEST}, field="last")
        if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
            reach = {"first": FIRST_YEAR, "last": LAST_YEAR}
            refuse(_("The calendar reaches from %(first)d to %(last)d.") % reach, field="first")
        _refuse_made_up_weekdays(days, is_working and not morning_only, refuse)
        for taken in SpecialDay.objects.filter(day__in=days):
            entered = {"day": _spoken(taken.day), "name": taken.name}
            refuse(_("%(day)s is entered already (%(name)s): change it instead.") % entered, field="first")
    what = {"is_working": is_working, "morning_only": morning_only, "name": name}
    rows = SpecialDay.objects.bulk_create(SpecialDay(day=day, **what) for day in days)
    for row in rows:
        audit.record("workdays.day_added", row, actor=actor, data=_facts(row))
    calendar_changed.send(SpecialDay)
    return rows


@transaction.atomic
def change_day(
    special: SpecialDay, *, is_working: bool, morning_only: bool = False, name: str, actor: Any
) -> SpecialDay:
    """Correct what a special day is, or its name. Raises Refused when a whole make-up day would be no weekend day."""
    special = SpecialDay.objects.select_for_update().get(pk=special.pk)
    with refusals() as refuse:
        _refuse_made_up_weekdays([special.day], is_working and not morning_only, refuse)
    before = _facts(special)
    special.is_working, special.morning_only, special.name = is_working, morning_only, name
    special.save(update_fields=["is_working", "morning_only", "name"])
    audit.record("workdays.day_changed", special, actor=actor, data={"before": before, "after": _facts(special)})
    calendar_changed.send(SpecialDay)
    return special


@transaction.atomic
def remove_day(special: SpecialDay, *, actor: Any) -> None:
    """Let a day be what its weekday says; removing it twice changes nothing more."""
    found = SpecialDay.objects.select_for_update().filter(pk=special.pk).first()
    if found:
        audit.record("workdays.day_removed", found, actor=actor, data=_facts(found))
        found.delete()
        calendar_changed.send(SpecialDay)


@transaction.atomic
def declare(year: int, *, source: str, actor: Any) -> CalendarYear:
    """Say that all days off of a year are entered, after the document `source` (文号); again corrects the source.

    Raises Refused when not one day of that year has been entered.
    """
    listed = CalendarYear.objects.select_for_update().filter(year=year).first()
    with refusals() as refuse:
        if not listed and not SpecialDay.objects.filter(day__year=year).exists():
            refuse(_("Enter the days off and the make-up working days of %(year)d first.") % {"year": year})
    before = listed.source if listed else ""
    row = listed or CalendarYear(year=year)
    row.source = source
    row.save()
    audit.record("workdays.year_declared", row, actor=actor, data={"year": year, "before": before, "source": source})
    calendar_changed.send(CalendarYear)
    return row


@transaction.atomic
def withdraw(year: int, *, actor: Any) -> None:
    """Take back that a year is complete; its days stay. Raises Refused for a year whose notice the portal carries."""
    with refusals() as refuse:
        if is_published(year):
            refuse(_("The notice for %(year)d has been published: correct its days instead.") % {"year": year})
    for row in CalendarYear.objects.select_for_update().filter(year=year):
        audit.record("workdays.year_withdrawn", row, actor=actor, data={"year": year, "source": row.source})
        row.delete()


def is_published(year: int) -> bool:
    """Whether the portal itself carries the notice for this year."""
    return any(arrangement.year == year for arrangement in ARRANGEMENTS)


def install(arrangement: Arrangement, *, years: Any = CalendarYear.objects, days: Any = SpecialDay.objects) -> bool:
    """Enter a published year unless it is listed; days that somebody entered before stay as they are."""
    with transaction.atomic(using=years.db):
        _row, is_new = years.get_or_create(year=arrangement.year, defaults={"source": arrangement.source})
        if is_new:
            rows = [
                days.model(day=day, is_working=is_working, name=holiday.name)
                for holiday in arrangement.holidays
                for day, is_working in holiday.days()
            ]
            days.bulk_create(rows, ignore_conflicts=True)
    return is_new


def _refuse_made_up_weekdays(days: list[date], is_working: bool, refuse: Any) -> None:
    for day in days if is_working else ():
        if day.isoweekday() < 6:
            words = _("%(day)s is no weekend day: people work on it anyway.") % {"day": _spoken(day)}
            refuse(words, field="is_working")


def _spoken(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _facts(special: SpecialDay) -> dict[str, Any]:
    facts = {"day": special.day.isoformat(), "is_working": special.is_working, "name": special.name}
    return {**facts, "morning_only": True} if special.morning_only else facts
