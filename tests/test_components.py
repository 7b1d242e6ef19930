import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils.safestring import SafeString

from portal.accounts.models import User
from portal.core.components import icon_names
from portal.core.templatetags import ui

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
SOURCES = settings.BASE_DIR / "static" / "src"
HOSTILE = "<script>alert(1)</script>"


def render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


class Report(forms.Form):
    note = forms.CharField(label="Note", help_text="Say what you saw.")
    place = forms.CharField(label="Where", required=False)
    day = forms.ChoiceField(label="Day", choices=[("", "---------"), ("1", "Monday"), ("2", "Tuesday")])
    kind = forms.ChoiceField(
        label="Kind",
        choices=[
            ("", "---------"),
            ("Safety", [("fire", "Fire lane"), ("wire", "Wires")]),
            ("Order", [("noise", "Noise")]),
        ],
    )
    agreed = forms.BooleanField(label="Agreed")


# Attributes

SMALLEST = {
    "asset": '{% asset name="build/app.css" %}',
    "kept_key": "{% kept_key %}",
    "once": "{% once %}x{% endonce %}",
    "page_url": '{% page_url name="dashboard:home" %}',
    "icon": '{% icon name="camera" %}',
    "status_tag": '{% status_tag text="x" %}',
    "page_head": '{% page_head title="x" %}{% endpage_head %}',
    "card": "{% card %}{% endcard %}",
    "breadcrumbs": "{% breadcrumbs trail=trail %}",
    "empty_state": '{% empty_state title="x" %}',
    "link_button": '{% link_button label="x" href="/" %}',
    "figure_tile": '{% figure_tile label="x" value=1 %}',
    "todo_item": '{% todo_item title="x" href="/" %}',
    "big_tile": '{% big_tile icon="camera" label="x" href="/" %}',
    "steps_bar": "{% steps_bar steps=steps %}",
    "timeline_item": '{% timeline_item title="x" %}{% endtimeline_item %}',
    "person": '{% person name="x" %}',
    "photo_grid": '{% photo_grid photos=photos label="x" %}',
    "failure": '{% failure code="404" icon="signpost" title="x" text="x" href="/" label="x" %}',
    "pager": "{% pager page=page %}",
    "filter_bar": "{% filter_bar form=form %}{% endfilter_bar %}",
    "bulk_bar": '{% bulk_bar form="bulk" %}{% endbulk_bar %}',
    "form_errors": "{% form_errors form=wrong %}",
    "form_fields": "{% form_fields form=form %}",
    "field": "{% field field=form.note %}",
    "choice_tiles": "{% choice_tiles field=form.kind %}",
    "photo_input": "{% photo_input field=form.note %}",
    "step": '{% step title="x" %}{% endstep %}',
    "submit": '{% submit label="x" %}',
    "confirm_button": '{% confirm_button label="x" text="x" confirm="x" %}',
}


class Page:
    number, has_previous, has_next, previous_number, next_number = 2, True, True, 1, 3


@pytest.fixture
def everything() -> dict:
    request = RequestFactory().get("/incidents/", {"state": "opened", "page": "2", "day": "1"})
    request.user = User(pk=1)
    return {
        "form": Report(),
        "wrong": Report({}),
        "page": Page(),
        "request": request,
        "trail": [("Home", "/"), ("Here", "")],
        "steps": [{"label": "Reported", "state": "done"}, {"label": "Closed", "state": "current"}],
        "photos": [{"url": "/files/1/"}],
    }


def test_every_component_is_listed_here():
    assert set(SMALLEST) == set(ui.register.tags) - {f"end{name}" for name in ui.register.tags}


@pytest.mark.parametrize("source", SMALLEST.values(), ids=SMALLEST)
def test_a_component_renders_with_what_it_cannot_do_without(source, everything):
    assert render(source, **everything).strip() != ""


@pytest.mark.parametrize("source", SMALLEST.values(), ids=SMALLEST)
def test_an_unknown_attribute_is_a_template_error(source):
    with pytest.raises(TemplateSyntaxError, match="unexpected keyword argument 'colour'"):
        render(source.replace(" %}", ' colour="red" %}', 1))


@pytest.mark.parametrize("source", [source for source in SMALLEST.values() if "=" in source])
def test_attributes_are_named(source):
    with pytest.raises(TemplateSyntaxError):
        render(re.sub(r"(\w+) \w+=", r"\1 ", source, count=1))


