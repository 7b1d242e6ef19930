"""What every filter bar has in common."""

from typing import Any

import django_filters as filters


class FilterBar(filters.FilterSet):
    """Filters over a list; everything chosen stands in the address."""

    @property
    def qs(self) -> Any:
        """What was asked for; nothing when a filter makes no sense, for nobody meant to see everything."""
        return super().qs if self.is_valid() else self.queryset.none()
