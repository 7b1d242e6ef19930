import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import RequestFactory

from portal.core.models import OutboxMessage
from portal.core.pagination import LAST_PAGE, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def messages(db):
    OutboxMessage.objects.bulk_create(OutboxMessage(topic=f"{number}") for number in range(7))
    return OutboxMessage.objects.order_by("pk")


def asked(page: str | None, queryset, **options):
    return page_of(RequestFactory().get("/", {} if page is None else {"page": page}), queryset, **options)


@pytest.mark.parametrize(
    ("page", "topics", "before", "after"),
    [("1", "012", False, True), ("2", "345", True, True), ("3", "6", True, False), ("4", "", True, False)],
)
def test_a_page_knows_its_rows_and_its_neighbours(page, topics, before, after, messages):
    found = asked(page, messages, size=3)

    assert "".join(message.topic for message in found) == topics
    assert (found.has_previous, found.has_next, found.previous_number, found.next_number) == (
        before,
        after,
        int(page) - 1,
        int(page) + 1,
    )


def test_a_page_that_is_just_full_is_the_last(messages):
    assert asked("1", messages, size=7).has_next is False


@pytest.mark.parametrize("nonsense", [None, "", "0", "-1", "x", "1.5", "²", "１", "999999999999", "1 OR 1=1"])
def test_nonsense_is_the_first_page(nonsense, messages):
    assert asked(nonsense, messages, size=3).number == 1


def test_nobody_turns_pages_without_end(messages):
    assert asked("99999", messages, size=3).number == LAST_PAGE


def test_the_last_page_that_is_shown_leads_no_further():
    crowd = ContentType.objects.order_by("pk")

    found = asked(str(LAST_PAGE), crowd, size=0)

    assert (found.has_next, found.is_cut) == (False, True)


def test_a_last_page_with_nothing_after_it_is_whole(messages):
    assert asked(str(LAST_PAGE), messages, size=3).is_cut is False


@pytest.mark.parametrize("size", [1, 3])
def test_a_page_costs_one_query(size, messages, django_assert_num_queries):
    with django_assert_num_queries(1):
        asked("1", messages, size=size)
