"""Every text of a screen can be translated, and is."""

import re
from pathlib import Path

from babel.messages.pofile import read_po
from django.conf import settings

BASE = Path(settings.BASE_DIR)
SOURCES = [file for room in ("portal", "grid") for file in sorted((BASE / room).rglob("*.py"))]
OTHER_NAME = re.compile(r"import (?:\w+, )*n?gettext(?:_lazy)? as (?!_\b)\w+")
CHINESE = BASE / "locale/zh_Hans/LC_MESSAGES/django.po"


def test_texts_are_marked_by_the_one_name_that_the_catalogue_is_collected_by():
    assert [str(file) for file in SOURCES if OTHER_NAME.search(file.read_text(encoding="utf-8"))] == []


def test_every_text_of_the_catalogue_is_said_in_chinese():
    with CHINESE.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]

    assert len(messages) > 1000
    assert [message.id for message in messages if message.fuzzy or not all(_said(message.string))] == []


def _said(words: str | tuple[str, ...]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else words
