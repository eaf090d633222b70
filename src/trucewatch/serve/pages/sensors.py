"""Sensors: what each sent, what was refused and why, and when it was silent."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.mission.received_ledger import ledger
from trucewatch.serve.ask import Ask
from trucewatch.serve.nav import N_
from trucewatch.serve.pages import _worded
from trucewatch.serve.pages._heard import expect_known, latest, listened, refused_of

_LATEST = 50
_REFUSED = 100
_SLOTS_BACK = 60
_SLOTS = {
    "received": (N_("received"), "ok"),
    "late": (N_("late"), "clock"),
    "explained": (N_("explained"), "hand"),
    "missing": (N_("missing"), "no"),
}
"""States of a slot of a schedule: text and glyph."""


@get("/sensors", sync_to_thread=True, include_in_schema=False)
def sensors(ask: Ask) -> Response[Any]:
    """Return the list."""
    ask.expect(What.SENSOR)
    settings = ask.shown.using.settings
    with ask.site.reading() as (log, there):
        heard = listened(log, there, settings)
    return ask.page(
        "sensors.html",
        heard=heard,
        assets=[(name, settings.coverage[name]) for name in sorted(settings.coverage)],
        worded=_worded,
    )


@get("/sensors/{name:str}", sync_to_thread=True, include_in_schema=False)
def sensor(ask: Ask, name: FromPath[str]) -> Response[Any]:
    """Return the page of one."""
    ask.expect(What.SENSOR)
    ask.expect(What.OBSERVATION)
    settings = ask.shown.using.settings
    with ask.site.reading() as (log, there):
        heard = listened(log, there, settings)
        expect_known({each.name for each in heard.sensors}, name)
        rows = latest(there, name, _LATEST)
        refused, refused_n = refused_of(there, name, _REFUSED)
    one = next(each for each in heard.sensors if each.name == name)
    slots = ledger(ask.site.home, sensor=name).slots if one.every_h and one.files else ()
    return ask.page(
        "sensor.html",
        one=one,
        heard=heard,
        rows=rows.rows(named=True),
        refused=refused.rows(named=True),
        refused_n=refused_n,
        slots=slots[-_SLOTS_BACK:],
        slots_n=len(slots),
        slot_text=_SLOTS,
        worded=_worded,
    )


ROUTES = (sensors, sensor)
