"""How quick the pages are with very many incidents: measured in a real Chromium, never a test.

`python -m tools.crowded HOME` draws incidents of a mission with replacement, at new times and
places of its ground, until there are a million, serves them from memory, and says how long the
first byte of a list takes, when the map has come to rest, and how long a step in time takes. The
sealed mission is not touched.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import sys
import time
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import numpy as np
import polars as pl
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from playwright.sync_api import sync_playwright

from trucewatch.access.role import Role, Viewer
from trucewatch.mission.home import Home
from trucewatch.mission.passes import first_pass
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from litestar import Litestar

SEED = 1
JITTER_DEG = 0.3
REPEATS = 9
_US = 1e6
_START_S = 300


def crowded(home: str, incidents_n: int) -> Litestar:
    """Return the application of a mission with that many incidents in memory."""
    app = make_app(home)
    site, viewer, rng = (
        app.state.site,
        Viewer(Role.MISSION, "measuring"),
        np.random.default_rng(SEED),
    )
    shown = site.shown(viewer)
    few, assessed = shown.incidents, shown.assessments
    first, last = (few["time"].dt.epoch("us").cast(pl.Float64).quantile(q) for q in (0.0, 1.0))
    many = few[rng.integers(0, few.height, incidents_n)].with_columns(
        pl.Series("id", [f"i-{k:016d}" for k in range(incidents_n)]),
        pl.Series("time", (first + rng.random(incidents_n) * (last - first)).astype(np.int64)).cast(
            few.schema["time"]
        ),
        pl.col("lat_deg") + pl.Series(rng.normal(0, JITTER_DEG, incidents_n)),
        pl.col("lon_deg") + pl.Series(rng.normal(0, JITTER_DEG, incidents_n)),
    )
    many = many.sort("time", "id")
    rows = assessed[rng.integers(0, assessed.height, incidents_n)].with_columns(
        subject=many["id"], subject_kind=pl.lit("incident")
    )
    held = replace(shown, incidents=many, assessments=rows.sort("subject", "rule"))
    site._seen[Role.MISSION] = site.state(), (), held  # noqa: SLF001 - what this tool is for
    return app


def _serve(home: str, incidents_n: int, port: int) -> None:
    server = Server("trucewatch", port=port, interface=Interfaces.ASGI, log_level=LogLevels.warning)
    server.serve(target_loader=partial(crowded, home, incidents_n), wrap_loader=False)


def measure(base: str, key: str) -> list[str]:
    """Return what was measured, a line each."""
    cookies = {"tw_pass": key}
    with httpx.Client(base_url=base, cookies=cookies, timeout=_START_S) as client:
        bytes_ms = [_first_byte_ms(client, f"/incidents?page={n + 1}") for n in range(REPEATS)]
    told = [f"list, first byte: median {statistics.median(bytes_ms):.0f} ms of {REPEATS}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(base_url=base, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "tw_pass", "value": key, "url": base}])
        page = context.new_page()
        rest_ms = []
        for _ in range(3):
            start = time.perf_counter()
            page.goto("/map", wait_until="networkidle")
            rest_ms.append(1e3 * (time.perf_counter() - start))
        told.append(f"map, at rest (with 500 ms of quiet): {max(rest_ms):.0f} ms, slowest of 3")
        step_ms = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            with page.expect_response(lambda r: "/map/view" in r.url):
                page.keyboard.press("[")
            page.wait_for_function(
                "() => !document.querySelector('#main').hasAttribute('aria-busy')"
            )
            step_ms.append(1e3 * (time.perf_counter() - start))
        told.append(f"step in time: median {statistics.median(step_ms):.0f} ms of {REPEATS}")
        browser.close()
    return told


def _first_byte_ms(client: httpx.Client, path: str) -> float:
    start = time.perf_counter()
    with client.stream("GET", path) as answer:
        answer.raise_for_status()
        next(answer.iter_raw(1))
    return 1e3 * (time.perf_counter() - start)


def main() -> None:
    """Measure, and say it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("home", type=Path)
    asked.add_argument("--incidents", type=int, default=1_000_000)
    said = asked.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = get_context("spawn").Process(
        target=_serve, args=(str(said.home), said.incidents, port)
    )
    serving.start()
    base = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=9), timeout=_START_S) as client:
            client.get(f"{base}/incidents")
        sys.stdout.write(f"{said.incidents:,} incidents\n")
        for line in measure(base, first_pass(Home(said.home))):
            sys.stdout.write(f"  {line}\n")
    finally:
        serving.terminate()
        serving.join(20)


if __name__ == "__main__":
    main()
