"""What a façade consists of, and what each cell says."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from portal.core.refusals import Text

UNIT_OF_TYPE = 16
CELL, HEIGHT, GAP = 76, 52, 6
WIDEST_CELL = 132
SIDE = 7  # between the edge of a cell and what is written in it
PAD = 8  # between the edge of a wall and its cells
BETWEEN_UNITS = 22
LABELS = 52  # the column of floor labels
ROOF, SIGN, CORNICE, GROUND = 14, 24, 12, 12
BREAK = 16  # where floors are left out
PITCH = HEIGHT + GAP
HIGH = 14  # floors
LEAST_IN_ROW = 6  # of a row that belongs to no unit


class Home(Protocol):
    """What the drawing wants to know of a household; an unsaved one has no `pk`."""

    pk: Any
    building: str
    unit: str
    floor: int | None
    room: str
    building_key: str
    unit_key: str
    room_key: str
    use: str

    @property
    def address(self) -> str: ...

    def get_absolute_url(self) -> str: ...


@dataclass(frozen=True)
class Badge:
    """A small sign in the corner of a cell, with its words; `symbol` is an icon of the sprite."""

    symbol: str
    label: Text


@dataclass(frozen=True)
class Mark:
    """What a cell says of its household: a tone and a symbol for the eye, a label for everybody.

    `note` is a few characters printed beside the symbol, `said` the same in words. A grey mark is drawn dashed: there
    is nothing, or nothing has been done. With a `url` the cell leads there instead of to its household.
    """

    tone: str
    label: Text
    symbol: str
    note: str = ""
    said: Text = ""
    badges: tuple[Badge, ...] = ()
    url: str = ""


@dataclass(frozen=True)
class Flat:
    """One cell of the drawing."""

    home: Home
    mark: Mark
    x: int
    y: int
    width: int
    name: str

    height = HEIGHT

    @property
    def is_shop(self) -> bool:
        return self.home.use == "shop"

    @property
    def url(self) -> str:
        return self.mark.url or self.home.get_absolute_url() if self.home.pk else ""

    @property
    def words(self) -> str:
        """The cell in words: 3栋2单元502，3人，租住，有户代表."""
        said = [self.home.address, self.mark.said, self.mark.label, *(badge.label for badge in self.mark.badges)]
        return _(", ").join(str(part) for part in said if part)

    @property
    def badges(self) -> list[tuple[int, Badge]]:
        """Badges with the x at which each stands, the first one outermost."""
        return [(self.width - SIDE - 15 - 16 * at, badge) for at, badge in enumerate(self.mark.badges)]

    @property
    def drop(self) -> int:
        """How much lower a shop's writing stands: below its awning."""
        return 3 if self.is_shop else 0

    @property
    def awning(self) -> int:
        return self.width - 10

    @property
    def ring(self) -> int:
        """The width of what is drawn around a cell that has the focus."""
        return self.width + 4

    @property
    def mini_ring(self) -> tuple[int, int, int, int]:
        """The frame around a flat that is pointed out in a small picture: x, y, width, height."""
        return self.x - 10, self.y - 10, self.width + 20, HEIGHT + 20


@dataclass(frozen=True)
class Floor:
    """The flats of one unit, or of the whole building, on one floor; `label` says which."""

    label: str
    y: int
    flats: tuple[Flat, ...]


@dataclass(frozen=True)
class Unit:
    """单元: a tower of the building with its own roof, from its highest floor down."""

    label: str
    x: int
    top: int
    width: int
    bottom: int
    floors: tuple[Floor, ...]

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def roof(self) -> str:
        """A parapet with the head of the stairwell, as a path."""
        side = (self.width + 8 - 32) // 2
        return f"{self.x - 4} {self.top}v-7h{side}v-6h32v6h{self.width + 8 - 32 - side}v7z"

    @property
    def sign(self) -> int:
        return self.top - ROOF - 7


