"""The key of a record, as an address or a field names it."""

import re
from typing import Any

_KEY = re.compile(r"[0-9]{1,18}")  # no longer than a bigint, whatever was sent


def key_of(text: Any) -> int:
    """The key that is written there; 0, which no record has, for anything else."""
    found = _KEY.fullmatch(str(text))
    return int(found[0]) if found else 0
