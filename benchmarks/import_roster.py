"""How fast a roster goes in: end to end, against COPY, against django-import-export, and in how much memory.

`make bench`, or `python -m benchmarks.import_roster --rows 13201 100000 --against 5000`. Everything runs on a scratch
database of the embedded server, with the durable writes of `make demo`.
"""

import argparse
import io
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .rosters import COMMUNITY, open_community, people, scratch_database, write_xlsx

GOAL_SECONDS, GOAL_ROWS = 15, 13_201
GOAL_AGAINST_LIBRARY, GOAL_AGAINST_COPY = 20, 5


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self.start = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.start


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def empty() -> None:
    """Nobody lives anywhere."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE roster_resident, roster_household CASCADE")
        cursor.execute("VACUUM ANALYZE roster_resident, roster_household")


@contextmanager
def file_of(count: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "roster.xlsx"
        write_xlsx(file, count)
        yield file


def end_to_end(count: int) -> float:
    """The command's own path, from the bytes of an xlsx to the commit; then the same file again."""
    from grid.roster.models import Resident
    from grid.roster.services import imports

    empty()
    community = open_community()
    with file_of(count) as file:
        content = file.read_bytes()
    clock = Clock()
    arguments = {
        "actor": None,
        "name": "roster.xlsx",
        "content": content,
        "create_places": True,
        "remove_absent": False,
    }
    imports.bring_in(community, **arguments)
    seconds = clock.seconds
    if Resident.objects.count() != count:
        raise RuntimeError("not everybody went in")
    clock = Clock()
    _again, findings = imports.bring_in(community, **arguments)
    if findings.residents.unchanged != count or findings.changes_anything:
        raise RuntimeError("the same file again changed something")
    say(f"{count:>7,} residents   end to end {seconds:6.2f} s   the same file again {clock.seconds:6.2f} s")
    return seconds


def peak_memory(count: int) -> list[float]:
    """MiB that a process of its own, and the one that unpacks the file for it, had at most."""
    with file_of(count) as file:
        arguments = [sys.executable, "-m", "benchmarks.import_roster", "--child", str(file)]
        printed = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout
        return [float(number) for number in printed.split()]


def child(file: Path) -> None:
    """Import a file in this process and print the peak memory of it and of its own child, in MiB."""
    import django

    django.setup()
    from django.db import connection

    from grid.places.models import Place
    from grid.roster.services import imports

    connection.settings_dict["NAME"] = connection.settings_dict["TEST"]["NAME"]
    reading = [0.0]
    threading.Thread(target=watch_children, args=[reading], daemon=True).start()
    imports.bring_in(
        Place.objects.get(code=COMMUNITY),
        actor=None,
        name=file.name,
        content=file.read_bytes(),
        create_places=True,
        remove_absent=False,
    )
    sys.stdout.write(f"{peak_of('self'):.1f} {reading[0]:.1f}")


def watch_children(most: list[float]) -> None:
    """Note the peak memory of this process's children: once they are gone nobody knows it."""
    while True:
        for file in Path("/proc/self/task").glob("*/children"):
            with suppress(OSError):  # the thread has ended meanwhile
                most[0] = max([most[0], *(peak_of(pid) for pid in file.read_text().split())])
        time.sleep(0.02)


def peak_of(pid: str) -> float:
    """MiB that a process has had in memory at most; what `getrusage` says begins with what its parent had."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def parts(count: int) -> tuple[float, float]:
    """Seconds of the database's part (staging, comparing, writing) and of a bare COPY of the same rows."""
    from django.db import connection, transaction

    from grid.roster.importing import staging
    from grid.roster.importing.apply import write
    from grid.roster.importing.changes import compare
    from grid.roster.importing.job import PATIENCE
    from grid.roster.importing.places import CellProblems
    from grid.roster.importing.problems import Problems

    empty()
    community = open_community()
    reading, rows = cleaned(count)
    clock = Clock()
    prepared = [staging.staged(row) for row in rows]
    preparing = clock.seconds
    original, staging.staged = staging.staged, lambda row: prepared[row.number - 2]
    clock = Clock()
    with staging.temporary_tables():
        staging.stage(rows, lambda _number: None)
        copied = clock.seconds
        with transaction.atomic():
            connection.cursor().execute(PATIENCE)
            comparison = compare(community, CellProblems(Problems(), {}), lock=True)
            compared = clock.seconds - copied
            write(community, comparison, roster_import=0, actor=None, remove="none")
        database = clock.seconds
    staging.staged = original
    bare = bare_copy()
    say(
        f"{count:>7,} residents   reading and cleaning {reading:5.2f} s   encryption, blind index and pinyin "
        f"{preparing:5.2f} s   database {database:5.2f} s (staging {copied:.2f}, comparing {compared:.2f}, writing "
        f"{database - copied - compared:.2f})"
    )
    return database, bare


