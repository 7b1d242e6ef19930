"""The components of the screens: every attribute is named, and an unknown one is a template error."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from django import forms, template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import BoundField
from django.forms.widgets import ChoiceWidget
from django.template import Context, TemplateSyntaxError
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

TONES = ("blue", "green", "amber", "red", "grey")
STEP_STATES = ("done", "current", "todo")
BUTTONS = ("primary", "secondary", "quiet", "danger")


def _one_of(value: str, allowed: Iterable[str], what: str) -> str:
    if value not in allowed:
        raise TemplateSyntaxError(f"{what} is one of {', '.join(allowed)}, not {value!r}")
    return value


@lru_cache
def icon_names() -> frozenset[str]:
    """Names in the sprite, from the list that the build draws it from."""
    listed = Path(__file__).parents[3] / "static" / "src" / "icons.json"
    return frozenset(json.loads(listed.read_text())) | {"mark"}


def _render(name: str, **context: Any) -> SafeString:
    return get_template(f"components/{name}.html").render(context)


def _trimmed(content: str) -> SafeString:
    """A block's rendered content without the space around it: it was escaped when it was rendered."""
    return mark_safe(content.strip())  # noqa: S308


# Files and icons


@register.simple_tag
def asset(*, name: str) -> str:
    """The address of a static file; without a manifest its plain name, so that error pages always render."""
    try:
        return staticfiles_storage.url(name)
    except (ValueError, OSError):
        return f"{settings.STATIC_URL or '/static/'}{name}"


@register.simple_tag
def icon(*, name: str, label: str = "", size: str = "") -> SafeString:
    """A picture from the sprite: silent beside words, spoken when it stands alone with a `label`."""
    _one_of(name, icon_names(), "an icon")
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" {} focusable="false"><use href="{}#{}"></use></svg>',
        f" icon-{_one_of(size, ('sm', 'lg', 'xl'), 'an icon size')}" if size else "",
        spoken,
        asset(name="build/sprite.svg"),
        name,
    )


# Pieces of a page


@register.inclusion_tag("components/status_tag.html")
def status_tag(*, text: str, tone: str = "grey", icon: str = "") -> dict[str, Any]:
    """A state in a word on a tint; the word carries the meaning, the colour only helps."""
    return {"text": text, "tone": _one_of(tone, TONES, "a tone"), "icon": icon}


@register.simple_block_tag
def page_head(
    content: str, *, title: str, subtitle: str = "", back_href: str = "", back_label: str = "", tag: Any = None
) -> SafeString:
    """The page's heading with its actions inside; `tag` is a (tone, text) shown beside the title."""
    tone, text = tag or ("", "")
    return _render(
        "page_head",
        title=title,
        subtitle=subtitle,
        back_href=back_href,
        back_label=back_label,
        actions=_trimmed(content),
        tag_tone=tone,
        tag_text=text,
    )


@register.simple_block_tag
def card(
    content: str, *, title: str = "", id: str = "", tone: str = "", href: str = "", link: str = "", flush: bool = False
) -> SafeString:
    """A white sheet; `href` and `link` put a "see all" beside the title, `flush` lets a table reach its edges."""
    if tone:
        _one_of(tone, TONES, "a tone")
    return _render("card", title=title, id=id, tone=tone, href=href, link=link, flush=flush, content=content)


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*, trail: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The way here as (label, url) pairs; the last, without a url, is this page."""
    return {"trail": [{"label": label, "url": url} for label, url in trail]}


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    *, title: str, text: str = "", icon: str = "inbox", href: str = "", label: str = ""
) -> dict[str, Any]:
    """What to show instead of an empty list: what would stand here and what to do next."""
    return {"title": title, "text": text, "icon": icon, "href": href, "label": label}


@register.inclusion_tag("components/link_button.html")
def link_button(*, label: str, href: str, icon: str = "", kind: str = "secondary", small: bool = False) -> dict[str, Any]:
    """A link that looks like a button."""
    return {"label": label, "href": href, "icon": icon, "kind": _one_of(kind, BUTTONS, "a button"), "small": small}


@register.inclusion_tag("components/figure_tile.html")
def figure_tile(
    *, label: str, value: Any, unit: str = "", n: Any = None, href: str = "", tone: str = "", hint: str = ""
) -> dict[str, Any]:
    """One figure with its n; None is shown as a dash, never as zero."""
    if tone:
        _one_of(tone, TONES, "a tone")
    return {"label": label, "value": value, "unit": unit, "n": n, "href": href, "tone": tone, "hint": hint}


@register.inclusion_tag("components/todo_item.html")
def todo_item(
    *, title: str, href: str, meta: str = "", tone: str = "grey", due: str = "", tag: str = "", icon: str = ""
) -> dict[str, Any]:
    """One row of things to do, inside `<ul class="todo-list">`; the whole row is the link."""
    _one_of(tone, TONES, "a tone")
    return {"title": title, "href": href, "meta": meta, "tone": tone, "due": due, "tag": tag, "icon": icon}


@register.inclusion_tag("components/big_tile.html")
def big_tile(*, icon: str, label: str, href: str, hint: str = "", count: int = 0, main: bool = False) -> dict[str, Any]:
    """A large tile of the phone's home, inside `<div class="big-tiles">`; `main` is the one filled tile."""
    return {"icon": icon, "label": label, "href": href, "hint": hint, "count": count, "main": main}


