"""Editing the calendar: who did it is on record, and nonsense is refused with its reason."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from portal.core import audit
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from portal.workdays import services
from portal.workdays.models import CalendarYear, SpecialDay
from portal.workdays.signals import calendar_changed


def reasons(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(reason.field, str(reason)) for reason in refused.value.reasons]


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


def test_a_holiday_is_entered_as_its_days_and_every_one_is_on_record(he):
    rows = services.add_days(
        first=date(2027, 2, 5), last=date(2027, 2, 7), is_working=False, name="春节", actor=he.user
    )

    assert [(row.day, row.is_working, row.name) for row in SpecialDay.objects.filter(day__year=2027)] == [
        (date(2027, 2, 5), False, "春节"),
        (date(2027, 2, 6), False, "春节"),
        (date(2027, 2, 7), False, "春节"),
    ]
    entry = audit.timeline(rows[0]).get()
    assert (entry.action, entry.actor) == ("workdays.day_added", he.user)
    assert entry.data == {"day": "2027-02-05", "is_working": False, "name": "春节"}


def test_days_that_are_entered_already_are_all_named(he):
    with pytest.raises(Refused) as refused:
        services.add_days(
            first=date(2026, 10, 7), last=date(2026, 10, 10), is_working=False, name="国庆节", actor=he.user
        )

    assert reasons(refused) == [
        ("first", "Oct. 7, 2026 is entered already (国庆节): change it instead."),
        ("first", "Oct. 10, 2026 is entered already (国庆节): change it instead."),
    ]
    assert not AuditEntry.objects.filter(action__startswith="workdays.").exists()


def test_only_a_weekend_day_makes_up_for_a_day_off(he):
    with pytest.raises(Refused) as refused:
        services.add_days(first=date(2027, 3, 5), last=date(2027, 3, 6), is_working=True, name="春节", actor=he.user)

    assert reasons(refused) == [("is_working", "March 5, 2027 is no weekend day: people work on it anyway.")]


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (date(2027, 3, 6), date(2027, 3, 5), ("last", "The last day cannot come before the first.")),
        (date(2027, 3, 1), date(2027, 4, 1), ("last", "Enter at most 31 days at once.")),
        (date(1999, 12, 31), None, ("first", "The calendar reaches from 2000 to 2099.")),
    ],
)
def test_impossible_spans_are_refused(he, first, last, reason):
    with pytest.raises(Refused) as refused:
        services.add_days(first=first, last=last, is_working=False, name="节日", actor=he.user)

    assert reasons(refused) == [reason]


def test_a_change_keeps_what_stood_there_before(he):
    special = SpecialDay.objects.get(day="2026-10-10")

    services.change_day(special, is_working=False, name="补休", actor=he.user)

    special.refresh_from_db()
    assert (special.is_working, special.name) == (False, "补休")
    assert audit.timeline(special).get().data == {
        "before": {"day": "2026-10-10", "is_working": True, "name": "国庆节"},
        "after": {"day": "2026-10-10", "is_working": False, "name": "补休"},
    }


def test_a_weekday_off_cannot_turn_into_a_make_up_day(he):
    with pytest.raises(Refused) as refused:
        services.change_day(SpecialDay.objects.get(day="2026-10-07"), is_working=True, name="国庆节", actor=he.user)

    assert reasons(refused) == [("is_working", "Oct. 7, 2026 is no weekend day: people work on it anyway.")]


def test_removing_a_day_twice_is_one_removal(he):
    special = SpecialDay.objects.get(day="2026-10-07")

    services.remove_day(special, actor=he.user)
    services.remove_day(SpecialDay(pk=special.pk), actor=he.user)

    assert not SpecialDay.objects.filter(day="2026-10-07").exists()
    assert AuditEntry.objects.filter(action="workdays.day_removed").count() == 1


def test_a_year_becomes_known_with_its_source_and_the_source_can_be_corrected(he):
    services.add_days(first=date(2027, 1, 1), is_working=False, name="元旦", actor=he.user)

    services.declare(2027, source="国办发明电〔2026〕7号", actor=he.user)
    row = services.declare(2027, source="国办发明电〔2026〕8号", actor=he.user)

    assert CalendarYear.objects.get(year=2027).source == "国办发明电〔2026〕8号"
    assert [entry.data for entry in audit.timeline(row)] == [
        {"year": 2027, "before": "", "source": "国办发明电〔2026〕7号"},
        {"year": 2027, "before": "国办发明电〔2026〕7号", "source": "国办发明电〔2026〕8号"},
    ]


def test_an_empty_year_cannot_be_declared_complete(he):
    with pytest.raises(Refused) as refused:
        services.declare(2027, source="国办发明电〔2026〕7号", actor=he.user)

    assert reasons(refused) == [("", "Enter the days off and the make-up working days of 2027 first.")]


def test_a_declaration_can_be_taken_back_but_not_a_published_year(he):
    services.add_days(first=date(2027, 1, 1), is_working=False, name="元旦", actor=he.user)
    services.declare(2027, source="误报", actor=he.user)

    services.withdraw(2027, actor=he.user)
    with pytest.raises(Refused) as refused:
        services.withdraw(2026, actor=he.user)

    assert not CalendarYear.objects.filter(year=2027).exists()
    assert SpecialDay.objects.filter(day="2027-01-01").exists()
    assert reasons(refused) == [("", "The notice for 2026 has been published: correct its days instead.")]


@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        (SpecialDay(day=date(2026, 10, 7), is_working=False, name="国庆节"), "special_day_once"),
        (SpecialDay(day=date(2027, 3, 5), is_working=True, name="春节"), "special_day_makes_up_on_weekend"),
        (SpecialDay(day=date(2027, 3, 6), is_working=True, name=""), "special_day_has_name"),
        (SpecialDay(day=date(2027, 3, 6), is_working=False, morning_only=True, name="x"), "special_day_half_is_worked"),
        (SpecialDay(day=date(1999, 3, 6), is_working=True, name="春节"), "special_day_in_reach"),
        (CalendarYear(year=2026, source="重复"), "calendar_year_once"),
        (CalendarYear(year=1999, source="太早"), "calendar_year_in_reach"),
        (CalendarYear(year=2027, source=""), "calendar_year_has_source"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_database_refuses_what_must_not_be(db, row, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save()


def test_half_a_day_is_entered_on_a_weekday_or_a_weekend_and_on_record_as_such(he):
    eve, saturday = date(2027, 2, 5), date(2027, 2, 6)
    row = services.add_days(first=eve, last=saturday, is_working=True, morning_only=True, name="春节", actor=he.user)[0]

    assert list(SpecialDay.objects.filter(day__year=2027).values_list("day", "is_working", "morning_only")) == [
        (eve, True, True),
        (saturday, True, True),
    ]
    facts = {"day": "2027-02-05", "is_working": True, "name": "春节"}
    assert audit.timeline(row).get().data == {**facts, "morning_only": True}

    services.change_day(row, is_working=False, name="春节", actor=he.user)
    assert audit.timeline(row).last().data == {
        "before": {**facts, "morning_only": True},
        "after": {**facts, "is_working": False},
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda actor: services.add_days(first=date(2027, 2, 5), is_working=False, name="春节", actor=actor),
        lambda actor: services.change_day(SpecialDay.objects.latest("day"), is_working=False, name="x", actor=actor),
        lambda actor: services.remove_day(SpecialDay.objects.latest("day"), actor=actor),
        lambda actor: services.declare(2026, source="更正", actor=actor),
    ],
    ids=["entered", "changed", "removed", "declared"],
)
def test_others_hear_of_each_change_inside_its_transaction(he, change):
    heard = []
    calendar_changed.connect(lambda **kwargs: heard.append(connection.in_atomic_block), weak=False, dispatch_uid="test")
    try:
        change(he.user)
    finally:
        calendar_changed.disconnect(dispatch_uid="test")

    assert heard == [True]