@pytest.mark.parametrize(
    "source",
    [
        '{% status_tag text="x" tone="crimson" %}',
        '{% icon name="no-such-icon" %}',
        '{% icon name="camera" size="huge" %}',
        '{% link_button label="x" href="/" kind="red" %}',
        "{% choice_tiles field=form.kind columns=7 %}",
        '{% card tone="pink" %}{% endcard %}',
    ],
)
def test_a_value_that_does_not_exist_is_a_template_error(source, everything):
    with pytest.raises(TemplateSyntaxError):
        render(source, **everything)


def test_hostile_text_is_escaped_wherever_it_is_given():
    html = render(
        "{% page_head title=text subtitle=text %}{{ text }}{% endpage_head %}"
        "{% card title=text %}{{ text }}{% endcard %}"
        "{% status_tag text=text %}{% icon name='camera' label=text %}{% timeline_item title=text who=text %}{{ text }}"
        "{% endtimeline_item %}{% todo_item title=text href='/' meta=text %}{% person name=text %}",
        text=HOSTILE,
    )

    assert "<script" not in html


def test_what_stands_inside_a_block_keeps_its_markup():
    assert "<b>x</b>" in render('{% page_head title="t" %} <b>x</b> {% endpage_head %}')


# Pieces


@pytest.mark.parametrize(("value", "shown"), [(None, "—"), (0, "0"), (12, "12")])
def test_a_figure_without_a_value_is_a_dash_and_never_zero(value, shown):
    html = render('{% figure_tile label="x" value=value n=0 %}', value=value)

    assert re.search(r'figure-value">(?:<span aria-hidden="true">)?([^<]+)', html)[1] == shown
    assert re.search(r'figure-hint">\D*0', html)


def test_only_the_last_of_the_breadcrumbs_is_the_page_itself():
    trail = [("District", ""), ("Street", "/places/1/"), ("Community", "")]

    html = render("{% breadcrumbs trail=trail %}", trail=trail)

    assert re.findall(r'aria-current="page">(\w+)', html) == ["Community"]


def test_the_current_step_is_told_to_screen_readers(everything):
    assert render("{% steps_bar steps=steps %}", **everything).count('aria-current="step"') == 1


def test_an_icon_alone_is_spoken_and_one_beside_words_is_silent():
    assert 'role="img" aria-label="Photo"' in render('{% icon name="camera" label="Photo" %}')
    assert 'aria-hidden="true"' in render('{% icon name="camera" %}')


def test_turning_the_page_keeps_the_filters(everything):
    html = render("{% pager page=page %}", **everything)

    assert re.findall(r'<a [^>]*href="([^"]+)"', html) == [
        "?state=opened&amp;page=1&amp;day=1",
        "?state=opened&amp;page=3&amp;day=1",
    ]


def test_clearing_the_filters_keeps_what_is_not_a_filter(everything):
    assert 'href="/incidents/?state=opened"' in render("{% filter_bar form=form %}{% endfilter_bar %}", **everything)


# Forms


def test_a_field_is_tied_to_its_help_and_to_what_is_wrong_with_it():
    html = render("{% field field=form.note %}", form=Report({}))
    described = re.search(r'aria-describedby="([^"]+)"', html)[1].split()

    assert described == ["id_note_helptext", "id_note_error"]
    assert all(f'id="{name}"' in html for name in described)
    assert 'aria-invalid="true"' in html


def test_a_hint_given_in_the_template_is_tied_to_its_field_too():
    html = render('{% field field=form.place hint="Stairs, floor" %}', form=Report())

    assert 'aria-describedby="id_place_helptext"' in html


def test_only_what_may_be_left_out_is_marked():
    marked = [name for name in Report().fields if "optional" in render("{% field field=f %}", f=Report()[name])]

    assert marked == ["place"]


def test_the_summary_of_errors_leads_to_each_field():
    html = render("{% form_errors form=form %}", form=Report({"note": "x", "agreed": "on"}))

    assert 'role="alert"' in html
    assert re.findall(r'href="#([^"]+)"', html) == ["id_day", "id_kind"]


def test_a_form_not_yet_sent_has_no_summary():
    assert render("{% form_errors form=form %}", form=Report()).strip() == ""


def test_naming_a_field_that_the_form_lacks_is_an_error():
    with pytest.raises(KeyError):
        render('{% form_fields form=form skip="colour" %}', form=Report())


