"""Random worlds of two parties, and their mirror images.

A world is a tree of plain values: an agreement with a rule of every kind, incidents, positions of
craft, and acts of the logbook. Its image has the labels of the parties exchanged, and with them
their lines, zones, posts and clocks; and the ground reflected about a meridian, so that left and
right of each line change places. All numbers of degrees are binary fractions, so reflecting them
rounds nothing.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
from assess_samples import logbook

from trucewatch.agreement.parse import parse
from trucewatch.agreement.version import Version
from trucewatch.records.canonical import canonical, sha256_hex
from trucewatch.records.facts import Facts
from trucewatch.records.instant import instant_text
from trucewatch.records.table import INCIDENT, TRACK

if TYPE_CHECKING:
    from numpy.random import Generator

MERIDIAN_DEG = -30.0
MIDDLE_LAT_DEG = 45.0
START = datetime(2030, 9, 1, tzinfo=UTC)
DAYS = 40
TURNED = {"left": "right", "right": "left", "left_m": "right_m", "right_m": "left_m"}
PAIRS = (("ALPHA", "BRAVO"), ("LINE_A", "LINE_B"), ("Z_A", "Z_B"), ("POST_A", "POST_B"))
_NAMES = {one: other for pair in PAIRS for one, other in (pair, pair[::-1])}
_PATTERN = re.compile(r"\b(" + "|".join(_NAMES) + r")\b")
_FIRE = ["explosion_impact", "explosion_undetermined", "artillery_fire", "shot", "burst"]
_KINDS = [*_FIRE, "uav_activity", "thermal_anomaly", "armour"]
_ASSETS = ["POST_A", "POST_B", "patrol 1", "patrol 2"]


class World(NamedTuple):
    """Attributes: the agreement, incidents, positions and acts, as plain values."""

    agreement: dict[str, Any]
    incidents: list[dict[str, Any]]
    tracks: list[dict[str, Any]]
    acts: list[dict[str, Any]]

    def version(self) -> Version:
        raw = json.dumps(self.agreement).encode()
        return Version(agreement=parse(raw, name="world"), object=sha256_hex(raw))

    def facts(self) -> Facts:
        return Facts(
            as_of=START + timedelta(days=DAYS + 20),
            incidents=pl.DataFrame(self.incidents, schema=INCIDENT),
            tracks=pl.DataFrame(self.tracks, schema=TRACK),
            logbook=logbook(self.acts),
        )


def exchanged(text: str) -> str:
    """A text with every name replaced by that of the other side."""
    return _PATTERN.sub(lambda found: _NAMES[found[0]], text)


def mirrored(world: World, *, redrawn: bool = False) -> World:
    """The image of a world; `redrawn` names the points of its lines from the other end."""
    agreement = _turned(world.agreement)
    effective = datetime.fromisoformat(agreement["effective"])
    agreement["effective"] = effective.astimezone(timezone(timedelta(hours=3))).isoformat()
    for name in ("parties", "lines", "zones"):  # who comes first in the file does not change
        agreement[name].sort(key=lambda each: str(each["id"]))
    if redrawn:
        _redraw(agreement)
    return World(agreement, _turned(world.incidents), _turned(world.tracks), _turned(world.acts))


def _redraw(agreement: dict[str, Any]) -> None:
    for each in agreement["lines"]:
        each["points"].reverse()
        each["sides"] = {party: TURNED[side] for party, side in each["sides"].items()}
    belts = [belt for zone in agreement["zones"] for belt in zone.get("belts", [])]
    for belt in belts:
        belt["left_m"], belt["right_m"] = belt["right_m"], belt["left_m"]


def _turned(value: Any, key: str = "") -> Any:
    if isinstance(value, datetime) or value is None:
        return value
    if isinstance(value, str):
        return TURNED.get(value, exchanged(value))
    if isinstance(value, dict):
        turned = {name: _turned(each, name) for name, each in value.items()}
        return {TURNED.get(name, exchanged(name)): each for name, each in turned.items()}
    if isinstance(value, list):
        return _turned_list(value, key)
    if key == "lon_deg":
        return 2 * MERIDIAN_DEG - value
    return -value if key == "cov_en_m2" else value


def _turned_list(value: list[Any], key: str) -> list[Any]:
    if key in {"polygon", "points", "area"}:
        return [[2 * MERIDIAN_DEG - lon_deg, lat_deg] for lon_deg, lat_deg in value]
    if key == "at":
        return [2 * MERIDIAN_DEG - value[0], value[1]]
    turned = [_turned(each) for each in value]
    return sorted(turned) if key in {"guarantees_from", "to", "subjects"} else turned


def world(seed: int) -> World:
    """A random world."""
    rng = np.random.default_rng(seed)
    acts = _Acts(rng)
    for _ in range(6):
        _notification(rng, acts)
        _sighting(rng, acts)
        _sighting(rng, acts)
        _restriction(rng, acts)
        _site(rng, acts)
        _duty(rng, acts)
        _window(rng, acts)
    incidents = [_incident(rng, f"i-{number}") for number in range(60)]
    incidents += _exchange(rng, acts)
    return World(_agreement(rng), incidents, _tracks(rng), acts.made)


def _deg(rng: Generator, middle_deg: float, reach_deg: float) -> float:
    """A number of degrees of which no thousandth is a tie."""
    most = int(reach_deg * 4096)
    return middle_deg + (2 * int(rng.integers(-most, most)) + 1) / 8192


def _point(rng: Generator) -> list[float]:
    return [_deg(rng, MERIDIAN_DEG, 0.4), _deg(rng, MIDDLE_LAT_DEG, 0.3)]


def _place(rng: Generator) -> dict[str, float]:
    lon_deg, lat_deg = _point(rng)
    error_m = float(rng.choice([30, 300, 1500]))
    return {"error_m": error_m, "lat_deg": lat_deg, "lon_deg": lon_deg}


def _box(rng: Generator, half_deg: float) -> list[list[float]]:
    lon_deg, lat_deg = _point(rng)
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    return [[lon_deg + x * half_deg, lat_deg + y * half_deg] for x, y in corners]


def _line(rng: Generator, east_deg: float) -> list[list[float]]:
    return [
        [_deg(rng, MERIDIAN_DEG + east_deg, 0.03), MIDDLE_LAT_DEG + north_deg]
        for north_deg in (-0.5, -0.25, 0.0, 0.25, 0.5)
    ]


def _time(rng: Generator) -> datetime:
    """A time of which the sun is surely up or down: no sunset lies within hours of it."""
    hour = int(rng.choice([11, 12, 13, 14, 15, 16, 23, 24, 25, 26]))
    return START + timedelta(
        days=int(rng.integers(0, DAYS)), hours=hour, minutes=int(rng.integers(0, 60))
    )


def _party(rng: Generator) -> str:
    return str(rng.choice(["ALPHA", "BRAVO"]))


def _incident(rng: Generator, id_: str) -> dict[str, Any]:
    lon_deg, lat_deg = _point(rng)
    at, sigma_m = _time(rng), float(rng.choice([50, 400, 2000]))
    spread_s = int(rng.choice([10, 60, 900]))
    first, second = (str(each) for each in rng.choice(_KINDS, 2, replace=False))
    first_p = float(rng.choice([0.5, 0.75, 0.96875]))
    units = int(rng.integers(1, 5))
    return {
        "id": id_, "tier": 0, "time": at, "time_sigma_s": float(spread_s) / 2,
        "time_start": at - timedelta(seconds=spread_s),
        "time_end": at + timedelta(seconds=spread_s),
        "lat_deg": lat_deg, "lon_deg": lon_deg,
        "cov_ee_m2": sigma_m**2, "cov_en_m2": 0.5 * sigma_m**2, "cov_nn_m2": 1.5 * sigma_m**2,
        "class": first, "class_p": canonical({first: first_p, second: 1 - first_p}).decode(),
        "real_p": float(rng.choice([0.5, 0.9, 0.99])), "members": 3,
        "independent": int(rng.integers(1, 4)), "sensors": 2,
        "count_min": units, "count_max": units, "count_qualifier": "exact", "state": "open",
    }  # fmt: skip


def _tracks(rng: Generator) -> list[dict[str, Any]]:
    found = []
    for number in range(12):
        lon_deg, lat_deg = _point(rng)
        east, north = (int(each) for each in rng.integers(-8, 9, 2))
        craft = str(rng.choice(["uav", "vessel", "helicopter", "unknown"]))
        begun, gap_s = _time(rng), int(rng.choice([60, 300, 1200]))
        scale = 4 if craft == "vessel" else 8
        found += [
            {
                "object": f"{number:064d}", "row": fix, "sensor": "positions",
                "track": f"T-{number}", "craft": craft,
                "time": begun + timedelta(seconds=gap_s * fix),
                "lat_deg": lat_deg + scale * north * fix / 8192,
                "lon_deg": lon_deg + scale * east * fix / 8192,
                "sigma_m": 30.0, "altitude_m": 500.0 + 200.0 * number,
                "altitude_datum": "ground", "altitude_sigma_m": 40.0,
            }
            for fix in range(8)
        ]  # fmt: skip
    return found


class _Acts:
    """Acts as they were entered; each side's clock tells another time to the log."""

    def __init__(self, rng: Generator) -> None:
        self.made: list[dict[str, Any]] = []
        self._late_s = {
            "ALPHA": int(rng.integers(0, 60)),
            "BRAVO": int(rng.integers(60, 6000)),
        }

    def add(
        self, kind: str, act: str, at: datetime, detail: dict[str, Any], of: int | None = None
    ) -> int:
        late_s = self._late_s.get(str(detail.get("party")), 0)
        entry = len(self.made)
        self.made.append(
            {
                "kind": kind, "act": act, "at": instant_text(at), "by": "watch officer",
                "detail": detail, "of": of, "entry": entry, "note": "so it was said", "objects": [],
                "logged_at": instant_text(at + timedelta(seconds=late_s)),
            }
        )  # fmt: skip
        return entry


