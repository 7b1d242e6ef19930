"""The processes of a portal on one machine: started together, restarted when they die, stopped together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from django.utils.translation import gettext as _

from portal.processes import die_with_parent, send

TICK = 0.5
STOP_SECONDS = 12
STEADY_SECONDS = 30  # whoever lived so long starts anew with a clean slate
MAX_PAUSE = 20.0
MEMORY = "/dev/shm"  # noqa: S108 - gunicorn makes files without names there
AS_ROOT = "ignore:You're running the worker with superuser"  # its tasks are JSON, which carries no code


@dataclass
class Child:
    """One Python module, restarted when it dies; the more often it dies in a row, the longer the pause."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    not_before: float = 0.0
    pause: float = 0.25

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches only us, and we say in which order things end.
        warnings = ["-W", AS_ROOT] if os.geteuid() == 0 else []
        command = [sys.executable, *warnings, "-m", *self.command]
        self.process = subprocess.Popen(die_with_parent(command), stdin=subprocess.DEVNULL, start_new_session=True)
        self.started_at = time.monotonic()

    def look_after(self) -> bool:
        """Start it again if it died and its pause is over; whether it was found dead just now."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.not_before:
                self.start()
            return False
        if self.process.poll() is None:
            return False
        self.clear_away()
        self.pause = 0.25 if now - self.started_at > STEADY_SECONDS else min(self.pause * 2, MAX_PAUSE)
        self.not_before, self.process = now + self.pause, None
        return True

    def clear_away(self) -> None:
        """End what a dead process left behind in its session."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


@dataclass
class Supervisor:
    """Keeps children, and whatever `keep_alive` looks after, running until it is told to stop."""

    children: list[Child]
    keep_alive: Callable[[], bool]
    say: Callable[[str], None]
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, *, is_ready: Callable[[], bool], greet: Callable[[], None]) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP; then everything has ended when this returns."""
        before = {
            signum: signal.signal(signum, self._stop) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        greeted = False
        try:
            while not self.stopping.is_set():
                # The first child has the machine to itself until it is ready: people wait for it, for the others not.
                self._look_after(self.children if greeted else self.children[:1])
                if not greeted and (greeted := is_ready()):
                    greet()
                self.stopping.wait(TICK if greeted else 0.1)
        finally:
            self._end()
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def _look_after(self, children: Sequence[Child]) -> None:
        try:
            if self.keep_alive():
                self.say(_("An engine had stopped; it runs again."))
        except Exception as error:  # whatever it is, the next round tries again, and the others stay up meanwhile
            self.say(_("An engine cannot be started: %(error)s") % {"error": error})
            self.stopping.wait(2)
        for child in children:
            if child.look_after():
                self.say(_("%(name)s had stopped; it is started again.") % {"name": child.name})

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def _end(self) -> None:
        """Ask all to finish what they are doing, give them a while, then insist."""
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            send(signal.SIGTERM, process.pid)
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for child in self.children:
            child.clear_away()


def web(host: str, port: int, workers: int) -> Child:
    """gunicorn; threads, because a request mostly waits for the database."""
    # Signs of life in memory where there is such a place, so that a slow disk does not look like a dead worker.
    memory = ["--worker-tmp-dir", MEMORY] if os.access(MEMORY, os.W_OK) else []
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    options = f"--bind {address} --workers {workers} --worker-class gthread --threads 4 --preload --graceful-timeout 8"
    quiet = "--timeout 60 --log-level warning --no-control-socket"
    return Child("web", ["gunicorn", "portal.wsgi:application", *options.split(), *quiet.split(), *memory])


def worker() -> Child:
    """One Celery worker with two processes."""
    options = "--concurrency 2 --loglevel WARNING --without-gossip --without-mingle"
    return Child("worker", ["celery", "-A", "portal", "--quiet", "worker", *options.split()])


def clock(schedule: str) -> Child:
    """Celery beat, which remembers in a file when it last started what."""
    options = ["--schedule", schedule, "--pidfile", "", "--loglevel", "WARNING"]
    return Child("clock", ["celery", "-A", "portal", "--quiet", "beat", *options])
