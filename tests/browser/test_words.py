"""Words typed become suggestions, and prepared answers become words: at the desk and on the phone."""

from playwright.sync_api import Page, expect

from grid.incidents.models import AnswerTemplate
from grid.incidents.services import templates
from tests import factories

from . import axe
from .devices import DESK, PHONE


def suggestions(page: Page):
    return page.locator("[data-suggestions] button")


def test_what_a_caller_says_suggests_a_category_at_the_desk(li, visit, watch):
    page = visit(li, DESK)
    axe.bring(page.context)
    page.goto("/incidents/enter/")

    page.fill("[name=description]", "301 又从窗口拉飞线给电动车充电")

    expect(suggestions(page).first).to_contain_text("飞线充电")
    expect(suggestions(page).first).to_contain_text("“")  # the reason quotes the words
    assert axe.findings(page, "desk with suggestions") == []
    suggestions(page).first.click()
    expect(page.locator("[name=category]")).to_have_value(str(factories.category("flying_wire").pk))
    expect(suggestions(page).first).to_have_attribute("aria-pressed", "true")


def test_on_the_phone_a_suggestion_answers_both_questions_and_keeps_the_words(chen, visit, watch):
    page = visit(chen, PHONE)
    axe.bring(page.context)
    page.goto("/incidents/report/")
    page.locator(".steps-buttons button[type=button]").last.click()

    page.fill("#said", "楼道灯不亮")

    expect(suggestions(page).first).to_contain_text("楼道灯不亮")
    assert axe.findings(page, "phone with suggestions") == []
    suggestions(page).first.tap()
    expect(page.locator("[name=description]")).to_be_visible()
    expect(page.locator("[name=description]")).to_have_value("楼道灯不亮")
    assert page.locator("[name=category]:checked").input_value() == str(factories.category("stairwell_light").pk)


def test_without_scripts_the_button_asks_and_a_suggestion_is_taken(li, visit, watch):
    page = visit(li, PHONE, scripts=False)
    page.goto("/incidents/enter/")
    page.fill("[name=description]", "下水道堵了返水")

    page.click("[data-suggest-button]")
    suggestions(page).first.click()

    expect(page.locator("[name=category]")).to_have_value(str(factories.category("drain").pk))
    expect(page.locator("[name=description]")).to_have_value("下水道堵了返水")


def test_a_prepared_answer_goes_into_the_text_and_leaves_what_was_typed(li, chen, places, visit, watch):
    use = AnswerTemplate.Use.DECLINE
    templates.prepare(place=places.dalong, title="不属受理范围", text="{number}不受理。", use=use, actor=li.user)
    made = factories.incident(place=places.qishan, reporter=chen.user)
    page = visit(li, DESK)
    page.goto(f"/incidents/{made.pk}/decline/")

    page.select_option("[name=prepared]", label="不属受理范围")

    expect(page.locator("[name=note]")).to_have_value(f"{made.number}不受理。")
    page.fill("[name=note]", "您好，")
    page.select_option("[name=prepared]", index=0)
    page.select_option("[name=prepared]", label="不属受理范围")
    expect(page.locator("[name=note]")).to_have_value(f"您好，\n{made.number}不受理。")
