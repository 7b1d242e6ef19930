"""Dates out of cells: the customary forms of text, date cells, and days as Excel counts them."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from .cells import CHINESE_NUMBER, Amiss, chinese_number, plain
from .words import NOTHING

EIGHT_DIGITS = re.compile(r"[0-9]{8}")
YMD = re.compile(r"([0-9]{4})[-./年\s]([0-9]{1,2})[-./月\s]([0-9]{1,2})[日号]?(?:生|出生)?[.。]?")
WITH_TIME = re.compile(r"[\sT]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$")
YEAR_MONTH = re.compile(r"([0-9]{4})(?:[-./年]?([0-9]{1,2})月?|年?)")
SHORT = re.compile(r"[0-9]{1,2}[-./年月日\s][0-9]{1,2}[-./月日\s][0-9]{1,4}日?|[0-9]{6}")
BEFORE_MARCH_1900 = 60  # Excel counts 29 February 1900, which there was not
EPOCH_1900, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


def birth(value: Any, latest: date, earliest: date, since_1904: bool = False) -> date | None:
    """A date from text in the customary forms, from a date cell or from the number of a day as Excel counts them."""
    if isinstance(value, str):
        if len(value) == 10 and value[4] == "-":
            try:
                found = date.fromisoformat(value)
            except ValueError:
                found = _date_of_text(value)
        else:
            text = plain(value)
            if not text or text in NOTHING:
                return None
            found = _date_of_text(text)
    elif isinstance(value, datetime):
        found = value.date()
    elif isinstance(value, date):
        found = value
    elif isinstance(value, float | int) and not isinstance(value, bool):
        found = _date_of_number(value, since_1904)
    else:
        raise Amiss("birth")
    if not earliest <= found <= latest:
        raise Amiss("birth_implausible")
    return found


@lru_cache(maxsize=65_536)
def _date_of_text(text: str) -> date:
    text = WITH_TIME.sub("", unicodedata.normalize("NFKC", text).strip())
    text = CHINESE_NUMBER.sub(lambda found: chinese_number(found[0]), text)
    text = re.sub(r"\s*([-./年月日])\s*", r"\1", re.sub("[‐‑‒–—―~]", "-", text))
    try:
        if EIGHT_DIGITS.fullmatch(text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if found := YMD.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise Amiss("birth") from None
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text):
        return _date_of_number(float(text), False)
    if (found := YEAR_MONTH.fullmatch(text)) and 1880 <= int(found[1]) <= 2100:
        raise Amiss("birth_incomplete")
    if SHORT.fullmatch(text):
        raise Amiss("birth_unclear")
    raise Amiss("birth")


def _date_of_number(value: float, since_1904: bool) -> date:
    if value >= 10_000_000 and float(value).is_integer():
        return _date_of_text(str(int(value)))
    if 188_000 <= value < 220_000 or 1880 <= value <= 2100 or (1880 < value < 2100 and value % 1):
        raise Amiss("birth_incomplete")  # 195703, 1957, 1957.3: as a serial they would be somebody of 1905 or nobody
    if since_1904:
        return EPOCH_1904 + timedelta(days=int(value)) if 0 <= value < 80_000 else _no_date()
    if 1 <= value < BEFORE_MARCH_1900:
        return EPOCH_1900 + timedelta(days=int(value) + 1)
    return EPOCH_1900 + timedelta(days=int(value)) if BEFORE_MARCH_1900 < value < 80_000 else _no_date()


def _no_date() -> date:
    raise Amiss("birth")
