"""Chinese text has no spaces: it is searched by the pairs of neighbouring characters (bigrams) it contains."""

import re

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Value

WORDS = re.compile(r"[一-鿿㐀-䶿]+|[a-z0-9]+")


def tokens(text: str) -> list[str]:
    """Bigrams of the Chinese runs and whole words of the Latin ones, lower-cased, in order, without repeats."""
    found: dict[str, None] = {}
    for run in WORDS.findall(text.lower()):
        pairs = [run] if run.isascii() or len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
        found.update(dict.fromkeys(pairs))
    return list(found)


def vector(text: str) -> SearchVector:
    """What a SearchVectorField stores for `text`; single Chinese characters are findable too."""
    singles = {char for char in text if "一" <= char <= "鿿"}
    return SearchVector(Value(" ".join([*tokens(text), *sorted(singles)])), config="simple")


def query(text: str) -> SearchQuery | None:
    """A query that matches texts containing every token of `text`; None when there is nothing to look for."""
    wanted = tokens(text)
    return SearchQuery(" & ".join(f"'{token}'" for token in wanted), search_type="raw", config="simple") if wanted else None
