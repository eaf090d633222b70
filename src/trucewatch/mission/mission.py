"""The Python API: a mission as one object whose methods are the command line's verbs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.mission.check import digest_tables
from trucewatch.mission.check import verify as verify_path
from trucewatch.mission.clock import SystemClock
from trucewatch.mission.entering import enter
from trucewatch.mission.explain import explain as explain_id
from trucewatch.mission.export import export as export_bundle
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest as ingest_files
from trucewatch.mission.listing import Filter, assessments, incidents, quarantine
from trucewatch.mission.logbook import records_at
from trucewatch.mission.rebuild import rebuild as rebuild_all
from trucewatch.mission.report import report as publish
from trucewatch.mission.run import run as compute
from trucewatch.mission.what_if import what_if

if TYPE_CHECKING:
    from datetime import date, datetime

    import polars as pl

    from trucewatch.mission.clock import Clock
    from trucewatch.mission.entering import Done, NewAct
    from trucewatch.mission.explain import Explanation
    from trucewatch.mission.export import Exported, ExportLevel
    from trucewatch.mission.ingest import Intake
    from trucewatch.mission.rebuild import Rebuilt
    from trucewatch.mission.report import Published
    from trucewatch.mission.run import Run
    from trucewatch.records.logbook.machine import Record
    from trucewatch.report.material import ReleaseLevel
    from trucewatch.verify.findings import Findings


class Mission:
    """A mission's folder, opened; nothing is held between calls.

    Args:
        path: The folder that `tw init` made.
        clock: Says what time it is; by default that of this machine.

    Each method opens what it needs and gives it back; one that writes takes the writer's lock.
    """

    def __init__(self, path: Path, *, clock: Clock | None = None) -> None:
        self.home = Home(path).expect()
        self.clock = clock or SystemClock()

    def ingest(self, sensor: str, *files: str | Path) -> list[Intake]:
        """Seal and read files; see `mission.ingest.ingest`."""
        paths = [Path(file) for file in files]
        return list(ingest_files(self.home, sensor, paths, clock=self.clock))

    def run(self) -> Run:
        """Fuse and assess what is new; see `mission.run.run`."""
        return compute(self.home, clock=self.clock)

    def incidents(
        self, only: Filter | None = None, *, as_of: datetime | None = None
    ) -> pl.DataFrame:
        """Return incidents; see `mission.listing.incidents`."""
        return incidents(self.home, only=only or Filter(), as_of=as_of)

    def assessments(
        self, only: Filter | None = None, *, as_of: datetime | None = None
    ) -> pl.DataFrame:
        """Return assessments; see `mission.listing.assessments`."""
        return assessments(self.home, only=only or Filter(), as_of=as_of)

    def what_if(self, text: str | Path, only: Filter | None = None) -> pl.DataFrame:
        """Return assessments against another text; see `mission.what_if.what_if`."""
        return what_if(self.home, Path(text), only=only or Filter())

    def enter(self, *acts: NewAct) -> tuple[Done, ...]:
        """Enter acts in the logbook, all or none; see `mission.entering.enter`."""
        return enter(self.home, acts, clock=self.clock)

    def logbook(self, *, as_of: datetime | None = None) -> tuple[Record, ...]:
        """Return the records of the logbook; see `mission.logbook.records_at`."""
        return records_at(self.home, as_of)

    def quarantine(self) -> pl.DataFrame:
        """Return what was refused, and why; see `mission.listing.quarantine`."""
        return quarantine(self.home)

    def explain(self, asked: str) -> Explanation:
        """Walk from an incident down to sealed rows; see `mission.explain.explain`."""
        return explain_id(self.home, asked)

    def report(
        self, product: str, *, day: date | None = None, level: ReleaseLevel = "public"
    ) -> Published:
        """Render and publish a product; see `mission.report.report`."""
        return publish(self.home, product, day=day, level=level, clock=self.clock)

    def export(self, out: str | Path, *, level: ExportLevel = "public") -> Exported:
        """Write a bundle; see `mission.export.export`."""
        return export_bundle(self.home, Path(out), level=level, clock=self.clock)

    def verify(self, *, vkey: str | None = None) -> Findings:
        """Check the mission's log in place; see `mission.check.verify`."""
        return verify_path(self.home.path, vkey=vkey)

    def rebuild(self) -> Rebuilt:
        """Compute everything again from the log; see `mission.rebuild.rebuild`."""
        return rebuild_all(self.home)

    def digest(self) -> dict[str, dict[str, object]]:
        """Return the fingerprint of every table; see `store.digest.digests`."""
        return digest_tables(self.home)