@dataclass(frozen=True)
class Facade:
    """One building: its units side by side, on top of rows that belong to none of them.

    `podium` holds the shops along the street, `basement` what lies below the ground, `loose` flats whose floor nobody
    has said. Reading order is that of the eye: unit by unit from the roof down, then the rows below.
    """

    label: str
    anchor: Any
    width: int
    height: int
    ground: int
    units: tuple[Unit, ...]
    podium: tuple[Floor, ...] = ()
    basement: tuple[Floor, ...] = ()
    loose: tuple[Floor, ...] = ()
    breaks: tuple[int, ...] = ()
    labels: tuple[tuple[str, int], ...] = ()
    left: int = LABELS
    labels_width: int = field(default=LABELS, repr=False)

    @cached_property
    def flats(self) -> list[Flat]:
        floors = [*(floor for unit in self.units for floor in unit.floors), *self.podium, *self.basement, *self.loose]
        return [flat for floor in floors for flat in floor.flats]

    @property
    def right(self) -> int:
        return self.width - PAD

    @property
    def has_links(self) -> bool:
        """Whether a keyboard can move along it; else it has to be scrolled as a whole."""
        return any(flat.home.pk for flat in self.flats)

    @property
    def is_high(self) -> bool:
        """So high that other buildings beside it would leave a page of sky."""
        return self.height > HIGH * PITCH

    @property
    def podium_top(self) -> int:
        return self.podium[0].y - PAD if self.podium else self.ground

    @property
    def podium_height(self) -> int:
        return self.ground - self.podium_top

    @property
    def podium_cornice(self) -> int:
        return self.podium_top - CORNICE // 2

    @property
    def basement_height(self) -> int:
        return len(self.basement) * PITCH + PAD

    @property
    def breadth(self) -> int:
        """From the left edge of the building to its right one."""
        return self.right - self.left

    @property
    def eaves_left(self) -> int:
        return self.left - 4

    @property
    def eaves_width(self) -> int:
        return self.breadth + 8

    @property
    def label_x(self) -> int:
        return self.labels_width - 10

    @property
    def mini_box(self) -> str:
        """The part of the drawing that a small picture shows: without the labels."""
        return f"{self.left - 14} 0 {self.breadth + 28} {self.height}"

    @property
    def size(self) -> tuple[str, str]:
        """Width and height in the reader's type, for the attributes of the drawing."""
        return _rem(self.width), _rem(self.height)

    @property
    def labels_size(self) -> str:
        return _rem(self.labels_width)


@dataclass(frozen=True)
class Row:
    """Houses with one household each, side by side along a lane; `label` is what their names have in common."""

    label: str
    houses: tuple[Flat, ...]

    height = HEIGHT + 50

    @property
    def anchor(self) -> Any:
        return self.houses[0].home.pk

    @property
    def flats(self) -> tuple[Flat, ...]:
        return self.houses

    @property
    def size(self) -> tuple[str, str]:
        return _rem(self.houses[0].width + 2 * PAD), _rem(self.height)

    @property
    def breadth(self) -> int:
        return self.houses[0].width + 2 * PAD

    @property
    def wall(self) -> int:
        return self.breadth - 4

    @property
    def roof(self) -> str:
        return f"0 36L{self.breadth // 2} 3L{self.breadth} 36z"


@dataclass(frozen=True)
class Front:
    """All that is to be seen of a building group."""

    facades: tuple[Facade, ...]
    rows: tuple[Row, ...]

    @cached_property
    def flats(self) -> list[Flat]:
        parts: tuple[Facade | Row, ...] = (*self.facades, *self.rows)
        return [flat for part in parts for flat in part.flats]


@dataclass(frozen=True)
class Key:
    """A line of the legend: a mark or a badge, and how many cells bear it."""

    label: Text
    symbol: str
    tone: str
    count: int


def _rem(units: int) -> str:
    return f"{units / UNIT_OF_TYPE:g}rem"
