"""A board as Excel: what the screen shows of it, and no more."""

import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from portal.core.models import AuditEntry
from portal.dashboard.rules import LEAST_N

from .conftest import NOW, board_url, closed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "in_may")]


def test_excel_holds_what_the_screen_shows_and_is_on_record(he, report, places, client_of):
    closed(report(LEAST_N - 1), due=NOW - timedelta(hours=1), closed_at=NOW - timedelta(hours=2))
    places.lingbian.name = "=HYPERLINK(1)"
    places.lingbian.save()

    response = client_of(he).get(board_url(places.street, "board_export", period="2023-05"))

    rows = CalamineWorkbook.from_filelike(BytesIO(response.content)).get_sheet_by_index(0).to_python()
    head = rows[0].index("Rate of closing in time (%)")
    assert [row[0] for row in rows[1:]] == ["大龙社区", "'=HYPERLINK(1)", "石碁镇 in all"]
    assert rows[1][head : head + 2] == ["", LEAST_N - 1]
    entry = AuditEntry.objects.get(action="board.exported")
    assert (entry.actor, entry.subject_id) == (he.user, places.street.pk)
    assert entry.data == {"period": "2023-05", "panel": "incidents", "rows": 2}


def test_rates_have_one_decimal_place_in_excel_and_counts_have_none(he, report, places, client_of):
    closed(report(LEAST_N), due=NOW - timedelta(hours=1), closed_at=NOW - timedelta(hours=2))

    content = client_of(he).get(board_url(places.street, "board_export")).content

    with ZipFile(BytesIO(content)) as book:
        cells, styles = book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/styles.xml").decode()
    assert 'formatCode="0.0"' in styles
    heads = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()[0]
    rate = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[heads.index("Rate of closing in time (%)")]
    count = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[heads.index("Reported (incidents)")]
    assert re.search(rf'<c r="{rate}2" s="\d+"><v>100\.0</v>', cells)
    assert f'<c r="{count}2"><v>{LEAST_N}</v>' in cells
