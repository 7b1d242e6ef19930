"""Addresses as people write them, and the keys by which two ways of writing one flat are the same."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

BUILDING_WORDS = ("号楼", "栋楼", "楼栋", "栋", "幢", "座", "楼", "号", "#", "梯座")
UNIT_WORDS = ("单元", "梯", "门", "座", "号门")
ROOM_WORDS = ("号房", "室", "房", "号", "户")
SHOP_WORDS = ("商铺", "铺", "店", "档", "门面")
CHINESE_DIGITS = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
NUMBER = re.compile(r"[零〇一二三四五六七八九十百两]+")
HIGHEST_FLOOR = 120


class Sought(NamedTuple):
    """The parts of an address as somebody looks for it, each as a key; "" for what was left out."""

    building: str
    unit: str
    room: str


@lru_cache(maxsize=8192)
def building_key(text: str) -> str:
    """`3栋`, `３ 幢`, `3号楼`, `3#`, `三栋` are all `3`; `岐山中路3栋` is `岐山中路3`."""
    return _stripped(_plain(text), BUILDING_WORDS)


@lru_cache(maxsize=8192)
def unit_key(text: str) -> str:
    """`2单元`, `二单元`, `2梯` are all `2`."""
    return _stripped(_plain(text), UNIT_WORDS)


@lru_cache(maxsize=65_536)
def room_key(text: str) -> str:
    """`502`, `502室`, `５０２房` are all `502`; a shop keeps its word, for there may be a flat of the same number."""
    plain = _plain(text)
    return plain if is_shop(plain) else _stripped(plain, ROOM_WORDS)


@lru_cache(maxsize=65_536)
def floor_of(room: str) -> int | None:
    """The floor a room number tells: 502 is on the fifth, 1203 on the twelfth, 商铺3 on the first; else None."""
    if is_shop(room):
        return 1
    key = room_key(room)
    digits = re.search(r"[0-9]{3,4}(?=[a-z]?$)", key)
    if digits:
        floor = int(digits[0][:-2])
        return floor if 1 <= floor <= HIGHEST_FLOOR else None
    lettered = re.fullmatch(r"([0-9]{1,2})[a-z]", key)  # 12B
    return int(lettered[1]) if lettered and lettered[1] != "0" else None


def is_shop(room: str) -> bool:
    """A room on the street side that nobody lives in, by what it is called."""
    return any(word in room for word in SHOP_WORDS)


def parse_address(text: str) -> Sought | None:
    """What somebody means by `3-502`, `3栋502`, `A3-2-1203` or `502`; None when it names no room."""
    plain = _plain(text).replace("单元", "-").replace("梯", "-")
    for word in ("号楼", "栋", "幢", "座", "#"):
        plain = plain.replace(word, "-")
    parts = [part for part in re.split(r"[-/_]+", plain) if part]
    if not 1 <= len(parts) <= 3:
        return None
    room = _stripped(parts[-1], ROOM_WORDS)
    if not re.fullmatch(r"[a-z]?[0-9]{1,4}[a-z]?", room) or (len(parts) == 1 and len(room) < 3):
        return None
    return Sought(parts[0] if len(parts) > 1 else "", parts[1] if len(parts) == 3 else "", room)


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = "".join(char for char in plain if unicodedata.category(char) not in ("Zs", "Cc", "Cf"))
    plain = unicodedata.normalize("NFKC", plain)  # what stood apart may be one character now
    plain = re.sub(r"[‐‑‒–—―~－]", "-", plain)
    return NUMBER.sub(lambda found: _number(found[0]), plain) if NUMBER.search(plain) else plain


def _number(text: str) -> str:
    """`十二` is 12, `二十` is 20, `三〇二` is 302; a word such as `百` alone is left as it is."""
    if "百" in text:
        return text
    if "十" in text:
        tens, _ten, ones = text.partition("十")
        if len(tens) > 1 or len(ones) > 1:
            return text
        return str(int(CHINESE_DIGITS.get(tens, "1")) * 10 + int(CHINESE_DIGITS.get(ones, "0")))
    return "".join(CHINESE_DIGITS[char] for char in text)


def _stripped(text: str, words: tuple[str, ...]) -> str:
    """Without the words at the end and zeros before the number; never empty, and the same when stripped again."""
    while word := next((word for word in words if text.endswith(word) and len(text) > len(word)), ""):
        text = text.removesuffix(word)
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", text)
