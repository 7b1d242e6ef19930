from types import SimpleNamespace

import pytest

from grid.incidents.models import Incident
from portal.core.refusals import Refused, refusals
from portal.core.workflow import Move, check, is_open

FINISH = Move({"in_progress"}, "awaiting_verification", needs=("outcome", "location"))


def lacking(subject: Incident) -> list[str]:
    """The fields, or "" for the whole, that speak against finishing."""
    try:
        with refusals() as refuse:
            check(subject, FINISH, refuse)
    except Refused as refused:
        return [reason.field for reason in refused.reasons]
    return []


def test_a_move_is_open_from_its_sources_only():
    assert is_open(SimpleNamespace(state="in_progress"), FINISH)
    assert not is_open(SimpleNamespace(state="closed"), FINISH)


def test_with_everything_there_nothing_is_refused():
    assert lacking(Incident(state="in_progress", outcome="已清理", location="三楼")) == []


def test_all_that_is_missing_is_said_at_once():
    assert lacking(Incident(state="closed")) == ["", "outcome", "location"]


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "　"])
def test_spaces_are_no_words(blank):
    assert lacking(Incident(state="in_progress", outcome=blank, location="三楼")) == ["outcome"]


def test_what_is_missing_is_named_as_the_reader_knows_it():
    with pytest.raises(Refused) as caught, refusals() as refuse:
        check(Incident(state="in_progress", location="三楼"), FINISH, refuse)

    assert str(Incident._meta.get_field("outcome").verbose_name).lower() in str(caught.value).lower()


def test_a_move_reads_as_what_it_does():
    assert repr(Move({"b", "a"}, "c")) == "Move(['a', 'b'] -> c)"
