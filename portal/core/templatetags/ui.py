"""The components of the screens: every attribute is named, and an unknown one is a template error."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import structlog
from django import forms, template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.template import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from portal.core import components, kept
from portal.core.components import BUTTONS, ICON_SIZES, STEP_STATES, TONES, draw, icon_names, one_of, trimmed

from . import ui_forms

register = template.Library()
register.tags.update(ui_forms.register.tags)  # two stories in two files, one `{% load ui %}`


# Files and icons


@register.simple_tag
def asset(*, name: str) -> str:
    """The address of a static file; without a manifest its plain name, so that error pages always render."""
    try:
        return _address(name)
    except (ValueError, OSError):
        return f"{settings.STATIC_URL or '/static/'}{name}"


@lru_cache(maxsize=256)
def _address(name: str) -> str:
    return staticfiles_storage.url(name)


@register.simple_tag
def page_url(*, name: str) -> str:
    """What `{% url %}` gives for a page without arguments, looked up once: the frame of every page asks for six."""
    return components.page_url(name)


@register.simple_tag
def icon(*, name: str, label: str = "", size: str = "") -> SafeString:
    """A picture from the sprite: silent beside words, spoken when it stands alone with a `label`."""
    return _picture(name, str(label), size)


@lru_cache(maxsize=1024)
def _picture(name: str, label: str, size: str) -> SafeString:
    one_of(name, icon_names(), "an icon")
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" {} focusable="false"><use href="{}#{}"></use></svg>',
        f" icon-{one_of(size, ICON_SIZES, 'an icon size')}" if size else "",
        spoken,
        asset(name="build/sprite.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def kept_key(context: Context) -> str:
    """Under which key the reader's browser keeps what they have not sent yet."""
    return kept.key_of(context["request"].user)


@receiver(setting_changed)
def _forget_addresses(**_setting: Any) -> None:
    """Tests serve files in several ways."""
    _address.cache_clear()
    _picture.cache_clear()


# Pieces of a page


@register.filter
def kept_together(text: Any) -> SafeString:
    """Facts with dots between them: a line ends after a dot, not within a fact."""
    *first, last = conditional_escape(text).split(" · ")  # what is escaped already stays as it is
    return SafeString(" ".join(f'<span class="fact">{fact}</span>' for fact in [*(f"{one} ·" for one in first), last]))


@register.simple_block_tag
def once(content: str) -> str:
    """Draw once what a page shows in several places: `{% once as tools %}…{% endonce %}`, then `{{ tools }}`."""
    return content


@register.inclusion_tag("components/status_tag.html")
def status_tag(*, text: str, tone: str = "grey", icon: str = "") -> dict[str, Any]:
    """A state in a word on a tint; the word carries the meaning, the colour only helps."""
    return {"text": text, "tone": one_of(tone, TONES, "a tone"), "icon": icon}


@register.simple_block_tag
def page_head(
    content: str, *, title: str, subtitle: str = "", back_href: str = "", back_label: str = "", tag: Any = None
) -> str:
    """The page's heading with its actions inside; `tag` is a (tone, text) shown beside the title."""
    tone, text = tag or ("", "")
    return draw(
        "page_head",
        title=title,
        subtitle=subtitle,
        back_href=back_href,
        back_label=back_label,
        actions=trimmed(content),
        tag_tone=tone,
        tag_text=text,
    )