def _notification(rng: Generator, acts: _Acts) -> None:
    start, party = _time(rng), _party(rng)
    detail = {
        "activity": str(rng.choice(["demining_blast", "monitor_flight"])),
        "area": _box(rng, 0.125),
        "height_max_m": None,
        "notice": None,
        "end": instant_text(start + timedelta(days=8)),
        "number": int(rng.integers(1, 6)),
        "party": str(rng.choice([party, "MISSION"])),
        "start": instant_text(start),
        "subjects": [],
        "to": ["ALPHA", "BRAVO"] if rng.random() < 0.5 else [_party(rng)],
    }
    at = start - timedelta(hours=int(rng.choice([12, 47, 48, 72])))
    opened = acts.add("notification", "submitted", at, detail)
    if rng.random() < 0.5:
        acts.add("notification", "acknowledged", at, {"party": _party(rng)}, opened)
    if rng.random() < 0.2:
        acts.add("notification", "objected", at, {"party": _party(rng)}, opened)


def _sighting(rng: Generator, acts: _Acts) -> None:
    matter = str(rng.choice(["forces", "hardware", "weapon", "post", "minefield", "weapon"]))
    at, place = _time(rng), _place(rng)
    shares = [{"HOWITZER": 1}, {"HOWITZER": 0.5, "TANK": 0.25}, {"TANK": 1}, {}]
    count = {"number_max": None, "number_min": int(rng.integers(0, 3)), "place": place}
    detail = {
        "asset": str(rng.choice(_ASSETS)),
        "matter": matter,
        "name": f"Stand {rng.integers(0, 3)}" if rng.random() < 0.5 else None,
        "weapons": shares[int(rng.integers(0, 4))] if matter == "weapon" else {},
    }
    opened = acts.add("sighting", "seen", at, detail | count)
    later = at + timedelta(days=int(rng.integers(1, 20)))
    if rng.random() < 0.5:
        again = {"asset": str(rng.choice(_ASSETS)), **count}
        acts.add("sighting", "seen_again", later, again, opened)
    if rng.random() < 0.4:
        acts.add("sighting", "gone", later, {"asset": str(rng.choice(_ASSETS))}, opened)


