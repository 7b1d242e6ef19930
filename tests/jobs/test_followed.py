"""A roster import stands among the jobs of whoever uploaded it, from its upload to its end."""

import pytest
from django.urls import reverse

from grid.roster.models import RosterImport
from grid.roster.services import imports
from portal.jobs.models import Job, State
from tests.roster.rows import QISHAN, file

pytestmark = pytest.mark.django_db
PERSON = {**QISHAN, "building": "3栋", "room": "101", "name": "陈家生"}


@pytest.fixture
def mine(places, li) -> RosterImport:
    return imports.upload(places.dalong, actor=li.user, name="陈家生.xlsx", content=file(PERSON))


def stands() -> tuple[str, str]:
    job = Job.objects.get()
    return job.state, job.stage


def test_it_waits_is_checked_waits_for_consent_and_is_applied(mine, li):
    seen = [stands()]
    imports.check(mine.pk)
    seen.append(stands())
    mine.refresh_from_db()
    imports.agree(mine, actor=li.user, fingerprint=mine.fingerprint)
    seen.append(stands())
    imports.apply(mine.pk)
    seen.append(stands())

    assert seen == [
        (State.WAITING, ""),
        (State.DONE, "agree"),
        (State.WAITING, ""),
        (State.DONE, ""),
    ]
    job = Job.objects.get()
    assert (job.owner, job.about) == (li.user, mine.pk)
    assert "陈家生" not in job.title, "a file's name may be anything"


def test_a_file_that_cannot_be_read_says_so_there_too(places, li):
    mine = imports.upload(places.dalong, actor=li.user, name="a.xlsx", content=b"PK\x03\x04 damaged")
    imports.check(mine.pk)
    mine.refresh_from_db()

    job = Job.objects.get()
    assert (job.state, job.error) == (State.FAILED, mine.refusal)


def test_a_file_that_is_given_up_leaves_nothing_to_look_at(mine, li, client_of):
    imports.discard(mine, actor=li.user)

    assert stands() == (State.EXPIRED, "")
    assert reverse("jobs:mine") not in client_of(li).get("/").text


def test_its_own_page_counts_as_looking_at_it(mine, li, zhang, client_of):
    imports.check(mine.pk)
    client_of(zhang).get(mine.get_absolute_url())
    by_another = Job.objects.get().seen_at
    client_of(li).get(mine.get_absolute_url())

    assert by_another is None
    assert Job.objects.get().seen_at is not None


def test_the_list_leads_to_the_page_of_the_import(mine, li, client_of):
    imports.check(mine.pk)

    assert mine.get_absolute_url() in client_of(li).get(reverse("jobs:mine")).text
