"""What the cast holds or sits at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """A screen, and whether fingers touch it."""

    width: int
    height: int
    is_phone: bool


PHONE = Device(390, 844, is_phone=True)
DESK = Device(1440, 900, is_phone=False)
