"""One cell at a time: what people type, paste and what spreadsheets make of it, turned into what was meant.

A function takes a raw value and returns what it means, None for a blank. Raises Amiss, which names the kind of problem
and holds what can be kept of the value in spite of it. Nothing is left out without an Amiss, and nothing is guessed.
"""

import re
import unicodedata
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from grid.roster.addresses import CHINESE_DIGITS

from .words import EXCEL_ERRORS, NOBODY, NOTHING, OCCUPANCY, PARTY, REPRESENTS, SEX, YES_NO

LONGEST_NAME = 60
LOWEST_FLOOR, HIGHEST_FLOOR = -9, 200
LARGEST_AREA = Decimal(100_000)
CENT = Decimal("0.01")

CJK = r"㐀-䶿一-鿿豈-﫿𠀀-𲎯〇"
BESIDE_CJK = re.compile(rf"(?<=[{CJK}])\s+|\s+(?=[{CJK}])")
DOTS = re.compile(r"\s*[·•‧・∙⋅●．.]\s*(?=\S)")
HAS_CJK = re.compile(rf"[{CJK}]")
NAME = re.compile(rf"[{CJK}]+(?:·[{CJK}]+)*")
BRACKETED = re.compile(r"\s*[(\[【][^)\]】]*[)\]】]?")
FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)


class Amiss(Exception):  # noqa: N818 - the caller decides whether it is an error
    """A cell is not what it should be; `kept` is what can be used of it all the same."""

    def __init__(self, code: str, kept: Any = None) -> None:
        super().__init__(code)
        self.code = code
        self.kept = kept