def _restriction(rng: Generator, acts: _Acts) -> None:
    at, jammed = _time(rng), rng.random() < 0.3
    kinds = ["denial", "delay", "jamming", "mines_uxo"]
    detail = {
        "asset": str(rng.choice(_ASSETS)),
        "hindrance": "jamming" if jammed else str(rng.choice(kinds)),
        "people": None,
        "place": _place(rng),
        "planned": "a visit",
        "present": f"forces of {_party(rng)}",
        "radius_m": 4000,
        "said": "come back later",
        "sensor": str(rng.choice(["POST_A", "POST_B"])) if jammed else None,
    }
    opened = acts.add("restriction", "encountered", at, detail)
    if rng.random() < 0.6:
        said = {"party": _party(rng), "said": "an error"}
        acts.add("restriction", "explained", at, said, opened)
        until = at + timedelta(minutes=int(rng.choice([5, 15, 40])))
        acts.add("restriction", "lifted", until, {}, opened)


def _site(rng: Generator, acts: _Acts) -> None:
    at, site, place = _time(rng), f"depot_{len(acts.made)}", _place(rng)
    weapons = {"HOWITZER": int(rng.integers(3, 9))}
    inventory = {
        "party": _party(rng), "place": place, "serials": ["s1"], "site": site, "weapons": weapons,
    }  # fmt: skip
    if rng.random() < 0.8:
        acts.add("inventory", "declared", at, inventory)
    due = instant_text(at + timedelta(days=7))
    planned = {
        "due": due, "follows": None, "place": place, "site": site, "weapons": ["HOWITZER"],
    }  # fmt: skip
    opened = acts.add("visit", "planned", at, planned)
    closed = ["hall 2"] if rng.random() < 0.4 else []
    seen = {"closed_parts": closed, "seen": {"HOWITZER": 5}, "serials": []}
    later = at + timedelta(days=3)
    if rng.random() < 0.7:
        acts.add("visit", "visited", later, seen, opened)
    else:
        acts.add("visit", "denied", later, {"said": None}, opened)


