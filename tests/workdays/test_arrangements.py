"""The catalogue of published years, and how it reaches a database."""

from datetime import date, timedelta

import holidays
import pytest
from django.apps import apps
from django.core.management import call_command

from portal.workdays.arrangements import ARRANGEMENTS, Arrangement
from portal.workdays.calendar import Calendar
from portal.workdays.models import CalendarYear, SpecialDay
from portal.workdays.receivers import install_published_years

PUBLISHED = {one.year: one for one in ARRANGEMENTS}


def migrated() -> None:
    """What happens after every migration."""
    install_published_years(sender=apps.get_app_config("workdays"), using="default")


def days_of(arrangement: Arrangement) -> dict[date, bool]:
    return {day: works for holiday in arrangement.holidays for day, works in holiday.days()}


@pytest.mark.parametrize("arrangement", ARRANGEMENTS, ids=lambda one: str(one.year))
def test_every_day_is_what_another_source_says(arrangement):
    theirs = holidays.country_holidays("CN", years=arrangement.year)
    ours = Calendar(special=days_of(arrangement))
    length = (date(arrangement.year + 1, 1, 1) - date(arrangement.year, 1, 1)).days
    year = [date(arrangement.year, 1, 1) + timedelta(days=offset) for offset in range(length)]

    assert [day for day in year if ours.is_working(day) != theirs.is_working_day(day)] == []


@pytest.mark.parametrize(
    ("year", "off", "worked"),
    [(2021, 31, 7), (2022, 31, 7), (2023, 27, 7), (2024, 28, 8), (2025, 28, 5), (2026, 33, 6)],
)
def test_as_many_days_are_off_and_made_up_for_as_the_notice_names(year, off, worked):
    works = list(days_of(PUBLISHED[year]).values())

    assert (works.count(False), works.count(True)) == (off, worked)


@pytest.mark.parametrize("arrangement", ARRANGEMENTS, ids=lambda one: str(one.year))
def test_only_weekend_days_make_up_and_no_day_stands_twice(arrangement):
    days = [day for holiday in arrangement.holidays for day, _works in holiday.days()]

    assert len(days) == len(set(days))
    assert [day for holiday in arrangement.holidays for day in holiday.worked if day.isoweekday() < 6] == []


def test_2026_is_as_announced():
    off = {day for day, works in days_of(PUBLISHED[2026]).items() if not works}

    def run(first: date, last: date) -> set[date]:
        return {first + timedelta(days=offset) for offset in range((last - first).days + 1)}

    assert PUBLISHED[2026].source == "国办发明电〔2025〕7号"
    assert off == (
        run(date(2026, 1, 1), date(2026, 1, 3))
        | run(date(2026, 2, 15), date(2026, 2, 23))
        | run(date(2026, 4, 4), date(2026, 4, 6))
        | run(date(2026, 5, 1), date(2026, 5, 5))
        | run(date(2026, 6, 19), date(2026, 6, 21))
        | run(date(2026, 9, 25), date(2026, 9, 27))
        | run(date(2026, 10, 1), date(2026, 10, 7))
    )
    assert {day for day, works in days_of(PUBLISHED[2026]).items() if works} == {
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    }


def test_a_new_database_knows_the_published_years_and_no_other(db):
    assert list(CalendarYear.objects.values_list("year", flat=True)) == [2021, 2022, 2023, 2024, 2025, 2026]
    assert SpecialDay.objects.count() == 218


def test_a_missing_year_comes_back_and_what_people_edited_stays(db):
    CalendarYear.objects.filter(year=2026).update(source="人工核对")
    SpecialDay.objects.filter(day="2026-10-07").delete()
    SpecialDay.objects.filter(day="2026-10-06").update(name="国庆")
    CalendarYear.objects.filter(year=2025).delete()
    SpecialDay.objects.filter(day__year=2025).exclude(day="2025-10-08").delete()
    SpecialDay.objects.filter(day="2025-10-08").update(name="中秋")

    migrated()

    assert CalendarYear.objects.get(year=2026).source == "人工核对"
    assert not SpecialDay.objects.filter(day="2026-10-07").exists()
    assert SpecialDay.objects.get(day="2026-10-06").name == "国庆"
    assert CalendarYear.objects.get(year=2025).source == "国办发明电〔2024〕12号"
    assert SpecialDay.objects.filter(day__year=2025).count() == 33
    assert SpecialDay.objects.get(day="2025-10-08").name == "中秋"


def test_installing_again_changes_nothing(db):
    before = list(SpecialDay.objects.values_list("pk", "day", "is_working", "name"))

    migrated()

    assert list(SpecialDay.objects.values_list("pk", "day", "is_working", "name")) == before


def test_a_database_on_its_way_back_to_nothing_is_left_alone(db):
    class Nothing:
        def get_model(self, *names):
            raise LookupError

    install_published_years(sender=apps.get_app_config("workdays"), using="default", apps=Nothing())


def test_models_and_migrations_agree(db):
    call_command("makemigrations", "workdays", "files", check=True, dry_run=True, verbosity=0)
