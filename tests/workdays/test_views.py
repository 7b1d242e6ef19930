"""The wall calendar: everybody with a post reads it, the street office edits it."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from portal.core.models import AuditEntry
from portal.workdays.models import CalendarYear, SpecialDay

IN_NOVEMBER = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_a_day_in_november():
    with time_machine.travel(IN_NOVEMBER, tick=False):
        yield


def page(client, *args) -> str:
    response = client.get(reverse("workdays:year", args=args))
    assert response.status_code == 200
    return response.content.decode()


def squares(html: str, css: str) -> list[str]:
    """The numbers of the squares that carry a class."""
    return re.findall(rf'<td class="day {css}"[^>]*>(?:<a [^>]*>)?(\d+)', html)


def test_a_building_leader_reads_the_current_year(chen, client_of):
    html = page(client_of(chen))

    assert "国办发明电〔2025〕7号" in html
    assert len(squares(html, "day-off")) == 33
    assert squares(html, "day-made-up") == ["4", "14", "28", "9", "20", "10"]
    assert reverse("workdays:add", args=[2026]) not in html
    assert reverse("workdays:change", args=[2026, 10, 7]) not in html


def test_days_off_and_made_up_are_told_in_words_beside_their_colour(chen, client_of):
    html = page(client_of(chen), 2026)

    assert html.count('class="day-mark"') == 33 + 6 + 2  # every square, and the key once each
    assert html.count('<span class="visually-hidden">') >= 33 + 6


def test_half_past_midnight_on_new_year_shows_the_new_year(chen, client_of):
    with time_machine.travel(datetime(2026, 12, 31, 16, 30, tzinfo=UTC), tick=False):
        html = page(client_of(chen))

    assert 'aria-current="date"' in html
    assert reverse("workdays:year", args=[2026]) in html
    assert reverse("workdays:year", args=[2028]) in html


def test_an_unknown_year_says_so(chen, client_of):
    html = page(client_of(chen), 2027)

    assert "tag-amber" in html
    assert squares(html, "day-off") == []


@pytest.mark.parametrize("number", [1999, 2100, 20260])
def test_a_year_out_of_reach_is_not_found(chen, client_of, number):
    assert client_of(chen).get(reverse("workdays:year", args=[number])).status_code == 404


def test_whoever_has_no_post_sees_nothing(nobody, client_of, client):
    address = reverse("workdays:year")

    assert client_of(nobody).get(address).status_code == 403
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("person", ["chen", "wu", "li", "zhang", "lin"])
@pytest.mark.parametrize("name", ["add", "declare", "withdraw", "change", "remove"])
def test_only_the_street_office_edits(request, client_of, person, name):
    someone = request.getfixturevalue(person)
    address = reverse(f"workdays:{name}", args=[2026] if name in ("add", "declare", "withdraw") else [2026, 10, 7])

    assert client_of(someone).get(address).status_code == 403
    assert client_of(someone).post(address, {"name": "国庆节", "is_working": "off", "source": "x"}).status_code == 403
    assert SpecialDay.objects.filter(day="2026-10-07", name="国庆节").exists()


def test_the_street_office_enters_a_holiday(he, client_of):
    client = client_of(he)
    address = reverse("workdays:add", args=[2027])
    key = client.get(address).context["form"]["idempotency_key"].value()
    sent = {"idempotency_key": key, "first": "2027-05-01", "last": "2027-05-03", "is_working": "off", "name": "劳动节"}

    first, again = client.post(address, sent), client.post(address, sent)

    assert (first.status_code, first.url) == (302, reverse("workdays:year", args=[2027]))
    assert (again.status_code, again.url) == (302, first.url)
    assert SpecialDay.objects.filter(day__year=2027).count() == 3


def test_a_make_up_day_is_entered_beside_it(he, client_of):
    address = reverse("workdays:add", args=[2027])
    client = client_of(he)
    key = client.get(address).context["form"]["idempotency_key"].value()

    client.post(address, {"idempotency_key": key, "first": "2027-05-08", "is_working": "work", "name": "劳动节"})

    assert SpecialDay.objects.get(day="2027-05-08").is_working is True
    assert squares(page(client, 2027), "day-made-up") == ["8"]


def test_what_is_refused_comes_back_with_its_reason(he, client_of):
    address = reverse("workdays:add", args=[2027])
    client = client_of(he)
    key = client.get(address).context["form"]["idempotency_key"].value()

    response = client.post(
        address, {"idempotency_key": key, "first": "2027-05-07", "is_working": "work", "name": "劳动节"}
    )

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["is_working"]


def test_a_day_is_changed_and_removed(he, client_of):
    client = client_of(he)
    special = SpecialDay.objects.get(day="2026-10-10")
    address = reverse("workdays:change", args=[2026, 10, 10])
    assert client.get(address).context["form"]["is_working"].value() == "work"

    assert client.post(address, {"is_working": "off", "name": "补休"}).status_code == 302
    special.refresh_from_db()
    assert (special.is_working, special.name) == (False, "补休")

    removed = client.post(reverse("workdays:remove", args=[2026, 10, 10]))
    assert removed.url == reverse("workdays:year", args=[2026])
    assert not SpecialDay.objects.filter(pk=special.pk).exists()
    assert client.get(address).status_code == 404


def test_a_weekday_cannot_be_changed_into_a_make_up_day(he, client_of):
    response = client_of(he).post(
        reverse("workdays:change", args=[2026, 10, 7]), {"is_working": "work", "name": "国庆节"}
    )

    assert response.status_code == 422
    assert SpecialDay.objects.get(day="2026-10-07").is_working is False


@pytest.mark.parametrize("day", [[2026, 3, 2], [2026, 2, 30], [2026, 13, 1]])
def test_a_day_that_is_not_special_has_no_page(he, client_of, day):
    assert client_of(he).get(reverse("workdays:change", args=day)).status_code == 404


def test_a_year_is_declared_complete_and_the_declaration_taken_back(he, client_of):
    client = client_of(he)
    SpecialDay.objects.create(day=date(2027, 1, 1), is_working=False, name="元旦")
    address = reverse("workdays:declare", args=[2027])

    assert client.post(address, {"source": "国办发明电〔2026〕7号"}).status_code == 302
    assert "国办发明电〔2026〕7号" in page(client, 2027)
    assert reverse("workdays:withdraw", args=[2027]) in client.get(address).content.decode()
    assert client.post(reverse("workdays:withdraw", args=[2027])).status_code == 302
    assert not CalendarYear.objects.filter(year=2027).exists()
    assert list(AuditEntry.objects.filter(action__startswith="workdays.year").values_list("action", "actor")) == [
        ("workdays.year_declared", he.pk),
        ("workdays.year_withdrawn", he.pk),
    ]


def test_an_empty_year_and_a_published_one_are_refused(he, client_of):
    client = client_of(he)

    assert client.post(reverse("workdays:declare", args=[2027]), {"source": "国办发明电〔2026〕7号"}).status_code == 422
    assert client.post(reverse("workdays:withdraw", args=[2026])).status_code == 422
    assert CalendarYear.objects.filter(year=2026).exists()


def test_fields_that_are_not_asked_for_change_nothing(he, client_of):
    special = SpecialDay.objects.get(day="2026-10-10")

    client_of(he).post(
        reverse("workdays:change", args=[2026, 10, 10]),
        {"is_working": "work", "name": "国庆节", "day": "2026-11-28", "id": "1"},
    )

    special.refresh_from_db()
    assert special.day == date(2026, 10, 10)


def test_the_year_costs_the_same_for_any_number_of_days(chen, client_of, django_assert_max_num_queries):
    client, costs = client_of(chen), []
    for day in (1, 2, 3):
        SpecialDay.objects.create(day=date(2027, 5, day), is_working=False, name=f"节日{day}")
        page(client, 2027)
        with django_assert_max_num_queries(12) as asked:
            page(client, 2027)
        costs.append(len(asked))

    assert costs[0] == costs[-1]


def test_a_half_day_is_entered_shown_and_changed(he, client_of):
    client = client_of(he)
    address = reverse("workdays:add", args=[2026])
    key = client.get(address).context["form"]["idempotency_key"].value()
    client.post(address, {"idempotency_key": key, "first": "2026-12-31", "is_working": "morning", "name": "元旦"})

    html = page(client, 2026)
    assert squares(html, "day-half") == ["31"]
    assert "247.5" in html
    assert "12月31日" in html

    address = reverse("workdays:change", args=[2026, 12, 31])
    assert client.get(address).context["form"]["is_working"].value() == "morning"
    client.post(address, {"is_working": "off", "name": "元旦"})
    special = SpecialDay.objects.get(day="2026-12-31")
    assert (special.is_working, special.morning_only) == (False, False)


def test_a_morning_made_up_on_a_weekend_stands_beside_its_holiday(he, client_of):
    SpecialDay.objects.create(day=date(2026, 9, 19), is_working=True, morning_only=True, name="国庆节")

    html = page(client_of(he), 2026)

    assert squares(html, "day-half") == ["19"]
    assert re.search(r"9月19日 <span[^>]*>\(星期六", html)
