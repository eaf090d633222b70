"""`tw tasking`: which looks would settle most of what is not known, under a budget, and why.

For the mission alone: where patrols and flights will be is shown to nobody outside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput, BadMission, NotReleasable
from trucewatch.measure.tasking.chosen import choose
from trucewatch.measure.tasking.looks import LOOK, chances
from trucewatch.measure.tasking.told import Reason, reasons
from trucewatch.mission.configuration import in_force
from trucewatch.mission.opened import reading
from trucewatch.mission.tasking_targets import targets
from trucewatch.records.table import TIME

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.home import Home
    from trucewatch.mission.tasking_targets import Targets

BYTES_MAX = 64 * 2**20
_TIME = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-5][0-9])?Z$"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,63}")
MISSION = "mission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasking:
    """Looks that were chosen.

    Attributes:
        budget: What they may cost, in the unit of their costs.
        cost: What they cost.
        looks: How many could be chosen from.
        chosen: Why each was chosen, in order.
        settled_nats: What they settle in expectation.
        unknown_nats: All that is not known of the targets.
        best_share: Least share of the best that any choice could settle.
        targets: How many targets there are of each sort.
        left_out: What could not be made a target, with the reason.
    """

    budget: float
    cost: float
    looks: int
    chosen: tuple[Reason, ...]
    settled_nats: float
    unknown_nats: float
    best_share: float
    targets: dict[str, int]
    left_out: tuple[str, ...]


def tasking(home: Home, file: Path, *, budget: float, level: str = MISSION) -> Tasking:
    """Return which looks to take.

    Args:
        home: The mission.
        file: The candidates, CSV with the columns of `measure.tasking.looks.LOOK`.
        budget: What they may cost together.
        level: Who will see it; the mission alone may.

    Raises:
        NotReleasable: Somebody else would.
        BadMission: Nothing has been run.
    """
    if level != MISSION:
        problem = "shows where patrols and flights will be, expected level mission"
        raise NotReleasable("tasking", problem, advice="Nobody outside may know it beforehand.")
    looks = read_looks(file)
    with reading(home) as (log, there):
        state = there.desk.state()
        if "input_size" not in state:
            problem = "nothing has been run, expected incidents"
            raise BadMission(str(home.path), problem, advice=f"Run: tw run {home.path}")
        size = int(state["input_size"])
        wanted = targets(log, there, in_force(log, size), size)
    return _chosen(looks, wanted, budget)


def read_looks(file: Path) -> pl.DataFrame:
    """Return the candidates of a file (`measure.tasking.looks.LOOK`); one bad row refuses it.

    Raises:
        BadInput: It cannot be read, has other columns, or a value cannot be.
    """
    name = file.name
    try:
        raw = file.read_bytes() if file.is_file() and file.stat().st_size <= BYTES_MAX else None
        if raw is None:
            raise BadInput(str(file)[:200], f"is no file of at most {BYTES_MAX} bytes")
        table = pl.read_csv(BytesIO(raw), infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        problem = f"cannot be read ({str(error).splitlines()[0]}), expected CSV with a header"
        raise BadInput(name, problem) from error
    if table.columns != list(LOOK):
        problem = f"columns are {','.join(table.columns)[:120]}, must be {','.join(LOOK)}"
        where = f"{name}:1"
        raise BadInput(where, problem)
    parsed = table.select(_parsed(column, kind) for column, kind in LOOK.items())
    for row, said, found in zip(
        range(len(table)), table.iter_rows(named=True), parsed.iter_rows(named=True), strict=True
    ):
        wrong = next((column for column, value in found.items() if value is None), None)
        if wrong is not None or not _ID.fullmatch(found["id"]):
            wrong = wrong or "id"
            problem = f"{wrong} is {str(said[wrong])[:80]!r}, expected one as the columns say"
            where = f"{name}:{row + 2}"
            raise BadInput(where, problem)
    return parsed


def _parsed(column: str, kind: pl.DataType) -> pl.Expr:
    said = pl.col(column)
    if kind == TIME:
        there = pl.when(said.str.contains(_TIME)).then(said.str.strip_chars_end("Z"))
        found = there.str.to_datetime(time_unit="us", strict=False)
        return found.dt.replace_time_zone("UTC").alias(column)
    if kind == pl.Float64():
        number = said.cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number).alias(column)
    return said.fill_null("") if column in {"exclusive", "kind"} else said


def _chosen(looks: pl.DataFrame, wanted: Targets, budget: float) -> Tasking:
    seen = chances(looks, wanted.table)
    choice = choose(seen, budget=budget)
    return Tasking(
        budget=budget,
        cost=float(sum(seen.costs[look] for look in choice.looks)),
        looks=len(looks),
        chosen=reasons(choice, seen, looks, wanted.table),
        settled_nats=choice.worth_nats,
        unknown_nats=float(wanted.table["weight"].sum()),
        best_share=choice.share,
        targets=wanted.numbers,
        left_out=wanted.left_out,
    )
