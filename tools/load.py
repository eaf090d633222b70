"""How a served mission bears readers and senders at once: measured over HTTP, never a test.

`python -m tools.load HOME` serves a copy of a mission and lets 200 readers go through its pages
(one looks at a page for a second), 50 listen to `/api/v1/changes`, and 1,000 thermal observations
a second be posted in batches with `run=true`. It says how long readers wait, what failed, how soon
a batch is durable and how soon its incidents can be seen. `--bulk N` posts N batches of 5,000
as fast as they are taken instead, with four senders.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import shutil
import socket
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.mission.home import Home
from trucewatch.mission.opened import reading
from trucewatch.mission.passes import first_pass
from trucewatch.serve.served import serve_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

PAGES = ("/incidents", "/map", "/", "/sensors", "/reports", "/agreement", "/register")
HEAD = "latitude,longitude,acq_date,acq_time,satellite,instrument,frp,scan,track,confidence\n"
BULK_ROWS, SENDERS = 5_000, 4
CENTRE_DEG, BOX_DEG = (45.0, -30.0), 1.0
_WAIT_S = 120.0


@dataclass
class Seen:
    """What was measured: seconds, by what they are of, and what failed."""

    read_s: list[float] = field(default_factory=list)
    read_by: dict[str, list[float]] = field(default_factory=dict)
    durable_s: list[float] = field(default_factory=list)
    posted_at: dict[int, float] = field(default_factory=dict)  # by entry
    visible_s: list[float] = field(default_factory=list)
    unseen: dict[int, float] = field(default_factory=dict)  # by entry, not even provisionally
    provisional_s: list[float] = field(default_factory=list)
    told: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """What to do, to which port, with which pass."""

    port: int
    key: str
    until: float
    seen: Seen


def batches(rows: int, day: datetime, seed: int) -> Iterator[bytes]:
    """Yield files of that many rows, all different, on that day, around the ground's centre."""
    rng = np.random.default_rng(seed)
    while True:
        lat, lon = (c + rng.uniform(-BOX_DEG, BOX_DEG, rows) for c in CENTRE_DEG)
        minute, power = rng.integers(0, 1440, rows), rng.uniform(1, 50, rows)
        yield (
            HEAD
            + "".join(
                f"{a:.5f},{o:.5f},{day:%Y-%m-%d},{m // 60:02d}{m % 60:02d}"
                f",N21,VIIRS,{p:.1f},.4,.4,n\n"
                for a, o, m, p in zip(lat, lon, minute, power, strict=True)
            )
        ).encode()


class Line:
    """One connection that is kept."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, path: str, *, body: bytes | None = None, key: bool = True
    ) -> tuple[int, bytes]:
        """Return status and body of an answer."""
        reader, length = await self.begin(path, body=body, key=key)
        if length is not None:
            return self.status, await reader.readexactly(length)
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return self.status, b"".join(parts)

    async def begin(
        self, path: str, *, body: bytes | None = None, key: bool = True
    ) -> tuple[asyncio.StreamReader, int | None]:
        """Return where the body of an answer is read from, and its length, if that was said."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._asked.port)
        reader, writer = self._streams
        head = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "Host: 127.0.0.1"]
        head += [f"Authorization: Bearer {self._asked.key}"] if key else []
        head += [] if body is None else [f"Content-Length: {len(body)}", "X-File-Name: load.csv"]
        writer.write("\r\n".join([*head, "", ""]).encode() + (body or b""))
        await writer.drain()
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        self.status = int(lines[0].split()[1])
        said = dict(line.split(": ", 1) for line in lines[1:] if line)
        return reader, int(said["content-length"]) if "content-length" in said else None


async def read(asked: Asked, number: int, pause_s: float) -> None:
    """Go through the pages, half as the mission and half as the public."""
    line, turn = Line(asked), number
    await asyncio.sleep(pause_s * number / 200)
    while time.monotonic() < asked.until:
        page, start = PAGES[turn % len(PAGES)], time.monotonic()
        key = bool(number % 2) or page == "/sensors"
        try:
            status, _ = await asyncio.wait_for(line.ask(page, key=key), _WAIT_S)
            if status != HTTPStatus.OK:
                asked.seen.errors.append(f"{page} {status}")
        except (OSError, EOFError, TimeoutError) as error:
            asked.seen.errors.append(f"{page} {type(error).__name__}")
            line = Line(asked)
        took_s = time.monotonic() - start
        asked.seen.read_s.append(took_s)
        asked.seen.read_by.setdefault(page, []).append(took_s)
        turn += 1
        await asyncio.sleep(pause_s)


