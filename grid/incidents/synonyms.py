"""What people say when they mean a category, read from `synonyms.txt`."""

from pathlib import Path


def read(text: str) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Words by category code, and those that point weakly wherever they stand."""
    found: dict[str, set[str]] = {}
    code = ""
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if not line.startswith(" "):
            code, _colon, line = line.partition(" ")
            code = code.removesuffix(":")
        found.setdefault(code, set()).update(line.split())
    weak = found.pop("~", set())
    return {code: frozenset(words) for code, words in found.items()}, frozenset(weak)


SYNONYMS, WEAK = read(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8"))
