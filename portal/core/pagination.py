"""Pages without a total: nobody reads the count, and counting a million rows costs more than showing twenty-five."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

LAST_PAGE = 400  # beyond it a filter helps more than turning pages, and OFFSET grows dear


@dataclass(frozen=True)
class Page:
    """One page of rows that knows its neighbours but not how many there are in all."""

    rows: list[Any]
    number: int
    has_next: bool
    is_cut: bool = False  # there are more rows, and no further page

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def previous_number(self) -> int:
        return self.number - 1

    @property
    def next_number(self) -> int:
        return self.number + 1


def page_of(request: HttpRequest, queryset: QuerySet, *, size: int = 25) -> Page:
    """The page named by ?page= (1 when absent or nonsense); costs one query of `size` + 1 rows."""
    number = _number(request.GET.get("page", "1"))
    start = (number - 1) * size
    rows = list(queryset[start : start + size + 1])
    has_more, is_last = len(rows) > size, number == LAST_PAGE
    return Page(rows[:size], number, has_next=has_more and not is_last, is_cut=has_more and is_last)


def _number(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1
