"""Processes as the embedded engines and `manage.py serve` need them: who lives, where, and as whom."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
Command = Sequence[str | Path]


class ProgramError(RuntimeError):
    """A program ended with an error; the message is what it said."""


@dataclass(frozen=True)
class Account:
    """Whom a process runs as."""

    uid: int
    gid: int
    dropped: bool = False  # True when this process is root and the other runs as somebody without rights

    def as_subprocess(self) -> dict:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.dropped else {}


def run(command: Command, *, account: Account, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a program that may leave a server behind and return what it said. Raises ProgramError."""
    # A file, not a pipe: a server that inherits a pipe keeps its reader waiting for ever.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": str(cwd), **(env or {})},
            umask=0o077,
            start_new_session=True,
            **account.as_subprocess(),
        )
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if done.returncode:
        raise ProgramError(said)
    return said


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not collected yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return not PROC.joinpath("self").exists()


def working_in(directory: Path, account: Account) -> list[int]:
    """The processes of an account whose working directory this is. Without /proc, none."""
    if not PROC.joinpath("self", "cwd").exists() or not directory.exists():
        return []
    if account.dropped:
        # Root in a container may not look into other accounts' processes; the account itself may.
        script = 'for p in /proc/[0-9]*; do [ "$p/cwd" -ef "$1" ] && echo "${p#/proc/}"; done; true'
        said = run(["/bin/sh", "-c", script, "sh", directory], account=account, cwd=Path("/"))
        return [pid for pid in map(int, said.split()) if alive(pid)]
    here, found = directory.resolve(), []
    for process in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == here and alive(pid := int(process.name)):
                found.append(pid)
    return found


def send(signum: signal.Signals, *pids: int) -> None:
    """Signal those of the processes that still are."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signum)


def wait_until(condition: Callable[[], object], seconds: float) -> bool:
    """Whether a condition came true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def listens(path: Path) -> bool:
    """Whether somebody accepts connections on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def die_with_parent(command: Sequence[str]) -> list[str]:
    """The command, started so that it is asked to stop when the one who started it dies (Linux)."""
    if not sys.platform.startswith("linux"):
        return list(command)
    # PR_SET_PDEATHSIG is 1 and outlives exec. The parent may have died before it was set.
    script = (
        "import ctypes, os, signal, sys; ctypes.CDLL(None).prctl(1, signal.SIGTERM); "
        f"os.getppid() == {os.getpid()} or sys.exit(1); os.execvp(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-c", script, *command]
