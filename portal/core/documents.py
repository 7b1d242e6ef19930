"""Documents on paper: a typst template and what is to be put into it, in a directory of their own, become a PDF.

What people typed reaches the template as JSON and is set as text: nothing in it is ever read as markup. Typst sees no
file outside that directory, and only the fonts that came with the portal.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import typst
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

FONTS = ("NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf")


@cache
def font_files() -> tuple[Path, ...]:
    """The fonts of documents; `npm run build` lays them there. Raises ImproperlyConfigured when they are not."""
    files = tuple(Path(settings.DOCUMENT_FONTS) / name for name in FONTS)
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise ImproperlyConfigured(f"{missing[0]} is missing: documents need it. Run `make setup`.")
    return files


def typeset(
    template: Path,
    data: Mapping[str, Any],
    *,
    files: Mapping[str, bytes] | None = None,
    form: Literal["pdf", "png"] = "pdf",
    ppi: float = 144,
) -> bytes:
    """The template with `data` (its `data.json`) and `files` (beside it, by name); `form` "png" is its first page."""
    fonts = [str(font_files()[0].parent)]
    with TemporaryDirectory(prefix="document-") as name:
        root = Path(name)
        (root / "main.typ").write_bytes(template.read_bytes())
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for file, content in (files or {}).items():
            (root / Path(file).name).write_bytes(content)
        made = typst.compile(
            str(root / "main.typ"),
            root=str(root),
            font_paths=fonts,
            ignore_system_fonts=True,
            format=form,
            ppi=ppi if form == "png" else None,
            package_path=name,  # no package is ever fetched
            package_cache_path=name,
        )
    return made[0] if isinstance(made, list) else made
