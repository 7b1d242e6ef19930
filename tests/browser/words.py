"""What stands on the screen, in the language the cast reads."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext


def t(msgid: str, **words: Any) -> str:
    """An English msgid as a Chinese reader sees it."""
    with translation.override("zh-hans"):
        said = gettext(msgid)
        return said % words if words else said
