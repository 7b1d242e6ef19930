"""Form controls drawn without templates: an area filter of a hundred places took longer than the page around it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

OPTION = "django/forms/widgets/select_option.html"
INPUTS = (
    "input",
    "text",
    "number",
    "email",
    "url",
    "password",
    "hidden",
    "date",
    "datetime",
    "time",
    "checkbox",
    "file",
)
Widget = Mapping[str, Any]


class FormRenderer(TemplatesSetting):
    """Selects and plain inputs as Django's own templates draw them, several times faster; the rest by template."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        drawn = DRAWN.get(template_name)
        text = drawn(context["widget"]) if drawn else None
        return mark_safe(super().render(template_name, context, request) if text is None else text)  # noqa: S308


def _attributes(attrs: Mapping[str, Any]) -> str:
    """Escaped one by one; True is a name alone, False is nothing."""
    return "".join(
        f" {conditional_escape(name)}" if value is True else f' {conditional_escape(name)}="{_text(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _text(value: Any) -> str:
    return conditional_escape(value if isinstance(value, str) else str(value))


def _select(widget: Widget) -> str | None:
    """None when an option has a template of its own."""
    parts = [f'<select name="{_text(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{_text(group)}">')
        for option in options:
            if option["template_name"] != OPTION:
                return None
            head = f'<option value="{_text(option["value"])}"{_attributes(option["attrs"])}>'
            parts.append(f"{head}{conditional_escape(option['label'])}</option>")
        if group:
            parts.append("</optgroup>")
    parts.append("</select>")
    return "\n".join(parts)


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    head = f'<input type="{_text(widget["type"])}" name="{_text(widget["name"])}"{value}'
    return f"{head}{_attributes(widget['attrs'])}>"


DRAWN: dict[str, Callable[[Widget], str | None]] = {
    "django/forms/widgets/select.html": _select,
    **{f"django/forms/widgets/{kind}.html": _input for kind in INPUTS},
}
