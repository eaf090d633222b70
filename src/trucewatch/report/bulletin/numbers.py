"""The numbers of a bulletin for machines: canonical JSON, every number with rule and coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.canonical import canonical
from trucewatch.records.instant import instant_text
from trucewatch.report.bulletin.counts import osce_text
from trucewatch.report.bulletin.five import RULE_WORDS, five_json
from trucewatch.report.bulletin.interval import INTERVAL_P
from trucewatch.report.bulletin.movement import movement_json
from trucewatch.report.bulletin.opening import confidential_text
from trucewatch.report.bulletin.share import silence
from trucewatch.report.bulletin.silent import silences_json
from trucewatch.report.bulletin.watched import UNKNOWN, shares_json, watching_json
from trucewatch.report.bulletin.wording import NONE_REPORTED, SILENCE, quote
from trucewatch.report.material import REPORT_COLUMNS

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.report.bulletin.draft import Draft
    from trucewatch.report.bulletin.figures import Figures, Units
    from trucewatch.report.bulletin.interval import Tally
    from trucewatch.report.bulletin.watched import Shares

VERSION = 1


def numbers(draft: Draft) -> bytes:
    """Return the numbers as one line of canonical JSON."""
    material, figures = draft.material, draft.figures
    shares = shares_json(material.watching)
    told = {
        "v": VERSION,
        "title": "Incident bulletin",
        "mission": quote(material.mission_name, limit=120),
        "number": material.number,
        "day": material.day.isoformat(),
        "level": material.level,
        "window": _window(material.window_start, material.window_end, material.time_zone),
        "previous_window": _window(
            material.previous_start, material.window_start, material.time_zone
        ),
        "coverage": _coverage(draft),
        "silences": silences_json(draft),
        "rules": RULE_WORDS,
        "counts": five_json(draft),
        **figures_json(figures, shares),
        "agreement": {
            "title": quote(material.agreement_title),
            "status": quote(material.agreement_status),
            "in_force": material.in_force,
        },
        "reports": _reports(draft),
        "unlinked": _plain(material.unlinked_n, shares.now),
        "refused": _plain(material.refused_n),
        "corrections": [quote(text, limit=1000) for text in material.corrections],
        "input": {
            "origin": quote(material.origin, limit=120),
            "size": material.input_size,
            "root": material.input_root,
        },
        "release_table": {
            "file": draft.table_file,
            "sha256": draft.table_sha256,
            "rows": draft.released.incidents.height,
        },
        "movement": movement_json(draft),
        "sites": {"declared": material.declared_n, "visits": material.visited_n},
        "code": quote(material.code_version, limit=60),
        "adoption": "Nobody has adopted this software.",
    }
    if material.watching is not None:
        told["watching"] = watching_json(material.watching, asked=material.in_force)
    if material.confidential_n:
        told["confidential"] = {
            **_plain(material.confidential_n, shares.now),
            "rule": "incident",
            "text": confidential_text(material.confidential_n),
        }
    if material.exercise:
        told["notice"] = "EXERCISE"
    return canonical(told) + b"\n"


def figures_json(figures: Figures, shares: Shares) -> dict[str, object]:
    """Return the numbers that are functions of the release table, with coverage beside them."""
    now, before = shares
    both = UNKNOWN if now == UNKNOWN else {"current": now, "previous": before}
    return {
        "incidents": {
            "current": _tally(figures.current, now),
            "previous": _tally(figures.previous, before),
            "change": _figure(figures.change, both),
        },
        "units": [
            {"unit": one.unit, "current": _units(one, now), "previous": _units(then, before)}
            for one, then in figures.units
        ],
        "kinds": [
            {
                "kind": row.kind,
                "current": _tally(row.current, now),
                "previous": _tally(row.previous, before),
            }
            for row in figures.kinds
        ],
        "outcomes": [
            {
                "rule": row.rule,
                "outcome": row.outcome,
                "why": row.why,
                "incidents": _tally(row.tally, now),
            }
            for row in figures.outcomes
        ],
    }


def _coverage(draft: Draft) -> dict[str, object]:
    watching = draft.material.watching
    if watching is None:
        return {"share": None, "text": SILENCE}
    now, before = shares_json(watching)
    return {"share": now, "share_previous": before, "text": silence(draft)}


def _window(start: datetime, end: datetime, zone: str) -> dict[str, str]:
    return {"start": instant_text(start), "end": instant_text(end), "time_zone": zone}


def _tally(one: Tally, coverage: object) -> dict[str, object]:
    told = _figure(one, coverage)
    return told if one.n else told | {"text": NONE_REPORTED}


def _figure(one: Tally, coverage: object) -> dict[str, object]:
    return {
        "rule": "incident",
        "value": one.n,
        "real": {
            "mean": one.real_mean,
            "low": one.low,
            "high": one.high,
            "interval_p": INTERVAL_P,
        },
        "coverage": coverage,
    }


def _units(one: Units, coverage: object) -> dict[str, object]:
    return {
        "rule": "osce_unit",
        "low": one.low,
        "high": one.high,
        "incidents_with_count": one.counted_n,
        "incidents_without_count": one.uncounted_n,
        "coverage": coverage,
        "text": osce_text(one),
    }


def _plain(number: int, coverage: object = UNKNOWN) -> dict[str, object]:
    told: dict[str, object] = {"rule": "rows as received", "value": number, "coverage": coverage}
    return told if number else told | {"text": "none"}


def _reports(draft: Draft) -> list[dict[str, object]]:
    now = shares_json(draft.material.watching).now
    rows = draft.material.reports.select(REPORT_COLUMNS).sort("span", "sensor").to_dicts()
    return [
        row
        | {
            name: None if row[name] is None else instant_text(row[name])
            for name in ("first", "last")
        }
        | {"sensor": quote(str(row["sensor"]), limit=40), "rule": "rows as received"}
        | {"coverage": now if row["span"] == "window" else UNKNOWN}
        for row in rows
    ]