def _duty(rng: Generator, acts: _Acts) -> None:
    at, party = _time(rng), _party(rng)
    rule = str(rng.choice(["R10", "R18", "R13"]))
    opened = acts.add("duty", "asked", at, {"about": "it", "party": party, "rule": rule})
    later = at + timedelta(days=2)
    draw = rng.random()
    if draw < 0.3:
        acts.add("duty", "reported", later, {"party": party}, opened)
    elif draw < 0.6:
        acts.add("duty", "verified", later, {"asset": str(rng.choice(_ASSETS))}, opened)
    elif draw < 0.8:
        acts.add("duty", "not_done", later, {"asset": str(rng.choice(_ASSETS))}, opened)


def _window(rng: Generator, acts: _Acts) -> None:
    start = _time(rng)
    detail = {
        "activity": "repair",
        "crew": 4,
        "end": instant_text(start + timedelta(days=10)),
        "guarantees_from": ["ALPHA", "BRAVO"],
        "place": _place(rng),
        "provision": None,
        "radius_m": 9000,
        "site": "works",
        "start": instant_text(start),
    }
    asked = start - timedelta(days=1)
    opened = acts.add("window", "requested", asked, detail)
    for party, post in (("ALPHA", "POST_A"), ("BRAVO", "POST_B")):
        if rng.random() < 0.9:
            given = {"guarantor": f"commander of {post}", "party": party}
            acts.add("window", "guaranteed", asked, given, opened)


