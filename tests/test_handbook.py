"""What the handbook says is on the screens, and its pictures are there."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

DOCS = Path(settings.BASE_DIR) / "docs"
PAGES = sorted((DOCS / "handbook").glob("*.md"))
LARGEST = 150_000  # bytes of a picture


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every text that a screen shows in Chinese."""
    with (Path(settings.BASE_DIR) / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        return {message.string for message in read_po(file) if message.id and isinstance(message.string, str)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_quoted_is_on_a_screen(page: Path, words: set[str]) -> None:
    quoted = set(re.findall("“([^”]+)”", page.read_text(encoding="utf-8")))

    assert quoted
    assert quoted - words == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_picture_is_there_and_small(page: Path) -> None:
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))

    assert pictures
    for picture in pictures:
        assert 0 < (page.parent / picture).stat().st_size <= LARGEST, picture
