"""A committee's own roster file, untidy as it is, from the upload to the people: by real clicks, axe on every stage."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from grid.roster.models import Household, Resident, RosterImport
from grid.roster.services import imports
from tests.roster.checked import every_stage
from tests.roster.people import household, resident
from tests.roster.sheets import xlsx

from . import axe, reach
from .devices import DESK, PHONE, Device, resize
from .hostile import HOSTILE, RUN
from .words import t

State = RosterImport.State
HEADINGS = [
    "序号",
    "楼栋小组",
    "栋",
    "房间号",
    "户主姓名",
    "与户主的关系",
    "身份证号码",
    "联系电话",
    "政治面貌",
    "说明",
]
RUINED = 4.40511195703081e17  # what Excel makes of 440511195703081232
RIGHT = "440511195703081232"
FULL_WIDTH = "１３８００１３８０００"
TITLE, REMARK = "大龙社区岐山中路居民花名册（2023年5月）", "填表人：李敏    只填常住人口"


def roster(id_number: Any) -> bytes:
    """A title and a remark above the header, a merged building, full-width digits, a space in a name, totals below."""
    group = "岐山中路楼栋小组"
    rows = [
        [TITLE],
        [REMARK],
        HEADINGS,
        [1, group, "3栋", "502", "陈 家 生", "户主", id_number, FULL_WIDTH, "中共党员", ""],
        [2, group, "", "502", "林秀英", "配偶", "", "138-0013-8001", "群众", "<script>alert(1)</script>"],
        [3, group, "", "601", "黄伟强", "户主", "", "", "群众", "=1+1"],
        [],
        ["合计", "", "", "", "3人"],
        ["制表：李敏", "", "", "", "", "审核：张国华"],
    ]
    return xlsx(rows, merges=[(4, 2, 6, 2), (1, 0, 1, 9)])


@pytest.fixture
def known(places) -> Resident:
    """Somebody who lives in the building already and does not stand in the file."""
    return resident(household(places.qishan, "3栋", "101"), "吴伯")


def look(page: Page, stage: str, device: Device = DESK) -> None:
    """What hinders somebody at this stage, at a desk and on a phone; afterwards the page is as wide as before."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = [*axe.findings(page, stage), *reach.findings(page, stage)]
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })")
    resize(page, device.width, device.height)
    assert not found, "\n".join(found)


def upload(page: Page, content: bytes, name: str = "花名册（最终版）.xlsx") -> RosterImport:
    """Choose a file and send it; nobody has looked at it yet when this returns."""
    page.locator("input[type=file]").set_input_files([{"name": name, "mimeType": "", "buffer": content}])
    with page.expect_navigation():
        page.locator("form:has(input[type=file]) button[type=submit]").click()
    expect(page.locator("progress")).to_be_visible()
    return RosterImport.objects.latest("pk")


def work(page: Page, do: Any, pk: int) -> None:
    """Let the worker do its part; the page that waits for it notices by itself."""
    do(pk)
    expect(page.locator("progress")).to_have_count(0)


def agree(page: Page) -> None:
    page.locator(".agree-side summary").click()
    page.locator(".agree-side .confirm-panel button").click()
    expect(page.locator("progress")).to_be_visible()


def test_an_untidy_file_goes_in(visit, li, places, known):
    page = visit(li, DESK)
    axe.bring(page.context)
    page.goto("/")
    page.locator('nav.side a[href="/roster/imports/"]').click()
    look(page, "list")

    spoiled = upload(page, roster(RUINED))
    look(page, "waiting")
    work(page, imports.check, spoiled.pk)
    expect(page.locator(".card-red")).to_be_visible()
    row = page.locator("tbody tr", has=page.locator(".value-wrong"))
    expect(row).to_contain_text(re.compile("4.*G"))
    expect(row).to_contain_text("E+17")
    expect(page.locator(".agree-side")).to_have_count(0)
    look(page, "errors")
    with page.expect_download() as marked:
        page.locator('.blocked a[href$="/report/"]').click()
    assert Path(marked.value.path()).read_bytes()[:2] == b"PK"

    mended = upload(page, roster(RIGHT), "花名册（改好）.xlsx")
    work(page, imports.check, mended.pk)
    expect(page.locator(".agree-side")).to_be_visible()
    expect(page.locator("#changes")).to_contain_text("陈家生")
    assert RIGHT not in page.content()
    look(page, "preview")
    page.locator('.scopes a[href*="tab=absent"]').click()
    expect(page.locator("tbody")).to_contain_text("吴伯")
    look(page, "absent")

    agree(page)
    look(page, "applying")
    work(page, imports.apply, mended.pk)
    expect(page.locator(".card-green")).to_be_visible()
    look(page, "done")

    people = {one.name: one for one in Resident.objects.present()}
    assert people.keys() == {"陈家生", "林秀英", "黄伟强", "吴伯"}
    assert (people["陈家生"].id_number, people["陈家生"].mobile) == (RIGHT, "13800138000")
    assert people["陈家生"].is_party_member
    assert set(Household.objects.values_list("building_key", "room")) == {
        (known.household.building_key, room) for room in ("101", "502", "601")
    }


