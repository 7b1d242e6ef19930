"""A file of a few rows, and what it would change or has changed."""

from typing import Any

from grid.roster.importing.findings import Findings
from grid.roster.importing.template import FIELDS
from tests.roster.sheets import table, xlsx

ID, OTHER_ID = "440511195703081232", "440113198001011234"
MOBILE, OTHER_MOBILE = "13800138000", "13900139000"
QISHAN = {"grid": "第一网格", "group": "岐山中路楼栋小组"}
AT_HOME = {**QISHAN, "building": "3栋", "room": "502", "name": "陈家生"}


def file(*people: dict[str, Any]) -> bytes:
    """The columns of the template that these rows need."""
    used = [name for name in FIELDS if name == "name" or any(person.get(name) for person in people)]
    return xlsx(table(list(people), fields=used))


def counts(findings: Findings) -> dict[str, int]:
    """Of residents, those that are not zero."""
    found = findings.residents
    names = ("added", "changed", "moved", "absent", "unchanged")
    return {name: getattr(found, name) for name in names if getattr(found, name)}


def codes(findings: Findings) -> list[str]:
    return [problem.code for problem in findings.problems]
