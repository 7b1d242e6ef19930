"""The pages of a roster import: who gets in, what each stage shows, what is refused beside which field."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from grid.places import services as places_services
from grid.places.models import Role
from grid.roster.importing.changes import Counts
from grid.roster.importing.findings import Change, Findings, Flat, NewGroup, NewPlaces, Person
from grid.roster.models import ColumnMemory, RosterImport
from grid.roster.services import imports
from tests.cast import SINCE
from tests.roster.checked import ADDED, FOUND, ID_NUMBER, WRONG, imported
from tests.roster.people import household, resident

pytestmark = pytest.mark.django_db
State = RosterImport.State
MOST_QUERIES = 12


def url(name: str, roster_import: RosterImport | None = None) -> str:
    return reverse(f"roster:{name}", args=[roster_import.pk] if roster_import else [])


def sent(
    content: bytes = "楼栋,房号,姓名\n3,502,陈家生\n".encode(), name: str = "名册.csv", **fields: Any
) -> dict[str, Any]:
    """What the upload form sends."""
    return {"idempotency_key": str(uuid4()), "file": SimpleUploadedFile(name, content), **fields}


def consent(findings: Findings = FOUND, **fields: Any) -> dict[str, Any]:
    return {"fingerprint": findings.fingerprint, **fields}


# Who gets in


def test_files_are_the_offices(li, zhang, he, wu, chen, lin, nobody, client_of, client):
    answers = {
        name: client_of(person).get(url("imports")).status_code
        for name, person in {
            "li": li,
            "zhang": zhang,
            "he": he,
            "wu": wu,
            "chen": chen,
            "lin": lin,
            "nobody": nobody,
        }.items()
    }

    assert answers == {"li": 200, "zhang": 200, "he": 403, "wu": 403, "chen": 403, "lin": 403, "nobody": 403}
    assert client_of(wu).get(url("template")).status_code == 403
    assert client.get(url("imports")).url.startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize("name", ["import", "import_columns", "import_report"])
def test_the_street_sees_the_community_and_opens_none_of_its_files(name, he, places, client_of):
    assert client_of(he).get(url(name, imported(places.dalong))).status_code == 403


@pytest.mark.parametrize("name", ["import_confirm", "import_discard", "import_absent", "import_columns"])
def test_the_street_changes_no_import(name, he, places, client_of):
    checked = imported(places.dalong)

    assert client_of(he).post(url(name, checked), consent()).status_code == 403
    checked.refresh_from_db()
    assert checked.state == State.CHECKED


def test_everybody_finds_the_imports_of_their_own_community(li, zhou, places, client_of):
    ours, theirs = imported(places.dalong), imported(places.lingbian)

    def found(person):
        return [one for one, _brought in client_of(person).get(url("imports")).context["rows"]]

    assert found(li) == [ours]
    assert found(zhou) == [theirs]


def test_no_browser_keeps_a_page_of_an_import(li, places, client_of):
    response = client_of(li).get(url("import", imported(places.dalong)))

    assert response.headers["Cache-Control"] == "no-store"


# The upload


def test_a_file_is_taken_in_once_however_often_it_is_sent(li, places, client_of):
    form, client = sent(), client_of(li)
    first = client.post(url("imports"), form)
    form["file"].seek(0)
    second = client.post(url("imports"), form)

    roster_import = RosterImport.objects.get()
    assert (first.url, second.url) == (roster_import.get_absolute_url(),) * 2
    assert (roster_import.community, roster_import.uploaded_by, roster_import.state) == (
        places.dalong,
        li.user,
        State.UPLOADED,
    )
    assert imports.content_of(roster_import) == sent()["file"].read()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"PK\x03\x04 broken",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    ],
    ids=["empty", "no spreadsheet", "damaged", "encrypted"],
)
def test_a_file_that_cannot_be_read_is_refused_beside_the_field(content, li, client_of):
    response = client_of(li).post(url("imports"), sent(content, "名册.xlsx"))

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["file"])
    assert RosterImport.objects.count() == 0


def test_a_file_that_is_too_large_is_refused_unread(li, client_of, monkeypatch):
    monkeypatch.setattr("grid.roster.forms.imports.MOST_BYTES", 10)

    response = client_of(li).post(url("imports"), sent(b"more than ten bytes"))

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["file"])
    assert RosterImport.objects.count() == 0


def test_whoever_forgets_the_file_is_asked_for_it(li, client_of):
    response = client_of(li).post(url("imports"), {"idempotency_key": str(uuid4())})

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["file"])


def test_a_secretary_of_two_communities_says_which(zhang, places, client_of):
    places_services.appoint(zhang.user, role=Role.STAFF, place=places.lingbian, actor=None, since=SINCE)
    client = client_of(zhang)

    unsaid = client.post(url("imports"), sent())
    client.post(url("imports"), sent(community=places.lingbian.pk))

    assert (unsaid.status_code, list(unsaid.context["form"].errors)) == (422, ["community"])
    assert RosterImport.objects.get().community == places.lingbian


def test_a_community_smuggled_in_is_not_the_one(li, places, client_of):
    client_of(li).post(url("imports"), sent(community=places.lingbian.pk))

    assert RosterImport.objects.get().community == places.dalong


def test_the_template_is_a_workbook(li, client_of):
    response = client_of(li).get(url("template"))

    assert response.content[:2] == b"PK"
    assert "attachment" in response.headers["Content-Disposition"]


# Waiting


def test_the_page_asks_how_far_it_is_until_it_is_done(li, places, client_of):
    at_work, client = imported(places.dalong, None, State.CHECKING, stage="reading", done=50, total=200), client_of(li)
    poll = {"HX-Request": "true", "HX-Target": "import-progress"}

    whole = client.get(url("import", at_work)).text
    part = client.get(url("import", at_work), headers=poll)
    RosterImport.objects.update(state=State.CHECKED, findings=FOUND.to_json())
    done = client.get(url("import", at_work), headers=poll)

    assert 'id="import-progress"' in whole
    assert 'value="50" max="200"' in part.text
    assert "<html" not in part.text
    assert done.headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("state", [State.UPLOADED, State.CHECKING, State.APPLYING])
def test_nothing_can_be_agreed_to_while_a_worker_is_at_it(state, li, places, client_of):
    at_work = imported(places.dalong, state=state)

    response = client_of(li).post(url("import_confirm", at_work), consent())

    at_work.refresh_from_db()
    assert (response.url, at_work.state) == (at_work.get_absolute_url(), state)


# The columns


def test_missing_columns_are_asked_for(li, places, client_of):
    checked = imported(places.dalong, replace(FOUND, missing=("name",)))

    assert client_of(li).get(url("import", checked)).url == url("import_columns", checked)


def test_each_column_stands_with_its_values_and_the_guess(li, places, client_of):
    form = client_of(li).get(url("import_columns", imported(places.dalong))).context["form"]

    assert [(column.heading, control.initial) for column, control in form.rows()] == [
        ("栋", "building"),
        ("房间", "room"),
        ("名字", "name"),
        ("序号", ""),
    ]


def test_two_columns_cannot_be_the_same_and_none_may_lack(li, places, client_of):
    checked = imported(places.dalong)

    response = client_of(li).post(url("import_columns", checked), {"column_0": "building", "column_1": "building"})

    form = response.context["form"]
    assert (response.status_code, list(form.errors)) == (422, ["column_1", "__all__"])
    assert len(form.non_field_errors()) == 2  # room and name


def test_a_corrected_column_is_remembered_and_the_file_checked_again(li, places, client_of):
    checked = imported(places.dalong)
    columns = {"column_0": "building", "column_1": "room", "column_3": "name"}

    response = client_of(li).post(url("import_columns", checked), columns)

    checked.refresh_from_db()
    assert (response.url, checked.state) == (checked.get_absolute_url(), State.UPLOADED)
    assert {field: index for field, index in checked.columns.items() if index is not None} == {
        "building": 0,
        "room": 1,
        "name": 3,
    }
    assert ColumnMemory.objects.get(community=places.dalong).headings["序号"] == "name"


# The preview


def test_errors_hold_it_up_and_say_how_to_go_on(li, places, client_of):
    checked, client = imported(places.dalong, WRONG), client_of(li)

    page = client.get(url("import", checked))
    response = client.post(url("import_confirm", checked), consent(WRONG))

    assert url("import_confirm", checked) not in page.text
    assert url("import_report", checked) in page.text
    assert page.context["preview"].tab.key == "problems"
    checked.refresh_from_db()
    assert (response.status_code, checked.state) == (422, State.CHECKED)


def test_a_problem_stands_at_its_cell_without_the_number(li, places, client_of):
    text = client_of(li).get(url("import", imported(places.dalong, WRONG))).text

    assert ID_NUMBER not in text
    assert "440****1230" in text
    assert "第 7 行" in text or "Row 7" in text


def test_problems_are_narrowed_to_a_kind(li, places, client_of):
    checked, client = imported(places.dalong, WRONG), client_of(li)

    def shown(**query):
        return [problem.code for problem in client.get(url("import", checked), query).context["preview"].page]

    assert shown() == ["id_check_digit", "mobile"]
    assert shown(tab="problems", kind="mobile") == ["mobile"]
    assert shown(tab="problems", kind="nonsense") == ["id_check_digit", "mobile"]


@pytest.mark.parametrize(
    ("tab", "found", "words"),
    [
        ("added", {"residents": Counts(added=1), "added": (ADDED,)}, "陈家生"),
        (
            "changed",
            {
                "residents": Counts(changed=1),
                "changed": (Person(1, 2, "黄伟强", "3栋", "3栋501", "", (Change("remark", "旧话", "新话"),)),),
            },
            "旧话",
        ),
        (
            "moved",
            {"residents": Counts(moved=1), "moved": (Person(1, 2, "黄伟强", "3栋", "3栋501", "1栋101"),)},
            "1栋101",
        ),
        ("absent", {"residents": Counts(absent=1), "absent": (Person(1, 0, "黄伟强", "3栋", "3栋501"),)}, "黄伟强"),
        ("new_households", {"households": Counts(added=1), "new_households": (Flat(0, 2, "3栋", "3栋801"),)}, "3栋801"),
        (
            "changed_households",
            {
                "households": Counts(changed=1),
                "changed_households": (Flat(1, 2, "3栋", "3栋801", (Change("area_m2", "89", "98"),)),),
            },
            "98",
        ),
    ],
)
def test_each_tab_shows_its_kind_of_change(tab, found, words, li, places, client_of):
    nothing = {"residents": Counts(), "added": ()}
    checked = imported(places.dalong, replace(FOUND, **nothing | found))

    page = client_of(li).get(url("import", checked), {"tab": tab})

    assert page.context["preview"].tab.key == tab
    assert words in page.text


def test_a_file_that_changes_nothing_has_nothing_to_be_agreed_to(li, places, client_of):
    checked = imported(places.dalong, replace(FOUND, residents=Counts(unchanged=1), added=()))

    page = client_of(li).get(url("import", checked))

    assert (page.status_code, page.context["preview"].is_same) == (200, True)
    assert url("import_confirm", checked) not in page.text


def test_what_was_shown_is_agreed_to(li, places, client_of):
    checked = imported(places.dalong)

    response = client_of(li).post(url("import_confirm", checked), consent())

    checked.refresh_from_db()
    assert (response.url, checked.state) == (checked.get_absolute_url(), State.APPLYING)
    assert (checked.choices["create_places"], checked.choices["remove"]) == (False, "none")


def test_an_older_preview_is_not_agreed_to(li, places, client_of):
    checked = imported(places.dalong)

    response = client_of(li).post(url("import_confirm", checked), {"fingerprint": "older"})

    checked.refresh_from_db()
    assert (response.status_code, checked.state) == (422, State.CHECKED)
    assert response.context["form"].non_field_errors()


def test_new_places_must_be_agreed_to(li, places, client_of):
    found = replace(FOUND, new_places=NewPlaces(("第三网格",), (NewGroup("第三网格", "9栋"),), ("新世纪花园",)))
    checked, client = imported(places.dalong, found), client_of(li)

    refused = client.post(url("import_confirm", checked), consent())
    agreed = client.post(url("import_confirm", checked), consent(create_places="on"))

    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["create_places"])
    assert "第三网格 · " in refused.text
    checked.refresh_from_db()
    assert (agreed.status_code, checked.choices["create_places"]) == (302, True)


def test_a_changed_roster_leads_back_to_the_preview_with_the_reason(li, places, client_of):
    checked = imported(places.dalong, refusal="名册在此期间有变动")

    assert "名册在此期间有变动" in client_of(li).get(url("import", checked)).text


# The absent


@pytest.fixture
def with_absent(places) -> RosterImport:
    """An import from which sixty people are absent, ten more than stand on a page."""
    home = household(places.qishan)
    people = [resident(home, f"陈家{number}") for number in range(60)]
    absent = tuple(Person(one.pk, 0, one.name, "3栋", "3栋502") for one in people)
    return imported(places.dalong, replace(FOUND, residents=Counts(added=1, absent=60), absent=absent))


def page_sent(roster_import: RosterImport, number: int, ticked: list[int], **fields: Any) -> dict[str, Any]:
    """What a page of absent people sends with these of them ticked."""
    absent = [one.resident for one in imports.findings_of(roster_import).absent]
    shown = absent[50 * (number - 1) : 50 * number]
    kept = RosterImport.objects.get(pk=roster_import.pk).choices.get("remove", [])
    lists = {"shown": ",".join(map(str, shown)), "ticked": ",".join(map(str, kept))}
    return {"absent": ticked, **lists, **consent(), **fields}


def test_ticks_stay_while_pages_are_turned(li, with_absent, client_of):
    client, absent = client_of(li), [one.resident for one in imports.findings_of(with_absent).absent]

    turned = client.post(url("import_absent", with_absent), page_sent(with_absent, 1, [absent[3], absent[7]], page=2))
    second = client.get(turned.url.partition("#")[0])
    client.post(url("import_absent", with_absent), page_sent(with_absent, 2, [absent[55]], page=1))
    client.post(url("import_absent", with_absent), page_sent(with_absent, 1, [absent[7]], page=1))

    assert [one.resident for one in second.context["preview"].page] == absent[50:]
    assert client.get(url("import", with_absent)).context["ticked"] == [absent[7], absent[55]]


def test_whoever_is_ticked_on_any_page_is_removed_and_nobody_else(li, with_absent, client_of):
    client, absent = client_of(li), [one.resident for one in imports.findings_of(with_absent).absent]
    client.post(url("import_absent", with_absent), page_sent(with_absent, 1, [absent[3]], page=2))

    client.post(url("import_confirm", with_absent), page_sent(with_absent, 2, [absent[55]]))

    with_absent.refresh_from_db()
    assert with_absent.choices["remove"] == [absent[3], absent[55]]


def test_all_the_absent_may_be_removed_at_once(li, with_absent, client_of):
    client_of(li).post(url("import_confirm", with_absent), consent(remove_all="on"))

    with_absent.refresh_from_db()
    assert with_absent.choices["remove"] == "all"


def test_a_key_that_is_not_of_the_absent_removes_nobody(li, with_absent, places, client_of):
    neighbour = resident(household(places.lingbian_group), "周婷")

    client_of(li).post(url("import_confirm", with_absent), consent(ticked=f"{neighbour.pk},x,{'9' * 40}"))

    with_absent.refresh_from_db()
    assert with_absent.choices["remove"] == "none"


# The end


def test_a_file_is_given_up(li, places, client_of):
    checked = imported(places.dalong)

    response = client_of(li).post(url("import_discard", checked), follow=True)

    checked.refresh_from_db()
    assert (checked.state, checked.findings) == (State.DISCARDED, "")
    assert "名册.xlsx" not in [str(message) for message in response.context["messages"]]
    assert client_of(li).get(url("import", checked)).status_code == 200


def test_what_is_applied_cannot_be_given_up(li, places, client_of):
    applied = imported(places.dalong, None, State.APPLIED)

    client_of(li).post(url("import_discard", applied))

    applied.refresh_from_db()
    assert applied.state == State.APPLIED


def test_a_file_that_could_not_be_read_says_why_and_takes_another(li, places, client_of):
    text = (
        client_of(li).get(url("import", imported(places.dalong, None, State.REFUSED, refusal="这个文件设有密码"))).text
    )

    assert "这个文件设有密码" in text
    assert 'type="file"' in text


def test_a_report_of_a_file_that_is_gone_leads_back(li, places, client_of):
    checked = imported(places.dalong)

    assert client_of(li).get(url("import_report", checked)).url == checked.get_absolute_url()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_imports(rows, li, places, client_of):
    for _number in range(rows):
        imported(places.dalong, None, State.APPLIED, uploaded_by=li.user)
    client = client_of(li)
    client.get(url("imports"))

    with CaptureQueriesContext(connection) as queries:
        client.get(url("imports"))

    assert len(queries) <= MOST_QUERIES


@pytest.mark.parametrize("rows", [1, 3])
def test_a_preview_costs_the_same_for_any_number_of_people(rows, li, places, client_of):
    checked, client = (
        imported(places.dalong, replace(FOUND, residents=Counts(added=rows), added=(ADDED,) * rows)),
        client_of(li),
    )
    client.get(url("import", checked))

    with CaptureQueriesContext(connection) as queries:
        client.get(url("import", checked))

    assert len(queries) <= MOST_QUERIES
