"""ID and mobile numbers out of cells: healed where nothing is lost, refused where a spreadsheet has lost digits."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from portal.core.identity import IdNumber, parse_id_number
from portal.core.personal import MOBILE, normalised_mobile

from .cells import Amiss, plain
from .words import NOTHING

EXACT = 1e15  # Excel keeps fifteen digits of a number
# Another document's number: a passport, a permit, a birth certificate.
OTHER_DOCUMENT = re.compile(r"[A-Z]{1,3}[0-9()]{6,10}|[HMT][0-9]{8,10}")
RUINED = "000"  # Excel keeps fifteen digits of a number and fills up with noughts
LEADS = re.compile(r"^(身份证|身份证号|身份证号码|证件号|ID)[::]?", re.IGNORECASE)


def id_number(value: Any, latest: date) -> IdNumber | None:
    """An ID number from text; a number is never one, for Excel keeps fifteen of its digits.

    Raises Amiss with `id_ruined` for anything that Excel has cut, never with a guess. A text that ends in 000 and whose
    last digit fits is as a rule genuine (one number in a thousand is like that): it is kept and pointed out.
    """
    if isinstance(value, str) and len(value) == 18 and value.isalnum():
        text = value
    else:
        text = _text(value)
        if not text:
            return None
    try:
        found = parse_id_number(text, latest)
    except ValidationError as error:
        raise _amiss(text, error.code or "") from None
    if found.number.endswith(RUINED):
        raise Amiss("id_ruined_perhaps", found)
    return found


def _text(value: Any) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        if value == 0:
            return ""
        if value < EXACT and float(value).is_integer():
            return str(int(value))
        raise Amiss("id_ruined")
    text = plain(value)
    if text in NOTHING:
        return ""
    return LEADS.sub("", unicodedata.normalize("NFKC", text)).replace(" ", "")


def _amiss(text: str, code: str) -> Amiss:
    number = text.upper()
    if code == "scientific" or re.fullmatch(r"[0-9.]+E\+?[0-9]+", number):
        return Amiss("id_ruined")
    if number.isdigit() and len(number) > 15 and number.endswith(RUINED):
        return Amiss("id_ruined")
    if number.isdigit() and len(number) == 15:
        return Amiss("id_old")
    if OTHER_DOCUMENT.fullmatch(number):
        return Amiss("id_other")
    return Amiss(f"id_{code}")


LANDLINE = re.compile(r"(?:\+?86)?0[1-9][0-9]{8,10}|[2-8][0-9]{6,7}|[48]00[0-9]{7}")
SEVERAL = re.compile(r"[/\\,，、;；|]|\s{1,}(?=\+?\d{11})|\n")


def mobile(value: Any) -> str | None:
    """Eleven digits from text with spaces, hyphens, +86 or full-width digits, or from a number that is still exact."""
    if isinstance(value, str):
        if len(value) == 11 and value.isascii() and value.isdigit() and value[0] == "1" and value[1] > "2":
            return value
    elif isinstance(value, float):
        if not value.is_integer() or abs(value) >= EXACT:
            raise Amiss("mobile")
        return _mobile(str(int(value)))
    text = plain(value)
    if text in NOTHING or text in ("", "0"):
        return None
    return _mobile(text)


def _mobile(text: str) -> str:
    if text.endswith(".0"):  # a number that another program has turned into text
        text = text[:-2]
    number = normalised_mobile(text)
    if MOBILE.fullmatch(number):
        return number
    if re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", text):
        return _mobile_in_scientific(text)
    if LANDLINE.fullmatch(re.sub(r"(转|分机|ext\.?)[0-9]+$", "", number)):
        raise Amiss("mobile_landline")
    parts = [normalised_mobile(part) for part in SEVERAL.split(text)]
    mobiles = [part for part in parts if MOBILE.fullmatch(part)]
    if len(parts) > 1 and mobiles:
        raise Amiss("mobile_several", mobiles[0])
    raise Amiss("mobile")


def _mobile_in_scientific(text: str) -> str:
    """`1.3800138001E+10` has all eleven digits; `1.38001E+10` has lost some, though they may have been noughts."""
    mantissa = re.split("[eE]", text)[0].replace(".", "")
    number = Decimal(text)
    if len(mantissa) == 11 and number == int(number) and MOBILE.fullmatch(str(int(number))):
        return str(int(number))
    raise Amiss("mobile_ruined")
