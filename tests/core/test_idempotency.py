"""Sent twice, done once: on a bad line, from two tabs, on eight connections at the same moment."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from portal.core.idempotency import KeyReused, fingerprint, once
from portal.core.models import IdempotencyKey, OutboxMessage
from tests.cast import make_user

from .races import race

pytestmark = pytest.mark.django_db

VISITOR = AnonymousUser()


def message(topic: str = "tests.made") -> Callable[[], OutboxMessage]:
    """A thing to create."""
    return lambda: OutboxMessage.objects.create(topic=topic)


@pytest.fixture
def wang(db):
    """王芳, who sends forms."""
    return make_user("wang", "王芳")


def test_the_second_sending_gets_what_the_first_one_made(wang):
    key = uuid4()

    first = once(key, user=wang, content="a", create=message())
    second = once(key, user=wang, content="a", create=message())

    made = OutboxMessage.objects.get()
    assert (first, second) == ((made, True), (made, False))


def test_another_key_makes_another(wang):
    for _sending in range(2):
        once(uuid4(), user=wang, content="a", create=message())

    assert OutboxMessage.objects.count() == 2


def test_the_same_key_with_other_content_is_refused(wang):
    key = uuid4()
    once(key, user=wang, content="a", create=message())

    with pytest.raises(KeyReused):
        once(key, user=wang, content="b", create=message())

    assert OutboxMessage.objects.count() == 1


def test_a_creation_that_fails_leaves_nothing_and_the_key_free(wang):
    key = uuid4()

    def fail() -> None:
        message("tests.half")()
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        once(key, user=wang, content="a", create=fail)

    assert not OutboxMessage.objects.exists()
    assert once(key, user=wang, content="b", create=message())[1] is True


def test_two_people_with_the_same_key_do_not_meet(wang):
    key, chen = uuid4(), make_user("chen", "陈丽芳")

    results = [once(key, user=user, content=user.name, create=message()) for user in (wang, chen)]

    assert [is_new for _made, is_new in results] == [True, True]
    assert results[0][0] != results[1][0]


def test_a_visitor_and_somebody_signed_in_with_the_same_key_do_not_meet(wang):
    key = uuid4()

    assert [once(key, user=user, content="a", create=message())[1] for user in (VISITOR, wang)] == [True, True]


@pytest.mark.parametrize("nobody", [VISITOR, None], ids=["visitor", "the system"])
def test_a_visitor_who_sends_twice_makes_one(nobody):
    key = uuid4()

    assert [once(key, user=nobody, content="a", create=message())[1] for _sending in range(2)] == [True, False]


def test_a_repetition_after_the_result_was_deleted_is_told_so_and_makes_nothing(wang):
    key = uuid4()
    made, _is_new = once(key, user=wang, content="a", create=message())
    made.delete()

    with pytest.raises(KeyReused):
        once(key, user=wang, content="a", create=message())

    assert not OutboxMessage.objects.exists()


def test_a_result_that_is_no_record_is_not_kept(wang):
    key, runs = uuid4(), []

    def count() -> int:
        runs.append(1)
        return 42

    assert [once(key, user=wang, content="a", create=count) for _sending in range(2)] == [(42, True), (None, False)]
    assert len(runs) == 1


def test_a_key_goes_with_the_transaction_it_was_used_in(wang):
    key = uuid4()
    with transaction.atomic():
        once(key, user=wang, content="a", create=message())
        transaction.set_rollback(True)

    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("name", "rounds"), [("wang", 100), ("", 20)], ids=["signed in", "visitors"])
def test_eight_connections_with_one_key_make_one_record_a_round(name, rounds):
    user = make_user(name, "王芳") if name else VISITOR
    keys = [uuid4() for _round in range(rounds)]

    def send(number: int) -> tuple[OutboxMessage, bool]:
        return once(keys[number], user=user, content="a", create=message(f"round {number}"))

    played = race(send, hands=8, rounds=rounds)

    assert sorted(OutboxMessage.objects.values_list("topic", flat=True)) == sorted(f"round {n}" for n in range(rounds))
    assert [sum(is_new for _made, is_new in hands) for hands in played] == [1] * rounds
    assert [len({made.pk for made, _is_new in hands}) for hands in played] == [1] * rounds


@pytest.mark.django_db(transaction=True)
def test_when_the_first_of_two_at_once_fails_the_second_makes_it():
    wang, keys, failed = make_user("wang", "王芳"), [uuid4() for _round in range(30)], set()

    def unlucky(number: int) -> int:
        def create() -> OutboxMessage:
            made = message(f"round {number}")()
            if number not in failed:
                failed.add(number)
                raise ValueError
            return made

        try:
            return once(keys[number], user=wang, content="a", create=create)[1]
        except ValueError:
            return -1

    rounds = race(unlucky, hands=2, rounds=30)

    assert [sorted(hands) for hands in rounds] == [[-1, True]] * 30
    assert OutboxMessage.objects.count() == 30


# What counts as the same content


def sent(text: str) -> QueryDict:
    return QueryDict(text)


@pytest.mark.parametrize(
    "other",
    ["b=2&a=1", "a=1&b=2&csrfmiddlewaretoken=x", "a=1&b=2&idempotency_key=x"],
    ids=["another order", "another token", "another key"],
)
def test_the_same_content_has_the_same_fingerprint(other):
    assert fingerprint(sent("a=1&b=2")) == fingerprint(sent(other))


@pytest.mark.parametrize("other", ["a=1", "a=1&b=3", "a=1&b=2&c=", "a=1&b=2&b=2", "a=1b&=2", "a=2&b=1"])
def test_other_content_has_another_fingerprint(other):
    assert fingerprint(sent("a=1&b=2")) != fingerprint(sent(other))


def test_a_plain_dictionary_counts_like_a_form():
    assert fingerprint({"a": "1", "b": 2}) == fingerprint(sent("a=1&b=2"))


def photos(*contents: bytes, name: str = "photo.jpg") -> MultiValueDict:
    return MultiValueDict({"photos": [SimpleUploadedFile(name, content) for content in contents]})


def test_the_same_photos_under_other_names_are_the_same_content():
    assert fingerprint({}, photos(b"1", b"2")) == fingerprint({}, photos(b"1", b"2", name="IMG_1.jpg"))


@pytest.mark.parametrize("other", [photos(), photos(b"1"), photos(b"1", b"3"), photos(b"12")])
def test_other_photos_are_other_content(other):
    assert fingerprint({}, photos(b"1", b"2")) != fingerprint({}, other)


def test_a_fingerprint_leaves_the_photos_readable():
    uploads = photos(b"jpeg")

    fingerprint({}, uploads)

    assert uploads["photos"].read() == b"jpeg"


def test_a_fingerprint_cannot_be_made_without_the_key(settings):
    ours = fingerprint(sent("mobile=13800138000"))
    settings.SECRET_KEY = "whoever-has-a-copy-of-the-database-has-another-key"

    assert fingerprint(sent("mobile=13800138000")) != ours
