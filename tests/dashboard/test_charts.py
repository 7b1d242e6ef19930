"""A chart and its table are one thing."""

from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from portal.dashboard.charts import Chart, DataLine, written


def chart(**fields):
    usual = {"key": "beside", "title": "各社区", "kind": "across", "axis": "社区", "labels": ["大龙", "凌边"]}
    return Chart(**{**usual, "lines": [DataLine("上报", [3, None])], **fields})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "—"),
        (0, "0"),
        (13201, "13,201"),
        (Decimal("50.00"), "50.0"),  # under 87.5, so that a column of rates is one
        (Decimal("87.45"), "87.5"),  # half up, as people round
        (Decimal("87.44"), "87.4"),
        (Decimal("99.96"), "100.0"),
        (-4, "-4"),
    ],
)
def test_a_number_is_written_as_statistics_are_printed(value, words):
    assert written(value) == words


def test_each_label_has_a_row_with_a_cell_for_each_line():
    lines = [DataLine("按期结案率", [Decimal("87.44"), None], over=[16, 0]), DataLine("上期", [80, 75])]
    rows = list(chart(lines=lines, links=["/1/", "/2/"]).rows)

    assert [(row.label, row.href) for row in rows] == [("大龙", "/1/"), ("凌边", "/2/")]
    assert [[(cell.value, cell.text, cell.over) for cell in row.cells] for row in rows] == [
        [("87.44", "87.4", "16"), ("80", "80", "")],
        [("", "—", "0"), ("75", "75", "")],
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "pie"}, {"labels": ["大龙"]}, {"lines": [DataLine("率", [1, 2], over=[3])]}],
)
def test_what_cannot_be_a_table_is_no_chart(wrong):
    with pytest.raises(ValueError, match="beside"):
        chart(**wrong)


def test_a_chart_without_values_has_a_table_and_no_place_to_draw():
    drawn = render_to_string("dashboard/chart.html", {"chart": chart(lines=[DataLine("上报", [None, None])])})

    assert "data-chart-place" not in drawn
    assert drawn.count("<tr>") == 3


def test_hostile_names_stay_text():
    hostile = '"><img src=x onerror=alert(1)>'
    drawn = render_to_string(
        "dashboard/chart.html",
        {
            "chart": chart(
                title=hostile, axis=hostile, unit=hostile, labels=[hostile] * 2, lines=[DataLine(hostile, [1, 2])]
            )
        },
    )

    assert "<img" not in drawn
