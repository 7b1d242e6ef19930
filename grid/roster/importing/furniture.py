"""Rows of a roster file that are none of its people: totals, signatures, remarks, headings repeated on every page."""

import re
from collections.abc import Mapping
from typing import Any

from .cells import Amiss, compact
from .columns import WORDS, heading_key
from .words import SIGNATURES

COUNTED = re.compile(r"(本页|本栋|本单元|全部|以上)?(合计|总计|小计|共计|共有?)\W*[0-9]*[户人页条名个].*|第[0-9]+页.*")
NUMBER = re.compile(r"[0-9A-Z+()-]{6,}", re.IGNORECASE)
OF_NOBODY = frozenset({"grid", "group", "estate", "unit", "floor", "area_m2", "occupancy", "remark"})


def is_furniture(values: list[Any], columns: Mapping[str, int]) -> bool:
    """Whether a row in which the name or the room is blank is to be passed over.

    A row with an ID or mobile number is somebody's, and so is one with a building and a room; of the others, those are
    passed over that begin like a signature or a total, and those that say nothing of anybody.
    """
    if any(NUMBER.fullmatch(_text(values[columns[name]])) for name in ("id_number", "mobile") if name in columns):
        return False
    building, room, name = (_text(values[columns[name]]) for name in ("building", "room", "name"))
    texts = [text for text in map(_text, values) if text]
    if not texts:
        return True
    if any(map(_is_signature, texts[:2])) and (
        not (building and room) or _is_signature(building) or _is_signature(room)
    ):
        return True
    if name and heading_key(name) in WORDS:
        return True
    told = {field for field, at in columns.items() if _text(values[at])}
    return told <= OF_NOBODY


def _is_signature(text: str) -> bool:
    return text.startswith(SIGNATURES) or COUNTED.fullmatch(text) is not None


def _text(value: Any) -> str:
    try:
        return compact(value)
    except Amiss:
        return "#"