async def listen(asked: Asked, number: int) -> None:
    """Listen; the first listener of the mission says when a batch could be seen."""
    line, eyes = Line(asked), Line(asked)
    try:
        reader, _ = await line.begin("/api/v1/changes", key=not number % 2)
        while True:
            text = (await reader.readline()).decode()
            if not text:
                asked.seen.errors.append("a stream ended")
                return
            asked.seen.told += text.startswith("data:")
            if number == 0 and text.startswith("data:"):
                told = json.loads(text[5:])
                if "input_size" in told:
                    _visible(asked.seen, told["input_size"])
                elif "entry" in told:
                    await _provisional(asked, eyes, told["entry"])
    except (OSError, EOFError) as error:
        asked.seen.errors.append(f"a stream: {type(error).__name__}")


async def _provisional(asked: Asked, eyes: Line, entry: int) -> None:
    """Fetch the provisional incidents, as a page would; from then on a batch can be seen."""
    status, answer = await eyes.ask("/api/v1/provisional?size=200")
    if status != HTTPStatus.OK:
        asked.seen.errors.append(f"provisional {status} {answer[:200]!r}")
    now = time.monotonic()
    for each in [each for each in asked.seen.unseen if each <= entry]:
        asked.seen.provisional_s.append(now - asked.seen.unseen.pop(each))


def _visible(seen: Seen, size: int) -> None:
    now = time.monotonic()
    for entry in [entry for entry in seen.posted_at if entry < size]:
        seen.visible_s.append(now - seen.posted_at.pop(entry))
    for entry in [entry for entry in seen.unseen if entry < size]:
        seen.provisional_s.append(now - seen.unseen.pop(entry))


async def send(asked: Asked, files: Iterator[bytes], every_s: float, path: str) -> int:
    """Post a file at every tick, or as fast as they are taken; return the observations."""
    line, taken, tick = Line(asked), 0, time.monotonic()
    for body in files:
        start = time.monotonic()
        if start > asked.until:
            break
        status, answer = await line.ask(path, body=body)
        if status == HTTPStatus.CREATED:
            told = json.loads(answer)
            taken += told["accepted"]
            asked.seen.durable_s.append(time.monotonic() - start)
            asked.seen.posted_at[told["entry"]] = asked.seen.unseen[told["entry"]] = start
        else:
            asked.seen.errors.append(f"post {status} {answer[:200]!r}")
        tick += every_s
        await asyncio.sleep(max(0.0, tick - time.monotonic()) if every_s else 0)
    return taken


async def crowd(asked: Asked, said: argparse.Namespace, day: datetime) -> list[str]:
    """Return what 200 readers, 50 listeners and a sender saw."""
    listeners = [asyncio.create_task(listen(asked, n)) for n in range(said.streams)]
    readers = [asyncio.create_task(read(asked, n, said.pause)) for n in range(said.readers)]
    files = batches(said.batch, day, said.seed)
    path = f"/api/v1/intake/firms?run={str(said.run).lower()}"
    taken = await send(asked, files, said.batch / said.rate, path) if said.rate else 0
    await asyncio.gather(*readers)
    drained = time.monotonic() + said.drain
    while said.run and asked.seen.posted_at and time.monotonic() < drained:
        await asyncio.sleep(0.1)
    for each in listeners:
        each.cancel()
    seen = asked.seen
    return [
        f"readers: {len(seen.read_s):,} pages, {_spread(seen.read_s)}",
        *(f"    {page}: {_spread(took)}" for page, took in sorted(seen.read_by.items())),
        f"streams: {seen.told:,} messages to {said.streams}",
        f"posted: {taken:,} observations in {len(seen.durable_s)} batches",
        f"durable: {_spread(seen.durable_s)}",
        f"visible, provisionally: {_spread(seen.provisional_s)}; never: {len(seen.unseen)} batches",
        f"visible, of a run: {_spread(seen.visible_s)}; never: {len(seen.posted_at)} batches",
        f"errors: {len(seen.errors)} {sorted(set(seen.errors))[:5]}",
    ]


