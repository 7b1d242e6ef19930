"""事件单: what stands on it and what never does, words as text, Chinese in pixels, and who may print it."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat

from grid.incidents import services
from grid.incidents.models import Incident
from grid.incidents.services import notes
from grid.incidents.slip import slip
from portal.core import documents
from portal.core.models import AuditEntry
from portal.files.models import Attachment
from tests.factories import incident
from tests.pictures import photo_of

from .conftest import url

pytestmark = pytest.mark.django_db
HOSTILE = '#read("/etc/passwd") $x^2$ *粗* @cite ] [ #import "x" \\ `raw` <label> #{1+1} // 注释 "引号" = 标题'
ONE_GLYPH = """#set page(width: 80pt, height: 80pt)
#text(font: "Noto Sans SC", size: 40pt, json("data.json").char)"""
needs_pdftotext = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")


def read(pdf: bytes) -> str:
    """The words of a PDF without the space between them."""
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(done.stdout.decode().split())


def made_slip(one: Incident, person, form="pdf") -> bytes:
    return slip(
        one, printed_by=person.user, at=timezone.now(), address="https://portal.example.org/incidents/1/", form=form
    )


@pytest.fixture
def closed(chen, li, zhang, wu, places) -> Incident:
    """A caller's, closed and rated."""
    caller = {"source": "call", "caller_name": "陈家生", "caller_mobile": "13800138000"}
    one = incident(place=places.qishan, reporter=li.user, office=zhang.user, handler=wu.user, stage="closed", **caller)
    notes.write(one, actor=li.user, text="内部备注绝不外传")
    services.rate(one, actor=li.user, satisfaction="satisfied", is_solved=True)
    return Incident.objects.get(pk=one.pk)