def _exchange(rng: Generator, acts: _Acts) -> list[dict[str, Any]]:
    """Fire and return fire in the middle, with a call in between or without."""
    found = []
    for number in range(4):
        at = _time(rng)
        pair = [_incident(rng, f"i-{which}-{number}") for which in ("in", "out")]
        for incident, later_min in zip(pair, (0, 6), strict=True):
            when = at + timedelta(minutes=later_min)
            fire = {"class": "shot", "class_p": '{"shot":1}', "real_p": 0.99, "time": when}
            span = {"time_start": when, "time_end": when, "independent": 2}
            # fire that answers fire from its own spot could be the same guns'
            lat_deg = MIDDLE_LAT_DEG + (33 if later_min else -287) / 8192
            where = {"lon_deg": MERIDIAN_DEG - 17 / 8192, "lat_deg": lat_deg}
            found.append(incident | fire | span | where)
        if number % 2:
            called = at + timedelta(minutes=1)
            about = f"i-in-{number}"
            call = {"about": about, "party": _party(rng), "place": None, "to": "joint centre"}
            opened = acts.add("contact", "called", called, call)
            acts.add("contact", "failed", called + timedelta(minutes=2), {}, opened)
            late = called + timedelta(minutes=3)
            acts.add("contact", "ordered", late, {"leadership": "command"}, opened)
            acts.add("contact", "coordinator_told", late, {"coordinator": "chair"}, opened)
    return found


def _agreement(rng: Generator) -> dict[str, Any]:
    far_km, near_km = (int(each) for each in rng.choice([8, 12, 20, 25], 2))
    return {
        "schema": "trucewatch/agreement/v1",
        "id": "world",
        "version": 1,
        "title": "EXERCISE: a random world",
        "exercise": True,
        "status": "in_force",
        "effective": START.isoformat(),
        "expires": (START + timedelta(days=DAYS - 5)).isoformat(),
        "parties": [
            {"id": "ALPHA", "role": "party"},
            {"id": "BRAVO", "role": "party"},
            {"id": "MISSION", "role": "monitor"},
        ],
        "definitions": {"fire": {"state": "defined", "text": "a shot"}},
        "lines": [
            _datum("LINE_A", "ALPHA", _line(rng, -0.05), int(rng.choice([50, 400]))),
            _datum("LINE_B", "BRAVO", _line(rng, 0.05), int(rng.choice([50, 400]))),
        ],
        "zones": _zones(rng),
        "weapons": [
            _weapon("HOWITZER", {"ALPHA": far_km, "BRAVO": near_km}),
            _weapon("TANK", {"ALPHA": near_km, "BRAVO": far_km}),
        ],
        "rules": _rules(),
        "exemptions": _exemptions(),
        "windows": [
            {
                "id": "W_NIGHT", "kind": "daily_silence", "zone": "Z_A", "guarantees_from": [],
                "daily_from": "22:00", "daily_until": "05:00", "time_zone": "UTC",
                "text": "every night", "source": "invented",
            }
        ],
        "sequences": [
            {
                "id": "S_1", "zone": "Z_B", "silence_days": 2, "execution_max_days": 3,
                "total_max_days": 30, "synchronous": True, "reciprocal": True,
                "restart_on_breach": True, "text": "days of silence", "source": "invented",
            }
        ],
        "notices": [
            {
                "id": "N_BLAST", "activity": "demining_blast", "to": ["MISSION"], "lead_h": 48,
                "consent": False, "confidential": False, "text": "a notice", "source": "invented",
            }
        ],
        "object_lists": [
            {"id": "L_1", "criteria": "plants", "commitment": "ab" * 32, "held_by": "ALPHA"}
        ],
    }  # fmt: skip


def _datum(name: str, party: str, points: list[list[float]], accuracy_m: int) -> dict[str, Any]:
    return {
        "id": name, "status": "agreed", "epoch": START.isoformat(), "accuracy_m": accuracy_m,
        "datum_for": [party], "sides": {"ALPHA": "left", "BRAVO": "right"},
        "points": points, "edges": "straight",
    }  # fmt: skip


def _weapon(name: str, distance_km: dict[str, int]) -> dict[str, Any]:
    withdrawal = [
        {"distance_km": each, "phase": 1, "who": [party]} for party, each in distance_km.items()
    ]
    return {"id": name, "text": name, "types": [], "unit": "barrel", "withdrawal": withdrawal}


