"""Notices that go down the levels, who is addressed, and the households that are told at the door."""

from .doors import DoorPassing, DoorQuerySet
from .notices import AT_THE_DOOR, STANDS, Audience, Notice, NoticeArea, NoticeQuerySet
from .receipts import Receipt, ReceiptQuerySet

__all__ = [
    "AT_THE_DOOR",
    "STANDS",
    "Audience",
    "DoorPassing",
    "DoorQuerySet",
    "Notice",
    "NoticeArea",
    "NoticeQuerySet",
    "Receipt",
    "ReceiptQuerySet",
]
