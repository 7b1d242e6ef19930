"""The audit trail: nobody changes it unnoticed, not even whoever owns the database."""

import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import structlog
import time_machine
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone, translation
from structlog.testing import capture_logs

from portal.core import audit
from portal.core.models import AuditEntry, AuditSeal
from tests.cast import make_user

from .races import elsewhere, race

TABLES = ("core_auditentry", "core_auditseal")
pytestmark = pytest.mark.django_db

Sql = Callable[..., None]


@pytest.fixture
def wang(db):
    """王芳, to whose account things happen."""
    return make_user("wang", "王芳")


@pytest.fixture
def written(wang) -> list[AuditEntry]:
    """Three entries, sealed."""
    entries = [audit.record(f"account.{word}", wang, actor=wang, note=word) for word in ("one", "two", "three")]
    audit.seal()
    return entries


@pytest.fixture
def tamper(db) -> Sql:
    """SQL of somebody who owns the tables, switches their guards off, and on again afterwards."""

    def run(*statements: str, parameters: tuple[Any, ...] = ()) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(statement, parameters)
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    return run


@pytest.fixture
def keyless(db) -> None:
    """The seals no longer hold on to their entries: somebody has dropped that key."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'core_auditseal'::regclass"
        )
        cursor.execute(f"ALTER TABLE core_auditseal DROP CONSTRAINT {cursor.fetchone()[0]}")


# Append-only


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET note = ''",
        "DELETE FROM core_auditentry",
        "TRUNCATE core_auditentry CASCADE",
        "UPDATE core_auditseal SET digest = ''",
        "DELETE FROM core_auditseal",
        "TRUNCATE core_auditseal",
    ],
)
def test_the_database_refuses_to_change_what_was_written(statement, written):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing else speaks against truncating
        with (
            pytest.raises(ProgrammingError, match=f"is append-only: {statement.split()[0]} refused"),
            transaction.atomic(),
        ):
            cursor.execute(statement)

    assert [entry.note for entry in AuditEntry.objects.order_by("id")] == ["one", "two", "three"]
    assert AuditSeal.objects.count() == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(note="two"),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).delete(),
        lambda entry: AuditEntry.objects.bulk_update([entry], ["note"]),
    ],
    ids=["save", "update", "delete", "bulk_update"],
)
def test_no_way_through_the_models_changes_an_entry(change, wang):
    entry = audit.record("account.one", wang, actor=wang, note="one")

    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        change(entry)

    assert AuditEntry.objects.get().note == "one"


# Writing and reading


def test_an_entry_keeps_when_it_happened_and_when_it_was_written_down(wang):
    then = timezone.now() - timedelta(days=800)

    entry = audit.record("account.made", wang, actor=None, at=then)

    assert entry.happened_at == then
    assert entry.recorded_at - then > timedelta(days=799)


def test_an_entry_knows_the_request_it_came_with(wang):
    with structlog.contextvars.bound_contextvars(request_id="3f1c"):
        assert audit.record("account.made", wang, actor=None).request_id == "3f1c"


def test_an_entry_goes_when_its_transaction_is_rolled_back(wang):
    with transaction.atomic():
        audit.record("account.made", wang, actor=None)
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()


def test_the_timeline_is_one_records_own_in_the_order_in_which_things_happened(wang):
    now = timezone.now()
    other = make_user("other", "旁人")
    for subject, action, at in (
        (wang, "account.second", now),
        (other, "account.foreign", now),
        (wang, "account.first", now - timedelta(days=3)),
    ):
        audit.record(action, subject, actor=None, at=at)

    assert [entry.action for entry in audit.timeline(wang)] == ["account.first", "account.second"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_timeline_costs_one_query_with_its_actors(rows, wang, django_assert_num_queries):
    for _row in range(rows):
        audit.record("account.seen", wang, actor=wang)
    audit.timeline(wang)  # content types are known by now

    with django_assert_num_queries(1):
        assert [entry.actor.name for entry in audit.timeline(wang)] == ["王芳"] * rows


# Sealing


def test_sealing_chains_entries_oldest_first(written):
    seals = list(AuditSeal.objects.order_by("position"))

    assert [(seal.position, seal.entry_id) for seal in seals] == [
        (number, entry.pk) for number, entry in enumerate(written, start=1)
    ]
    assert seals[2].digest == audit.link(seals[1].digest, AuditEntry.objects.get(pk=written[2].pk))


def test_sealing_again_seals_nothing_anew(written):
    assert audit.seal() == 0


def test_what_is_too_much_for_one_run_is_sealed_in_the_next(wang):
    for _entry in range(5):
        audit.record("account.seen", wang, actor=wang)

    assert [audit.seal(limit=2) for _run in range(4)] == [2, 2, 1, 0]
    assert audit.verify().sealed == 5


def test_what_comes_later_than_anybody_expects_is_sealed_by_the_thorough_run(written, wang):
    AuditEntry.objects.bulk_create(
        AuditEntry(action="account.straggler", subject=wang, happened_at=at, recorded_at=at)
        for at in [timezone.now() - audit.LATE - timedelta(hours=1)]
    )

    assert (audit.seal(), audit.verify().unsealed) == (0, 1)
    assert (audit.seal(thoroughly=True), audit.verify().unsealed) == (1, 0)
    assert audit.verify().broken_at is None


def test_what_was_left_while_nobody_sealed_is_sealed_by_the_usual_run(wang):
    for days in (40, 30, 20):
        with time_machine.travel(timezone.now() - timedelta(days=days)):
            audit.record("account.seen", wang, actor=wang)
        if days == 40:
            audit.seal()

    assert (audit.seal(), audit.verify().unsealed) == (2, 0)


def test_sealing_leaves_an_anchor_in_the_log(wang):
    audit.record("account.seen", wang, actor=wang)

    with capture_logs() as logs:
        audit.seal()

    assert [(line["event"], line["anchor"]) for line in logs] == [
        ("audit.sealed", f"1:{AuditSeal.objects.get().digest}")
    ]


def test_the_chain_of_an_untouched_trail_holds(written, wang):
    audit.record("account.four", wang, actor=wang)

    assert audit.verify() == audit.Verdict(sealed=3, unsealed=1, head=AuditSeal.objects.get(position=3).digest)


def test_an_empty_trail_holds():
    assert audit.verify() == audit.Verdict(sealed=0, unsealed=0, head=audit.GENESIS)


def test_the_chain_is_read_a_page_at_a_time(written, wang, monkeypatch):
    for _entry in range(4):
        audit.record("account.seen", wang, actor=wang)
    audit.seal()
    monkeypatch.setattr(audit, "READ_AT_ONCE", 2)

    assert audit.verify().sealed == 7


def test_another_key_makes_another_chain(written, settings):
    settings.FIELD_KEY = "another-key-that-somebody-without-ours-would-have-to-use"

    assert (audit.verify().broken_at, audit.verify().reason) == (1, "altered")


# Tampering


@pytest.mark.parametrize(
    "change",
    [
        "action = 'account.forged'",
        "actor_id = NULL",
        "subject_id = subject_id + 1",
        "subject_type_id = (SELECT max(id) FROM django_content_type)",
        "happened_at = happened_at - interval '1 microsecond'",
        "recorded_at = recorded_at - interval '1 day'",
        "note = ''",
        'data = \'{"state": "closed"}\'',
        "request_id = 'x'",
    ],
)
def test_an_altered_entry_is_the_first_broken_link(change, written, tamper):
    tamper(f"UPDATE core_auditentry SET {change} WHERE id = %s", parameters=(written[1].pk,))

    verdict = audit.verify()

    assert (verdict.broken_at, verdict.reason, verdict.sealed, verdict.entry) == (2, "altered", 1, written[1])


def test_an_altered_seal_is_a_broken_link(written, tamper):
    tamper("UPDATE core_auditseal SET digest = repeat('0', 64) WHERE position = 2")

    assert (audit.verify().broken_at, audit.verify().reason) == (2, "altered")


def test_a_deleted_entry_leaves_a_gap(written, tamper):
    tamper("DELETE FROM core_auditseal WHERE position = 2")
    tamper("DELETE FROM core_auditentry WHERE id = %s", parameters=(written[1].pk,))

    verdict = audit.verify()

    assert (verdict.broken_at, verdict.reason, verdict.sealed) == (2, "missing", 1)


@pytest.mark.parametrize("position", [1, 2, 3])
def test_an_entry_deleted_from_under_its_seal_is_missed(position, written, keyless, tamper):
    tamper("DELETE FROM core_auditentry WHERE id = %s", parameters=(written[position - 1].pk,))

    assert (audit.verify().broken_at, audit.verify().reason) == (position, "missing")


def test_closing_the_gap_after_a_deletion_does_not_help(written, tamper):
    tamper(
        "DELETE FROM core_auditseal WHERE position = 2",
        "UPDATE core_auditseal SET position = 2 WHERE position = 3",
    )

    assert (audit.verify().broken_at, audit.verify().reason) == (2, "altered")


def test_two_swapped_entries_are_noticed(written, keyless, tamper):
    first, second = written[0].pk, written[1].pk
    tamper(
        "UPDATE core_auditseal SET entry_id = -entry_id WHERE position < 3",
        f"UPDATE core_auditseal SET entry_id = {second} WHERE position = 1",
        f"UPDATE core_auditseal SET entry_id = {first} WHERE position = 2",
    )

    assert (audit.verify().broken_at, audit.verify().reason) == (1, "altered")


def test_a_cut_off_end_is_shown_by_the_anchor(written, tamper):
    anchor = (3, audit.verify().head)
    tamper("DELETE FROM core_auditseal WHERE position > 1")
    tamper("DELETE FROM core_auditentry WHERE id > %s", parameters=(written[0].pk,))

    assert audit.verify().broken_at is None
    verdict = audit.verify(anchor=anchor)
    assert (verdict.broken_at, verdict.reason, verdict.sealed) == (2, "truncated", 1)


def test_an_end_that_was_cut_off_altered_and_sealed_anew_is_shown_by_the_anchor(written, tamper):
    anchor = (3, audit.verify().head)
    tamper("DELETE FROM core_auditseal WHERE position > 1")
    tamper("UPDATE core_auditentry SET note = '' WHERE id = %s", parameters=(written[1].pk,))
    audit.seal()

    assert audit.verify().broken_at is None
    verdict = audit.verify(anchor=anchor)
    assert (verdict.broken_at, verdict.reason) == (3, "anchor")


@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_an_untouched_trail_holds_against_every_anchor_it_ever_had(position, written, wang):
    digests = [audit.GENESIS, *AuditSeal.objects.order_by("position").values_list("digest", flat=True)]
    audit.record("account.four", wang, actor=wang)
    audit.seal()

    assert audit.verify(anchor=(position, digests[position])).broken_at is None


# On real connections


@pytest.mark.django_db(transaction=True)
def test_two_and_more_sealers_at_once_make_one_chain():
    wang = make_user("wang", "王芳")

    def write_and_seal(_round: int) -> int:
        for _entry in range(2):
            audit.record("account.seen", wang, actor=wang)
        return audit.seal()

    rounds = race(write_and_seal, hands=6, rounds=25)
    rest = audit.seal()

    assert sum(map(sum, rounds)) + rest == 6 * 25 * 2
    assert (audit.verify().sealed, audit.verify().unsealed, audit.verify().broken_at) == (300, 0, None)


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_under_a_lower_number_is_sealed_later_and_holds():
    wang = make_user("wang", "王芳")
    is_written, may_commit = threading.Event(), threading.Event()

    @transaction.atomic
    def slow() -> None:
        audit.record("account.slow", wang, actor=wang)
        is_written.set()
        assert may_commit.wait(30)

    slowly = threading.Thread(target=elsewhere, args=[slow])
    slowly.start()
    assert is_written.wait(30)
    audit.record("account.quick", wang, actor=wang)
    sealed_before = audit.seal()
    may_commit.set()
    slowly.join(30)

    assert (sealed_before, audit.seal()) == (1, 1)
    chain = AuditSeal.objects.order_by("position").select_related("entry")
    assert [seal.entry.action for seal in chain] == ["account.quick", "account.slow"]
    assert chain[0].entry_id > chain[1].entry_id
    assert (audit.verify().sealed, audit.verify().broken_at) == (2, None)


# manage.py verify_audit


@pytest.fixture
def command() -> Callable[..., tuple[int, str]]:
    """Run `manage.py verify_audit` in English; its exit code and what it said."""

    def run(*arguments: str) -> tuple[int, str]:
        said, code = StringIO(), 0
        with translation.override("en"):
            try:
                call_command("verify_audit", *arguments, stdout=said, stderr=said, no_color=True)
            except SystemExit as end:
                code = end.code
        return code, said.getvalue()

    return run


def test_the_command_prints_the_anchor_to_write_down(written, command):
    head = AuditSeal.objects.get(position=3).digest

    code, said = command()

    assert code == 0
    assert said.splitlines() == [
        "3 entries are as they were sealed; 0 wait for their seal.",
        "Write this anchor down away from the portal, and name it with --anchor next time:",
        f"3:{head}",
    ]


def test_the_command_takes_the_anchor_it_printed(written, command):
    anchor = command()[1].splitlines()[-1]

    assert command("--anchor", anchor)[0] == 0


def test_the_command_has_no_anchor_for_an_empty_trail(db, command):
    assert command() == (0, "0 entries are as they were sealed; 0 wait for their seal.\n")


def test_the_command_names_the_first_broken_link_and_what_is_written_there_now(written, tamper, command):
    tamper("UPDATE core_auditentry SET action = 'account.forged' WHERE id = %s", parameters=(written[1].pk,))

    code, said = command()

    assert code == 1
    assert said.splitlines()[0] == "Link 2 does not hold: its entry or its seal was changed."
    assert said.splitlines()[1].startswith(f"Entry {written[1].pk}, which now reads “account.forged” of 20")
    assert said.splitlines()[2] == "The 1 links before it hold."


def test_the_command_shows_a_cut_off_end_by_its_anchor(written, tamper, command):
    anchor = command()[1].splitlines()[-1]
    tamper("DELETE FROM core_auditseal WHERE position = 3")

    code, said = command("--anchor", anchor)

    assert (code, said.splitlines()[0]) == (
        1,
        "Link 3 is missing: the end of the chain was cut off before the anchor.",
    )


@pytest.mark.parametrize("anchor", ["3", "3:abc", "x:" + "0" * 64, "-1:" + "0" * 64, "3:" + "g" * 64])
def test_the_command_refuses_what_is_no_anchor(anchor, command):
    with pytest.raises(CommandError, match="An anchor looks like"):
        command(f"--anchor={anchor}")
