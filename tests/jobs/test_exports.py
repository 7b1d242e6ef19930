"""Long lists leave the house by a job: of the owner's territory alone, on record, marked, nothing typed in its row."""

from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from grid.incidents.models import Incident
from grid.incidents.services import exporting as incidents
from grid.places import services as posts
from grid.places.models import Appointment
from grid.roster.services import exporting as people
from portal.core import outbox
from portal.core.models import AuditEntry, OutboxMessage
from portal.jobs import running
from portal.jobs.models import Job, State
from tests.factories import incident
from tests.roster.people import household, resident

pytestmark = pytest.mark.django_db
INCIDENTS, PEOPLE = "/incidents/export/", "/people/export/"
TAKE = {"step": "take", "reason": ""}


@pytest.fixture(autouse=True)
def long_lists_are_short(monkeypatch):
    """More than one row is long."""
    monkeypatch.setattr(incidents, "AT_ONCE", 1)
    monkeypatch.setattr(people, "BY_JOB", 1)


@pytest.fixture
def two(chen, places):
    return [incident(place=places.qishan, reporter=chen.user, description=f"堆物{number}") for number in range(2)]


@pytest.fixture
def family(places):
    home = household(places.qishan)
    return [resident(home, name, mobile="13800138000") for name in ("陈家生", "李秀英")]


def carried_out(client) -> tuple[Job, list[list[list]]]:
    """The newest job, done, and the sheets of its file."""
    running.run(Job.objects.latest("pk").pk)
    job = Job.objects.latest("pk")
    content = client.get(reverse("jobs:file", args=[job.pk])).content
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return job, [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]


def test_a_short_list_of_incidents_comes_at_once_marked_with_who_and_when(li, chen, places, client_of):
    incident(place=places.qishan, reporter=chen.user)

    response = client_of(li).get(INCIDENTS)

    book = CalamineWorkbook.from_filelike(BytesIO(response.content))
    said = dict(book.get_sheet_by_index(1).to_python())
    assert "李敏" in said.values()
    with ZipFile(BytesIO(response.content)) as archive:
        assert "李敏" in archive.read("xl/worksheets/sheet1.xml").decode().partition("<oddFooter>")[2]
    assert not Job.objects.exists()


def test_a_long_list_of_incidents_is_asked_for_and_made_by_a_job(two, li, client_of):
    client = client_of(li)

    asked = client.get(INCIDENTS, {"scope": "open"})
    sent = client.post(f"{INCIDENTS}?scope=open", {"idempotency_key": uuid4()})
    job, (rows, note) = carried_out(client)

    assert asked.status_code == 200
    assert "http-equiv" not in asked.text
    assert sent.url == job.get_absolute_url()
    assert (job.state, job.done, job.total) == (State.DONE, 2, 2)
    assert [row[8] for row in rows[1:]] == ["堆物0", "堆物1"]
    assert "李敏" in dict(note).values()
    assert AuditEntry.objects.get(action="incidents.exported").data == {"rows": 2}
    assert AuditEntry.objects.filter(action="jobs.fetched", actor=li.user).count() == 1


def test_a_report_sent_five_times_from_two_tabs_is_one_job(two, li, client_of):
    key, tabs = uuid4(), [client_of(li), client_of(li)]

    answers = [tabs[number % 2].post(INCIDENTS, {"idempotency_key": key}).url for number in range(5)]

    assert len(set(answers)) == 1
    assert Job.objects.count() == 1
    assert OutboxMessage.objects.filter(topic="jobs.run").count() == 1


def test_what_left_the_territory_meanwhile_is_left_out(two, li, places, client_of):
    client = client_of(li)
    client.post(INCIDENTS, {"idempotency_key": uuid4()})
    Incident.objects.filter(pk=two[0].pk).update(place=places.lingbian_group, community=places.lingbian)

    _job, (rows, _note) = carried_out(client)

    assert [row[8] for row in rows[1:]] == ["堆物1"]


