"""Charts: drawn from their tables, sharp, told to those who do not see them, and never without the table."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import RequestFactory
from playwright.sync_api import Browser, Page, expect

from portal.dashboard.charts import Chart, DataLine

from . import axe
from .alone import ORIGIN, Show, alone

HEAD = '{% include "dashboard/board_head.html" with charts=chart %}'
SOURCE = '<h1>Board</h1><div class="charts">{% include "dashboard/chart.html" %}</div>'
IMAGE = "<img src=x onerror=alert(1)>{s0|x}{marker|</td>"
# How many different colours stand on the drawing; one is an empty sheet
COLOURS = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""

# Two frames: what was to be drawn has been when the second begins, however busy the machine is
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


def trend(**fields: object) -> Chart:
    days = [f"{day} May" for day in range(1, 8)]
    lines = [DataLine("Reported", [3, 5, None, 8, 13, 1, 0]), DataLine("Closed", [1, 4, 4, 2, 9, 6, 2])]
    usual = Chart(key="trend", title="Trend", kind="line", axis="Day", labels=days, lines=lines)
    return replace(usual, **fields)  # type: ignore[arg-type]


def beside(names: tuple[str, ...] = ("Dalong", "Lingbian")) -> Chart:
    return Chart(
        key="beside",
        title="Side by side",
        kind="across",
        axis="Community",
        labels=names,
        lines=[
            DataLine("In time", [80, None], over=[10, 2]),
            DataLine("Before", [75, 90], over=[8, 10], is_before=True),
        ],
        unit="%",
        links=("/first/", "/second/"),
    )


@pytest.fixture
def show(browser: Browser) -> Iterator[Show]:
    with alone(browser, viewport={"width": 1440, "height": 900}, has_touch=False, device_scale_factor=2) as shown:
        yield shown


def drawn(show: Show, chart: Chart) -> Page:
    page = show(SOURCE, head=HEAD, chart=chart)
    expect(page.locator("canvas")).to_be_visible()
    page.wait_for_timeout(600)  # until nothing moves any more
    page.evaluate(FRAMES)
    return page


@pytest.mark.parametrize("chart", [trend(), trend(kind="bar"), beside()], ids=["line", "bar", "across"])
def test_a_chart_is_drawn_in_the_pixels_of_the_screen(show, chart):
    page = drawn(show, chart)

    canvas = page.locator("canvas")
    width = page.locator("[data-chart-place]").evaluate("(place) => place.clientWidth")
    assert canvas.evaluate("(canvas) => canvas.width") == 2 * width
    assert canvas.evaluate(COLOURS) > 10
    assert page.wrong == []


def test_its_table_stands_behind_it(show):
    page = drawn(show, beside())
    table = page.locator("table")
    expect(table).to_be_hidden()

    page.locator("summary").click()

    assert [" ".join(row.split()) for row in table.locator("tr").all_inner_texts()] == [
        "Community In time Before",
        "Dalong 80 n = 10 75 n = 8",
        "Lingbian — n = 2 90 n = 10",
    ]


def test_without_scripts_the_table_stands_open(browser):
    with alone(browser, java_script_enabled=False) as show:
        page = show(SOURCE, head=HEAD, chart=beside())

        expect(page.locator("table")).to_be_visible()
        expect(page.locator("[data-chart-place]")).to_be_hidden()


def test_nothing_to_draw_says_so_and_leaves_the_table_to_whoever_wants_it(show):
    page = show(SOURCE, head=HEAD, chart=trend(lines=[DataLine("Reported", [None] * 7)]))

    expect(page.locator("table")).to_be_hidden()
    page.locator("summary").click()
    expect(page.locator("table")).to_be_visible()
    expect(page.locator("[data-chart-place]")).to_have_count(0)
    assert page.wrong == []


def test_the_arrow_keys_walk_through_the_values_and_tell_them(show):
    page = drawn(show, trend())
    page.locator("[data-chart-place]").focus()
    told = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home"):
        page.keyboard.press(key)
        told.append(page.locator("[data-chart-told]").text_content())

    assert told == [
        "1 May；Reported 3；Closed 1",
        "2 May；Reported 5；Closed 4",
        "3 May；Reported —；Closed 4",
        "7 May；Reported 0；Closed 2",
        "7 May；Reported 0；Closed 2",
        "6 May；Reported 1；Closed 6",
        "1 May；Reported 3；Closed 1",
    ]


def test_enter_leads_to_what_stands_behind_a_value(show):
    page = drawn(show, beside())
    page.locator("[data-chart-place]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/second/")

    assert [request.url for request in page.asked] == [f"{ORIGIN}/second/"]


def test_a_click_on_a_bar_leads_there_as_well(show):
    page = drawn(show, beside())
    box = page.locator("canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.38)
    page.wait_for_url("**/first/")

    assert [request.url for request in page.asked] == [f"{ORIGIN}/first/"]


def linked_trend() -> Chart:
    return trend(links=[f"/{day}/" for day in range(1, 8)])


def test_a_click_anywhere_above_a_point_leads_to_its_period(show):
    page = drawn(show, linked_trend())
    box = page.locator("canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.53, box["y"] + box["height"] * 0.5)
    page.wait_for_url("**/4/")

    assert [request.url for request in page.asked] == [f"{ORIGIN}/4/"]


def test_a_finger_reads_a_point_first_and_goes_on_with_the_second_tap(browser):
    with alone(browser, viewport={"width": 390, "height": 844}, has_touch=True) as show:
        page = drawn(show, linked_trend())
        box = page.locator("canvas").bounding_box()
        point = (box["x"] + box["width"] * 0.53, box["y"] + box["height"] * 0.5)
        page.touchscreen.tap(*point)
        page.wait_for_timeout(300)
        assert page.asked == []

        page.touchscreen.tap(*point)
        page.wait_for_url("**/4/")


def test_a_trend_without_links_leads_nowhere(show):
    page = drawn(show, trend())
    box = page.locator("canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.53, box["y"] + box["height"] * 0.5)
    page.wait_for_timeout(200)

    assert page.asked == []


def test_hostile_names_are_drawn_and_told_as_text(show):
    lines = [DataLine(IMAGE, [1, 2]), DataLine(IMAGE * 2, [2, 3])]
    page = drawn(show, replace(beside((IMAGE, f"{{b|{IMAGE}}}")), title=IMAGE, lines=lines))
    page.locator("[data-chart-place]").focus()
    page.keyboard.press("ArrowDown")
    page.locator("canvas").hover()

    assert page.locator("[data-chart-told]").text_content().startswith(IMAGE)
    assert page.locator("main img, main script").count() == 0
    assert page.wrong == []


def test_a_chart_that_is_not_shown_yet_is_drawn_once_it_is(show):
    page = show(f"<section hidden>{SOURCE}</section>", head=HEAD, chart=trend())
    expect(page.locator("canvas")).to_have_count(0)
    page.evaluate("document.querySelector('section').hidden = false")

    expect(page.locator("canvas")).to_be_visible()
    assert page.wrong == []


def test_whoever_wants_less_motion_gets_the_picture_at_once(browser):
    with alone(browser, reduced_motion="reduce") as show:
        page = show(SOURCE, head=HEAD, chart=trend())
        page.locator("canvas").wait_for()
        page.evaluate(FRAMES)
        at_once = page.locator("canvas").screenshot()
        page.wait_for_timeout(500)

        assert page.locator("canvas").screenshot() == at_once


def test_larger_type_draws_larger_words(show):
    elder = RequestFactory().get("/")
    elder.large_type = True
    heights = [
        show(SOURCE, head=HEAD, chart=beside(), request=request).locator("canvas").bounding_box()["height"]
        for request in (RequestFactory().get("/"), elder)
    ]

    assert heights[1] > heights[0] * 1.2  # a row of bars is as high as its words


def test_for_paper_the_table_opens_and_the_picture_gets_narrower(show):
    page = drawn(show, trend())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("table")).to_be_visible()
    assert page.locator("canvas").evaluate("(canvas) => canvas.width") == 2 * 420

    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("table")).to_be_hidden()
    assert page.locator("canvas").evaluate("(canvas) => canvas.width") > 2 * 420


def test_it_stays_drawn_on_paper(show):
    page = drawn(show, trend())
    page.emulate_media(media="print")
    page.wait_for_timeout(200)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    canvas = page.locator("canvas")
    assert canvas.evaluate("(canvas) => canvas.width / canvas.height") < 3
    assert canvas.evaluate(COLOURS) > 10


def test_nobody_is_hindered(browser):
    with alone(browser) as show:
        page = show(SOURCE, head=HEAD + "<title>Board</title>", chart=beside())
        page.context.add_init_script(axe._source())
        page.reload()
        page.locator("canvas").wait_for()

        assert axe.findings(page, "a chart") == []