@register.inclusion_tag("components/steps_bar.html")
def steps_bar(*, steps: Iterable[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """Where a workflow stands: steps with `label`, `state` (done, current, todo) and perhaps `meta`."""
    return {"steps": [{**step, "state": _one_of(step["state"], STEP_STATES, "a step's state")} for step in steps],
            "label": label}


@register.simple_block_tag
def timeline_item(
    content: str, *, title: str, at: Any = None, who: str = "", role: str = "", tone: str = "grey", recorded: Any = None
) -> SafeString:
    """One event, inside `<ol class="timeline">`; the body is the reason given and its photos."""
    _one_of(tone, TONES, "a tone")
    return _render(
        "timeline_item", title=title, at=at, who=who, role=role, tone=tone, recorded=recorded, content=_trimmed(content)
    )


@register.inclusion_tag("components/person.html")
def person(*, name: str, role: str = "", contact: str = "") -> dict[str, Any]:
    """A person by (masked) name, with what they are here."""
    return {"name": name, "role": role, "contact": contact, "initial": name[:1]}


@register.inclusion_tag("components/photo_grid.html")
def photo_grid(*, photos: Iterable[Any], label: str) -> dict[str, Any]:
    """Photos with `url` (and perhaps `thumbnail_url`, `caption`), each opening at full size."""
    return {"photos": photos, "label": label}


@register.inclusion_tag("components/failure.html")
def failure(
    *, code: str, icon: str, title: str, text: str, href: str, label: str, reasons: Iterable[Any] = ()
) -> dict[str, Any]:
    """What went wrong and what to do now, with the number under which the logs know it; needs no database."""
    number = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:8]
    return {
        "code": code,
        "icon": icon,
        "title": title,
        "text": text,
        "href": href,
        "label": label,
        "reasons": reasons,
        "number": number,
    }


# Lists


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, *, page: Any, target: str = "") -> dict[str, Any]:
    """Newer and older, keeping the filters; `target` is the element that htmx swaps."""
    asked = context["request"].GET.copy()

    def to(number: int) -> str:
        asked["page"] = str(number)
        return f"?{asked.urlencode()}"

    return {
        "page": page,
        "target": target,
        "previous": to(page.previous_number) if page.has_previous else "",
        "next": to(page.next_number) if page.has_next else "",
    }


@register.simple_block_tag(takes_context=True)
def filter_bar(context: Context, content: str, *, form: forms.Form, target: str = "", label: str = "") -> SafeString:
    """A list's filters, kept in the address; selects send themselves, `target` is the element that htmx swaps."""
    request = context["request"]
    cleared = request.GET.copy()
    for name in [*form.fields, "page"]:
        cleared.pop(form.add_prefix(name), None)
    shown = [field for field in form if not field.is_hidden]
    active = [field for field in shown if any(filter(None, request.GET.getlist(field.html_name)))]
    return _render(
        "filter_bar",
        form=form,
        fields=shown,
        active=len(active),
        path=request.path,
        cleared=f"{request.path}?{cleared.urlencode()}".rstrip("?"),
        target=target,
        label=label,
        extra=_trimmed(content),
    )


@register.simple_block_tag
def bulk_bar(content: str, *, form: str, label: str = "") -> SafeString:
    """What can be done with the ticked rows of the form whose id is `form`."""
    return _render("bulk_bar", form=form, label=label, content=content)


# Forms


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

    `icons` and `hints` are looked up by value, and by the group's label for its tile. Inside a step whose legend already
    asks the question, `legend` is False.
    """
    _one_of(str(columns), ("1", "2", "3"), "the number of columns")
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
def photo_input(*, field: BoundField, label: str = "", hint: str = "", most: int = 9, legend: bool = True) -> dict[str, Any]:
    """Photos, camera first, album second; both send under the field's name."""
    return {"field": field, "label": label or field.label, "hint": hint or field.help_text, "most": most, "legend": legend}


@register.simple_block_tag
def step(content: str, *, title: str, hint: str = "", manual: bool = False) -> SafeString:
    """One question of a `<form data-steps>`; `manual` waits for "next" even after a choice."""
    return _render("step", title=title, hint=hint, manual=manual, content=content)


@register.inclusion_tag("components/submit.html")
def submit(
    *, label: str, icon: str = "", kind: str = "primary", name: str = "", value: str = "", busy: str = "", wide: bool = True
) -> dict[str, Any]:
    """A form's button; while it sends it is disabled and says `busy`."""
    _one_of(kind, BUTTONS, "a button")
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
    _one_of(kind, BUTTONS, "a button")
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
    attrs = {"class": " ".join(filter(None, [style, field.field.widget.attrs.get("class")]))}
    if field.errors:
        attrs["class"] += " is-invalid"
    if described:  # a hint given in the template: Django ties only the field's own help text
        attrs["aria-describedby"] = f"{field.auto_id}_helptext" + (f" {field.auto_id}_error" if field.errors else "")
    return field.as_widget(attrs=attrs)


def _choice_groups(field: BoundField, icons: Mapping[str, str], hints: Mapping[str, str]) -> list[dict[str, Any]]:
    """Choices by group, without the empty one: tiles need no "---------"."""
    widget = field.field.widget
    assert isinstance(widget, ChoiceWidget)
    groups = []
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
    if all(not group["label"] for group in groups):  # without groups Django makes one of every choice
        groups = [{"label": "", "index": 0, "icon": "", "options": [row for group in groups for row in group["options"]]}]
    return groups