def test_a_file_that_is_no_roster_is_refused_beside_the_field(visit, watch, li):
    page = visit(li, DESK)
    axe.bring(page.context)
    page.goto("/roster/imports/")
    page.locator("input[type=file]").set_input_files(
        [{"name": "扫描件.pdf", "mimeType": "", "buffer": b"%PDF-1.7 a scan of the roster"}]
    )

    with watch.expects(422), page.expect_navigation():
        page.locator("form:has(input[type=file]) button[type=submit]").click()

    expect(page.locator("#id_file_error")).to_be_visible()
    look(page, "refused")
    assert not RosterImport.objects.exists()


def test_whoever_is_ticked_leaves_the_roster(visit, li, places, known):
    page = visit(li, DESK)
    page.goto("/roster/imports/")
    roster_import = upload(page, roster(RIGHT))
    work(page, imports.check, roster_import.pk)
    page.locator('.scopes a[href*="tab=absent"]').click()
    page.locator("[data-bulk-all]").check()
    page.locator("button[formaction]").last.click()
    expect(page.locator(".agree-side strong")).to_be_visible()

    page.locator('.scopes a[href*="tab=added"]').click()
    agree(page)
    work(page, imports.apply, roster_import.pk)

    known.refresh_from_db()
    assert not known.is_present


def test_a_file_with_other_headings_is_matched_by_hand_on_a_phone_without_scripts(visit, li, places):
    new = ["第三网格", "新楼栋小组"]
    rows = [["甲", "乙", "丙", "丁", "戊"], [*new, "9栋", "502", "陈家生"], [*new, "9栋", "503", "林秀英"]]
    page = visit(li, PHONE, scripts=False)
    page.goto("/roster/imports/")
    roster_import = upload(page, xlsx(rows))
    imports.check(roster_import.pk)
    page.locator(f'noscript a[href="{roster_import.get_absolute_url()}"]').click()

    for column, field in enumerate(("grid", "group", "building", "room", "name")):
        page.locator(f"[name=column_{column}]").select_option(field)
    page.locator("main form button[type=submit]").last.click()
    imports.check(roster_import.pk)
    page.goto(roster_import.get_absolute_url())
    page.locator("label[for=id_create_places]").click()
    agree(page)
    imports.apply(roster_import.pk)
    page.goto(roster_import.get_absolute_url())

    expect(page.locator(".card-green")).to_be_visible()
    people = Resident.objects.values_list("name", "place__name", "place__parent__name")
    assert set(people) == {("陈家生", "新楼栋小组", "第三网格"), ("林秀英", "新楼栋小组", "第三网格")}


def test_the_roster_changes_between_preview_and_consent(visit, li, places):
    page = visit(li, DESK)
    page.goto("/roster/imports/")
    roster_import = upload(page, roster(RIGHT))
    work(page, imports.check, roster_import.pk)
    resident(household(places.qishan, "3栋", "502"), "陈家生", id_number=RIGHT)

    agree(page)
    work(page, imports.apply, roster_import.pk)

    expect(page.locator(".message-warning")).to_be_visible()
    expect(page.locator(".agree-side")).to_be_visible()
    assert Resident.objects.count() == 1


def test_a_file_is_given_up(visit, li, places):
    page = visit(li, DESK)
    page.goto("/roster/imports/")
    roster_import = upload(page, roster(RIGHT))
    work(page, imports.check, roster_import.pk)

    page.locator(".page-actions summary").click()
    page.locator(".page-actions .confirm-panel button").click()

    expect(page.locator(".message-success")).to_have_text(t("The file is discarded. The roster is as it was."))
    assert not Resident.objects.exists()


def test_hostile_text_in_a_file_stays_text_at_every_stage(visit, li, places):
    page, preview = visit(li, DESK), every_stage(places.dalong, HOSTILE)[0]
    pages = [one.get_absolute_url() for one in RosterImport.objects.all()]
    tabs = ("problems", "added", "changed", "moved", "absent", "new_households", "changed_households")

    drawn = []
    for url in ("/roster/imports/", *pages, *(f"{preview.get_absolute_url()}?tab={tab}" for tab in tabs)):
        page.goto(url)
        drawn.append(HOSTILE[:40] in page.locator("main").inner_text())
        assert not page.locator(RUN).count(), url

    assert all(drawn)
