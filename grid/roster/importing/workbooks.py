"""Worksheets of .xlsx and .xls files, read by a process of their own (`confined`) and handed over a piece at a time."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, cast

from django.utils.translation import gettext_lazy as _

from . import confined
from .archives import MOST_COLUMNS, MOST_ROWS, Unreadable, damaged, encrypted, too_large, too_many_rows

NumberedRow = tuple[int, list[Any]]
MEMORY = 1 << 30  # bytes of address space; 200,000 rows of 19 columns take two fifths of it
SECONDS = 90  # of processor time; those rows take 4
NEEDED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # of the environment: no key and no password


class Reader:
    """A process that reads one workbook; whoever has it ends it."""

    def __init__(self, content: bytes) -> None:
        environment = {name: os.environ[name] for name in NEEDED if name in os.environ}
        # -P: the modules beside the program are none of Python's own.
        command = [sys.executable, "-P", str(Path(confined.__file__)), str(MEMORY), str(SECONDS)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        self._in, self._out = cast("IO[bytes]", self.process.stdin), cast("IO[bytes]", self.process.stdout)
        self._send(b"%d\n%b" % (len(content), content))

    def sheets(self) -> Iterator[dict[str, Any]]:
        """What the reader says of each worksheet; answer with `head`, `rows` or `skip` before taking the next."""
        while (told := self._hear()) is not None:
            yield told

    def head(self) -> list[NumberedRow]:
        self._send(b"head\n")
        return [(number, values) for number, values in self._hear()]

    def skip(self) -> None:
        self._send(b"skip\n")

    def rows(self) -> Iterator[NumberedRow]:
        self._send(b"rows\n")
        while (rows := self._hear()) is not None:
            yield from map(tuple, rows)

    def end(self) -> None:
        """No process and no pipe is left."""
        self.process.kill()
        for pipe in (self._in, self._out):
            with suppress(BrokenPipeError):
                pipe.close()
        self.process.wait()

    def _send(self, words: bytes) -> None:
        with suppress(BrokenPipeError):  # it has ended: the next `_hear` says why
            self._in.write(words)
            self._in.flush()

    def _hear(self) -> Any:
        line = self._out.readline()
        if not line.endswith(b"\n"):
            raise self._why_ended()
        told = json.loads(line, object_hook=_as_date)
        if isinstance(told, dict) and "failed" in told:
            raise {"password": encrypted, "memory": too_large}.get(told["failed"], damaged)()
        return told

    def _why_ended(self) -> Unreadable:
        code = self.process.wait()
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return Unreadable("time", _("Reading the file takes too long. Divide it and upload the parts."))
        return too_large() if code == -signal.SIGABRT else damaged()


class Worksheet:
    """The worksheet of a workbook that holds the roster: the first whose head is one, else the first with rows."""

    def __init__(self, content: bytes, is_roster: Callable[[list[NumberedRow]], bool]) -> None:
        self._content = content
        self._reader: Reader | None = Reader(content)
        self.index, self.title, self.height, self.head = -1, "", 0, list[NumberedRow]()
        self.merges: list[tuple[int, int, int, int]] = []
        try:
            if not self._choose(self._reader, is_roster):
                self.close()
        except BaseException:
            self.close()
            raise

    def _choose(self, reader: Reader, is_roster: Callable[[list[NumberedRow]], bool]) -> bool:
        """Remember the sheet to read. Returns whether the reader stands before its rows."""
        for told in reader.sheets():
            if not told["height"]:
                reader.skip()
                continue
            if told["height"] > MOST_ROWS:
                raise too_many_rows()
            if told["width"] > MOST_COLUMNS:
                raise too_large()
            head = reader.head()
            found = is_roster(head)
            if found or self.index < 0:
                self.index, self.title, self.height, self.head = told["index"], told["title"], told["height"], head
                self.merges = [(top + 1, left, low + 1, right) for (top, left), (low, right) in told["merges"]]
            if found:
                return True
            reader.skip()
        return False

    def rows(self) -> Iterator[NumberedRow]:
        """Every row from the first, by the reader that waits, or by another when it has been used."""
        if self.index < 0:
            return
        reader, self._reader = self._reader, None
        waits = reader is not None
        reader = reader or Reader(self._content)
        try:
            if not waits:
                for told in reader.sheets():
                    if told["index"] == self.index:
                        break
                    reader.skip()
            yield from reader.rows()
        finally:
            reader.end()

    def close(self) -> None:
        if self._reader:
            self._reader.end()
            self._reader = None


def _as_date(told: dict[str, Any]) -> Any:
    if "d" in told:
        return date.fromisoformat(told["d"])
    if "m" in told:
        return datetime.fromisoformat(told["m"])
    return told.get("t", told)
