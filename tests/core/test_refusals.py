import pytest
from django.db import IntegrityError
from django.utils.translation import gettext_lazy

from portal.core.refusals import Reason, Refused, explained, refusals


def refuse_twice() -> None:
    with refusals() as refuse:
        refuse("先说这一条", field="note")
        refuse("再说这一条")


def refuse_and_break() -> None:
    with refusals() as refuse:
        refuse("已经有一条")
        raise ZeroDivisionError


def test_all_reasons_are_given_at_once_in_order():
    with pytest.raises(Refused) as caught:
        refuse_twice()

    assert caught.value.reasons == (Reason("先说这一条", "note"), Reason("再说这一条", ""))


def test_without_a_reason_nothing_is_refused():
    with refusals():
        pass


def test_a_fault_among_the_checks_is_no_refusal():
    with pytest.raises(ZeroDivisionError):
        refuse_and_break()


def test_a_refusal_reads_as_its_reasons():
    assert str(Refused("一。", Reason(gettext_lazy("二。"), "note"))) == "一。 二。"


def test_an_error_that_no_constraint_explains_is_raised_again():
    error = IntegrityError("something else")

    with pytest.raises(IntegrityError) as caught:
        explained(error)

    assert caught.value is error
