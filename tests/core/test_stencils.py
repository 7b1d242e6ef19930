"""Stencils: drawn once for what they name, and nothing of one reader in what another is shown."""

from dataclasses import dataclass, field

import pytest
from django.http import HttpRequest
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.utils import translation
from django.utils.safestring import mark_safe


@dataclass(frozen=True)
class Word:
    """Knows how often it was written."""

    text: str
    written: list[str] = field(default_factory=list, compare=False)

    def __str__(self) -> str:
        self.written.append(self.text)
        return self.text


def template(text: str) -> Template:
    return Template("{% load i18n stencils ui %}" + text)


def drawn(text: str, **context: object) -> str:
    return template(text).render(Context(context))


def test_it_is_drawn_once_for_what_it_names():
    page, word = template("{% stencil word=word %}<p>{{ word }}</p>{% endstencil %}"), Word("大龙")

    assert [page.render(Context({"word": word})) for _time in range(3)] == ["<p>大龙</p>"] * 3
    assert page.render(Context({"word": Word("岐山")})) == "<p>岐山</p>"
    assert word.written == ["大龙"]


def test_each_language_has_its_own():
    page = template('{% stencil %}{% translate "Menu" %}{% endstencil %}')
    with translation.override("zh-hans"):
        chinese = page.render(Context())
    with translation.override("en"):
        english = page.render(Context())

    assert (chinese == english, english) == (False, "Menu")


@pytest.mark.parametrize("asked", ["{{ secret }}", "{{ request.method }}", "{% if secret == '1' %}1{% endif %}"])
def test_what_it_does_not_name_is_not_there_and_may_not_be_asked_for(asked):
    page = template("{% stencil word=word %}{{ word }}" + asked + "{% endstencil %}")

    with pytest.raises(TemplateSyntaxError, match="does not name"):
        page.render(RequestContext(HttpRequest(), {"word": "大龙", "secret": "13800138000"}))


def test_a_hole_is_drawn_with_every_page():
    page = template("{% stencil %}<b>{% hole %}{{ name }}{% endhole %}</b>{% endstencil %}")

    assert page.render(Context({"name": "陈丽芳"})) == "<b>陈丽芳</b>"
    assert page.render(Context({"name": "<李>"})) == "<b>&lt;李&gt;</b>"


def test_what_stands_in_several_places_is_drawn_once():
    word = Word("李")
    who = "{% once as who %}{% hole %}{{ word }}{% endhole %}{% endonce %}"

    assert drawn("{% stencil %}" + who + "{{ who }}+{{ who }}{% endstencil %}", word=word) == "李+李"
    assert word.written == ["李"]


def test_text_that_is_safe_and_text_that_is_not_are_never_each_others():
    page = template("{% stencil word=word %}{{ word }}{% endstencil %}")

    assert page.render(Context({"word": mark_safe("<b>")})) == "<b>"
    assert page.render(Context({"word": "<b>"})) == "&lt;b&gt;"


def test_a_stencil_in_a_hole_is_kept_apart():
    page = template(
        "{% stencil %}a{% hole %}{% stencil b=b %}{{ b }}{% hole %}{{ c }}{% endhole %}{% endstencil %}{% endhole %}"
        "{% endstencil %}"
    )

    assert page.render(Context({"b": "b", "c": "c"})) == "abc"
    assert page.render(Context({"b": "B", "c": "C"})) == "aBC"


def test_a_hole_outside_a_stencil_draws_what_it_holds():
    assert drawn("{% hole %}{{ name }}{% endhole %}", name="陈") == "陈"


@pytest.mark.parametrize(
    "text",
    [
        "{% stencil %}{% block title %}{% endblock %}{% endstencil %}",
        "{% stencil %}{% hole %}{% endhole %}{% if a %}{% block title %}{% endblock %}{% endif %}{% endstencil %}",
        "{% stencil large %}{% endstencil %}",
    ],
)
def test_what_a_page_fills_cannot_be_kept(text):
    with pytest.raises(TemplateSyntaxError):
        template(text)


def test_a_block_in_a_hole_can():
    assert (
        drawn("{% stencil %}<i>{% hole %}{% block title %}甲{% endblock %}{% endhole %}</i>{% endstencil %}")
        == "<i>甲</i>"
    )
