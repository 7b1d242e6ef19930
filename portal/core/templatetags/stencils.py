"""Stencils: what a stretch of a template has in common for many readers is drawn once, and its holes with every page.

    {% stencil large=request.large_type %}… {% translate "Menu" %} {% hole %}{{ page }}{% endhole %} …{% endstencil %}

A stencil is cut in a context that holds the named values and nothing else: neither request nor user is there, so that
what belongs to one reader cannot get into what others are shown; whatever else it asks for is an error, for it would be
missing without a word. It is kept by each process under the language, these values and their types. A hole sees the
page's own context, and is drawn once however often it stands in the stencil.
"""

import re
from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.dispatch import receiver
from django.template import Context, Node, NodeList, Template, TemplateSyntaxError
from django.template import Library as TagLibrary
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.loader_tags import BlockNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = TagLibrary()

KEPT = 1024  # stencils a process keeps, some kilobytes each
MARK = re.compile("\0([0-9]+)\0")  # no text of ours, and none from the database, has this character


class Hole(Node):
    """What is drawn anew with every page."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        return context.mark(self) if isinstance(context, Cutting) else self.nodelist.render(context)


class Stencil(Node):
    """Text with holes; `known` are the values it may depend on."""

    def __init__(self, nodelist: NodeList, known: dict[str, FilterExpression]) -> None:
        self.nodelist, self.known = nodelist, known

    def render(self, context: Context) -> SafeString:
        values = [expression.resolve(context, ignore_failures=True) for expression in self.known.values()]
        pieces, places, holes = cut(self, get_language() or "", *values)
        drawn = [hole.nodelist.render(context) for hole in holes]
        filled = pieces.copy()
        for position, number in places:
            filled[position] = drawn[number]
        return SafeString("".join(filled))


class Cutting(Context):
    """The context in which a stencil is cut: the values it names, and marks instead of holes."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.holes: list[Hole] = []
        self.missed: set[str] = set()

    def __getitem__(self, key: Any) -> Any:
        if key not in self:
            self.missed.add(key)
        return super().__getitem__(key)

    def mark(self, hole: Hole) -> SafeString:
        self.holes.append(hole)
        return SafeString(f"\0{len(self.holes) - 1}\0")


@lru_cache(maxsize=KEPT, typed=True)  # typed: text that is safe and text that is not are never each other's
def cut(stencil: Stencil, _language: str, *values: Any) -> tuple[list[str], list[tuple[int, int]], list[Hole]]:
    """The stencil's text in pieces, which of them are holes, and the holes, for these values of what it names.

    Raises TemplateSyntaxError when the stencil asks for anything that it does not name.
    """
    context = Cutting(dict(zip(stencil.known, values, strict=True)))
    with context.bind_template(Template("")):
        text = stencil.nodelist.render(context)
    if context.missed:
        raise TemplateSyntaxError(f"A stencil asks for {', '.join(sorted(context.missed))} and does not name it.")
    pieces = MARK.split(text)
    places = [(position, int(pieces[position])) for position in range(1, len(pieces), 2)]
    return pieces, places, context.holes


@register.tag
def hole(parser: Parser, _token: Token) -> Hole:
    nodelist = parser.parse(["endhole"])
    parser.delete_first_token()
    return Hole(nodelist)


@register.tag(name="stencil")
def stencil_of(parser: Parser, token: Token) -> Stencil:
    """Raises TemplateSyntaxError for a block outside a hole: pages fill blocks, so none may be kept."""
    bits = token.split_contents()[1:]
    known = token_kwargs(bits, parser)
    if bits:
        raise TemplateSyntaxError("A stencil is given names and values: {% stencil large=request.large_type %}")
    nodelist = parser.parse(["endstencil"])
    parser.delete_first_token()
    inside = {block for one in nodelist.get_nodes_by_type(Hole) for block in one.get_nodes_by_type(BlockNode)}
    if set(nodelist.get_nodes_by_type(BlockNode)) - inside:
        raise TemplateSyntaxError("A block inside a stencil stands in a hole.")
    return Stencil(nodelist, known)


@receiver(setting_changed)
def _forget(**_setting: Any) -> None:
    """Tests serve files in several ways."""
    cut.cache_clear()
