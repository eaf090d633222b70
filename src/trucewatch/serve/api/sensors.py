"""Sensors: what each sent, when it was silent, what of it was refused; for the mission alone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import polars as pl
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import BadInput
from trucewatch.serve.api._asked import PAGE, asked_page, cut, delimited, resource
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages._heard import expect_known, listened, refused_of

if TYPE_CHECKING:
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._heard import Heard

REFUSED_MAX = 100_000
"""Of one sensor, how far back refused rows are told."""


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """When a sensor sent nothing and should have.

    Attributes:
        start: Its last report before.
        end: Its first report after.
        expected_mean: Reports that its own rhythm would have sent; null when unknown.
    """

    start: datetime
    end: datetime
    expected_mean: float | None


class Sensor(msgspec.Struct, frozen=True, kw_only=True):
    """One sensor.

    Attributes:
        name: Its module.
        procedure: What the module says of itself.
        files: Objects that it sent.
        accepted: Rows that were read.
        refused: Rows and whole files that were not.
        last: Latest time that a report of it speaks of; null without any.
        last_entry: Entry of its latest object; null without any.
        last_logged_at: When that was sealed.
        heard_share: Of the time from the first report of any sensor to the last, outside silences.
        every_h: Hours between two files that are expected, 0 without a schedule.
        level: Level at which its files are sealed.
        silences: When it was silent.
    """

    name: str
    procedure: str
    files: int
    accepted: int
    refused: int
    last: datetime | None
    last_entry: int | None
    last_logged_at: datetime | None
    heard_share: float
    every_h: float
    level: str
    silences: list[Silence]


class Sensors(msgspec.Struct, frozen=True, kw_only=True):
    """All sensors.

    Attributes:
        start: First time that a report of any speaks of; null without any.
        end: Last one.
        items: The sensors, by name.
    """

    start: datetime | None
    end: datetime | None
    items: list[Sensor]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be read.

    Attributes:
        object: SHA-256 of the sealed object.
        entry: Entry that seals it.
        row: Data record, from 0; null for the whole file.
        line: Line of the unpacked file, from 1; null for the whole file.
        problem: What was wrong, what was expected.
    """

    object: str
    entry: int
    row: int | None
    line: int | None
    problem: str


class RefusedRows(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what of a sensor was refused, the newest object first.

    Attributes:
        total: Rows and whole files.
        page: Which page.
        size: Rows of a page.
        next: Address of the next page, null on the last.
        items: The rows.
    """

    total: int
    page: int
    size: int
    next: str | None
    items: list[Refused]


@resource("/sensors")
def sensors_json(ask: Ask) -> Sensors:
    """Return every sensor that sent something, or is expected to."""
    ask.expect(What.SENSOR)
    settings = ask.shown.using.settings
    with ask.site.reading() as (log, there):
        heard = listened(log, there, settings)
    return Sensors(
        start=heard.start, end=heard.end, items=[_sensor(each) for each in heard.sensors]
    )


@resource("/sensors.csv", csv=True)
def sensors_csv(ask: Ask) -> str:
    """Return every sensor, without its silences."""
    told = [msgspec.structs.asdict(each) for each in sensors_json.fn(ask).items]
    for each in told:
        del each["silences"]
    return delimited(pl.DataFrame(told, infer_schema_length=None))


@resource("/sensors/{name:str}")
def sensor_json(ask: Ask, name: FromPath[str]) -> Sensor:
    """Return one sensor."""
    ask.expect(What.SENSOR)
    return _sensor(_known(ask, name))


@resource("/sensors/{name:str}/refused", *PAGE)
def refused_json(ask: Ask, name: FromPath[str]) -> RefusedRows:
    """Return what of a sensor was refused, and why, a page at a time.

    Raises:
        BadInput: The page lies too far back.
    """
    ask.expect(What.SENSOR)
    ask.expect(What.OBSERVATION)
    _known(ask, name)
    page, size = asked_page(ask)
    if page * size > REFUSED_MAX:
        raise BadInput("page", f"is {page}, expected at most {REFUSED_MAX // size}")
    with ask.site.reading() as (_, there):
        rows, total = refused_of(there, name, page * size)
    at = cut(ask, total)
    items = [
        Refused(
            object=row["object"],
            entry=row["entry"],
            row=None if row["row"] < 0 else row["row"],
            line=row["line"],
            problem=row["problem"],
        )
        for row in rows.slice(at.start, at.size).iter_rows(named=True)
    ]
    return RefusedRows(total=at.total, page=at.page, size=at.size, next=at.next, items=items)


def _known(ask: Asking, name: str) -> Heard:
    with ask.site.reading() as (log, there):
        heard = listened(log, there, ask.shown.using.settings)
    expect_known({each.name for each in heard.sensors}, name)
    return next(each for each in heard.sensors if each.name == name)


def _sensor(heard: Heard) -> Sensor:
    return Sensor(
        name=heard.name,
        procedure=heard.procedure,
        files=heard.files,
        accepted=heard.accepted,
        refused=heard.refused,
        last=heard.last,
        last_entry=heard.last_entry if heard.files else None,
        last_logged_at=heard.last_logged,
        heard_share=heard.heard_share,
        every_h=heard.every_h,
        level=heard.level,
        silences=[
            Silence(start=start, end=end, expected_mean=expected)
            for start, end, expected in heard.silences
        ],
    )


ROUTES = (sensors_json, sensors_csv, sensor_json, refused_json)
