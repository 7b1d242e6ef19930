"""The components that forms are made of; templates load them with the others through `ui`."""

from collections.abc import Mapping
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.forms.widgets import ChoiceWidget
from django.template import Context
from django.utils.safestring import SafeString

from portal.core.components import BUTTONS, draw, one_of

register = template.Library()


@register.inclusion_tag("components/form_errors.html")
def form_errors(*, form: forms.BaseForm) -> dict[str, Any]:
    """Everything that is wrong, at the top, each a link to its field."""
    wrong = [field for field in form if field.errors] if form.is_bound else []
    return {"general": form.non_field_errors() if form.is_bound else [], "wrong": wrong}


@register.inclusion_tag("components/form_fields.html")
def form_fields(*, form: forms.BaseForm, only: str = "", skip: str = "") -> dict[str, Any]:
    """Hidden fields and the visible ones, all of them, or `only`/all but `skip` (names parted by spaces)."""
    wanted, unwanted = only.split(), skip.split()
    for name in wanted + unwanted:
        form[name]  # a name that is not a field is a mistake in the template: KeyError
    fields = [form[name] for name in wanted] or [f for f in form.visible_fields() if f.name not in unwanted]
    return {"hidden": form.hidden_fields(), "fields": fields}


@register.inclusion_tag("components/field.html")
def field(*, field: BoundField, label: str = "", hint: str = "", compact: bool = False) -> dict[str, Any]:
    """One field: label, help, control and what is wrong with it, tied together for screen readers."""
    kind = _kind(field.field.widget)
    return {
        "field": field,
        "label": label or field.label,
        "hint": hint or field.help_text,
        "kind": kind,
        "compact": compact,
        "optional": not field.field.required and not compact and kind != "check",
        "control": "" if kind == "choices" else _control(field, kind, described=bool(hint and not field.help_text)),
        "groups": _choice_groups(field, {}, {}) if kind == "choices" else [],
        "many": isinstance(field.field.widget, forms.CheckboxSelectMultiple),
    }


@register.inclusion_tag("components/choice_tiles.html")
def choice_tiles(
    *,
    field: BoundField,
    icons: Mapping[str, str] | None = None,
    hints: Mapping[str, str] | None = None,
    legend: bool = True,
    hint: str = "",
    group_question: str = "",
    columns: int = 2,
) -> dict[str, Any]:
    """Choices as large tiles; grouped choices ask for the group first, with `group_question`, where scripts run.

    `icons` and `hints` are looked up by value, and by the group's label for its tile. `legend` is False inside a step
    whose own legend asks the question.
    """
    one_of(str(columns), ("1", "2", "3"), "the number of columns")
    return {
        "field": field,
        "groups": _choice_groups(field, icons or {}, hints or {}),
        "many": getattr(field.field.widget, "allow_multiple_selected", False),
        "legend": legend,
        "hint": hint or field.help_text,
        "group_question": group_question,
        "icons": icons,
        "columns": columns,
    }


@register.inclusion_tag("components/photo_input.html")
def photo_input(
    *, field: BoundField, label: str = "", hint: str = "", most: int = 9, legend: bool = True
) -> dict[str, Any]:
    """Photos, camera first, album second; both send under the field's name."""
    return {
        "field": field,
        "label": label or field.label,
        "hint": hint or field.help_text,
        "most": most,
        "legend": legend,
    }


@register.simple_block_tag
def step(content: str, *, title: str, hint: str = "", manual: bool = False) -> str:
    """One question of a `<form data-steps>`; `manual` waits for "next" even after a choice."""
    return draw("step", title=title, hint=hint, manual=manual, content=content)


@register.inclusion_tag("components/submit.html")
def submit(
    *,
    label: str,
    icon: str = "",
    kind: str = "primary",
    name: str = "",
    value: str = "",
    busy: str = "",
    wide: bool = True,
) -> dict[str, Any]:
    """A form's button; while it sends it is disabled and says `busy`."""
    one_of(kind, BUTTONS, "a button")
    return {"label": label, "icon": icon, "kind": kind, "name": name, "value": value, "busy": busy, "wide": wide}


@register.inclusion_tag("components/confirm_button.html", takes_context=True)
def confirm_button(
    context: Context,
    *,
    label: str,
    text: str,
    confirm: str,
    action: str = "",
    icon: str = "",
    kind: str = "danger",
    name: str = "",
    value: str = "",
) -> dict[str, Any]:
    """A step that cannot be undone: opens its question, then posts to `action` or sends the form around it."""
    one_of(kind, BUTTONS, "a button")
    return {
        "label": label,
        "text": text,
        "confirm": confirm,
        "action": action,
        "icon": icon,
        "kind": kind,
        "name": name,
        "value": value,
        "csrf_token": context.get("csrf_token"),
    }


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "select" if isinstance(widget, forms.Select) else "control"


def _control(field: BoundField, kind: str, *, described: bool) -> SafeString:
    style = {"check": "form-check-input", "select": "form-select"}.get(kind, "form-control")
    classes = [style, field.field.widget.attrs.get("class"), "is-invalid" if field.errors else ""]
    attrs: dict[str, str | bool] = {"class": " ".join(filter(None, classes))}
    if described:  # a hint given in the template: Django ties only the field's own help text
        attrs["aria-describedby"] = f"{field.auto_id}_helptext" + (f" {field.auto_id}_error" if field.errors else "")
    return field.as_widget(attrs=attrs)


def _choice_groups(field: BoundField, icons: Mapping[str, str], hints: Mapping[str, str]) -> list[dict[str, Any]]:
    """Choices by group, without the empty one: tiles need no "---------"."""
    widget: ChoiceWidget = field.field.widget
    groups: list[dict[str, Any]] = []
    for label, options, index in widget.optgroups(field.html_name, widget.format_value(field.value())):
        rows = [
            {
                "id": f"{field.auto_id}_{option['index']}",
                "value": str(option["value"]),
                "label": option["label"],
                "checked": option["selected"],
                "icon": icons.get(str(option["value"]), ""),
                "hint": hints.get(str(option["value"]), ""),
            }
            for option in options
            if str(option["value"]) != ""
        ]
        if rows:
            groups.append({"label": label or "", "index": index, "icon": icons.get(str(label), ""), "options": rows})
    if any(group["label"] for group in groups):
        return groups
    ungrouped = [row for group in groups for row in group["options"]]  # Django makes a group of every choice then
    return [{"label": "", "index": 0, "icon": "", "options": ungrouped}]
