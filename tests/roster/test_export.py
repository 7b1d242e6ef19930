"""Lists leave the house as Excel: within territory and permission, on record, harmless, and fit to come in again."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from grid.roster.importing.changes import Counts
from grid.roster.importing.template import COLUMNS
from grid.roster.models import Estate, EstateGroup
from grid.roster.services import exporting, imports
from portal.core.identity import check_digit
from portal.core.models import AuditEntry
from tests.roster.people import household, resident

pytestmark = pytest.mark.django_db
URL = "/people/export/"
FIRST17 = "44010519570308123"
MOBILE, ID_NUMBER = "13800138000", FIRST17 + check_digit(FIRST17)


@pytest.fixture
def home(places):
    """A flat with all there is to say about it, and 陈家生 in it."""
    estate = Estate.objects.create(place=places.dalong, name="龙基花园")
    EstateGroup.objects.create(estate=estate, group=places.qishan)
    made = household(places.qishan, unit="2单元", area_m2=Decimal("89.5"), occupancy="rented")
    resident(
        made, "陈家生", mobile=MOBILE, id_number=ID_NUMBER, sex="male", birth=date(1957, 3, 8), relation="户主",
        represents_since=date(2022, 1, 1), is_party_member=True, remark="耳背",
    )  # fmt: skip
    return made


def take(client, **fields):
    return client.post(URL, {"step": "take", "reason": "", **fields})


def content(response) -> bytes:
    return b"".join(response.streaming_content)


def sheets(response) -> list[list[list]]:
    book = CalamineWorkbook.from_filelike(BytesIO(content(response)))
    return [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]


def test_the_columns_are_the_templates_in_its_order(home, li, client_of):
    roster, _note = sheets(take(client_of(li), identifiers="on", reason="街道体检"))

    assert roster[0] == [column.heading for column in COLUMNS]
    assert roster[1] == [
        "第一网格", "岐山中路楼栋小组", "龙基花园", "3栋", "2单元", "502", 5.0, 89.5, "陈家生", "户主", "是", "是",
        "男", ID_NUMBER, date(1957, 3, 8), MOBILE, "是", "租住", "耳背",
    ]  # fmt: skip


def test_without_asking_for_them_no_identifier_leaves(home, li, client_of):
    response = take(client_of(li))

    file = content(response)
    with ZipFile(BytesIO(file)) as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "陈家生" in inside
    assert MOBILE not in inside
    assert ID_NUMBER not in inside
    assert AuditEntry.objects.get(action="roster.exported").data == {"rows": 1, "identifiers": False}
    assert "attachment" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]


def test_identifiers_need_a_reason(home, li, client_of):
    response = take(client_of(li), identifiers="on")

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reason"]
    assert not AuditEntry.objects.filter(action="roster.exported").exists()


def test_the_export_is_on_record_and_the_file_says_so(home, li, client_of):
    _roster, note = sheets(take(client_of(li), identifiers="on", reason="街道体检", age="elderly"))

    entry = AuditEntry.objects.get(action="roster.exported")
    assert (entry.actor, entry.note, entry.data) == (li.user, "街道体检", {"rows": 1, "identifiers": True})
    said = " ".join(str(cell) for row in note for cell in row)
    assert "李敏" in said
    assert "街道体检" in said


def test_the_street_gets_no_identifiers_even_when_asking(home, he, client_of):
    roster, _note = sheets(take(client_of(he), identifiers="on", reason="想看看"))

    assert (roster[1][8], roster[1][13], roster[1][15]) == ("陈家生", "", "")
    assert AuditEntry.objects.get(action="roster.exported").data["identifiers"] is False


def test_whoever_may_not_export_does_not(home, chen, wu, nobody, client_of):
    assert [client_of(person).post(URL).status_code for person in (chen, wu, nobody)] == [403, 403, 403]


def test_nobody_exports_another_communitys_people(home, zhou, places, client_of):
    roster, _note = sheets(take(client_of(zhou)))
    chosen, _note2 = sheets(take(client_of(zhou), place=places.qishan.pk))
    sought, _note3 = sheets(take(client_of(zhou), q="陈"))

    assert [len(rows) for rows in (roster, chosen, sought)] == [1, 1, 1]


def test_a_post_without_the_right_widens_no_export(home, zhou, places, client_of):
    from grid.places import services as posts
    from grid.places.models import Role

    posts.appoint(zhou.user, role=Role.BUILDING_LEADER, place=places.qishan, actor=None, since=date(2021, 1, 1))
    resident(household(places.lingbian_group), "周明", mobile=MOBILE)

    roster, _note = sheets(take(client_of(zhou), identifiers="on", reason="通知"))

    assert [row[8] for row in roster[1:]] == ["周明"]


def test_box_and_filters_decide_who_is_in_it(home, li, places, client_of):
    resident(home, "陈伟", birth=date(2015, 1, 1))
    resident(home, "李明", until=date(2022, 1, 1), left_because="moved_out")
    client = client_of(li)

    def taken(**asked):
        return [row[8] for row in sheets(take(client, **asked))[0][1:]]

    assert taken() == ["陈家生", "陈伟"]
    assert taken(q="陈") == ["陈家生", "陈伟"]
    assert taken(q="陈", age="minor") == taken(age="minor") == ["陈伟"]
    assert taken(q="?") == taken(age="nonsense") == []
    assert taken(presence="left") == ["李明"]


def test_whoever_has_left_is_marked_as_gone(home, li, client_of):
    resident(home, "李明", until=date(2022, 1, 1), left_because="deceased")

    roster, note = sheets(take(client_of(li), presence="left"))

    assert roster[0][-2:] == ["离开日期", "离开原因"]
    assert roster[1][-2] == date(2022, 1, 1)
    assert len(note) == 8


def test_formulas_are_neutralised(home, li, client_of):
    resident(home, '=HYPERLINK("http://x")', remark="＝1+1")

    with ZipFile(BytesIO(content(take(client_of(li))))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "'=HYPERLINK" in sheet
    assert "'＝1+1" in sheet


def test_too_many_are_refused_with_words(home, li, monkeypatch, client_of):
    monkeypatch.setattr(exporting, "MOST", 0)

    response = take(client_of(li))

    assert response.status_code == 422
    assert response.context["form"].non_field_errors()


def test_first_comes_the_question_and_then_the_file(home, li, client_of):
    response = client_of(li).post(URL, {"age": "elderly"})

    assert response.status_code == 200
    assert 'name="age" value="elderly"' in response.text
    assert not AuditEntry.objects.filter(action="roster.exported").exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_an_export_costs_the_same_for_any_number_of_rows(rows, home, li, client_of):
    for number in range(rows):
        resident(home, f"陈{number}")
    client = client_of(li)
    content(take(client))

    with CaptureQueriesContext(connection) as captured:
        content(take(client))

    assert len(captured) <= 13, [q["sql"][:160] for q in captured]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("identified", [True, False])
def test_an_export_that_comes_in_again_changes_nothing(identified, home, li, places, client_of):
    other = household(places.fuyi, "12栋", "商铺3")
    resident(home, "李秀英", relation="配偶", sex="female", birth=date(1960, 5, 1), mobilised_since=date(2022, 1, 1))
    resident(other, "买买提·艾力", remark="-1楼有仓库")
    asked = {"identifiers": "on", "reason": "核对"} if identified else {}
    file = content(take(client_of(li), **asked))

    _import, findings = imports.bring_in(
        places.dalong, actor=li.user, name="名册.xlsx", content=file, create_places=False, remove_absent=False
    )

    assert findings.problem_counts == {}
    assert (findings.residents, findings.households) == (Counts(unchanged=3), Counts(unchanged=2))
