"""What a row of a roster says, in the terms of the roster."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(slots=True)
class Row:
    """One row, cleaned: a person in a flat, or a flat without residents when `name` is None.

    None is what the row does not say, so that nothing known is erased. A `faulty` row has an error: what it concerns is
    None or stands as the file has it, and the file must not be applied.
    """

    number: int
    grid: str | None
    group: str | None
    estate: str | None
    building: str
    unit: str | None
    room: str
    building_key: str
    unit_key: str
    room_key: str
    floor: int | None
    is_shop: bool
    area_m2: Decimal | None
    occupancy: str | None
    name: str | None
    relation: str | None
    is_representative: bool | None
    is_mobilised: bool | None
    sex: str | None
    id_number: str | None
    birth: date | None
    mobile: str | None
    is_party_member: bool | None
    remark: str | None
    faulty: bool = False
