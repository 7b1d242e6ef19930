"""What the scripts add to the components, on pages made of nothing else."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django import forms
from playwright.sync_api import Browser, Page, expect

from tests.pictures import jpeg

from .alone import ORIGIN, Show, alone

REPORT = """
<form data-steps method="post" action="/sent/" enctype="multipart/form-data">{% form_errors form=form %}
  {% step title="Photo?" %}{% photo_input field=form.photos legend=False most=2 %}{% endstep %}
  {% step title="Which?" %}{% choice_tiles field=form.kind legend=False group_question="What about?" %}{% endstep %}
  {% step title="How bad?" %}{% choice_tiles field=form.severity legend=False %}{% endstep %}
  {% step title="More?" %}{% field field=form.note %}{% submit label="Send" busy="Sending" %}{% endstep %}
</form>
"""
LIST = """
{% filter_bar form=form target="#results" %}{% endfilter_bar %}
<div id="results"><form id="bulk" method="post"><table>
  <tr><th class="tick"><input type="checkbox" data-bulk-all aria-label="All" hidden></th></tr>
  {% for row in rows %}<tr>
    <td><input type="checkbox" name="row" value="{{ row }}" aria-label="{{ row }}" data-bulk-item></td>
  </tr>{% endfor %}</table>{% bulk_bar form="bulk" %}<button class="btn">Go</button>{% endbulk_bar %}</form></div>
