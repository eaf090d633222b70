"""How pages word the logbook: kinds of record, where one stands, and what an act says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.records.instant import parse_instant
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.machine import VOIDED
from trucewatch.records.logbook.restriction import HINDRANCES
from trucewatch.serve.nav import N_
from trucewatch.serve.pages._worded import distance, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step
    from trucewatch.serve.ask import Asking

KINDS = {
    "notification": N_("notice"),
    "window": N_("window of silence"),
    "restriction": N_("restriction"),
    "sighting": N_("sighting"),
    "visit": N_("visit"),
    "inventory": N_("declared weapons"),
    "contact": N_("hotline call"),
    "duty": N_("duty"),
    "response": N_("response"),
    "asked_for": N_("measure asked for"),
    "consultation": N_("consultation"),
    "cell_request": N_("request of the cell"),
}
"""Each kind of record, in few words."""
STATES = {
    "abandoned": N_("found abandoned"),
    "acknowledged": N_("acknowledged"),
    "active": N_("under way"),
    "adopted": N_("adopted"),
    "amended": N_("amended"),
    "answered": N_("answered"),
    "approved": N_("not objected to"),
    "asked": N_("asked"),
    "breached": N_("broken"),
    "called": N_("called"),
    "cancelled": N_("cancelled"),
    "closed": N_("over"),
    "completed": N_("completed"),
    "concluded": N_("concluded"),
    "coordinator_told": N_("coordinator told"),
    "decided": N_("decided"),
    "declared": N_("declared"),
    "declined": N_("declined"),
    "denied": N_("access denied"),
    "encountered": N_("met"),
    "expired": N_("ran out"),
    "explained": N_("explained by a party"),
    "failed": N_("not answered"),
    "gone": N_("no longer there"),
    "guaranteed": N_("guaranteed"),
    "guarantees_requested": N_("guarantees asked for"),
    "held": N_("held"),
    "lifted": N_("lifted"),
    "not_accessible": N_("could not be reached"),
    "not_done": N_("seen not done"),
    "objected": N_("objected to"),
    "occurring": N_("going on"),
    "ordered": N_("return fire ordered"),
    "paused": N_("clock stopped"),
    "persistent": N_("lasting"),
    "planned": N_("planned"),
    "raised": N_("raised with a party"),
    "reconciled": N_("compared with what was seen"),
    "refused": N_("refused"),
    "reported": N_("reported"),
    "requested": N_("asked for"),
    "resumed": N_("goes on"),
    "standing": N_("still there"),
    "submitted": N_("submitted"),
    "suspended": N_("resting"),
    "verified": N_("seen done"),
    "visited": N_("visited"),
    "withdrawn": N_("withdrawn"),
    VOIDED: N_("struck: entered in error"),
}
"""Where a record stands."""
NAMES = {
    "about": N_("About"),
    "activity": N_("Activity"),
    "actor": N_("Actor"),
    "adopter": N_("Adopted by"),
    "area": N_("Area"),
    "asset": N_("Seen by"),
    "atom": N_("Domestic step"),
    "closed_parts": N_("Parts denied"),
    "commitments": N_("Rests on claims"),
    "coordinator": N_("Coordinator"),
    "crew": N_("Crew"),
    "determined": N_("Determined"),
    "due": N_("Due"),
    "end": N_("Until"),
    "entry": N_("Strikes entry"),
    "follows": N_("Follows entry"),
    "found": N_("What was found"),
    "found_by": N_("Found by"),
    "guarantees_from": N_("Guarantees of"),
    "guarantor": N_("Guarantor"),
    "height_max_m": N_("Highest, above sea"),
    "hindrance": N_("Hindrance"),
    "incident": N_("Incident"),
    "incidents": N_("Incidents"),
    "leadership": N_("Leadership"),
    "marked": N_("Marked"),
    "matter": N_("Matter"),
    "measure": N_("Measure"),
    "name": N_("Name"),
    "notice": N_("Under the duty of notice"),
    "number": N_("Number"),
    "number_max": N_("At most"),
    "number_min": N_("At least"),
    "outcome": N_("Outcome"),
    "participants": N_("Taking part"),
    "party": N_("Party"),
    "people": N_("People"),
    "place": N_("Place"),
    "planned": N_("It hindered"),
    "present": N_("Who held the place, as seen"),
    "provision": N_("Window of the text"),
    "radius_m": N_("Radius"),
    "register": N_("Register"),
    "report": N_("Report, entry"),
    "response": N_("Response, entry"),
    "rule": N_("Rule"),
    "said": N_("Said, word by word"),
    "seen": N_("Counted"),
    "sensor": N_("Sensor"),
    "serials": N_("Serial numbers"),
    "site": N_("Site"),
    "standard": N_("Standard of proof"),
    "start": N_("From"),
    "subject": N_("Subject"),
    "subjects": N_("Tail numbers, vehicles, units"),
    "success": N_("With success"),
    "tier": N_("Tier"),
    "to": N_("To"),
    "until": N_("Until"),
    "weapons": N_("Weapons"),
    "what": N_("What was asked"),
}
"""Members of what an act says."""
OUTCOMES = {
    "matched": N_("as it was notified"),
    "unmatched": N_("nothing of it was seen"),
    "exceeded": N_("more than was notified"),
}
"""What comparing a notice with what was observed gave."""
_SHORT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00(?:\.0+)?)?Z")
_YES, _NO = N_("yes"), N_("no")
_OWN_WORDS = ("said", "what", "found", "subject", "about")
_BAD = frozenset({"breached", "denied", "refused", "not_done", "objected", "failed"})


class Told(NamedTuple):
    """One member of what an act says.

    Attributes:
        label: A message.
        text: Its value, in the reader's language.
        own_words: Whether it is what a person said, word by word.
        links: Text and address of each thing that it names, in place of the text.
    """

    label: str
    text: str
    own_words: bool = False
    links: tuple[tuple[str, str], ...] = ()


def plainly(summary: str, detail: Mapping[str, Json]) -> str:
    """Return a summary for people: times with a space, an activity in plain words.

    Example:
        >>> plainly("blast_1, 2030-09-21T10:00Z", {"activity": "blast_1"})
        'blast 1, 2030-09-21 10:00 UTC'
    """
    activity = str(detail.get("activity") or "")
    said = summary.replace(activity, activity.replace("_", " ")) if activity else summary
    return _SHORT.sub(r"\1 \2 UTC", said)


def glyph_of(record: Record) -> str:
    """Return the glyph of where a record stands; a word always stands beside it."""
    if record.state == VOIDED:
        return "x"
    if record.state in _BAD:
        return "warn"
    return "ok" if record.state in MACHINES[record.kind].over else "half"


def lasts(record: Record) -> bool:
    """Return whether what it tells of is not over."""
    return record.state not in (*MACHINES[record.kind].over, VOIDED)


def act_text(kind: str, act: str) -> str:
    """Return the message of an act."""
    if act == VOIDED:
        return N_("it was struck: entered in error")
    known = MACHINES[kind].acts
    return known[act].text if act in known else act


def said(ask: Asking, record: Record, step: Step) -> list[Told]:
    """Return what an act says besides, without what it leaves out."""
    form = MACHINES[record.kind].acts[step.act].form if step.act != VOIDED else {"entry": "count?"}
    return [
        _told(ask, name, form.get(name, "text").removesuffix("?"), value)
        for name, value in step.detail.items()
        if value not in (None, [], {})
    ]


def _told(ask: Asking, name: str, kind: str, value: Json) -> Told:
    label = NAMES.get(name, name.replace("_", " "))
    if links := _links(name, value):
        return Told(label, "", links=links)
    return Told(label, _text(ask, name, kind, value), own_words=name in _OWN_WORDS)


def _links(name: str, value: Json) -> tuple[tuple[str, str], ...]:
    if name in ("incident", "incidents"):
        ids = value if isinstance(value, list) else [value]
        return tuple((str(each), f"/incidents/{each}") for each in ids)
    if name in ("entry", "follows", "response", "report"):
        return ((f"#{value}", f"/log/{value}"),)
    if name == "rule":
        return ((str(value), f"/agreement/{value}"),)
    if name == "place" and isinstance(value, dict):
        return ((place_text(value), place_link(value)),)
    return ()


def _text(ask: Asking, name: str, kind: str, value: Json) -> str:
    say = ask.tongue.words.gettext
    if kind == "instant":
        return ask.minute(parse_instant(str(value), where=name))
    if kind == "flag":
        return say(_YES if value else _NO)
    if name.endswith("_m") and isinstance(value, int | float):
        return distance(value, ask.tongue)
    if isinstance(value, dict | list):
        return _listed(ask, kind, value)
    known: Mapping[str, Mapping[str, str]] = {"hindrance": HINDRANCES, "outcome": OUTCOMES}
    word = known.get(name, {}).get(str(value))
    return say(word) if word else _plain(ask, value)


def _listed(ask: Asking, kind: str, value: Mapping[str, Json] | list[Json]) -> str:
    if not isinstance(value, list):
        return ", ".join(f"{each} {_plain(ask, of)}" for each, of in value.items())
    if kind == "ring":
        return "; ".join(_corner(each) for each in value)
    return ", ".join(str(each) for each in value)


def _plain(ask: Asking, value: Json) -> str:
    return number(value, ask.tongue) if isinstance(value, int | float) else str(value)


def _corner(corner: Json) -> str:
    lon_deg, lat_deg = corner if isinstance(corner, list) else (0, 0)
    return f"{float(str(lat_deg)):.4f}, {float(str(lon_deg)):.4f}"


def place_text(place: Mapping[str, Json]) -> str:
    """Return latitude and longitude with the error along each axis."""
    lat_deg, lon_deg, error_m = (float(str(place[n])) for n in ("lat_deg", "lon_deg", "error_m"))
    return f"{lat_deg:.4f}, {lon_deg:.4f} \u00b1 {error_m:.0f} m"


_BOX_DEG = 0.05
_BOX_OVER_DEG = 0.09


def box_around(place: Mapping[str, Json]) -> tuple[float, float, float, float]:
    """Return a box around a place, about 12 km wide."""
    lat_deg, lon_deg = float(str(place["lat_deg"])), float(str(place["lon_deg"]))
    west_deg, east_deg = lon_deg - _BOX_OVER_DEG, lon_deg + _BOX_OVER_DEG
    return west_deg, lat_deg - _BOX_DEG, east_deg, lat_deg + _BOX_DEG


def place_link(place: Mapping[str, Json]) -> str:
    """Return the address of the map around a place."""
    return "/map?box=" + ",".join(f"{edge:.5f}" for edge in box_around(place))
