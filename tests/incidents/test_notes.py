"""Notes among those who handle an incident: who reads them, and where they never stand."""

from uuid import uuid4

import pytest

from grid.incidents.models import Incident, InternalNote
from grid.incidents.services import notes
from portal.core import audit
from portal.core.models import AuditEntry, OutboxMessage
from portal.core.refusals import Refused
from tests.factories import incident

from .conftest import url

pytestmark = pytest.mark.django_db
SECRET = "住户说话冲，上门请两个人"


@pytest.fixture
def made(chen, zhang, wu, places) -> Incident:
    """In progress: 陈 reported it, 吴 handles it."""
    return incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage="in_progress")


@pytest.fixture
def noted(made, li) -> Incident:
    notes.write(made, actor=li.user, text=SECRET)
    return made


def test_the_office_writes_one_on_the_incidents_page(made, li, client_of):
    client = client_of(li)
    panel = next(one for one in client.get(url("detail", made)).context["main_panels"] if "notes" in one)

    response = client.post(
        url("note", made), {"idempotency_key": panel["form"]["idempotency_key"].value(), "text": SECRET}
    )

    assert response.status_code == 302
    assert SECRET in client.get(url("detail", made)).text
    entry = AuditEntry.objects.get(action="internal_note.written")
    assert (entry.actor, entry.data, entry.note) == (li.user, {"incident": made.pk}, "")


def test_sent_twice_it_is_kept_once(made, li, client_of):
    sent, client = {"idempotency_key": str(uuid4()), "text": SECRET}, client_of(li)

    answers = [client.post(url("note", made), sent).status_code for _time in range(3)]

    assert (answers, InternalNote.objects.count()) == ([302] * 3, 1)


def test_an_empty_one_comes_back(made, li, client_of):
    response = client_of(li).post(url("note", made), {"idempotency_key": str(uuid4()), "text": "  "})

    assert response.status_code == 422
    with pytest.raises(Refused):
        notes.write(made, actor=li.user, text=" ")


@pytest.mark.parametrize("person", ["li", "zhang", "he", "wu"])
def test_the_office_and_whoever_handles_it_read_it(person, noted, request, client_of):
    assert SECRET in client_of(request.getfixturevalue(person)).get(url("detail", noted)).text


def test_a_department_reads_it_while_it_is_theirs(noted, lin, urban, client_of):
    Incident.objects.filter(pk=noted.pk).update(department=urban, holder=None)

    assert SECRET in client_of(lin).get(url("detail", noted)).text


def test_whoever_reported_it_does_not(noted, chen, client_of):
    client = client_of(chen)

    page = client.get(url("detail", noted))
    assert page.status_code == 200
    assert SECRET not in page.text
    assert not any("notes" in panel for panel in page.context["main_panels"])
    for name in ("note",):
        assert client.get(url(name, noted)).status_code == 403
    assert client.post(url("note", noted), {"text": "x", "idempotency_key": str(uuid4())}).status_code == 403
    assert InternalNote.objects.count() == 1


def test_it_stands_on_no_timeline_no_export_no_print_and_is_told_to_nobody(noted, li, client_of):
    client = client_of(li)

    assert "internal_note.written" not in audit.timeline(noted).values_list("action", flat=True)
    for page in ("print", "list"):
        assert SECRET not in client.get(url(page)).text
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_filelike(BytesIO(client.get(url("export")).content)).get_sheet_by_index(0)
    assert not any(SECRET in str(cell) for row in sheet.to_python() for cell in row)
    assert not any(SECRET in str(message) for message in OutboxMessage.objects.values_list("payload", flat=True))


@pytest.mark.parametrize("rows", [1, 3])
def test_many_notes_cost_what_one_costs(rows, made, li, django_assert_num_queries):
    from grid.incidents.notes import panel

    for number in range(rows):
        notes.write(made, actor=li.user, text=f"第{number}条")
    li.user.has_perm("incidents.note", made)

    with django_assert_num_queries(1):
        shown = panel(made, li.user)
        assert [str(note.author) for note in shown["notes"]] == [str(li.user)] * rows
