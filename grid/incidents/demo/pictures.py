"""Drawn photos, a pair for each motif: as it was found, and as it was left."""

import random
from collections.abc import Callable
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFilter

SIZE = WIDTH, HEIGHT = 480, 360  # as drawn; kept smaller, for every copy of a photo is made anew when it is staged
KEPT = (400, 300)
QUALITY = 78
Draw = ImageDraw.ImageDraw
Painter = Callable[[Draw, random.Random, bool], None]


class Album:
    """Photos drawn when they are first asked for and handed out again and again."""

    def __init__(self) -> None:
        self.drawn: dict[tuple[str, bool], bytes] = {}

    def photo(self, motif: str, *, after: bool) -> ContentFile:
        """A photo as an upload; `after` shows the thing in order."""
        key = (motif, after)
        if key not in self.drawn:
            self.drawn[key] = _jpeg(_paint(motif, after=after))
        return ContentFile(self.drawn[key], name=f"{motif}.jpg")


def _paint(motif: str, *, after: bool) -> Image.Image:
    """The motif with the softness and the grain of a telephone's camera."""
    chance = random.Random(f"{motif} {after}")  # noqa: S311 - where a box stands
    sheet = Image.new("RGB", SIZE, "#b9b2a6")
    MOTIFS[motif](ImageDraw.Draw(sheet), chance, after)
    grain = Image.frombytes("L", (WIDTH // 2, HEIGHT // 2), chance.randbytes(WIDTH * HEIGHT // 4))
    return Image.blend(sheet.filter(ImageFilter.GaussianBlur(0.8)), grain.resize(SIZE).convert("RGB"), 0.05).resize(
        KEPT
    )


def _jpeg(picture: Image.Image) -> bytes:
    output = BytesIO()
    picture.save(output, "JPEG", quality=QUALITY)
    return output.getvalue()


def _landing(draw: Draw, wall: str = "#cfc8b8", floor: str = "#8d8a84") -> None:
    """A landing: two walls, a floor, the stairs going up on the right."""
    draw.rectangle((0, 0, WIDTH, 230), fill=wall)
    draw.rectangle((0, 150, WIDTH, 232), fill="#8fa596")
    draw.polygon(((0, 232), (WIDTH, 232), (WIDTH, HEIGHT), (0, HEIGHT)), fill=floor)
    for step in range(6):
        left, top = 330 + step * 22, 232 - step * 26
        draw.polygon(
            ((left, top), (WIDTH, top), (WIDTH, top + 26), (left, top + 26)), fill="#a09c94", outline="#6f6b64"
        )
    draw.line((320, 150, WIDTH, 0), fill="#5a4634", width=8)


def _street(draw: Draw) -> None:
    """A yard between two houses: facade with windows, path, strip of green."""
    draw.rectangle((0, 0, WIDTH, 90), fill="#c3d4e0")
    draw.rectangle((0, 30, 330, 215), fill="#d8cdb8")
    for row in range(3):
        for column in range(6):
            left, top = 14 + column * 54, 42 + row * 56
            draw.rectangle((left, top, left + 36, top + 34), fill="#5d7382", outline="#f0ece2", width=3)
    draw.rectangle((330, 60, WIDTH, 215), fill="#7f9c6c")
    draw.rectangle((0, 215, WIDTH, HEIGHT), fill="#9b9a96")
    draw.rectangle((0, 210, WIDTH, 220), fill="#c7c3ba")


def _boxes(draw: Draw, chance: random.Random, after: bool) -> None:
    _landing(draw)
    if after:
        return
    for number in range(9):
        left, width = 10 + number % 4 * 72 + chance.randint(-8, 8), chance.randint(56, 84)
        bottom, height = 345 - number // 4 * 58, chance.randint(46, 66)
        draw.rectangle((left, bottom - height, left + width, bottom), fill="#b58a57", outline="#7d5c35", width=2)
        draw.rectangle((left + width // 2 - 5, bottom - height, left + width // 2 + 5, bottom), fill="#c9a779")


def _dirt(draw: Draw, chance: random.Random, after: bool) -> None:
    _landing(draw, floor="#a3a098")
    for _spot in range(4 if after else 90):
        x, y, size = chance.randint(0, WIDTH), chance.randint(240, HEIGHT), chance.randint(2, 4 if after else 13)
        draw.ellipse((x, y, x + size * 2, y + size), fill=chance.choice(("#6b6458", "#5a5348", "#d9d5cb", "#7a4f3a")))


def _light(draw: Draw, chance: random.Random, after: bool) -> None:
    _landing(draw, wall="#e2dcc8" if after else "#4a4842", floor="#98948c" if after else "#2f2d2a")
    if after:
        for radius, tint in ((110, "#ece6d2"), (80, "#f5efd8"), (48, "#fff8e0")):
            draw.ellipse((170 - radius, 60 - radius, 170 + radius, 60 + radius), fill=tint)
    draw.line((170, 0, 170, 40), fill="#333", width=5)
    draw.ellipse((150, 38, 190, 82), fill="#fffdf2" if after else "#6d6a60", outline="#333", width=3)


def _ads(draw: Draw, chance: random.Random, after: bool) -> None:
    draw.rectangle((0, 0, WIDTH, 300), fill="#d9d3c4")
    draw.rectangle((0, 300, WIDTH, HEIGHT), fill="#8d8a84")
    draw.rectangle((180, 60, 330, 300), fill="#7b2f26", outline="#40170f", width=6)
    for _paper in range(24):
        x, y = chance.choice((chance.randint(5, 140), chance.randint(345, 430))), chance.randint(20, 270)
        if after:
            draw.rectangle((x, y, x + 40, y + 26), fill="#dfdacd")
            continue
        paper = chance.choice(("#f7f3e8", "#f2d64b", "#e98b8b", "#bcd9ea"))
        draw.rectangle((x, y, x + 42, y + 28), fill=paper, outline="#999")
        for line in range(3):
            draw.line((x + 4, y + 7 + line * 7, x + 36, y + 7 + line * 7), fill="#444", width=2)


def _door(draw: Draw, chance: random.Random, after: bool) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill="#c9c3b5")
    draw.rectangle((0, 310, WIDTH, HEIGHT), fill="#85827b")
    draw.rectangle((120, 30, 340, 310), fill="#33302c")
    edge = 334 if after else 270
    draw.polygon(((128, 36), (edge, 36 if after else 62), (edge, 306 if after else 330), (128, 306)), fill="#8f9aa3")
    draw.rectangle((edge - 40, 160, edge - 24, 190), fill="#d8d8d8" if after else "#7d2b22")
    draw.rectangle((370, 120, 420, 190), fill="#e8e6e0", outline="#555", width=3)
    draw.ellipse((385, 165, 405, 185), fill="#3aa655" if after else "#c0392b")


def _cars(draw: Draw, chance: random.Random, after: bool) -> None:
    _street(draw)
    for stripe in range(12):
        left = stripe * 44 - 20
        draw.polygon(((left, 350), (left + 20, 350), (left + 44, 232), (left + 32, 232)), fill="#e0b93b")
    for number in range(0 if after else 3):
        left, paint = 8 + number * 156, chance.choice(("#dcdcdc", "#3b4a5e", "#8c2f2f", "#b9b9ad"))
        draw.rounded_rectangle((left, 262, left + 140, 322), 16, fill=paint, outline="#222", width=2)
        draw.polygon(((left + 26, 264), (left + 46, 228), (left + 104, 228), (left + 122, 264)), fill="#2e3a44")
        for wheel in (left + 22, left + 92):
            draw.ellipse((wheel, 304, wheel + 32, 336), fill="#1d1d1d", outline="#999", width=3)


def _wire(draw: Draw, chance: random.Random, after: bool) -> None:
    _street(draw)
    for number in range(2 if after else 16):
        start, end = chance.randint(20, 120), chance.randint(40, 200)
        sag = 20 if after else chance.randint(60, 190)
        points = [
            (x, start + (end - start) * x / WIDTH + sag * 4 * x * (WIDTH - x) / WIDTH**2) for x in range(0, 481, 16)
        ]
        draw.line(points, fill="#1c1c1c" if number % 3 else "#7a1f1f", width=3)


def _ebike(draw: Draw, chance: random.Random, after: bool) -> None:
    _landing(draw)
    for number in range(0 if after else 2):
        left, paint = 40 + number * 150, chance.choice(("#b03a2e", "#2e6da4", "#3c3c3c"))
        for wheel in (left, left + 110):
            draw.ellipse((wheel, 270, wheel + 62, 332), outline="#151515", width=10)
        draw.line((left + 31, 300, left + 90, 296, left + 141, 300), fill=paint, width=14)
        draw.line((left + 126, 296, left + 108, 206, left + 84, 202), fill="#222", width=7)
        draw.rounded_rectangle((left + 20, 240, left + 84, 260), 8, fill="#222")


def _leak(draw: Draw, chance: random.Random, after: bool) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill="#e6e1d6")
    draw.rectangle((0, 0, WIDTH, 110), fill="#f1eee6")
    draw.line((0, 110, WIDTH, 110), fill="#c9c3b6", width=4)
    for _stain in range(3 if after else 34):
        x, y, size = chance.randint(90, 360), chance.randint(10, 210), chance.randint(12, 52)
        tint = "#ece8de" if after else chance.choice(("#b59e76", "#a58c63", "#8e7a58", "#c8b48e"))
        draw.ellipse((x, y, x + size * 2, y + size), fill=tint)
    for _crack in range(0 if after else 7):
        x, y = chance.randint(90, 380), chance.randint(30, 200)
        draw.line((x, y, x + 14, y + 26, x + 4, y + 52, x + 22, y + 84), fill="#4d4335", width=2)


def _puddle(draw: Draw, chance: random.Random, after: bool) -> None:
    _street(draw)
    draw.ellipse((190, 262, 276, 300), fill="#55524d", outline="#33312e", width=5)
    if not after:
        for _pool in range(5):
            x, y = chance.randint(20, 260), chance.randint(245, 310)
            draw.ellipse((x, y, x + 180, y + 44), fill="#5e564a", outline="#7c7261", width=3)
        draw.ellipse((150, 262, 250, 286), fill="#8fa0a8")


def _rail(draw: Draw, chance: random.Random, after: bool) -> None:
    _landing(draw)
    if after:
        draw.line((60, 330, 330, 120, WIDTH, 20), fill="#dfe3e6", width=12)
        for x, y in ((80, 315), (170, 245), (260, 175), (350, 112)):
            draw.line((x, y, x, y + 70), fill="#c4c9cc", width=9)
        return
    draw.line((60, 330, 190, 236), fill="#7d4a2b", width=11)
    draw.line((214, 262, 330, 150), fill="#7d4a2b", width=11)
    draw.polygon(((330, 232), (362, 232), (340, 262)), fill="#55514a")


def _bins(draw: Draw, chance: random.Random, after: bool) -> None:
    _street(draw)
    for number, paint in enumerate(("#2f6f4f", "#2e5fa3", "#4a4a4a", "#b03a2e")):
        left = 60 + number * 92
        draw.polygon(((left, 200), (left + 74, 200), (left + 66, 306), (left + 8, 306)), fill=paint, outline="#1d1d1d")
        draw.rectangle((left - 4, 190, left + 78, 204), fill=paint, outline="#111")
    for _bag in range(0 if after else 20):
        x, y, size = chance.randint(20, 420), chance.randint(280, 325), chance.randint(18, 34)
        draw.ellipse((x, y - size // 2, x + size * 2, y + size), fill=chance.choice(("#1f1f22", "#c7c7c2", "#a33a3a")))


def _tree(draw: Draw, chance: random.Random, after: bool) -> None:
    _street(draw)
    top = (240, 150) if after else (300, 170)
    draw.line((230, 330, *top), fill="#5a3f28", width=30)
    for _leaf in range(40 if after else 90):
        reach = 55 if after else 105
        x, y = top[0] + chance.randint(-reach, reach), top[1] - 40 + chance.randint(-reach, reach)
        draw.ellipse((x - 24, y - 18, x + 24, y + 18), fill=chance.choice(("#3f6b35", "#4f7f40", "#2f5529")))
    if after:
        draw.line((170, 330, 228, 240), fill="#b08d57", width=9)
        draw.line((300, 330, 240, 240), fill="#b08d57", width=9)


def _wall(draw: Draw, chance: random.Random, after: bool) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill="#cbbfae")
    for row in range(18):
        for column in range(16):
            gone = not after and 4 < row < 13 and 3 < column < 11 and chance.random() < 0.75
            left, top = column * 31 - row % 2 * 14, row * 20
            draw.rectangle((left, top, left + 29, top + 18), fill="#8d8072" if gone else "#dcd1c0", outline="#b5a995")


def _pipe(draw: Draw, chance: random.Random, after: bool) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill="#d5d0c4")
    for left in (120, 300):
        draw.rectangle((left, 0, left + 34, HEIGHT), fill="#d8b53a" if after else "#a6783a", outline="#5d4a20", width=2)
    draw.ellipse((190, 120, 260, 190), fill="#eceae4", outline="#444", width=5)
    draw.line((154, 155, 190, 155), fill="#888", width=12)
    for _rust in range(0 if after else 60):
        x, y = chance.choice((120, 300)) + chance.randint(0, 26), chance.randint(0, 350)
        draw.ellipse((x, y, x + 9, y + 7), fill=chance.choice(("#6d3f1d", "#7f4a22")))


def _paper(draw: Draw, chance: random.Random, after: bool) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill="#a5835c")
    for number in range(3):
        left, top = 40 + number * 130, 60 + chance.randint(-20, 30)
        draw.rectangle((left, top, left + 150, top + 210), fill="#f6f3ea", outline="#8d8675", width=2)
        for line in range(11):
            end = left + chance.randint(70, 134)
            draw.line((left + 14, top + 26 + line * 16, end, top + 26 + line * 16), fill="#6d6d6d", width=3)
        if after:
            draw.ellipse((left + 78, top + 140, left + 134, top + 196), outline="#c0202c", width=5)


MOTIFS: dict[str, Painter] = {
    "boxes": _boxes,
    "dirt": _dirt,
    "light": _light,
    "ads": _ads,
    "door": _door,
    "cars": _cars,
    "wire": _wire,
    "ebike": _ebike,
    "leak": _leak,
    "puddle": _puddle,
    "rail": _rail,
    "bins": _bins,
    "tree": _tree,
    "wall": _wall,
    "pipe": _pipe,
    "paper": _paper,
}