def test_tiles_offer_every_choice_under_its_group_and_not_the_empty_one():
    html = render("{% choice_tiles field=form.kind %}", form=Report({"kind": "wire"}))

    assert re.findall(r'value="([^"]*)"', html) == ["fire", "wire", "noise"]
    assert html.count('role="group"') == 2
    assert re.findall(r'value="([^"]*)"[^>]* checked', html) == ["wire"]


@pytest.mark.parametrize("name", ["day", "kind"])
def test_ids_are_unique_and_every_label_has_its_control(name):
    html = render("{% choice_tiles field=field %}", field=Report()[name])
    ids = re.findall(r' id="([^"]+)"', html)

    assert len(ids) == len(set(ids))
    assert set(re.findall(r' for="([^"]+)"', html)) <= set(ids)


def test_choices_without_groups_stand_in_one_list():
    assert render("{% choice_tiles field=form.day %}", form=Report()).count("tile-list-2") == 1


def test_the_camera_comes_before_the_album_under_one_name():
    html = render("{% photo_input field=form.note %}", form=Report())
    inputs = re.findall(r"<input[^>]*type=\"file\"[^>]*>", html)

    assert ["capture" in one for one in inputs] == [True, False]
    assert all('name="note"' in one and "multiple" in one for one in inputs)


def test_a_confirmation_that_posts_by_itself_carries_the_token():
    html = render('{% confirm_button label="Void" text="Sure?" confirm="Yes" action="/x/" %}', csrf_token="t0ken")

    assert 'action="/x/"' in html
    assert 't0ken"' in html


# Error pages


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "422", "429", "500", "503"])
def test_an_error_page_needs_no_context_no_database_and_no_manifest(name, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }

    html = get_template(f"{name}.html").render()

    assert html.count("<h1>") == 1
    assert "/static/build/app.css" in html


# The policy on content: nothing inline, anywhere


class Inline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = {name for name, _ in attrs}
        if tag == "style" or "style" in names or any(name.startswith("on") for name in names):
            self.found.append(self.get_starttag_text())
        if tag == "script" and "src" not in names:
            self.found.append(self.get_starttag_text())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates")))
def test_no_template_has_styles_or_scripts_inside(path):
    parser = Inline()
    parser.feed(re.sub(r"{%.*?%}", "", path.read_text()))

    assert parser.found == []


def test_every_icon_that_a_template_names_is_in_the_sprite():
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r'(?:icon name|icon)="([a-z0-9-]+)"', re.sub(r"{#.*?#}", "", path.read_text()))
    }

    assert named - icon_names() == set()


# What the build makes of it


def built(name: str) -> Path:
    path = settings.BASE_DIR / "static" / "build" / name
    if not path.exists():
        pytest.skip("not built: npm run build")
    return path


def test_the_sprite_draws_every_icon_of_the_list():
    assert set(re.findall(r'<symbol id="([^"]+)"', built("sprite.svg").read_text())) == icon_names()


def test_the_list_of_icons_is_sorted_and_names_each_once():
    names = json.loads((SOURCES / "icons.json").read_text())

    assert names == sorted(set(names))


def test_the_lock_file_names_no_address():
    assert '"resolved"' not in (settings.BASE_DIR / "package-lock.json").read_text()


def test_styles_ask_for_nothing_from_elsewhere():
    assert re.findall(r"url\(|@import", built("app.css").read_text()) == []


def test_a_phones_first_load_fits_into_60_kb():
    packed = {name: len(gzip.compress(built(name).read_bytes(), 6)) for name in ("app.css", "app.js", "sprite.svg")}

    assert packed["app.css"] <= 25_000
    assert packed["app.js"] <= 22_000
    assert sum(packed.values()) <= 55_000  # the page itself is under 5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026", '<span class="fact">2026</span>'),
        (SafeString("陈 &amp; 李"), '<span class="fact">陈 &amp; 李</span>'),
        ("2026 · live", '<span class="fact">2026 ·</span> <span class="fact">live</span>'),
        (
            f"a · {HOSTILE}",
            '<span class="fact">a ·</span> <span class="fact">&lt;script&gt;alert(1)&lt;/script&gt;</span>',
        ),
    ],
)
def test_a_line_of_facts_ends_after_a_dot_and_not_within_a_fact(text, shown):
    assert render("{{ text|kept_together }}", text=text) == shown
