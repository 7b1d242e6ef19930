"""Imports in the states a scene needs, with what a worker would have found in their files."""

from dataclasses import replace
from typing import Any

from grid.places.models import Place
from grid.roster.importing.changes import Counts
from grid.roster.importing.findings import Change, Column, Findings, Flat, NewGroup, NewPlaces, Person
from grid.roster.importing.problems import Problem
from grid.roster.models import RosterImport

State = RosterImport.State
ID_NUMBER = "440511195703081230"
HEADINGS = (("building", "栋"), ("room", "房间"), ("name", "名字"), ("", "序号"))
COLUMNS = tuple(
    Column(index, "ABCD"[index], heading, field, samples=("1",)) for index, (field, heading) in enumerate(HEADINGS)
)
ADDED = Person(0, 4, "陈家生", "3栋", "3栋502")
FOUND = Findings(
    sheet="名册", header=1, columns=COLUMNS, rows=1, residents=Counts(added=1), added=(ADDED,), fingerprint="f"
)
WRONG = replace(
    FOUND,
    problems=(
        Problem("id_check_digit", 7, "id_number", "D", ID_NUMBER),
        Problem("mobile", 8, "mobile", "E", "1380013"),
    ),
    problem_counts={"id_check_digit": 1, "mobile": 1},
)


def imported(
    community: Place, findings: Findings | None = FOUND, state: str = State.CHECKED, **fields: Any
) -> RosterImport:
    """An import with these findings."""
    known = {"findings": findings.to_json(), "fingerprint": findings.fingerprint} if findings else {}
    fields = {"name": "名册.xlsx", "size": 9, "digest": "0", **known, **fields}
    return RosterImport.objects.create(place=community, state=state, **fields)


def everything(words: str) -> Findings:
    """Something on every tab, with these words wherever a file may hold words."""
    change = Change("remark", words, f"{words}!")
    columns = tuple(replace(column, heading=words, samples=(words,) * 3) for column in COLUMNS)
    return replace(
        FOUND,
        sheet=words,
        columns=columns,
        residents=Counts(added=1, changed=1, moved=1, absent=1),
        households=Counts(added=1, changed=1),
        new_places=NewPlaces((words,), (NewGroup(words, words),), (words,)),
        added=(Person(0, 2, words, words, words),),
        changed=(Person(1, 3, words, words, words, "", (change, change)),),
        moved=(Person(2, 4, words, words, words, words, (change,)),),
        absent=(Person(3, 0, words, words, words),),
        new_households=(Flat(0, 2, words, words),),
        changed_households=(Flat(1, 2, words, words, (change,)),),
        problems=(Problem("mobile", 8, "mobile", "E", words), Problem("person_twice", 9, other=8)),
        problem_counts={"mobile": 1, "person_twice": 1},
    )


def every_stage(community: Place, words: str = "花名册") -> list[RosterImport]:
    """One import for each page there is, with these words wherever a file may hold words."""
    found = everything(words)
    return [
        imported(community, found, name=words),
        imported(community, replace(found, **_errors(words)), name=words),
        imported(community, replace(found, missing=("name",)), name=words),
        imported(community, replace(FOUND, residents=Counts(unchanged=1), added=()), name=words),
        imported(community, None, State.CHECKING, name=words, stage="reading", done=1, total=3),
        imported(community, None, State.REFUSED, name=words, refusal=words),
        imported(community, None, State.APPLIED, name=words),
        imported(community, None, State.DISCARDED, name=words),
    ]


def _errors(words: str) -> dict[str, Any]:
    return {"problems": (Problem("birth", 8, "birth", "E", words),), "problem_counts": {"birth": 1}}
