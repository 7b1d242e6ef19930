"""Controls drawn without templates are what Django's templates draw."""

import re
from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy

from portal.core.rendering import FormRenderer

HOSTILE = "\"'><script>alert(1)</script>&"
CHOICES = [("", "---"), (1, "一"), ("2", HOSTILE), ("组", [("a", gettext_lazy("State")), (HOSTILE, "b")])]
WIDGETS: list[tuple[forms.Widget, Any]] = [
    (forms.Select(choices=CHOICES), "2"),
    (forms.Select(choices=CHOICES, attrs={"class": HOSTILE, "required": True, "disabled": False}), None),
    (forms.Select(choices=CHOICES), HOSTILE),
    (forms.SelectMultiple(choices=CHOICES), ["1", "a"]),
    (forms.NullBooleanSelect(), True),
    (forms.TextInput({"inputmode": "tel", "autocomplete": "off"}), HOSTILE),
    (forms.TextInput(), None),
    (forms.TextInput(), ""),
    (forms.NumberInput({"min": 0, "step": 0.5}), 3),
    (forms.EmailInput(), "a@b.cn"),
    (forms.PasswordInput(), "x"),
    (forms.HiddenInput(), 1_000_000),
    (forms.DateInput({"type": "date"}), "2026-11-22"),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), False),
    (forms.FileInput({"accept": "image/*"}), None),
    (forms.Textarea({"rows": 3}), HOSTILE),
    (forms.RadioSelect(choices=CHOICES), "1"),
]


@pytest.mark.parametrize(("widget", "value"), WIDGETS, ids=lambda one: type(one).__name__)
def test_a_control_is_what_djangos_template_draws(widget: forms.Widget, value: Any) -> None:
    drawn, usual = (
        re.sub(r"\s*\n\s*", "\n", widget.render("name", value, {"id": "id_name"}, renderer=renderer).strip())
        for renderer in (FormRenderer(), TemplatesSetting())
    )

    assert drawn == usual


def test_an_option_with_a_template_of_its_own_keeps_it() -> None:
    class Own(forms.Select):
        option_template_name = "django/forms/widgets/text.html"

    widget = Own(choices=CHOICES)

    assert widget.render("name", "1", renderer=FormRenderer()) == widget.render(
        "name", "1", renderer=TemplatesSetting()
    )
