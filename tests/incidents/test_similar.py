"""Near-duplicates: the same building or estate, the same kind, the last four weeks, similar words."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grid.incidents.models import Incident
from grid.incidents.similar import overlap, similar_to
from grid.roster.services import estates
from tests.factories import category, incident
from tests.pictures import photo_of

from .conftest import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(places, wu):
    """纸箱 on the third floor of 陈's building, reported by 吴 three days ago."""
    return incident(place=places.qishan, reporter=wu.user, at=timezone.now() - timedelta(days=3))


def found(person, place, code="clutter", words=""):
    return [one.incident for one in similar_to(person.user, place=place, category=category(code), words=words)]


def test_the_same_building_and_category_are_enough(chen, places, known):
    (one,) = similar_to(chen.user, place=places.qishan, category=category(), words="")

    assert (one.incident, one.mine) == (known, False)
    ago = ngettext("%(days)d day ago", "%(days)d days ago", 3) % {"days": 3}
    assert one.reasons == (_("same building"), _("same category"), ago)


def test_another_building_is_another_matter(chen, wu, places, known):
    assert found(wu, places.longji) == []


def test_buildings_of_one_estate_count_when_the_words_do_not_say_otherwise(wu, li, places, known):
    estates.add(
        places.dalong, facts=estates.Facts("岐山中路小区"), groups=[places.qishan, places.longji], actor=li.user
    )

    assert found(wu, places.longji) == [known]
    assert found(wu, places.longji, words="三楼堆满纸箱") == [known]
    assert found(wu, places.longji, words="垃圾桶倒了") == []


def test_another_category_of_the_group_counts_with_similar_words(chen, places, known):
    group = category().group.categories.exclude(code="clutter").first()

    assert found(chen, places.qishan, group.code) == []
    assert found(chen, places.qishan, group.code, "楼梯口堆满纸箱") == [known]


@pytest.mark.parametrize("days", [27, 29])
def test_four_weeks_back(days, chen, wu, places):
    incident(place=places.qishan, reporter=wu.user, at=timezone.now() - timedelta(days=days))

    assert len(found(chen, places.qishan)) == (days < 28)


def test_what_has_ended_is_not_shown(chen, wu, zhang, places):
    incident(place=places.qishan, reporter=wu.user, office=zhang.user, handler=wu.user, stage="closed")

    assert found(chen, places.qishan) == []


def test_at_most_three_the_likeliest_first(chen, wu, places):
    made = [
        incident(place=places.qishan, reporter=wu.user, description=words)
        for words in ("灯坏了", "纸箱堆满楼梯", "门坏", "杂物")
    ]

    shown = found(chen, places.qishan, words="楼梯上纸箱堆满了")

    assert (len(shown), shown[0]) == (3, made[1])


def test_what_a_user_does_not_see_is_not_shown(huang, places, known):
    assert found(huang, places.qishan) == []


def test_ones_own_is_marked(wu, places, known):
    assert [one.mine for one in similar_to(wu.user, place=places.qishan, category=category())] == [True]


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_for_any_number(rows, chen, wu, places, django_assert_num_queries):
    for _row in range(rows):
        incident(place=places.qishan, reporter=wu.user, photos=[photo_of(wu.user)])
    user, what = type(chen.user).objects.get(pk=chen.pk), category()
    user.has_perm("incidents.report")

    with django_assert_num_queries(4):
        similar_to(user, place=places.qishan, category=what, words="纸箱")


def test_overlap_is_the_share_of_the_shorter_text():
    assert overlap(frozenset("ab"), frozenset("abcd")) == 1
    assert overlap(frozenset("abcd"), frozenset("dxyz")) == 0.25
    assert overlap(frozenset(), frozenset("a")) == 0


def test_the_report_page_shows_it_as_a_fragment(chen, places, known, client_of):
    data = {"category": category().pk, "place": places.qishan.pk, "description": "三楼堆满纸箱"}

    response = client_of(chen).post(url("similar"), data)

    assert f'formaction="{url("join", known)}"' in response.text
    assert "<html" not in response.text


@pytest.mark.parametrize("data", [{}, {"category": "x", "place": "y"}])
def test_nothing_is_known_yet(data, chen, client_of, places):
    response = client_of(chen).post(url("similar"), data)

    assert (response.status_code, response.text.strip()) == (200, "")


def test_a_foreign_place_shows_nothing(huang, places, known, client_of):
    data = {"category": category().pk, "place": places.qishan.pk}

    assert client_of(huang).post(url("similar"), data).text.strip() == ""


def test_whoever_may_not_report_may_not_ask(lin, client_of):
    assert client_of(lin).post(url("similar"), {}).status_code == 403


class TestSentWithoutScripts:
    def test_a_report_of_the_same_comes_back_once_with_what_is_known(self, chen, known, client_of, report_form):
        response = client_of(chen).post(url("report"), report_form())

        assert response.status_code == 422
        assert list(response.context["form"].errors) == ["anyway"]
        assert url("join", known) in response.text
        assert Incident.objects.count() == 1

    def test_with_the_tick_it_is_taken(self, chen, known, client_of, report_form):
        response = client_of(chen).post(url("report"), report_form(anyway="on"))

        assert response.status_code == 302
        assert Incident.objects.count() == 2

    def test_the_same_key_serves_for_both(self, chen, known, client_of, report_form):
        client, sent = client_of(chen), report_form()
        client.post(url("report"), sent)

        assert client.post(url("report"), sent | {"anyway": "on"}).status_code == 302

    def test_ones_own_holds_nobody_up(self, wu, known, client_of, report_form):
        assert client_of(wu).post(url("report"), report_form()).status_code == 302
