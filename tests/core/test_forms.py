"""A form hands over to a service: what comes back beside the fields, and what happens never or once."""

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from django import forms
from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import QueryDict

from grid.places.models import Appointment, Department, Place, Role
from portal.core.forms import ServiceForm
from portal.core.models import IdempotencyKey, OutboxMessage
from portal.core.refusals import Reason, Refused

from .races import elsewhere

pytestmark = pytest.mark.django_db


class DepartmentForm(ServiceForm):
    """Adds a department to a street; refuses what `refuses` says, after it has written."""

    creates = True
    subjects = ("street", "refuses")
    name = forms.CharField(max_length=20)

    def call(self, *, actor: Any) -> Department:
        made = Department.objects.create(street=self.street, **self.cleaned_data)
        if self.refuses:
            raise Refused(*self.refuses)
        return made


class HeadForm(ServiceForm):
    """Makes somebody head of a building group without asking whether there is one."""

    subjects = ("place",)

    def call(self, *, actor: Any) -> Appointment:
        return Appointment.objects.create(user=actor, role=Role.BUILDING_LEADER, place=self.place)


KEY = "0b0e4c06-8a7b-4a43-9d8a-6f1b7c0d6a11"


@pytest.fixture
def filled(places):
    """The form as sent with a key; fields may be put right or left out (None)."""

    def fill(*reasons: Reason, **changes: str | None) -> DepartmentForm:
        fields = {"name": "应急办", "idempotency_key": KEY, **changes}
        data = QueryDict(mutable=True)
        data.update({name: value for name, value in fields.items() if value is not None})
        return DepartmentForm(data, street=places.street, refuses=reasons)

    return fill


def carry_out(form: ServiceForm, actor: Any) -> bool:
    return form.is_valid() and form.carry_out(actor=actor)


# What comes back


def test_a_form_that_is_carried_out_holds_what_the_service_made(filled, he):
    form = filled()

    assert carry_out(form, he.user) is True
    assert (form.result, form.is_new, form.status) == (Department.objects.get(), True, 200)


def test_a_form_not_yet_sent_is_answered_with_200(places):
    form = DepartmentForm(street=places.street, refuses=())

    assert (form.is_valid(), form.status) == (False, 200)


def test_a_form_with_a_mistake_is_answered_with_422_and_hands_nothing_over(filled, he):
    form = filled(name="")

    assert (carry_out(form, he.user), form.status) == (False, 422)
    assert not Department.objects.exists()


def test_every_reason_of_a_refusal_stands_beside_its_field(filled, he):
    form = filled(Reason("名称太短", "name"), Reason("名称已被使用", "name"), Reason("今天不办理"))

    assert (carry_out(form, he.user), form.status) == (False, 422)
    assert form.errors == {"name": ["名称太短", "名称已被使用"], "__all__": ["今天不办理"]}


def test_a_reason_for_a_field_that_the_form_does_not_have_stands_above_it(filled, he):
    form = filled(Reason("还缺处理结果", "outcome"))

    carry_out(form, he.user)

    assert form.errors == {"__all__": ["还缺处理结果"]}


def test_what_was_written_before_a_refusal_is_undone(filled, he):
    carry_out(filled(Reason("不行")), he.user)

    assert not Department.objects.exists()


def test_after_a_refusal_the_same_page_put_right_is_carried_out(filled, he):
    carry_out(filled(Reason("不行")), he.user)

    assert carry_out(filled(name="综治办"), he.user) is True


def test_a_constraint_with_words_of_its_own_is_a_refusal(chen, huang):
    form = HeadForm({}, place=chen.place)

    assert (carry_out(form, huang.user), form.status) == (False, 422)
    assert form.errors == {
        "__all__": [
            next(c for c in Appointment._meta.constraints if c.name == "appointment_one_head").violation_error_message
        ]
    }


def test_after_a_violated_constraint_the_request_goes_on_working(chen, huang):
    carry_out(HeadForm({}, place=chen.place), huang.user)

    assert Appointment.objects.get(place=chen.place).user == chen.user


def test_a_department_of_the_same_name_at_the_same_moment_is_told(filled, places, he):
    Department.objects.create(street=places.street, name="应急办")
    form = filled()

    assert not carry_out(form, he.user)
    assert form.status == 422


def test_a_constraint_without_words_is_a_fault_and_stays_one(places, he):
    class CloseForm(ServiceForm):
        def call(self, *, actor: Any) -> int:
            return Place.objects.filter(pk=places.dalong.pk).update(closed_on="2026-01-01")

    with pytest.raises(IntegrityError, match="place_closed_below_community"):
        carry_out(CloseForm({}), he.user)


