"""The pages of long work: seen by its owner alone, complete without scripts, at a steady cost."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.core.models import AuditEntry
from portal.jobs import running, services
from portal.jobs.models import Job, State

from .conftest import started

pytestmark = pytest.mark.django_db
POLLED = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "job-progress"}


def url(name: str, job: Job) -> str:
    return reverse(f"jobs:{name}", args=[job.pk])


def test_somebody_else_finds_nothing(bell, li, zhang, client_of):
    job = started(li)
    running.run(job.pk)
    client = client_of(zhang)

    answers = [client.get(url("job", job)), client.get(url("file", job)), client.post(url("again", job))]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "敲钟" not in client.get(reverse("jobs:mine")).text


def test_the_page_says_how_far_it_is_and_refreshes_itself_without_scripts(bell, li, client_of):
    job = started(li, total=4)
    Job.objects.update(state=State.RUNNING, done=1)

    page = client_of(li).get(url("job", job)).text

    assert '<noscript><meta http-equiv="refresh"' in page
    assert re.search(r'<progress aria-label="[^"]+" value="1" max="4">', page)
    assert "25 %" in page


def test_what_has_no_total_shows_that_it_goes_on(bell, li, client_of):
    page = client_of(li).get(url("job", started(li))).text

    assert re.search(r'<progress aria-label="[^"]+"></progress>', page)


def test_the_fragment_is_asked_for_until_the_page_is_to_be_loaded_anew(bell, li, client_of):
    job, client = started(li), client_of(li)

    before = client.get(url("job", job), **POLLED)
    running.run(job.pk)
    after = client.get(url("job", job), **POLLED)

    assert "<progress" in before.text
    assert "<html" not in before.text
    assert after["HX-Refresh"] == "true"
    assert Job.objects.get().seen_at is None, "nobody has seen more than the bar"


def test_the_file_comes_as_a_download_that_nobody_guesses_about(bell, li, client_of):
    job = started(li)
    running.run(job.pk)

    response = client_of(li).get(url("file", job))

    assert response.content.decode().startswith("李敏")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E9%93%83")
    assert "no-store" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]
    assert AuditEntry.objects.filter(action="jobs.fetched", subject_id=job.pk).count() == 1


def test_a_file_that_is_gone_is_said_to_be(bell, li, client_of):
    job = started(li)

    response = client_of(li).get(url("file", job), follow=True)

    assert response.redirect_chain == [(job.get_absolute_url(), 302)]
    assert [str(message) for message in response.context["messages"]]


def test_a_failed_job_says_why_and_can_be_tried_again(bell, li, client_of):
    bell.does = bell.refuses
    job, client = started(li), client_of(li)
    running.run(job.pk)

    page = client.get(url("job", job)).text
    response = client.post(url("again", job))

    assert "没有铃" in page
    assert url("again", job) in page
    assert response.url == Job.objects.exclude(pk=job.pk).get().get_absolute_url()


def test_the_navigation_names_it_only_while_there_is_something(bell, li, client_of):
    client = client_of(li)
    mine = reverse("jobs:mine")

    without = client.get("/").text
    job = started(li)
    waiting = client.get("/").context["nav"]
    running.run(job.pk)
    ready = client.get("/")
    client.get(url("job", job))
    looked_at = client.get("/")
    Job.objects.update(state=State.EXPIRED)

    def entry(nav):
        return [item.count for item in nav if item.url == mine]

    assert mine not in without
    assert entry(waiting) == [0]
    assert entry(ready.context["nav"]) == [1]
    assert [todo.count for todo in ready.context["to_dos"] if todo.url == mine] == [1]
    assert entry(looked_at.context["nav"]) == [0]
    assert mine not in client.get("/").text


def test_it_costs_no_page_a_query_of_its_own(bell, li, client_of):
    client = client_of(li)
    running.run(started(li).pk)
    client.get(reverse("jobs:mine"))

    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("jobs:mine"))

    asking = [query["sql"] for query in captured if "reminders_reminder" in query["sql"]]
    assert len(asking) == 1
    assert "jobs_job" in asking[0]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(rows, bell, li, client_of):
    for number in range(rows):
        running.run(started(li, payload={"days": [number]}).pk)
        started(li, payload={"weeks": [number]})
    client = client_of(li)
    client.get(reverse("jobs:mine"))

    with CaptureQueriesContext(connection) as captured:
        response = client.get(reverse("jobs:mine"))

    assert len(response.context["rows"]) == 2 * rows
    assert len(captured) <= 8, [q["sql"][:160] for q in captured]


def test_the_list_asks_for_itself_while_something_is_in_hand(bell, li, client_of):
    job, client = started(li), client_of(li)
    mine = reverse("jobs:mine")

    busy = client.get(mine).text
    fragment = client.get(mine, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="jobs").text
    running.run(job.pk)
    idle = client.get(mine).text

    assert 'hx-trigger="load delay:2s"' in busy
    assert 'http-equiv="refresh"' in busy
    assert "<html" not in fragment
    assert "hx-trigger" in fragment
    assert 'hx-trigger="load delay:2s"' not in idle
    assert services.waiting() == []


def test_an_empty_list_says_what_would_stand_there(li, client_of):
    response = client_of(li).get(reverse("jobs:mine"))

    assert response.status_code == 200
    assert response.context["rows"] == []
