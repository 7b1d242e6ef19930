"""A board: places side by side in the order of their codes, with n, beside the period before, overdue first."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from python_calamine import CalamineWorkbook

from grid.incidents.models import Rating
from grid.places import boundaries
from grid.places import services as posts
from grid.places.models import Level
from portal.core.boards import panels
from portal.core.clock import SHANGHAI
from portal.dashboard.board import board_of
from portal.dashboard.rules import LEAST_N
from portal.figures import rollup
from portal.figures.periods import MONTH, whole
from tests.cast import SINCE
from tests.roster.people import household, resident

from .conftest import NOW, board_url, closed, column, figure_url, look

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "in_may")]
MOST_QUERIES = 14


def test_communities_stand_side_by_side_in_the_order_of_their_codes(he, report, places, client_of):
    report(1)
    report(6, place=places.lingbian_group)

    table = look(client_of, he, places.street).table

    assert column(table, "incidents.reported") == [("大龙社区", "1"), ("凌边社区", "6")]
    assert table.total.of("incidents.reported").text == "7"
    assert not table.is_sorted


def test_a_reader_may_order_them_and_too_few_for_a_rate_stand_last(he, report, places, client_of):
    due, done = NOW - timedelta(days=1), NOW - timedelta(days=2)
    third = posts.open_place(
        level=Level.COMMUNITY, code="440113106003", name="永善社区", parent=places.street, actor=None, since=SINCE
    )
    closed(report(4), due=due, closed_at=done)
    closed(report(LEAST_N, place=places.lingbian_group), due=due, closed_at=done)
    closed(report(LEAST_N, place=third), due=due, closed_at=NOW)
    key = "incidents.closing_in_time_rate"

    falling = column(look(client_of, he, places.street, sort=key).table, key)
    rising = column(look(client_of, he, places.street, sort=f"-{key}").table, key)

    assert falling == [("凌边社区", "100.0"), ("永善社区", "0.0"), ("大龙社区", "—")]
    assert rising == [("永善社区", "0.0"), ("凌边社区", "100.0"), ("大龙社区", "—")]
    assert look(client_of, he, places.street, sort="no.such").table.sort == ""


def test_a_few_stand_in_no_order(he, report, places, client_of):
    report(LEAST_N - 1)
    report(LEAST_N - 2, place=places.lingbian_group)

    rising = look(client_of, he, places.street, sort="-incidents.reported").table
    assert column(rising, "incidents.reported") == [("大龙社区", "4"), ("凌边社区", "3")]

    report(2)
    report(4, place=places.lingbian_group)
    rising = look(client_of, he, places.street, sort="-incidents.reported").table
    assert column(rising, "incidents.reported") == [("大龙社区", "6"), ("凌边社区", "7")]


def test_a_rate_of_a_few_is_no_rate_but_its_n_is_told(li, report, places, client_of):
    closed(report(LEAST_N - 1), due=NOW - timedelta(hours=1), closed_at=NOW - timedelta(hours=2))

    reading = look(client_of, li, places.dalong).table.total.of("incidents.closing_in_time_rate")

    assert (reading.text, reading.n, reading.change) == ("—", LEAST_N - 1, None)
    assert reading.note == "Too few for a rate."


def test_this_month_is_compared_with_as_many_days_of_the_last(li, report, places, client_of):
    report(6)
    report(8, at=datetime(2023, 4, 20, 23, tzinfo=SHANGHAI))
    report(9, at=datetime(2023, 4, 21, 1, tzinfo=SHANGHAI))

    reading = look(client_of, li, places.dalong).table.total.of("incidents.reported")

    assert (reading.text, reading.before_text) == ("6", "8")
    assert (reading.change.arrow, reading.change.words, reading.change.tone) == ("↓", "2 fewer", "grey")


def test_nothing_beside_nothing_is_no_change(li, report, places, client_of):
    report(6, place=places.lingbian_group)

    reading = look(client_of, li, places.dalong).table.total.of("incidents.reported")

    assert (reading.text, reading.before_text, reading.change) == ("0", "0", None)


def test_what_still_grows_is_compared_when_its_period_has_ended(li, report, places, client_of):
    due, done = NOW - timedelta(days=1), NOW - timedelta(days=2)
    closed(report(LEAST_N - 1), due=due, closed_at=done)
    closed(report(1), due=due)
    closed(report(LEAST_N), due=due - timedelta(days=30), closed_at=done - timedelta(days=30))

    table = look(client_of, li, places.dalong, panel="handling").table.total
    grown, in_time = table.of("incidents.closing_rate"), table.of("incidents.closing_in_time_rate")

    assert (grown.text, grown.before_text) == (in_time.text, in_time.before_text) == ("80.0", "100.0")
    assert (grown.change.arrow, grown.change.tone) == ("", "grey")
    assert grown.change.words == "still growing; compared when the period has ended"
    assert (in_time.change.arrow, in_time.change.tone, in_time.change.words) == ("↓", "amber", "20.0 points less")
    with time_machine.travel(datetime(2023, 6, 1, 9, tzinfo=SHANGHAI), tick=False):
        ended = look(client_of, li, places.dalong, panel="handling", period="2023-05").table.total
        assert ended.of("incidents.closing_rate").change.words == "20.0 points less"


def test_today_is_not_compared_with_a_whole_day(li, report, places, client_of):
    report(6)
    report(8, at=NOW - timedelta(days=1))

    reading = look(client_of, li, places.dalong, period="2023-05-20").table.total.of("incidents.reported")

    assert (reading.text, reading.before_text, reading.change.arrow) == ("6", "8", "")
    assert reading.change.words == "the day still runs; compared when it has ended"


def test_beside_what_still_grows_no_period_before_is_drawn(he, report, places, client_of):
    due, done = NOW - timedelta(days=1), NOW - timedelta(days=2)
    for place in (places.qishan, places.lingbian_group):
        for month in (timedelta(0), timedelta(days=30)):
            closed(report(LEAST_N, place=place), due=due - month, closed_at=done - month)

    def lines(key):
        charts = look(client_of, he, places.street, panel="handling", sort=key).charts
        return next(len(chart.lines) for chart in charts if chart.key == "beside")

    assert (lines("incidents.closing_in_time_rate"), lines("incidents.closing_rate")) == (2, 1)


def test_people_of_several_communities_are_told_as_of_last_night(he, li, places, client_of):
    home = household(places.qishan)
    for at in range(LEAST_N):
        resident(home, name=f"陈家{at}", since=SINCE)
    rollup.keep_up(seconds=600)

    street = look(client_of, he, places.street, panel="people").table
    community = look(client_of, li, places.dalong, panel="people").table

    assert street.rows[0].of("places.residents").note == street.total.of("places.elderly").note == "as of last night"
    assert street.total.of("places.grids").note == community.total.of("places.residents").note == ""
    sheet = client_of(he).get(board_url(places.street, "board_export", panel="people")).content
    heads = CalamineWorkbook.from_filelike(BytesIO(sheet)).get_sheet_by_index(0).to_python()[0]
    assert "Residents (people) · as of last night" in heads
    assert "Grids (grids)" in heads


@pytest.mark.parametrize(
    ("period", "number"),
    [("2023-05-20", 1), ("2023-05", 3), ("2023-04", 4), ("2023-Q2", 7), ("2023", 12), ("2023-05-01_2023-05-10", 2)],
)
def test_the_address_names_the_period(period, number, li, report, places, client_of):
    for month, day, several in ((5, 20, 1), (5, 10, 2), (4, 30, 4), (1, 1, 5)):
        report(several, at=datetime(2023, month, day, 9, tzinfo=SHANGHAI))

    found = look(client_of, li, places.dalong, period=period)

    assert found.table.total.of("incidents.reported").value == number


@pytest.mark.parametrize("period", ["2023-13", "x", "2023-05-02_2023-05-01", "2024", "1999", "2023-05-21"])
def test_nonsense_and_the_future_are_no_period(period, li, places, client_of):
    assert client_of(li).get(board_url(places.dalong, period=period)).status_code == 404


def test_any_days_are_chosen_in_a_form_and_stand_in_the_address(li, places, client_of):
    url = board_url(places.dalong, since="2023-05-01", until="2023-05-09", panel="voice")

    assert client_of(li).get(url).url == board_url(places.dalong, period="2023-05-01_2023-05-09", panel="voice")
    one_day = client_of(li).get(board_url(places.dalong, since="2023-05-09", until="2023-05-09"))
    assert one_day.url == board_url(places.dalong, period="2023-05-09")


@pytest.mark.parametrize(
    ("since", "until"),
    [("2023-05-09", "2023-05-01"), ("2023-05-21", "2023-05-22"), ("", "2023-05-01"), ("2010-01-01", "2023-01-01")],
)
def test_wrong_days_are_refused_beside_their_field(since, until, li, places, client_of):
    response = client_of(li).get(board_url(places.dalong, since=since, until=until))

    assert response.status_code == 422
    assert response.context["form"].errors


def test_what_is_overdue_stands_on_top_with_where_it_is(he, report, places, client_of):
    closed(report(2, place=places.lingbian_group, at=NOW - timedelta(days=30)), due=NOW - timedelta(days=1))

    (urgent,) = look(client_of, he, places.street).urgent

    assert urgent.reading.text == "2"
    assert [(row.place.name, row.url) for row in urgent.where] == [
        ("凌边社区", figure_url(places.lingbian, "incidents.overdue", period="2023-05"))
    ]


def test_people_cannot_stand_on_top(places, monkeypatch):
    """A few of them would be told there by their place, whatever the table hides."""
    people = replace(panels.items["people"], first="places.residents")
    monkeypatch.setitem(panels.items, "people", people)

    with pytest.raises(ValueError, match=r"people: places\.residents counts people"):
        board_of(places.street, whole(MONTH, NOW.date()))


def test_small_groups_of_people_are_not_told_nor_to_be_worked_out(li, places, client_of):
    for place, number in ((places.qishan, 3), (places.longji, 7), (places.fuyi, 9)):
        home = household(place, room="101")
        for at in range(number):
            resident(home, name=f"陈家{at}", since=SINCE)

    by_grid = look(client_of, li, places.dalong, panel="people").table
    by_group = look(client_of, li, places.grid, panel="people").table

    assert column(by_grid, "places.residents") == [("第一网格", "10"), ("第二网格", "9")]
    assert column(by_group, "places.residents") == [("岐山中路楼栋小组", "*"), ("龙基花园楼栋小组", "*")]
    assert by_group.total.of("places.residents").text == "10"


def test_trends_end_with_this_period_and_leave_a_gap_where_there_were_too_few(li, report, places, client_of):
    closed(report(LEAST_N), due=NOW - timedelta(days=1), closed_at=NOW - timedelta(days=2))

    charts = {chart.key: chart for chart in look(client_of, li, places.dalong).charts}

    flows, rates = charts["flows"], charts["in_time"]
    assert (flows.labels[0], flows.labels[-1], len(flows.labels)) == ("2022-06", "2023-05", 12)
    assert list(flows.lines[0].values)[-2:] == [0, LEAST_N]
    assert list(rates.lines[0].values) == [*[None] * 11, Decimal(100)]
    assert list(rates.lines[0].over)[-1] == LEAST_N


def test_places_that_were_closed_since_stand_beside_the_others_in_their_time(li, report, places, client_of):
    report(3, at=NOW - timedelta(days=40))
    boundaries.merge(places.longji, into=places.qishan, actor=li.user)

    then = look(client_of, li, places.grid, period="2023-04")
    now = look(client_of, li, places.grid, period="2023-05-20")

    assert [row.place for row in then.table.rows] == [places.qishan, places.longji]
    assert [row.place for row in now.table.rows] == [places.qishan]


def test_a_hostile_name_is_text_on_the_board(he, report, places, client_of):
    report(1)
    places.dalong.name = "<script>alert(1)</script>"
    places.dalong.save()

    page = client_of(he).get(board_url(places.street)).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_ratings_count_once_and_weigh_as_the_standard_says(li, chen, report, places, client_of):
    for one, said in zip(report(LEAST_N), ["satisfied"] * 3 + ["fairly", "dissatisfied"], strict=True):
        Rating.objects.create(
            incident=one, counts_for=one, channel="self", is_solved=True, satisfaction=said, rated_at=NOW
        )

    reading = look(client_of, li, places.dalong, panel="voice").table.total.of("incidents.satisfaction_rate")

    assert (reading.text, reading.n) == ("78.0", LEAST_N)


# What it costs


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("page", ["board", "figure"])
@pytest.mark.parametrize("is_counted", [False, True])
def test_a_page_costs_the_same_however_much_lies_below(
    page, rows, is_counted, he, report, places, client_of, django_assert_max_num_queries
):
    for at in range(rows):
        code = f"44011310600{at + 3}"
        made = posts.open_place(
            level=Level.COMMUNITY, code=code, name=f"第{at}社区", parent=places.street, actor=None, since=SINCE
        )
        report(rows, place=made, at=NOW - timedelta(days=at))
    if is_counted:
        rollup.keep_up(seconds=600)
    client = client_of(he)
    url = board_url(places.street) if page == "board" else figure_url(places.street, "incidents.reported")
    client.get(url)

    with django_assert_max_num_queries(MOST_QUERIES) as asked:
        client.get(url)

    assert len(asked) == COSTS.setdefault((page, is_counted), len(asked))


COSTS: dict[tuple[str, bool], int] = {}