@register.simple_block_tag
def card(
    content: str,
    *,
    title: str = "",
    id: str = "",  # noqa: A002 - what templates call it
    tone: str = "",
    href: str = "",
    link: str = "",
    flush: bool = False,
) -> str:
    """A white sheet; `href` and `link` put a "see all" beside the title, `flush` lets a table reach its edges."""
    if tone:
        one_of(tone, TONES, "a tone")
    return draw("card", title=title, id=id, tone=tone, href=href, link=link, flush=flush, content=content)


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*, trail: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The way here as (label, url) pairs; the last, without a url, is this page."""
    return {"trail": [{"label": label, "url": url} for label, url in trail]}


@register.inclusion_tag("components/empty_state.html")
def empty_state(*, title: str, text: str = "", icon: str = "inbox", href: str = "", label: str = "") -> dict[str, Any]:
    """What to show instead of an empty list: what would stand here and what to do next."""
    return {"title": title, "text": text, "icon": icon, "href": href, "label": label}


@register.inclusion_tag("components/link_button.html")
def link_button(
    *, label: str, href: str, icon: str = "", kind: str = "secondary", small: bool = False
) -> dict[str, Any]:
    """A link that looks like a button."""
    return {"label": label, "href": href, "icon": icon, "kind": one_of(kind, BUTTONS, "a button"), "small": small}


@register.inclusion_tag("components/figure_tile.html")
def figure_tile(
    *, label: str, value: Any, unit: str = "", n: Any = None, href: str = "", tone: str = "", hint: str = ""
) -> dict[str, Any]:
    """One figure with its n; None is shown as a dash, never as zero."""
    if tone:
        one_of(tone, TONES, "a tone")
    value, n = (f"{one:,}" if isinstance(one, int) else one for one in (value, n))
    return {"label": label, "value": value, "unit": unit, "n": n, "href": href, "tone": tone, "hint": hint}


@register.inclusion_tag("components/todo_item.html")
def todo_item(
    *, title: str, href: str, meta: str = "", tone: str = "grey", due: str = "", tag: str = "", icon: str = ""
) -> dict[str, Any]:
    """One row of things to do, inside `<ul class="todo-list">`; the whole row is the link."""
    one_of(tone, TONES, "a tone")
    return {"title": title, "href": href, "meta": meta, "tone": tone, "due": due, "tag": tag, "icon": icon}


@register.inclusion_tag("components/big_tile.html")
def big_tile(*, icon: str, label: str, href: str, hint: str = "", count: int = 0, main: bool = False) -> dict[str, Any]:
    """A large tile of the phone's home, inside `<div class="big-tiles">`; `main` is the one filled tile."""
    return {"icon": icon, "label": label, "href": href, "hint": hint, "count": count, "main": main}


@register.inclusion_tag("components/steps_bar.html")
def steps_bar(*, steps: Iterable[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """Where a workflow stands: steps with `label`, `state` (done, current, todo) and perhaps `meta`."""
    return {
        "steps": [{**step, "state": one_of(step["state"], STEP_STATES, "a step's state")} for step in steps],
        "label": label,
    }


@register.simple_block_tag
def timeline_item(
    content: str, *, title: str, at: Any = None, who: str = "", role: str = "", tone: str = "grey", recorded: Any = None
) -> str:
    """One event, inside `<ol class="timeline">`; the body is the reason given and its photos."""
    one_of(tone, TONES, "a tone")
    return draw(
        "timeline_item", title=title, at=at, who=who, role=role, tone=tone, recorded=recorded, content=trimmed(content)
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
    """The pages before and after, keeping the filters; `target` is the element that htmx swaps."""
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
def filter_bar(
    context: Context,
    content: str,
    *,
    form: forms.Form,
    target: str = "",
    label: str = "",
    rare: str = "",
    rare_open: bool = False,
) -> str:
    """A list's filters, kept in the address; selects send themselves, `target` is the element that htmx swaps.

    The fields that `rare` names (parted by spaces) stand folded away until somebody asks for them, or uses one.
    """
    request = context["request"]
    cleared = request.GET.copy()
    for name in [*form.fields, "page"]:
        cleared.pop(form.add_prefix(name), None)
    shown = [field for field in form if not field.is_hidden]
    active = [field for field in shown if any(filter(None, request.GET.getlist(field.html_name)))]
    return draw(
        "filter_bar",
        form=form,
        fields=[field for field in shown if field.name not in rare.split()],
        rare=[field for field in shown if field.name in rare.split()],
        rare_open=rare_open,
        active=len(active),
        path=request.path,
        cleared=f"{request.path}?{cleared.urlencode()}".rstrip("?"),
        target=target,
        label=label,
        extra=trimmed(content),
    )


@register.simple_block_tag
def bulk_bar(content: str, *, form: str, label: str = "") -> str:
    """What can be done with the ticked rows of the form whose id is `form`."""
    return draw("bulk_bar", form=form, label=label, content=content)