def cleaned(count: int) -> tuple[float, list]:
    """Seconds to read and clean a file, and its rows."""
    from grid.roster.importing.columns import guess
    from grid.roster.importing.problems import Problems
    from grid.roster.importing.reading import open_sheet
    from grid.roster.importing.rows import read_rows

    with file_of(count) as file:
        content = file.read_bytes()
    clock = Clock()
    with open_sheet(content, "roster.xlsx") as sheet:
        rows = list(read_rows(sheet, guess(sheet), Problems()))
    return clock.seconds, rows


def bare_copy() -> float:
    """Seconds to COPY what stands in the tables of households and residents into them again, indexes and guards on."""
    from django.db import connection

    kept: dict[str, tuple[str, bytes]] = {}
    with connection.cursor() as cursor:
        for table in ("roster_household", "roster_resident"):
            cursor.execute(
                "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
                [table],
            )
            columns = cursor.fetchone()[0]
            buffer = io.BytesIO()
            statement = f"COPY (SELECT {columns} FROM {table} ORDER BY id) TO STDOUT"  # noqa: S608 - names of our own
            with cursor.copy(statement) as copy:
                for block in copy:
                    buffer.write(block)
            kept[table] = columns, buffer.getvalue()
    empty()
    clock = Clock()
    with connection.cursor() as cursor:
        for table, (columns, content) in kept.items():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write(content)
    return clock.seconds


def against_library(count: int) -> dict[str, float]:
    """Seconds that django-import-export takes for so many rows, plain and in bulk."""
    from .with_import_export import BulkResource, ResidentResource, import_rows

    rows, seconds = list(people(count)), {}
    for name, kind in (("row by row", ResidentResource), ("in bulk", BulkResource)):
        empty()
        community = open_community()
        clock = Clock()
        import_rows(kind, community, rows)
        seconds[name] = clock.seconds
    return seconds


def main(sizes: list[int], against: int) -> None:
    with scratch_database():
        say("End to end: an xlsx file read, cleaned, compared, written, committed")
        took = {count: end_to_end(count) for count in sizes}
        say(f"Goal: {GOAL_ROWS:,} in under {GOAL_SECONDS} s")
        say("\nIts parts, the database's against a bare COPY of the same rows into the same indexed tables")
        for count in sizes:
            database, bare = parts(count)
            say(f"{'':>20}COPY {bare:5.2f} s   ratio {database / bare:4.2f}   goal: {GOAL_AGAINST_COPY} at most")
        say("\nPeak memory of the importing process, and of the one that unpacks the workbook for it")
        for count in sizes:
            empty()
            say("{:>7,} residents   {:6.1f} MiB   {:6.1f} MiB".format(count, *peak_memory(count)))
        say(f"\ndjango-import-export, its dataset in memory already: {against:,} rows")
        largest = max(sizes)
        for name, seconds in against_library(against).items():
            extrapolated = seconds / against * largest
            words = "measured" if against == largest else f"at the same pace {extrapolated:7.1f} s for {largest:,}"
            say(
                f"{name:<12} {seconds:7.2f} s   {words}   ours is {extrapolated / took[largest]:5.1f} × as fast"
                f"   goal: {GOAL_AGAINST_LIBRARY}"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", nargs="+", type=int, default=[GOAL_ROWS, 100_000], help="rosters of so many residents"
    )
    parser.add_argument("--against", type=int, default=5000, help="rows for django-import-export")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    child(chosen.child) if chosen.child else main(chosen.rows, chosen.against)