"""


class Report(forms.Form):
    photos = forms.FileField(required=False)
    kind = forms.ChoiceField(
        choices=[("Safety", [("fire", "Fire"), ("wire", "Wires")]), ("Order", [("noise", "Noise")])]
    )
    severity = forms.ChoiceField(choices=[("1", "Small"), ("2", "Middling"), ("3", "Great")])
    note = forms.CharField(required=False)


class Filter(forms.Form):
    search = forms.CharField(required=False)
    state = forms.ChoiceField(required=False, choices=[("", "Any"), ("open", "Open")])


@pytest.fixture
def show(browser: Browser) -> Iterator[Show]:
    with alone(browser) as shown:
        yield shown


def question(page: Page) -> str:
    return page.locator("fieldset:visible legend").inner_text()


@pytest.fixture
def report(show: Show) -> Page:
    return show(REPORT, form=Report())


@pytest.fixture
def photo(tmp_path: Path) -> Callable[[str], Path]:
    def taken(name: str, size: tuple[int, int] = (320, 240)) -> Path:
        path = tmp_path / name
        path.write_bytes(jpeg(size=size).read())
        return path

    return taken


def test_one_question_is_shown_at_a_time_and_the_group_is_asked_first(report):
    assert question(report) == "Photo?"
    report.click("text=Next")
    assert question(report) == "What about?"
    report.tap("text=Safety")
    assert question(report) == "Which?"
    assert report.locator(".choice-tile:visible").all_inner_texts() == ["Fire", "Wires"]


def test_a_photo_leads_on_by_itself(report, photo):
    report.set_input_files("#id_photos_camera", photo("a.jpg"))

    expect(report.locator("legend", has_text="What about?")).to_be_visible()


def test_tapping_a_choice_leads_on_and_tapping_twice_skips_nothing(report):
    report.click("text=Next")
    report.tap("text=Order")
    report.locator("label", has_text="Noise").dblclick()
    expect(report.locator("legend", has_text="How bad?")).to_be_visible()
    report.wait_for_timeout(400)

    assert question(report) == "How bad?"


def test_arrow_keys_walk_through_the_choices_and_enter_leads_on(report):
    report.click("text=Next")
    report.tap("text=Safety")
    report.focus("[value=fire]")
    report.keyboard.press("ArrowDown")
    report.wait_for_timeout(400)
    assert (question(report), report.locator("[name=kind]:checked").input_value()) == ("Which?", "wire")
    report.keyboard.press("Enter")
    assert question(report) == "How bad?"


def test_the_browsers_back_button_goes_one_question_back(report):
    report.click("text=Next")
    report.tap("text=Order")
    report.go_back()
    expect(report.locator("legend", has_text="What about?")).to_be_visible()
    report.go_forward()
    expect(report.locator("legend", has_text="Which?")).to_be_visible()


def test_the_question_takes_the_focus_so_that_it_is_read_aloud(report):
    report.click("text=Next")

    assert report.evaluate("document.activeElement.textContent") == "What about?"


def test_going_on_without_an_answer_says_what_to_do(report):
    report.click("text=Next")
    report.tap("text=Safety")
    report.click("text=Next")

    assert report.locator("[role=alert]:visible").count() == 1
    assert question(report) == "Which?"


def test_another_group_forgets_the_choice_made_in_the_first(report):
    report.click("text=Next")
    report.tap("text=Safety")
    report.locator("label", has_text="Fire").tap()
    expect(report.locator("legend", has_text="How bad?")).to_be_visible()
    report.go_back()
    report.go_back()
    report.tap("text=Order")

    assert report.locator("[name=kind]:checked").count() == 0


def test_a_form_that_comes_back_opens_at_its_first_error(show):
    page = show(REPORT, form=Report({"kind": "noise"}))

    assert question(page) == "How bad?"


def test_photos_are_gathered_shown_taken_back_and_limited(show, photo):
    page = show("<form>{% photo_input field=form.photos most=2 %}</form>", form=Report())
    names = "[...document.querySelector('#id_photos_album').files].map((file) => file.name)"
    page.set_input_files("#id_photos_camera", photo("a.jpg"))
    expect(page.locator("canvas")).to_have_count(1)
    page.set_input_files("#id_photos_album", [photo("b.jpg"), photo("c.jpg")])
    expect(page.locator("canvas")).to_have_count(2)
    assert page.evaluate(names) == ["a.jpg", "b.jpg"]
    page.locator(".photo-remove").first.click()
    assert page.evaluate(names) == ["b.jpg"]


def test_a_large_photo_is_made_smaller_before_it_is_sent(show, photo):
    page = show("<form>{% photo_input field=form.photos %}</form>", form=Report())
    page.set_input_files("#id_photos_camera", photo("wide.jpg", (4000, 1000)))
    expect(page.locator("canvas")).to_have_count(1)
    width = page.evaluate(
        "createImageBitmap(document.querySelector('#id_photos_album').files[0]).then((it) => it.width)"
    )

    assert width == 2048


def test_a_form_is_sent_once_and_says_so(show):
    page = show('<form method="post" action="/slow/">{% submit label="Send" busy="Sending" %}</form>')
    page.unroute("**/*")
    sent = []
    page.route("**/slow/", lambda route: None)  # never answered
    page.on("request", lambda request: sent.append(request))
    # While a page waits for its successor, only its own scripts answer
    with page.expect_request("**/slow/"):
        button = page.evaluate("""() => {
          const button = document.querySelector("button");
          button.click();
          return new Promise((done) => setTimeout(() => {
            button.form.requestSubmit();
            setTimeout(() => done([button.disabled, button.textContent]), 100);
          }, 100));
        }""")

    assert button == [True, "Sending"]
    assert len(sent) == 1


def test_the_bar_counts_the_ticked_rows(show):
    page = show(LIST, form=Filter(), rows=["a", "b", "c"])
    bar = page.locator(".bulk-bar")
    expect(bar).to_be_hidden()
    page.check("[value=b]")
    assert "1" in bar.inner_text()
    page.check("[data-bulk-all]")
    assert page.locator("[data-bulk-item]:checked").count() == 3


def test_a_filter_sends_itself_keeps_the_address_and_leaves_out_what_is_empty(show):
    page = show(LIST, form=Filter(), rows=[])
    page.locator("summary").click()
    page.select_option("[name=state]", "open")
    page.wait_for_url("**/?state=open")

    assert [request.url for request in page.asked] == [f"{ORIGIN}/?state=open"]


def test_without_an_answer_the_page_says_so(show):
    page = show(LIST, form=Filter(), rows=[])
    page.unroute("**/*")
    page.route("**/*", lambda route: route.abort())
    page.locator("summary").click()
    page.select_option("[name=state]", "open")

    expect(page.locator("main [role=alert]")).to_be_visible()