def test_the_office_prints_it_and_that_is_on_record(closed, li, client_of):
    response = client_of(li).get(url("slip", closed))

    assert response.status_code == 200
    assert (response["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")
    assert response["Content-Disposition"] == f'attachment; filename="incident-{closed.number}.pdf"'
    assert AuditEntry.objects.get(action="incident.printed").actor == li.user
    assert _("Slip printed") in client_of(li).get(url("detail", closed)).text


@needs_pdftotext
def test_what_stands_on_it_and_what_does_not(closed, li, client_of):
    words = read(client_of(li).get(url("slip", closed)).content)

    for word in (
        closed.number,
        "三楼楼梯口堆满纸箱",
        "岐山中路楼栋小组",
        "吴建国",
        "已经清理",
        "满意",
        "陈*生",
        "138****8000",
    ):
        assert word in words, word
    for word in ("内部备注", "陈家生", "13800138000"):
        assert word not in words, word
    assert words.count(closed.number) >= 2  # at the head, and at the foot with who printed it
    assert "李敏" in words.rpartition(closed.number)[2]
    assert "1/" in words


@needs_pdftotext
def test_what_people_typed_is_text_and_never_markup(chen, li, places):
    one = incident(place=places.qishan, reporter=chen.user, description=HOSTILE, location=HOSTILE[:100])

    words = read(made_slip(one, li))

    assert "".join(HOSTILE.split()) in words.replace("“", '"').replace("”", '"')
    assert "root:" not in words


def test_a_template_reads_nothing_outside_its_directory(tmp_path):
    outside = tmp_path / "secret.txt"
    outside.write_text("geheim")
    for path in (str(outside), "../secret.txt", "/etc/passwd"):
        template = tmp_path / "t.typ"
        template.write_text(f'#read("{path}")')
        with pytest.raises(Exception, match=r"(?i)not found|denied|outside|escape|failed to load"):
            documents.typeset(template, {})


def test_no_package_is_fetched(tmp_path):
    template = tmp_path / "t.typ"
    template.write_text('#import "@preview/cetz:0.2.2"')

    with pytest.raises(Exception, match="package"):
        documents.typeset(template, {})


def test_many_photos_are_counted_and_a_lost_file_spoils_nothing(chen, li, places):
    photos = [photo_of(chen.user, kind=Attachment.Kind.BEFORE) for _number in range(6)]
    one = incident(place=places.qishan, reporter=chen.user, photos=photos)
    photos[0].thumbnail.storage.delete(photos[0].thumbnail.name)

    pdf = made_slip(one, li)

    assert pdf.startswith(b"%PDF-")
    if shutil.which("pdftotext"):
        left = ngettext("%(count)d more photo in the portal.", "%(count)d more photos in the portal.", 2) % {"count": 2}
        assert "".join(left.split()) in read(pdf)


@pytest.mark.parametrize("stage", ["reported", "dispatched", "awaiting_verification"])
def test_it_is_made_at_every_stage(stage, chen, zhang, wu, li, places):
    one = incident(place=places.qishan, reporter=chen.user, office=zhang.user, handler=wu.user, stage=stage)

    assert made_slip(one, li).startswith(b"%PDF-")


def test_a_long_life_flows_over_pages(chen, li, places):
    one = incident(place=places.qishan, reporter=chen.user, description="很长的一段话。" * 140)
    for _number in range(40):
        services.moving.record("caller_revealed", one, li.user, announce=False)
        services.moving.record("verified", one, li.user, note="到现场看过" * 20, announce=False)

    pdf = made_slip(one, li)

    if shutil.which("pdfinfo"):
        told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
        assert int(told.split("Pages:")[1].split()[0]) >= 3


# Chinese in pixels: a text layer can be right while the glyphs drawn are wrong


def ink(picture: Image.Image) -> Image.Image:
    """Black on white, cut to what is drawn."""
    grey = picture.convert("L")
    return grey.crop(ImageChops.invert(grey).getbbox())


def glyph(char: str) -> Image.Image:
    """A character as the font itself draws it."""
    font = ImageFont.truetype(documents.font_files()[0], 120)
    sheet = Image.new("L", (240, 240), 255)
    ImageDraw.Draw(sheet).text((40, 20), char, font=font, fill=0)
    return ink(sheet)


def unlike(one: Image.Image, other: Image.Image) -> float:
    """How much of the ink differs, 0 to 1."""
    a, b = (picture.resize((96, 96)) for picture in (one, other))
    different = ImageStat.Stat(ImageChops.difference(a, b)).sum[0]
    return different / max(1, ImageStat.Stat(ImageChops.invert(a)).sum[0])


@pytest.mark.parametrize("char", "事件单龘岐梯")
def test_the_glyphs_drawn_are_those_of_the_font(char, tmp_path):
    template = tmp_path / "glyph.typ"
    template.write_text(ONE_GLYPH)

    drawn = ink(Image.open(BytesIO(documents.typeset(template, {"char": char}, form="png", ppi=216))))

    assert unlike(glyph(char), drawn) < 0.2
    assert unlike(glyph("口"), drawn) > 0.5


@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="pdftoppm is not installed")
def test_the_pdf_draws_the_same_pixels(tmp_path):
    template = tmp_path / "glyph.typ"
    template.write_text(ONE_GLYPH)
    pdf = documents.typeset(template, {"char": "梯"})

    done = subprocess.run(["pdftoppm", "-r", "216", "-png", "-"], input=pdf, capture_output=True, check=True)

    assert unlike(glyph("梯"), ink(Image.open(BytesIO(done.stdout)))) < 0.2


def test_the_slip_itself_is_drawn(closed, li):
    page = Image.open(BytesIO(made_slip(closed, li, form="png"))).convert("L")

    drawn = sum(page.histogram()[:128]) / (page.width * page.height)
    assert page.width / page.height == pytest.approx(210 / 297, rel=0.01)
    assert 0.01 < drawn < 0.3


def test_missing_fonts_are_named(tmp_path: Path):
    documents.font_files.cache_clear()
    try:
        with override_settings(DOCUMENT_FONTS=tmp_path), pytest.raises(Exception, match=r"NotoSansSC.*make setup"):
            documents.font_files()
    finally:
        documents.font_files.cache_clear()
    assert settings.DOCUMENT_FONTS.name == "fonts"


# Who may


@pytest.mark.parametrize(
    ("person", "status"),
    [("li", 200), ("zhang", 200), ("he", 200), ("wu", 200), ("chen", 403), ("zhou", 404), ("huang", 404)],
)
def test_who_prints_it(person, status, request, chen, places, client_of):
    one = incident(place=places.qishan, reporter=chen.user)

    assert client_of(request.getfixturevalue(person)).get(url("slip", one)).status_code == status


def test_a_department_does_not_print_what_it_may_not_export(chen, lin, urban, places, client_of):
    one = incident(place=places.qishan, reporter=chen.user)
    Incident.objects.filter(pk=one.pk).update(department=urban)

    assert client_of(lin).get(url("slip", one)).status_code == 403
