"""Categories suggested from words: how often rightly, why, and what never leaves the page."""

import pytest
from django.utils.translation import gettext as _
from structlog.testing import capture_logs

from grid.incidents import services
from grid.incidents.demo.words import CASES
from grid.incidents.models import Category
from grid.incidents.suggesting import by_words, suggest
from grid.incidents.synonyms import SYNONYMS
from tests.factories import category, incident
from tests.pictures import jpeg

from .conftest import url

pytestmark = pytest.mark.django_db
SLOTS = {
    "block": "3栋",
    "floor": "三楼",
    "above": "四楼",
    "flat": "302房",
    "when": "昨晚",
    "since": "半个月",
    "n": "两",
    "elder": "梁婆婆",
}


@pytest.fixture
def offered() -> list[Category]:
    return list(Category.objects.select_related("group"))


def names(found) -> list[str]:
    return [one.category.code for one in found]


def test_every_category_has_its_words():
    assert set(SYNONYMS) == set(Category.objects.values_list("code", flat=True))
    assert min(map(len, SYNONYMS.values())) >= 3


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("三楼楼梯口堆满纸箱", "clutter"),
        ("有人从窗口飞线充电", "flying_wire"),
        ("楼道灯不亮", "stairwell_light"),
        ("电梯困人了，快来", "lift_trapped"),
        ("楼上漏水到我家天花", "leak_dispute"),
        ("Abandoned car at the gate", "zombie_car"),
    ],
)
def test_what_people_say_is_understood(said, meant, offered):
    assert names(suggest(said, offered=offered))[0] == meant


def test_the_reason_quotes_the_word(offered):
    found = suggest("请处理飞线", offered=offered)

    assert found[0].reasons == (_("because you wrote %(words)s") % {"words": "“飞线”"},)


@pytest.mark.parametrize("said", ["", "  ", "你好", "😀", "'; DROP TABLE", "x" * 5000])
def test_nothing_is_guessed_from_nothing(said, offered, places):
    assert suggest(said, offered=offered, community=places.dalong) == []


def test_how_often_it_is_right():
    """By words alone: the cases of the demonstration at odd places were not looked at when the words were chosen."""
    offered = list(Category.objects.all())
    code = {one.pk: one.code for one in offered}
    first, among, held_out = [], [], []
    for meant, cases in CASES.items():
        for position, case in enumerate(cases):
            hits = by_words(case.said.format(**SLOTS), offered)
            best = [code[pk] for pk in sorted(hits, key=lambda pk: -hits[pk].score)[:3]]
            first.append(best[:1] == [meant])
            among.append(meant in best)
            if position % 2:
                held_out.append((best[:1] == [meant], meant in best))

    assert sum(first) / len(first) >= 0.8
    assert sum(among) / len(among) >= 0.88
    assert sum(one for one, _three in held_out) / len(held_out) >= 0.65
    assert sum(three for _one, three in held_out) / len(held_out) >= 0.77


def test_what_similar_reports_turned_out_to_be_counts(chen, places, offered):
    for _number in range(4):
        incident(place=places.qishan, reporter=chen.user, code="pests", description="后花园有怪味道飘上来")
    incident(place=places.qishan, reporter=chen.user, code="noise", description="完全不同的一件事情")

    found = suggest("后花园又有怪味道", offered=offered, community=places.dalong)

    assert names(found) == ["pests"]
    assert len(found[0].reasons) == 1
    assert found[0].reasons[0].count("4") == 2  # 4 of 4


def test_fewer_than_three_are_not_told(chen, places, offered):
    for _number in range(2):
        incident(place=places.qishan, reporter=chen.user, code="pests", description="后花园有怪味道飘上来")

    assert suggest("后花园有怪味道", offered=offered, community=places.dalong) == []


def test_a_neighbouring_communitys_past_says_nothing(chen, places, offered):
    for _number in range(4):
        incident(place=places.qishan, reporter=chen.user, code="pests", description="后花园有怪味道飘上来")

    assert suggest("后花园有怪味道", offered=offered, community=places.lingbian) == []


# On the pages


def test_the_fragment_answers_a_post_and_its_words_stand_in_no_log(chen, places, client_of):
    client = client_of(chen)

    with capture_logs() as logs:
        answer = client.post(url("suggest"), {"words": "三楼飞线充电", "place": places.qishan.pk})

    assert answer.status_code == 200
    assert f'value="{category("flying_wire").pk}"' in answer.text
    assert "飞线" not in str(logs)
    assert client.get(url("suggest")).status_code == 405


def test_what_is_not_offered_is_not_suggested(he, chen, places, client_of):
    from .test_categories import change

    change(he, places, code="flying_wire", is_offered=False)

    answer = client_of(chen).post(url("suggest"), {"words": "三楼飞线"})

    assert f'value="{category("flying_wire").pk}"' not in answer.text


@pytest.mark.parametrize("rows", [1, 5])
def test_a_suggestion_costs_the_same_whatever_happened_before(
    rows, chen, places, client_of, django_assert_max_num_queries
):
    for number in range(rows):
        incident(place=places.qishan, reporter=chen.user, description=f"飞线充电第{number}次")
    client = client_of(chen)
    client.post(url("suggest"), {"words": "飞线", "place": places.qishan.pk})

    with django_assert_max_num_queries(9):
        client.post(url("suggest"), {"words": "飞线", "place": places.qishan.pk})


def test_without_scripts_the_desk_comes_back_as_it_was_typed_with_suggestions(li, places, client_of):
    client = client_of(li)
    sent = {"source": "call", "caller_mobile": "12", "description": "三楼飞线充电", "suggest": "", "photos": jpeg()}

    asked = client.post(url("enter"), sent)

    form = asked.context["form"]
    assert asked.status_code == 200
    assert not form.errors
    assert names(form.suggestions)[0] == "flying_wire"
    assert form["caller_mobile"].value() == "12"
    assert len(form["photos"].kept) == 1
    chosen = client.post(url("enter"), {**sent, "suggest": str(category("flying_wire").pk), "photos": jpeg()})
    assert chosen.context["form"]["category"].value() == str(category("flying_wire").pk)


def test_the_phone_comes_back_the_same_way(chen, client_of, report_form):
    asked = client_of(chen).post(url("report"), report_form(category=None, said="电动车推上楼", suggest=""))

    assert asked.status_code == 200
    assert names(asked.context["form"].suggestions)[0] == "ebike_upstairs"


@pytest.mark.parametrize("person", ["lin", "nobody"])
def test_whoever_reports_nothing_asks_nothing(person, request, client_of):
    assert client_of(request.getfixturevalue(person)).post(url("suggest"), {"words": "飞线"}).status_code == 403


def test_names_in_reports_cannot_be_fished_for(chen, huang, places, client_of):
    """A leader learns of counts only, and only where three reports say the same."""
    services.report(actor=chen.user, place=places.qishan, category=category("family"), description="陈家生醉酒")

    answer = client_of(huang).post(url("suggest"), {"words": "陈家生", "place": places.longji.pk})

    assert "suggestion-why" not in answer.text
