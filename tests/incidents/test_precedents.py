"""How the same was solved before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from grid.incidents.precedents import precedents_of
from tests.factories import incident

from .conftest import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def solved(chen, zhang, wu, places):
    """Close what is described, handled by 吴: `solved(place=…, days_ago=…)`."""

    def made(**fields):
        days = fields.pop("days_ago", 0)
        one = incident(
            **{"place": places.qishan, "reporter": chen.user, "handler": wu.user, **fields},
            office=zhang.user,
            stage="closed",
        )
        one.closed_at -= timedelta(days=days)
        one.save(update_fields=["closed_at"])
        return one

    return made


@pytest.fixture
def boxes(chen, places):
    return incident(place=places.qishan, reporter=chen.user)


def found(boxes, li) -> list[int]:
    return [one.incident.pk for one in precedents_of(boxes, li.user)]


def test_the_nearest_place_first_then_the_newest(boxes, solved, li, places):
    far = solved(place=places.fuyi, handler=li.user)
    same_grid = solved(place=places.longji)
    here_old, here_new = solved(days_ago=30), solved(days_ago=2)

    assert found(boxes, li) == [here_new.pk, here_old.pk, same_grid.pk, far.pk]


def test_another_category_counts_when_the_words_are_alike(boxes, solved, li):
    alike = solved(code="fire_lane", description="三楼楼梯口堆满杂物")
    solved(code="stairwell_light", description="感应灯不亮")

    assert found(boxes, li) == [alike.pk]


def test_what_is_open_and_what_lies_elsewhere_is_no_precedent(boxes, solved, chen, li, zhou, wu, zhang, places):
    incident(place=places.qishan, reporter=chen.user)
    incident(place=places.lingbian_group, reporter=zhou.user)

    assert found(boxes, li) == []


def test_a_building_leader_sees_those_of_their_building_only(boxes, solved, chen, li, places):
    here, there = solved(), solved(place=places.longji)

    assert [one.incident.pk for one in precedents_of(boxes, chen.user)] == [here.pk]
    assert set(found(boxes, li)) == {here.pk, there.pk}


@pytest.mark.parametrize("rows", [1, 3])
def test_it_is_one_query_for_any_number(rows, boxes, solved, li, places, django_assert_num_queries):
    for _row in range(rows):
        solved()
    list(precedents_of(boxes, li.user))

    with django_assert_num_queries(1):
        assert len(precedents_of(boxes, li.user)) == rows


def test_the_page_says_what_was_done_how_long_it_took_and_offers_repeats(
    boxes, solved, chen, li, wu, places, client_of
):
    solved(at=timezone.now() - timedelta(days=3))
    repeat = incident(place=places.qishan, reporter=chen.user)

    page = client_of(li).get(url("alike", boxes))

    assert "已经清理" in page.text
    assert str(wu.user) in page.text
    assert [one.days for one in page.context["precedents"]] == [3]
    assert [one.incident.pk for one in page.context["repeats"]] == [repeat.pk]
    assert f"{url('merge', boxes)}?into={repeat.number}" in page.text


def test_whoever_may_not_merge_is_offered_no_repeats(boxes, chen, places, client_of):
    incident(place=places.qishan, reporter=chen.user)

    assert client_of(chen).get(url("alike", boxes)).context["repeats"] == []


def test_only_whoever_decides_or_acts_is_led_there(boxes, chen, li, client_of):
    link = f'href="{url("alike", boxes)}"'

    assert link in client_of(li).get(url("detail", boxes)).text
    assert link not in client_of(chen).get(url("detail", boxes)).text
