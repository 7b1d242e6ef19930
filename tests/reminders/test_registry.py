"""Kinds and groups: every reminder has a kind that people can decide about."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation

from grid.incidents.climbing import TEXTS
from grid.incidents.news import INFORMED, REPORT, TO_CHAIN, TO_HANDLER, TO_OFFICE
from portal.core import schedule
from portal.reminders.registry import COLLECT, Kind, collectors, collects, groups, in_order, kinds, register
from portal.reminders.services import remind, remind_many

from .conftest import tell

ROOT = Path(__file__).parents[2]
WRITTEN = re.compile(r"""\bkind=["'](\w+\.\w+)["']""")


def test_every_kind_that_the_code_writes_is_registered():
    written = set()
    for file in [*ROOT.glob("portal/**/*.py"), *ROOT.glob("grid/**/*.py")]:
        text = file.read_text(encoding="utf-8")
        if "remind(" in text or "remind_many(" in text:
            written |= set(WRITTEN.findall(text))

    assert {"incidents.decided", "roster.reveal_quota"} <= written
    assert written - kinds.items.keys() == set()


def test_every_step_that_is_told_has_its_kind():
    steps = {f"incidents.{what}" for table in (TO_HANDLER, TO_OFFICE, TO_CHAIN, INFORMED) for what in table}

    assert steps | set(REPORT.values()) <= kinds.items.keys()
    assert TEXTS  # told under one kind, whichever clock ran out
    assert "incidents.escalated_by_rule" in kinds.items


@pytest.mark.django_db
def test_a_kind_that_nobody_registered_is_refused(chen):
    with pytest.raises(LookupError, match=r"tests\.unheard"):
        tell(chen, kind="tests.unheard")
    with pytest.raises(LookupError, match=r"tests\.unheard"):
        remind_many([], kind="tests.unheard")


def test_a_key_is_taken_once_and_its_group_must_be_there(monkeypatch):
    monkeypatch.setattr(kinds, "items", dict(kinds.items))

    with pytest.raises(ValueError, match="twice"):
        register(Kind("incidents.raised", "Emergency", "work"))
    with pytest.raises(ValueError, match="unknown group"):
        register(Kind("tests.lost", "Lost", "nowhere"))


def test_what_is_collected_is_started_by_the_clock_each_under_its_kind():
    for kind in collectors:
        assert schedule.entries[f"{COLLECT} {kind}"]["kwargs"] == {"kind": kind}
    with pytest.raises(ValueError, match="twice"):
        collects("incidents.due_soon", every=timedelta(hours=1))(lambda now: [])


def test_groups_stand_in_order_and_every_one_has_kinds():
    assert [group.key for group in in_order()][:3] == ["work", "deadlines", "reports"]
    assert {kind.group for kind in kinds} == groups.items.keys()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_label_is_a_subject_line_and_names_nobody(language):
    with translation.override(language):
        for kind in kinds:
            assert 2 <= len(str(kind.label)) <= 60, kind.key
            assert "%" not in str(kind.label)


@pytest.mark.django_db
def test_a_reminder_whose_app_has_left_the_house_is_a_message_all_the_same(chen, client_of, kind, monkeypatch):
    kind()
    told = tell(chen)
    monkeypatch.delitem(kinds.items, "tests.scene")

    response = client_of(chen).get("/reminders/")

    assert told.text in response.content.decode()
    assert client_of(chen).get(told.get_absolute_url()).status_code == 302


@pytest.mark.django_db
def test_remind_gives_back_what_it_wrote(chen, kind):
    kind()

    first = remind(chen.user, kind="tests.scene", about=chen.user, stage="1", text="一 %(what)s", words={"what": "二"})
    again = remind(chen.user, kind="tests.scene", about=chen.user, stage="1", text="别的")

    assert (again, again.text) == (first, "一 二")
