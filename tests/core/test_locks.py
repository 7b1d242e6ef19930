"""A lock that outlasts a transaction: one at a time, and it is let go whatever happens."""

import pytest

from portal.core.locks import alone_with

from .races import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)
LOCK = 0x7E58


def is_free(number: int) -> bool:
    """Whether somebody else could have it now."""

    def ask() -> bool:
        with alone_with(LOCK, number) as alone:
            return alone

    return elsewhere(ask)


def test_one_at_a_time_is_alone_with_a_number() -> None:
    with alone_with(LOCK, 1) as alone:
        assert (alone, is_free(1), is_free(2)) == (True, False, True)

    assert is_free(1)


def test_it_is_let_go_when_the_work_fails() -> None:
    with pytest.raises(ZeroDivisionError), alone_with(LOCK, 1):
        raise ZeroDivisionError

    assert is_free(1)


def test_a_number_larger_than_the_database_takes_is_one_as_well() -> None:
    with alone_with(LOCK, (1 << 40) + 3) as alone:
        assert alone
