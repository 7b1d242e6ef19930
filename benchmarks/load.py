"""A small load generator: so many askers that each ask again as soon as they are answered.

    python -m benchmarks.load      (one JSON order a line on standard input, one JSON answer a line)

Each request has a connection of its own. A connection that is kept stays with the worker that happened to take it:
eight of them rarely part evenly, and a page would then be measured on one core in one round and on two in the next.

A process of its own, so that its work is not done by a server; what it takes of the processor is reported with the
result. It talks to 127.0.0.1 only.
"""

import asyncio
import json
import re
import sys
import time
import uuid
from dataclasses import asdict, dataclass, field

HOST = "127.0.0.1"
KEY = "__key__"  # in a form that is sent: replaced by a new key each time
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass
class Order:
    """What to ask of which port, by how many at once, for how many seconds."""

    port: int
    path: str
    seconds: float
    askers: int = 8
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    expect: int = 200

    def request(self) -> bytes:
        body = self.body.replace(KEY, str(uuid.uuid4())).encode()
        method, headers = ("POST", self.headers | {"Content-Length": str(len(body))}) if body else ("GET", self.headers)
        head = "".join(f"{name}: {value}\r\n" for name, value in (headers | {"Connection": "close"}).items())
        return f"{method} {self.path} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\n{head}\r\n".encode() + body


@dataclass
class Answer:
    """How many were answered, in how many seconds, and how much of the processor asking them took (1 is one core)."""

    answered: int
    seconds: float
    cpu: float
    bytes: int
    median_ms: float
    slowest_ms: float

    @property
    def rate(self) -> float:
        return self.answered / self.seconds


async def ask(order: Order) -> Answer:
    """Carry an order out. Raises RuntimeError when anything but the expected answer comes."""
    cpu, began = time.process_time(), time.perf_counter()
    times: list[float] = []
    size = 0

    async def one() -> None:
        nonlocal size
        fixed = b"" if order.body else order.request()
        while time.perf_counter() - began < order.seconds:
            started = time.perf_counter()
            reader, writer = await asyncio.open_connection(HOST, order.port)
            writer.write(fixed or order.request())
            head = await reader.readuntil(b"\r\n\r\n")
            if int(head[9:12]) != order.expect:
                raise RuntimeError(f"{order.path} answered {head[:80]!r}")
            length = LENGTH.search(head)
            size = int(length[1]) if length else 0
            if size:
                await reader.readexactly(size)
            times.append(time.perf_counter() - started)
            writer.close()

    await asyncio.gather(*(one() for _asker in range(order.askers)))
    seconds = time.perf_counter() - began
    times.sort()
    middle, last = (1000 * times[len(times) // 2], 1000 * times[-1]) if times else (0.0, 0.0)
    return Answer(len(times), seconds, (time.process_time() - cpu) / seconds, size, middle, last)


def main() -> None:
    for line in sys.stdin:
        answer = asyncio.run(ask(Order(**json.loads(line))))
        sys.stdout.write(json.dumps(asdict(answer)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