def _zones(rng: Generator) -> list[dict[str, Any]]:
    altitude = {"from_m": 0, "to_m": 2000, "datum": "ground"}
    return [
        {"id": "Z_A", "class": "security_zone", "polygon": _box(rng, 0.25)},
        {"id": "Z_AIR", "class": "no_fly", "polygon": _box(rng, 0.25), "altitude": altitude},
        {"id": "Z_B", "class": "security_zone", "polygon": _box(rng, 0.125)},
        {
            "id": "Z_BELT", "class": "security_zone",
            "belts": [
                {"line": "LINE_A", "left_m": 5000, "right_m": 1000},
                {"line": "LINE_B", "left_m": 0, "right_m": 9000},
            ],
        },
        {
            "id": "Z_DISC", "class": "hub", "restricted": True,
            "discs": {"radius_m": 9000, "places": [{"name": "hub", "at": _point(rng)}]},
        },
        {"id": "Z_SEA", "class": "corridor", "polygon": _box(rng, 0.25)},
    ]  # fmt: skip


def _rule(id_: str, kind: str, modality: str = "F", **keys: Any) -> dict[str, Any]:
    always = {"id": id_, "kind": kind, "clause": f"Clause of {id_}.", "source": "invented"}
    return {**always, "modality": modality, **keys}


def _rules() -> list[dict[str, Any]]:
    conduct = {"speed_min_m_s": None, "speed_max_m_s": 4, "stay": True, "dark_max_min": 15}
    both = ["E_blast", "E_reply"]
    return [
        _rule("R01", "prohibited_act", acts=_FIRE, zone="Z_A", exemptions=both),
        _rule("R02", "prohibited_act", acts=_FIRE, zone="Z_BELT", exemptions=["E_reply"]),
        _rule("R03", "presence", matters=["forces", "weapon"], zone="Z_A", weapons=["HOWITZER"]),
        _rule("R04", "standing_state", matters=["post", "minefield"], zone="Z_BELT"),
        _rule("R05", "withdrawal_distance", "O", weapons=["HOWITZER", "TANK"]),
        _rule("R06", "prohibited_flight", zone="Z_AIR", exemptions=["E_flight"]),
        _rule("R07", "vessel_conduct", "O", zone="Z_SEA", conduct=conduct),
        _rule("R08", "protected_object", acts=_FIRE, zone="Z_DISC"),
        _rule("R09", "protected_object", acts=_FIRE, object_list="L_1", radius_m=500),
        _rule("R10", "obligation", "O", deadline={"within_days": 9, "after": "effective"}),
        _rule("R11", "obligation", "O", notice="N_BLAST", who=["ALPHA"]),
        _rule("R12", "storage_inventory", "O", weapons=["HOWITZER"], visit_every_d=14),
        _rule("R13", "disengagement", sequence="S_1", acts=_FIRE, matters=["forces", "post"]),
        _rule(
            "R14", "monitor_access", "O", hindrances=["denial", "delay", "jamming"],
            zone="Z_A", delay_max_min=15,
        ),
        _rule("R15", "silence_window", acts=_FIRE, radius_m=9000),
        _rule("R16", "text_only"),
        _rule("R17", "silence_window", acts=_FIRE, radius_m=9000, window="W_NIGHT"),
        _rule(
            "R18", "obligation", "O", deadline={"within_h": 30, "after": "asked"}, who=["BRAVO"]
        ),
    ]  # fmt: skip


def _exemptions() -> list[dict[str, Any]]:
    def exemption(id_: str, activity: str, *conditions: dict[str, Any]) -> dict[str, Any]:
        told = {"id": id_, "activity": activity, "text": activity, "source": "invented"}
        return {**told, "conditions": [*conditions]}

    return [
        exemption(
            "E_blast", "demining_blast", {"asks": "notified"}, {"asks": "inside_notified_area"},
            {"asks": "daylight"}, {"asks": "within_notified_number"},
        ),
        exemption(
            "E_reply", "return_fire", {"asks": "incoming_fire", "value": 10},
            {"asks": "mechanism_tried_and_failed"}, {"asks": "order_of_leadership"},
            {"asks": "coordinator_notified"},
        ),
        exemption("E_flight", "monitor_flight", {"asks": "operator_is_monitor"}),
    ]  # fmt: skip
