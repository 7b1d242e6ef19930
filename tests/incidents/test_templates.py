"""Prepared answers: whose they are, what is filled in, and how a move uses one."""

from uuid import uuid4

import pytest

from grid.incidents.models import AnswerTemplate, Incident
from grid.incidents.services import templates
from portal.core.models import AuditEntry
from portal.core.refusals import Refused
from tests.factories import incident

from .conftest import url

pytestmark = pytest.mark.django_db
TEXT = "{number} {category}（{place}）：经核实不属受理范围。"


@pytest.fixture
def decline(li, places) -> AnswerTemplate:
    """大龙's answer for what is declined."""
    return templates.prepare(place=places.dalong, title="不属受理范围", text=TEXT, use="decline", actor=li.user)


@pytest.fixture
def reported(chen, places) -> Incident:
    return incident(place=places.qishan, reporter=chen.user, location="三楼")


def test_blanks_are_filled_in_once_and_as_text(reported):
    reported.location = "{number} <b>"

    assert templates.filled("{编号} {类别}", reported) == f"{reported.number} 楼道堆物"
    filled = templates.filled("{place} {number} {{x}} {y}", reported)

    assert filled == f"岐山中路楼栋小组 {{number}} <b> {reported.number} {{{{x}}}} {{y}}"


def test_a_blank_that_nothing_is_known_for_is_refused_beside_the_text(li, places):
    with pytest.raises(Refused) as refused:
        templates.prepare(place=places.dalong, title="x", text="{caller}您好", use="any", actor=li.user)

    assert [(reason.field, "{caller}" in str(reason)) for reason in refused.value.reasons] == [("text", True)]


def test_the_office_prepares_one_for_its_community(li, places, client_of):
    client = client_of(li)
    page = client.get(url("template_add"))
    sent = {"idempotency_key": str(uuid4()), "title": "已派单", "use": "dispatch", "text": "请按时处理。"}

    response = client.post(url("template_add"), sent | {"place": places.dalong.pk})

    assert list(page.context["form"].fields["place"].queryset) == [places.dalong]
    assert response.status_code == 302
    assert "已派单" in client.get(url("templates")).text
    assert AuditEntry.objects.get(action="answer_template.added").actor == li.user


def test_the_street_prepares_for_all_and_a_community_may_not(he, li, places, client_of):
    offered = client_of(he).get(url("template_add")).context["form"].fields["place"].queryset
    sent = {"idempotency_key": str(uuid4()), "title": "x", "use": "any", "text": "x", "place": places.street.pk}

    assert set(offered) == {places.street, places.dalong, places.lingbian}
    assert client_of(li).post(url("template_add"), sent).status_code == 422


def test_changing_and_putting_away(decline, li, client_of):
    sent = {"title": "不受理", "use": "any", "text": "改过了"}

    response = client_of(li).post(url("template_edit", decline), sent)

    decline.refresh_from_db()
    assert response.status_code == 302
    assert (decline.title, decline.use, decline.text, decline.is_active) == ("不受理", "any", "改过了", False)


def test_the_same_title_twice_is_refused_beside_it(decline, li, places, client_of):
    sent = {
        "idempotency_key": str(uuid4()),
        "title": decline.title,
        "use": "any",
        "text": "x",
        "place": places.dalong.pk,
    }

    response = client_of(li).post(url("template_add"), sent)

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["title"])


# In a move


def test_without_scripts_the_chosen_one_is_used_when_nothing_is_typed(decline, reported, li, client_of):
    response = client_of(li).post(url("decline", reported), {"prepared": decline.pk, "note": " "})

    note = AuditEntry.objects.get(action="incident.declined").note
    assert response.status_code == 302
    assert note == f"{reported.number} 楼道堆物（岐山中路楼栋小组 三楼）：经核实不属受理范围。"


def test_what_is_typed_counts_more(decline, reported, li, client_of):
    client_of(li).post(url("decline", reported), {"prepared": decline.pk, "note": "已当面解释"})

    assert AuditEntry.objects.get(action="incident.declined").note == "已当面解释"


def test_neither_chosen_nor_typed_is_refused(decline, reported, li, client_of):
    response = client_of(li).post(url("decline", reported), {"note": ""})

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["note"])


def test_every_move_offers_those_that_fit(decline, he, li, chen, zhang, wu, places, client_of):
    for use in ("dispatch", "finish", "close", "any"):
        templates.prepare(place=places.street, title=use, text=use, use=use, actor=he.user)
    people = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}

    def offered(slug, stage, person):
        form = client_of(person).get(url(slug, incident(stage=stage, **people))).context["form"]
        return [label for value, label in form.fields["prepared"].choices if value]

    assert offered("decline", "reported", li) == ["any", "不属受理范围"]
    assert offered("dispatch", "opened", li) == ["any", "dispatch"]
    assert offered("finish", "in_progress", wu) == ["any", "finish"]
    assert offered("close", "awaiting_verification", li) == ["any", "close"]


def test_a_finished_one_says_what_was_prepared(he, chen, zhang, wu, places, client_of):
    one = templates.prepare(place=places.street, title="清理", text="{category}已清理", use="finish", actor=he.user)
    people = {"place": places.qishan, "reporter": chen.user, "office": zhang.user, "handler": wu.user}
    made = incident(stage="in_progress", **people)

    client_of(wu).post(url("finish", made), {"prepared": one.pk, "outcome": ""})

    made.refresh_from_db()
    assert made.outcome == "楼道堆物已清理"


def test_a_neighbours_answer_is_neither_offered_nor_usable(zhou, reported, li, places, client_of):
    theirs = templates.prepare(place=places.lingbian, title="凌边的", text="凌边的话", use="any", actor=zhou.user)
    client = client_of(li)

    assert "prepared" not in client.get(url("decline", reported)).context["form"].fields
    assert client.post(url("decline", reported), {"prepared": theirs.pk, "note": ""}).status_code == 422


def test_hostile_words_stay_text_on_the_page(reported, li, places, client_of):
    hostile = '"><script>alert(1)</script>'
    templates.prepare(place=places.dalong, title=hostile, text=hostile, use="any", actor=li.user)

    page = client_of(li).get(url("decline", reported)).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


# Who may not


@pytest.mark.parametrize("person", ["chen", "wu", "lin", "nobody"])
def test_only_the_office_prepares(person, decline, request, client_of):
    client = client_of(request.getfixturevalue(person))

    for page in ("templates", "template_add"):
        assert client.get(url(page)).status_code == 403
    assert client.post(url("template_edit", decline), {"title": "x", "text": "x", "use": "any"}).status_code in (
        403,
        404,
    )
    decline.refresh_from_db()
    assert decline.text == TEXT


def test_a_neighbour_does_not_see_it_and_the_street_s_is_the_street_s(decline, he, li, zhou, places, client_of):
    street = templates.prepare(place=places.street, title="街道统一", text="x", use="any", actor=he.user)

    assert client_of(zhou).get(url("template_edit", decline)).status_code == 404
    assert "不属受理范围" not in client_of(zhou).get(url("templates")).text
    assert "街道统一" in client_of(li).get(url("templates")).text
    assert client_of(li).get(url("template_edit", street)).status_code == 403
    assert client_of(he).get(url("template_edit", decline)).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number(rows, li, places, client_of, django_assert_max_num_queries):
    for number in range(rows):
        templates.prepare(place=places.dalong, title=f"第{number}", text="x", use="any", actor=li.user)
    client = client_of(li)
    client.get(url("templates"))

    with django_assert_max_num_queries(9):
        client.get(url("templates"))