class _Unseen(dict[int, str | None]):
    """For `str.translate`: control, format and private characters vanish, every kind of space is a space."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        category = unicodedata.category(char)
        if category in ("Zs", "Zl", "Zp") or char in "\t\n\r\v\f":
            kept: str | None = " "
        elif category in ("Cc", "Cf", "Cs") or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
            kept = None
        else:
            kept = char
        self[code] = kept
        return kept


UNSEEN = _Unseen()


def plain(value: Any) -> str:
    """A raw value as one line of text without invisible characters; numbers as Excel shows them in a general cell."""
    if isinstance(value, str):
        if value.isalnum():
            return value
        text = value.translate(UNSEEN).strip()
        if text.startswith('="') and (quoted := FORMULA_TEXT.fullmatch(text)):
            text = quoted[1].strip()
        elif text.startswith(("'", "\u2018", "`")):
            text = text.lstrip("'\u2018`").strip()
        if text in EXCEL_ERRORS:
            raise Amiss("formula_error")
        return text
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    return "" if value is None else str(value)


def compact(value: Any) -> str:
    """`plain` without any spaces and with half-width digits and letters."""
    text = plain(value)
    if text.isascii() and text.isalnum():
        return text
    text = unicodedata.normalize("NFKC", text).replace(" ", "")
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def word(value: Any) -> str | None:
    """A short text such as the name of a grid or an estate."""
    text = compact(value)
    if not text or text in NOTHING:
        return None
    return _within(text, 60)


def _address_part(value: Any, longest: int) -> str | None:
    if isinstance(value, date | time | timedelta):
        raise Amiss("excel_date")
    text = compact(value)
    return _within(text, longest) if text and text not in NOTHING else None


def building(value: Any) -> str | None:
    """`３ 栋`, 3.0 and `3` are `3栋`; a building called by a name keeps it."""
    text = _address_part(value, 40)
    if text and text[-1].isascii() and text[-1].isalnum():
        return f"{text}栋"
    return text


def unit(value: Any) -> str | None:
    """`2` and 2.0 are `2单元`; nought means that there is none."""
    text = _address_part(value, 20)
    if text in (None, "0"):
        return None
    return f"{text}单元" if text.isascii() and text.isalnum() else text


def room(value: Any) -> str | None:
    """`５０２ `, 502.0 and `502` are `502`."""
    return _address_part(value, 20)


FLOOR = re.compile(r"(?:第)?(-|负|地下|b)?(?:第)?([0-9]{1,3})(?:层|楼|f)?|f([0-9]{1,3})")
CHINESE_NUMBER = re.compile(r"[零〇一二三四五六七八九十两]+")


def floor(value: Any) -> int | None:
    """5, 5.0, `5层`, `五楼`, `F5`; `负一层`, `B1` and `地下一层` are -1."""
    if isinstance(value, float) and value.is_integer():
        number = int(value)
    else:
        text = CHINESE_NUMBER.sub(lambda found: chinese_number(found[0]), compact(value).lower())
        if not text or text in NOTHING:
            return None
        found = FLOOR.fullmatch(text)
        if not found:
            raise Amiss("floor")
        number = int(found[2] or found[3]) * (-1 if found[1] else 1)
    if not LOWEST_FLOOR <= number <= HIGHEST_FLOOR:
        raise Amiss("floor")
    return number


THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def area(value: Any) -> Decimal | None:
    """Square metres with two decimals from 89.5, `89.5㎡`, `８９．５平方米`."""
    if isinstance(value, float):
        number = Decimal(repr(value))
    else:
        text = compact(value).lower()
        if not text or text in NOTHING:
            return None
        for end in ("平方米", "平方", "平米", "m2", "m²", "平"):
            text = text.removesuffix(end)
        try:
            number = Decimal(text.replace(",", "") if THOUSANDS.fullmatch(text) else text)
        except InvalidOperation:
            raise Amiss("area") from None
    if not number.is_finite() or not 0 < number <= LARGEST_AREA:
        raise Amiss("area")
    return number.quantize(CENT)


def name(value: Any) -> str | None:
    """A name as the person writes it: 陈 家生 is 陈家生, 买买提・吐尔逊 has a ·, John  Smith keeps one space.

    Returns "" where the cell says that nobody lives here.
    """
    text = value if isinstance(value, str) else plain(value)
    if not (text.isalpha() and unicodedata.is_normalized("NFKC", text)):
        text = _name(plain(text))
    if len(text) < 5:
        if not text or text in NOTHING:
            return None
        if text in NOBODY:
            return ""
    elif len(text) > LONGEST_NAME:
        raise Amiss("too_long")
    return text


def _name(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).strip()  # `´` comes apart into a space and an accent
    if text in NOTHING:
        return ""
    text = BESIDE_CJK.sub("", re.sub(r"\s+", " ", text))
    if HAS_CJK.search(text):
        text = DOTS.sub("·", text)
        if NAME.fullmatch(text):
            return text
    bare = BRACKETED.sub("", text).strip()
    if bare and bare != text:
        raise Amiss("name_in_brackets", bare[:LONGEST_NAME].rstrip())
    if "\ufffd" in text or "?" in text or "□" in text:
        raise Amiss("name_unreadable")
    if any(not char.isalpha() and char not in " ·.'-’" for char in text):
        raise Amiss("name_strange", text[:LONGEST_NAME].rstrip())
    return text


def relation(value: Any) -> str | None:
    """As written; whoever is 本人 is the head of the household (GB/T 4761)."""
    text = compact(value)
    if not text or text in NOTHING:
        return None
    if text in ("本人", "房主", "业主", "户主本人"):
        return "户主"
    if any(char.isdigit() for char in text):
        raise Amiss("relation")
    return _within(text, 20, "relation")


def _known(value: Any, meanings: dict[str, Any], code: str) -> Any:
    text = compact(value)
    if not text:
        return None
    text = text.lower()
    if text in meanings:
        return meanings[text]
    if text in NOTHING:
        return None
    raise Amiss(code)


def yes_no(value: Any) -> bool | None:
    found: bool | None = _known(value, YES_NO, "yes_no")
    return found


def represents(value: Any) -> bool | None:
    found: bool | None = _known(value, REPRESENTS, "yes_no")
    return found


def party(value: Any) -> bool | None:
    """Yes, no or a political status: members and probationary members of the party are yes, everybody else no."""
    found: bool | None = _known(value, PARTY, "party")
    return found


def sex(value: Any) -> str | None:
    found: str | None = _known(value, SEX, "sex")
    return found


def occupancy(value: Any) -> str | None:
    found: str | None = _known(value, OCCUPANCY, "occupancy")
    return found


def remark(value: Any) -> str | None:
    """As written, full-width punctuation too; only what cannot be seen goes."""
    text = " ".join(plain(value).split())
    if not text or text in NOTHING:
        return None
    if len(text) > 200:
        raise Amiss("remark_cut", text[:200].rstrip())
    return text


def _within(text: str, longest: int, code: str = "too_long") -> str:
    if len(text) > longest:
        raise Amiss(code)
    return text


def chinese_number(text: str) -> str:
    """`十二` is 12, `三十` is 30, `一九五七` is 1957."""
    if "十" not in text:
        return "".join(CHINESE_DIGITS[char] for char in text)
    tens, _ten, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return text
    return str(int(CHINESE_DIGITS.get(tens, "1")) * 10 + int(CHINESE_DIGITS.get(ones, "0")))
