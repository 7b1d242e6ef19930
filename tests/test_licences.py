"""What others have written is handed on under their names and terms."""

import json
import re

import pytest
from django.conf import settings
from django.urls import reverse

LICENCES = settings.BASE_DIR / "static" / "build" / "licences.txt"
TOOLS = {"esbuild", "sass"}  # nothing of them leaves the house
HEADING = re.compile(r"^(\S+) ([\d.]+) \(.+\)$", re.MULTILINE)


@pytest.fixture(scope="module")
def terms() -> str:
    return LICENCES.read_text(encoding="utf-8")


def test_all_that_a_browser_gets_of_others_stands_there_in_its_version(terms):
    package = json.loads((settings.BASE_DIR / "package.json").read_text(encoding="utf-8"))
    handed_on = {name: version for name, version in package["dependencies"].items() if name not in TOOLS}

    told = dict(HEADING.findall(terms))

    assert {name: told.get(name) for name in handed_on} == handed_on
    assert "zrender" in told, "and what these are made of"


@pytest.mark.parametrize(
    "words",
    [
        "Apache License\n                           Version 2.0",
        "This product includes software developed at",  # the NOTICE of ECharts, which its licence wants handed on
        "The Bootstrap Authors",
        "SIL OPEN FONT LICENSE",
    ],
)
def test_terms_are_whole(terms, words):
    assert words in terms


@pytest.mark.django_db
def test_everybody_finds_them(chen, client_of):
    assert "/static/build/licences" in client_of(chen).get(reverse("accounts:profile")).text
