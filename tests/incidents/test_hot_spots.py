"""Hot spots: months as they are in Shanghai, a trend, no ranking of a few, what comes again and again."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from python_calamine import CalamineWorkbook

from grid.incidents.hot_spots import LEAST, hot_spots_of, months_before
from grid.incidents.models import Incident
from portal.core.clock import SHANGHAI
from portal.core.models import AuditEntry
from tests.factories import category, incident

pytestmark = pytest.mark.django_db
NOW = datetime(2023, 5, 20, 10, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def may():
    with time_machine.travel(NOW, tick=False):
        yield


def url(place, name="hot_spots", **query):
    return reverse(f"incidents_at:{name}", args=[place.pk], query=query or None)


def reported(place, by, *moments, **fields):
    return [incident(place=place, reporter=by.user, at=moment, **fields) for moment in moments]


def look(place, months=12, group=None):
    return hot_spots_of(place, months=months, group=group)


def test_months_are_those_of_shanghai(chen, places):
    last = datetime(2023, 4, 30, 23, 59, tzinfo=SHANGHAI)  # in UTC still the afternoon
    first = datetime(2023, 5, 1, 0, 1, tzinfo=SHANGHAI)  # in UTC still April
    reported(places.qishan, chen, last, first)

    hot = look(places.dalong)

    assert hot.months == months_before(date(2023, 5, 20), 12)
    assert [(cell.month, cell.number) for cell in hot.rows[0].cells if cell.number] == [
        (date(2023, 4, 1), 1),
        (date(2023, 5, 1), 1),
    ]


def test_the_last_months_end_with_this_one():
    assert months_before(date(2023, 2, 28), 3) == [date(2022, 12, 1), date(2023, 1, 1), date(2023, 2, 1)]
    assert (len(months_before(NOW.date(), 24)), months_before(NOW.date(), 24)[0]) == (24, date(2021, 6, 1))


def test_the_most_frequent_stands_first_and_a_few_are_not_ranked(chen, huang, li, places):
    reported(places.longji, huang, *[NOW - timedelta(days=at) for at in range(LEAST)])
    reported(places.qishan, chen, *[NOW - timedelta(days=at) for at in range(LEAST + 2)])
    reported(places.fuyi, li, *[NOW] * (LEAST - 1))
    reported(places.grid, li, *[NOW] * 2)

    rows = look(places.dalong).rows

    assert [(row.place, row.total) for row in rows] == [
        (places.qishan, LEAST + 2),
        (places.longji, LEAST),
        (places.grid, 2),  # in the order of their codes, not of their numbers
        (places.fuyi, LEAST - 1),
    ]
    assert [row.is_comparable for row in rows] == [True, True, False, False]
    assert [row.is_at_large for row in rows] == [False, False, True, False]


@pytest.mark.parametrize(
    ("now_", "before", "trend"),
    [(6, 2, ("amber", "↑")), (2, 6, ("green", "↓")), (5, 5, ("grey", "→")), (4, 4, ("grey", ""))],
)
def test_the_trend_is_against_the_period_before(now_, before, trend, chen, places):
    reported(places.qishan, chen, *[NOW] * now_, *[NOW - timedelta(days=365)] * before)
    reported(places.qishan, chen, NOW - timedelta(days=3 * 365))

    (row,) = look(places.dalong).rows

    assert (row.total, row.before, row.trend[:2]) == (now_, before, trend)


def test_the_same_three_times_in_90_days_is_repeated(chen, places, li, client_of):
    again = reported(places.qishan, chen, *[NOW - timedelta(days=at) for at in (1, 30, 89)], code="drain")
    reported(places.qishan, chen, NOW - timedelta(days=91), code="drain")
    reported(places.qishan, chen, *[NOW] * 2, code="clutter")
    void = reported(places.qishan, chen, NOW, code="clutter")
    Incident.objects.filter(pk=void[0].pk).update(state="void")
    client = client_of(li)

    (row,) = client.get(url(places.dalong)).context["page"].rows

    assert [(repeat.label, repeat.number) for repeat in row.repeats] == [(category("drain").name, 3)]
    assert {one.pk for one in client.get(row.repeats[0].url).context["page"]} == {one.pk for one in again}


def test_a_group_of_categories_and_a_longer_period_are_chosen_in_the_address(chen, places, li, client_of):
    drains = reported(places.qishan, chen, NOW, NOW - timedelta(days=500), code="drain")
    reported(places.qishan, chen, NOW, code="gas")
    client = client_of(li)

    def found(**query):
        hot = client.get(url(places.dalong, **query)).context["hot"]
        return len(hot.months), [row.total for row in hot.rows]

    assert found() == (12, [2])
    assert found(months=24) == (24, [3])
    assert found(months=24, group=drains[0].category.group_id) == (24, [2])
    assert found(months="99", group="x") == (12, [2])  # what makes no sense is as if it were not said


def test_each_number_leads_to_as_many_incidents(chen, places, li, client_of):
    reported(places.qishan, chen, NOW, datetime(2023, 4, 30, 23, 59, tzinfo=SHANGHAI), NOW - timedelta(days=100))
    client = client_of(li)

    (row,) = client.get(url(places.dalong)).context["page"].rows

    for cell in row.cells:
        assert not cell.url or len(client.get(cell.url).context["page"]) == cell.number
    assert len(client.get(row.url).context["page"]) == row.total


def test_what_is_void_or_a_part_counts_neither_here_nor_behind_the_number(chen, places, li, client_of):
    whole, *_others = reported(places.qishan, chen, *[NOW] * 3)
    void, part = reported(places.qishan, chen, *[NOW] * 2)
    Incident.objects.filter(pk=void.pk).update(state="void")
    Incident.objects.filter(pk=part.pk).update(parent=whole)
    client = client_of(li)

    (row,) = client.get(url(places.dalong)).context["page"].rows

    assert row.total == 3
    assert len(client.get(row.url).context["page"]) == 3
    assert len(client.get(next(cell.url for cell in row.cells if cell.number)).context["page"]) == 3


def test_a_street_is_looked_at_by_community(chen, huang, zhou, he, places, client_of):
    reported(places.qishan, chen, *[NOW] * 3)
    reported(places.longji, huang, *[NOW] * 3)
    reported(places.lingbian_group, zhou, NOW)

    rows = client_of(he).get(url(places.street)).context["page"].rows

    assert [(row.place, row.total, row.repeats) for row in rows] == [(places.dalong, 6, []), (places.lingbian, 1, [])]


def test_25_places_a_page(chen, li, places, client_of):
    from grid.places import services as posts
    from grid.places.models import Level

    for number in range(3, 30):
        code = f"440113106001001{number:03}"
        group = posts.open_place(
            level=Level.BUILDING_GROUP, code=code, name=f"第{number}楼栋小组", parent=places.grid, actor=None
        )
        reported(group, chen, NOW)
    client = client_of(li)

    first, second = (client.get(url(places.dalong, page=page)).context["page"] for page in (1, 2))

    assert (len(first), first.has_next, len(second), second.has_next) == (25, True, 2, False)


def test_what_the_screen_shows_leaves_as_excel_on_record(chen, li, places, client_of):
    reported(places.qishan, chen, NOW, NOW - timedelta(days=365))

    response = client_of(li).get(url(places.dalong, "hot_spots_export", months=12))

    header, row = CalamineWorkbook.from_filelike(BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert (header[1], header[12], len(header)) == ("2022-06", "2023-05", 16)
    assert [row[0], *row[12:]] == ["岐山中路楼栋小组", 1.0, 1.0, 1.0, 0.0]
    assert AuditEntry.objects.get(action="incidents.exported").data == {"rows": 1, "place": places.dalong.pk}


def test_only_the_office_and_grid_leaders_take_it_out(chen, wu, places, client_of):
    assert client_of(chen).get(url(places.qishan, "hot_spots_export")).status_code == 403
    assert client_of(wu).get(url(places.grid, "hot_spots_export")).status_code == 200
    assert AuditEntry.objects.filter(action="incidents.exported").count() == 1


@pytest.mark.parametrize("name", ["hot_spots", "hot_spots_export"])
def test_strangers_find_nothing(name, huang, zhou, chen, lin, nobody, places, client_of):
    asked = ((huang, places.grid), (zhou, places.dalong), (chen, places.dalong), (lin, places.street))

    assert {client_of(who).get(url(place, name)).status_code for who, place in asked} == {404}
    assert client_of(nobody).get(url(places.dalong, name)).status_code == 404


@pytest.mark.parametrize("level", ["street", "dalong"])
def test_it_costs_the_same_for_any_number_of_places(
    level, he, chen, huang, zhou, li, places, client_of, django_assert_num_queries, django_assert_max_num_queries
):
    client, asked = client_of(he), url(getattr(places, level))
    reported(places.qishan, chen, *[NOW] * 3)
    with django_assert_max_num_queries(13) as first:
        client.get(asked)
    reported(places.longji, huang, *[NOW] * 3)
    reported(places.fuyi, li, *[NOW] * 3)
    reported(places.lingbian_group, zhou, *[NOW] * 3)

    with django_assert_num_queries(len(first)):
        client.get(asked)


def test_what_was_merged_is_counted_where_it_is_now(chen, li, places):
    from grid.places import boundaries

    reported(places.qishan, chen, NOW)
    boundaries.merge(places.qishan, into=places.longji, actor=li.user)

    assert [row.place for row in look(places.dalong).rows] == [places.longji]