@pytest.mark.django_db(transaction=True)
def test_whoever_waited_in_vain_for_somebody_else_to_finish_may_send_it_again(places, he):
    holds, may_go = threading.Event(), threading.Event()

    class RenameForm(ServiceForm):
        def call(self, *, actor: Any) -> int:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '50ms'")
            return Place.objects.filter(pk=places.qishan.pk).update(name="岐山中路")

    @transaction.atomic
    def hold() -> None:
        Place.objects.select_for_update().get(pk=places.qishan.pk)
        holds.set()
        assert may_go.wait(30)

    somebody = threading.Thread(target=elsewhere, args=[hold])
    somebody.start()
    assert holds.wait(30)
    first = RenameForm({})
    waited = (carry_out(first, he.user), first.status, list(first.errors))
    may_go.set()
    somebody.join(30)

    assert waited == (False, 422, ["__all__"])
    assert carry_out(RenameForm({}), he.user) is True


def test_a_database_in_trouble_is_a_fault_and_stays_one():
    class SlowForm(ServiceForm):
        def call(self, *, actor: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '20ms'")
                cursor.execute("SELECT pg_sleep(1)")

    with pytest.raises(OperationalError, match="statement timeout"):
        carry_out(SlowForm({}), None)


def test_a_form_that_hands_over_nothing_says_so():
    form = ServiceForm({})
    form.is_valid()

    with pytest.raises(NotImplementedError, match="ServiceForm"):
        form.carry_out(actor=None)


# What the service gets


def test_fields_that_the_form_does_not_have_change_nothing(filled, he, places):
    carry_out(filled(is_active="", street=str(places.dalong.pk), role="street_admin"), he.user)

    made = Department.objects.get()
    assert (made.street, made.is_active) == (places.street, True)


def test_only_named_subjects_become_attributes(places):
    with pytest.raises(TypeError, match="unexpected"):
        HeadForm({}, place=places.qishan, actor=None)


# The key


def test_a_page_that_creates_carries_a_key_of_its_own(places):
    keys = [DepartmentForm(street=places.street, refuses=())["idempotency_key"].value() for _page in range(2)]

    assert len({UUID(key) for key in keys}) == 2


def test_a_page_that_creates_nothing_carries_no_key(places):
    assert list(HeadForm(place=places.qishan).fields) == []


def test_a_form_sent_five_times_makes_one_and_answers_alike(filled, he):
    forms_ = [filled() for _sending in range(5)]

    assert [carry_out(form, he.user) for form in forms_] == [True] * 5
    assert {form.result for form in forms_} == {Department.objects.get()}
    assert [form.is_new for form in forms_] == [True, False, False, False, False]


def test_the_same_key_with_other_content_is_refused_and_the_page_gets_a_new_key(filled, he):
    carry_out(filled(), he.user)
    form = filled(name="综治办")

    assert (carry_out(form, he.user), form.status) == (False, 422)
    assert list(form.errors) == ["__all__"]
    assert form["idempotency_key"].value() != KEY
    assert Department.objects.count() == 1


def test_sending_that_page_once_more_is_meant(filled, he):
    carry_out(filled(), he.user)
    refused = filled(name="综治办")
    carry_out(refused, he.user)

    assert carry_out(filled(name="综治办", idempotency_key=refused["idempotency_key"].value()), he.user) is True
    assert Department.objects.count() == 2


@pytest.mark.parametrize("broken", [None, "", "1234"], ids=["absent", "empty", "no key at all"])
def test_a_page_whose_key_is_lost_gets_one_and_works_when_sent_again(broken, filled, he):
    form = filled(idempotency_key=broken)

    assert (carry_out(form, he.user), form.status, list(form.errors)) == (False, 422, ["idempotency_key"])
    assert carry_out(filled(idempotency_key=form["idempotency_key"].value()), he.user) is True


def test_a_key_is_no_business_of_the_service(filled, he):
    form = filled()
    carry_out(form, he.user)

    assert form.cleaned_data == {"name": "应急办"}
    assert IdempotencyKey.objects.get().user == he.user


def test_a_form_that_creates_nothing_is_carried_out_every_time():
    class Note(ServiceForm):
        def call(self, *, actor: Any) -> OutboxMessage:
            return OutboxMessage.objects.create(topic="tests.made")

    results = [carry_out(Note({"idempotency_key": str(uuid4())}), None) for _sending in range(2)]

    assert (results, OutboxMessage.objects.count()) == ([True, True], 2)
