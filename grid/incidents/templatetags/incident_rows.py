"""The lines of the list of incidents, drawn without template nodes: those of twenty-five lines took half a page."""

from collections.abc import Iterable
from html import escape  # Django's own marks each piece as safe, which only the whole needs

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from grid.incidents.due import LATE, NEAR, STILL
from grid.incidents.rows import Mark, Row
from portal.core.templatetags.ui import icon

from .incidents import uncertain_mark

register = template.Library()

WIDE = "d-none d-lg-table-cell"


@register.simple_tag
def incident_rows(*, rows: Iterable[Row], has_ticks: bool) -> SafeString:
    """Table rows: what, its marks, where, reported, held, deadline; with a tick before each when they can be ticked."""
    asked = escape(_("first asked:"))
    due = f'<span class="muted d-lg-none">{escape(_("Deadline"))} </span>'  # where no column says so
    return mark_safe("".join(_line(row, asked, due, has_ticks) for row in rows))  # noqa: S308 - all is escaped


def _line(row: Row, asked: str, due: str, has_ticks: bool) -> str:
    title = escape(row.title)
    late = ' class="is-overdue"' if row.due_kind == LATE else ""
    tick = f'<td class="tick">{_tick(row, title)}</td>' if has_ticks else ""
    where = _small(escape(row.where)) if row.where else ""
    owner = _small(f"{asked} {escape(row.owner)}") if row.owner else ""
    return (
        f"<tr{late}>{tick}"
        f'<th scope="row"><a href="{escape(row.url)}">{title}</a>{_small(escape(row.excerpt))}</th>'
        f'<td><span class="marks">{"".join(map(_mark, row.marks))}</span></td>'
        f'<td class="cell-place"><span>{escape(row.place)}{where}</span></td>'
        f'<td class="{WIDE}"><span class="nowrap">{row.reported}</span>{_small(escape(row.reporter))}</td>'
        f'<td class="cell-holder {WIDE}">{escape(row.holder)}{owner}</td>'
        f'<td class="nowrap">{_due(row, due)}</td></tr>'
    )


def _tick(row: Row, title: str) -> str:
    label = f'aria-label="{row.number} {title}"'
    return f'<label><input type="checkbox" name="incident" value="{row.key}" data-bulk-item {label}></label>'


def _mark(mark: Mark) -> str:
    return f'<span class="tag tag-{mark.tone}">{escape(mark.text)}</span>'


def _small(text: str) -> str:
    return f'<span class="muted small d-block">{text}</span>'


def _due(row: Row, label: str) -> str:
    mark = f" {uncertain_mark()}" if row.is_uncertain else ""
    return _said(row.due_kind, escape(row.due), label) + mark


def _said(kind: str, due: str, label: str) -> str:
    if kind == LATE:
        return f'<span class="overdue">{icon(name="exclamation-circle", size="sm")} {due}</span>'
    if kind == NEAR:
        return f'<span class="fw-semibold">{due}</span>'
    if kind == STILL:
        return f'<span class="clock-stands">{icon(name="pause-circle", size="sm")} {due}</span>'
    return f"<span>{label}{due}</span>"