def test_what_was_typed_into_the_search_box_is_kept_nowhere(two, li, client_of):
    client = client_of(li)
    client.post(f"{INCIDENTS}?scope=all&q=堆物", {"idempotency_key": uuid4()})
    job = Job.objects.get()

    assert "堆物" not in repr(job.payload) + job.title
    assert job.payload["incidents"] == sorted((one.pk for one in two), reverse=True)


def test_nobody_starts_an_export_who_may_not(two, chen, client_of):
    assert client_of(chen).post(INCIDENTS, {"idempotency_key": uuid4()}).status_code == 403
    assert not Job.objects.exists()


def test_a_long_list_of_people_becomes_a_job_with_its_reason_encrypted(family, li, client_of):
    client, key = client_of(li), uuid4()
    sent = [client.post(PEOPLE, {**TAKE, "identifiers": "on", "reason": "街道体检", "key": key}) for _tap in range(2)]
    before = Job.objects.get()
    job, (rows, note) = carried_out(client)

    assert [answer.url for answer in sent] == [job.get_absolute_url()] * 2
    assert "街道体检" not in repr(before.payload) + before.title
    assert sorted(row[8] for row in rows[1:]) == ["李秀英", "陈家生"]
    assert rows[1][15] == "13800138000"
    assert "街道体检" in dict(note).values()
    entry = AuditEntry.objects.get(action="roster.exported")
    assert (entry.actor, entry.note, entry.data) == (li.user, "街道体检", {"rows": 2, "identifiers": True})


def test_another_choice_on_a_page_that_was_sent_is_asked_for_once_more(family, li, client_of):
    client, key = client_of(li), uuid4()
    client.post(PEOPLE, {**TAKE, "key": key})

    refused = client.post(PEOPLE, {**TAKE, "reason": "街道体检", "key": key})
    meant = client.post(PEOPLE, {**TAKE, "reason": "街道体检", "key": refused.context["form"]["key"].value()})

    assert refused.status_code == 422
    assert (meant.status_code, Job.objects.count()) == (302, 2)


def test_a_job_with_identifiers_needs_a_reason_too(family, li, client_of):
    response = client_of(li).post(PEOPLE, {**TAKE, "identifiers": "on"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reason"]
    assert not Job.objects.exists()


def test_a_name_that_was_searched_for_is_in_no_row_no_message_and_no_address(family, li, client_of):
    resident(family[0].household, "陈家明")
    client = client_of(li)
    sent = client.post(PEOPLE, {**TAKE, "q": "陈"})
    job = Job.objects.get()

    assert len(job.payload["residents"]) == 2
    assert "陈" not in repr(job.payload) + job.title + sent.url + repr(list(OutboxMessage.objects.values("payload")))


def test_a_post_that_ended_takes_the_file_with_it(family, li, client_of):
    client = client_of(li)
    client.post(PEOPLE, TAKE)
    job, _sheets = carried_out(client)
    posts.dismiss(Appointment.objects.get(user=li.user), actor=None, note="离任")

    response = client.get(reverse("jobs:file", args=[job.pk]))

    assert (response.status_code, response.url) == (302, job.get_absolute_url())
    assert AuditEntry.objects.filter(action="jobs.fetched").count() == 1


def test_no_canary_gets_into_logs_payloads_or_addresses(family, li, client_of, capfd):
    """陈家生 and the number, sown through the list, stand in the encrypted file alone."""
    client = client_of(li)
    sent = client.post(PEOPLE, {**TAKE, "identifiers": "on", "reason": "13800138000 陈家生"})
    outbox.drain()
    carried_out(client)
    written = capfd.readouterr()

    rows = repr(list(Job.objects.values("payload", "title", "error", "fingerprint", "note").iterator()))
    traces = written.out + written.err + sent.url + repr(list(OutboxMessage.objects.values()))
    assert "13800138000" not in traces + rows
    assert "陈家生" not in traces + rows
