"""Chinese text has no spaces: it is searched by the pairs of neighbouring characters (bigrams) it contains."""

import re
import unicodedata
from collections.abc import Sequence

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Value

HAN = "〇㐀-䶿一-鿿豈-龎\U00020000-\U000323af"  # with the rare characters of surnames and place names
WORDS = re.compile(rf"[{HAN}]+|[a-z0-9]+")


def tokens(text: str) -> list[str]:
    """Bigrams of the Chinese runs and whole words of the Latin ones, in order, without repeats.

    Capitals and full-width letters and digits count as the plain ones.
    """
    found: dict[str, None] = {}
    for run in _runs(text):
        pairs = [run] if run.isascii() or len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
        found.update(dict.fromkeys(pairs))
    return list(found)


def vector(text: str) -> SearchVector:
    """What a SearchVectorField stores for `text`; single Chinese characters are findable too."""
    return SearchVector(Value(" ".join(lexemes(text))), config="simple")


def lexemes(text: str) -> list[str]:
    """All that `text` is found by: its tokens and its single Chinese characters."""
    singles = {char for run in _runs(text) if not run.isascii() for char in run}
    return [*tokens(text), *sorted(singles)]


def query(text: str, *, also: Sequence[str] = ()) -> SearchQuery | None:
    """A query that matches texts containing every token of `text`; None when there is nothing to look for.

    Of the words in `also`, plain letters and digits that were stored with the text, one has to be there as well.
    """
    wanted = [f"'{token}'" for token in tokens(text)]
    if not wanted:
        return None
    one_of = [f"({' | '.join(also)})"] if also else []
    return SearchQuery(" & ".join(wanted + one_of), search_type="raw", config="simple")


def any_of(text: str) -> SearchQuery | None:
    """A query that matches texts containing at least one token of `text`; None when there is nothing to look for."""
    wanted = tokens(text)
    if not wanted:
        return None
    return SearchQuery(" | ".join(f"'{token}'" for token in wanted), search_type="raw", config="simple")


def _runs(text: str) -> list[str]:
    return WORDS.findall(unicodedata.normalize("NFKC", text).lower())
