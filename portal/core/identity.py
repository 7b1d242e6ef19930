"""ID numbers of mainland residents, of holders of residence permits, and of foreigners with permanent residence."""

import re
import unicodedata
from datetime import date
from enum import Enum
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .clock import today
from .personal import BETWEEN_DIGITS

# GB 11643-1999: ISO 7064 MOD 11-2 over the first seventeen digits.
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
ZEROS = sum(WEIGHTS) * ord("0")  # what the weights make of the digits' own codes
# GB/T 2260: the first two digits of the divisions that issue ID numbers.
PROVINCES = frozenset(
    f"{region}{number}"
    for region, last in (("1", 5), ("2", 3), ("3", 7), ("4", 6), ("5", 4), ("6", 5), ("7", 1))
    for number in range(0 if region == "5" else 1, last + 1)
)
PERMITS = frozenset({"81", "82", "83"})  # residence permits of Hong Kong, Macao and Taiwan residents (2018 measures)
EARLIEST = 1880
SHAPE = re.compile(r"[0-9]{17}[0-9X]")


class Kind(Enum):
    RESIDENT = "resident"
    PERMIT = "permit"
    FOREIGNER = "foreigner"  # permanent residence card of 2023: 9, the issuing province, the nationality, birth …


class IdNumber(NamedTuple):
    """What an ID number says of its holder; `sex` is "male" or "female"."""

    number: str
    birth: date
    sex: str
    kind: Kind


def normalised_id_number(text: str) -> str:
    """Eighteen ASCII characters from what people type or paste: full-width digits, spaces, hyphens, a small x."""
    if text.isascii() and text.isalnum():
        return text.upper()
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if unicodedata.category(c) not in BETWEEN_DIGITS).upper().replace("Х", "X")


def check_digit(first17: str) -> str:
    """The eighteenth character to seventeen digits (MOD 11-2)."""
    return CHECK_DIGITS[(sum(map(mul, WEIGHTS, first17.encode())) - ZEROS) % 11]


def parse_id_number(text: str, latest: date | None = None) -> IdNumber:
    """An ID number that can exist, with the birth and sex it tells; nobody is born after `latest`, default today.

    Raises ValidationError with a code: `scientific` (a spreadsheet has cut it), `length`, `characters`, `region`,
    `birth`, `check_digit`. Source: GB 11643-1999; the 2018 measures for residence permits (81, 82, 83); the permanent
    residence card of 2023 (9).
    """
    number = normalised_id_number(text)
    if not SHAPE.fullmatch(number):
        raise _misshapen(number)
    kind = _kind(number[:3])
    if kind is None:
        raise ValidationError(_("No ID number begins with %(start)s."), code="region", params={"start": number[:2]})
    birth = _birth(number[6:14])
    if birth is None or birth > (latest or today()):
        raise ValidationError(_("The date of birth in this ID number cannot be."), code="birth")
    if check_digit(number[:17]) != number[17]:
        raise ValidationError(
            _("The last digit of this ID number does not fit the others: a digit is mistyped."), code="check_digit"
        )
    return IdNumber(number, birth, "male" if number[16] in "13579" else "female", kind)


def mask_id_number(number: str) -> str:
    """440*************2X: with the date of birth beside it, more would give the number away."""
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}" if len(number) >= 8 else "*" * len(number)


def _misshapen(number: str) -> ValidationError:
    if re.fullmatch(r"[0-9.]+E\+?[0-9]+", number):
        return ValidationError(
            _("The spreadsheet has cut this ID number. Set the column to text and enter the number again."),
            code="scientific",
        )
    if not re.fullmatch(r"[0-9X]*", number):
        return ValidationError(_("An ID number has 17 digits and a last digit or X."), code="characters")
    if len(number) == 15:
        return ValidationError(
            _("This is an old ID number of 15 digits. Enter the one of 18 digits that replaced it."), code="length"
        )
    return ValidationError(
        _("An ID number has 18 characters; this has %(count)d."), code="length", params={"count": len(number)}
    )


@lru_cache(maxsize=1024)
def _kind(start: str) -> Kind | None:
    if start[:2] in PROVINCES:
        return Kind.RESIDENT
    if start[:2] in PERMITS:
        return Kind.PERMIT
    return Kind.FOREIGNER if start[0] == "9" and start[1:] in PROVINCES else None


@lru_cache(maxsize=65_536)
def _birth(digits: str) -> date | None:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return birth if birth.year >= EARLIEST else None
