"""What the roster announces, inside the transaction of the change."""

from django.dispatch import Signal

# `households`: the keys of those that stand in the building group `to` from now on.
households_moved = Signal()