async def bulk(asked: Asked, said: argparse.Namespace, day: datetime) -> list[str]:
    """Return how fast batches are taken."""
    each = -(-said.bulk // SENDERS)
    made = batches(BULK_ROWS, day, said.seed)
    files = [[next(made) for _ in range(each)] for _ in range(SENDERS)]
    start = time.monotonic()
    taken = sum(
        await asyncio.gather(*(send(asked, iter(f), 0, "/api/v1/intake/firms") for f in files))
    )
    took_s = time.monotonic() - start
    return [
        f"bulk: {taken:,} observations in {took_s:.2f} s:"
        f" {taken / took_s:,.0f} observations/s durable",
        f"durable: {_spread(asked.seen.durable_s)}",
        f"errors: {len(asked.seen.errors)} {sorted(set(asked.seen.errors))[:5]}",
    ]


def _spread(took_s: list[float]) -> str:
    if not took_s:
        return "none"
    p50, p99 = np.quantile(took_s, [0.5, 0.99])
    return f"p50 {1e3 * p50:.0f} ms, p99 {1e3 * p99:.0f} ms, worst {1e3 * max(took_s):.0f} ms"


async def warmed(asked: Asked, first: bytes) -> None:
    """Wait until the server answers, run one batch, and make every page once for both roles.

    The first batch after a start waits for the processes that join reports and run, which start
    with it.
    """
    for _ in range(300):
        try:
            await Line(asked).ask("/")
            break
        except OSError:
            await asyncio.sleep(0.1)
    line = Line(asked)
    _, answer = await line.ask("/api/v1/intake/firms?run=true", body=first)
    entry = json.loads(answer)["entry"]
    for _ in range(300):
        _, answer = await line.ask("/api/v1/provisional?size=1")
        if json.loads(answer)["size"] > entry:
            break
        await asyncio.sleep(0.1)
    for page in PAGES:
        for key in (False, True):
            await line.ask(page, key=key)


def main() -> None:
    """Measure, and say it."""
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("home", type=Path)
    for name, usual in (
        ("readers", 200),
        ("streams", 50),
        ("seed", 1),
        ("bulk", 0),
        ("batch", 500),
    ):
        asks.add_argument(f"--{name}", type=int, default=usual)
    asks.add_argument("--rate", type=int, default=1_000, help="observations a second")
    for name, usual_s in (("seconds", 30.0), ("pause", 1.0), ("drain", 60.0)):
        asks.add_argument(f"--{name}", type=float, default=usual_s)
    asks.add_argument("--run", action=argparse.BooleanOptionalAction, default=True)
    said = asks.parse_args()
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        path = shutil.copytree(said.home, Path(folder) / "home")
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        home = Home(path)
        with reading(home) as (log, _):
            day = log.entry(log.size - 1).logged_at - timedelta(days=1)
        serving = get_context("spawn").Process(
            target=serve_at, args=(path,), kwargs={"host": "127.0.0.1", "port": port}
        )
        key = first_pass(home)
        serving.start()
        try:
            told = asyncio.run(_measured(said, port, key, day))
        finally:
            serving.terminate()
            serving.join(60)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    told.append(f"server: {used.ru_utime + used.ru_stime:.1f} s of CPU time, starting included")
    sys.stdout.write("\n".join(told) + "\n")


async def _measured(said: argparse.Namespace, port: int, key: str, day: datetime) -> list[str]:
    seen = Seen()
    await warmed(Asked(port, key, 0, seen), next(batches(said.batch, day, said.seed + 1)))
    start = time.monotonic()
    if said.bulk:
        return await bulk(Asked(port, key, start + 600, seen), said, day)
    return await crowd(Asked(port, key, start + said.seconds, seen), said, day)


if __name__ == "__main__":
    main()
