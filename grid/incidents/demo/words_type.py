from typing import NamedTuple


class Words(NamedTuple):
    """The ways in which one category is spoken of; braces are filled in by `words.Speaker`."""

    where: tuple[str, ...]
    said: tuple[str, ...]
    done: tuple[str, ...]
