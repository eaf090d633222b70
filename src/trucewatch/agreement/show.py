"""An agreement as plain text, for a person who reads law and not YAML."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from trucewatch.agreement.agreement import Status
from trucewatch.agreement.rule import Modality
from trucewatch.agreement.zone import Edges
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.definition import Definition
    from trucewatch.agreement.party import Party
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.zone import Zone

_WIDTH = 80
_INDENT = 2
_CORNERS_SHOWN = 12
_MODALITY = {
    Modality.FORBIDDEN: "forbidden",
    Modality.OBLIGATORY: "obligatory",
    Modality.PERMITTED: "permitted",
}
_EDGES = {
    Edges.STRAIGHT: "straight in longitude and latitude",
    Edges.GEODESIC: "the shortest way between corners (WGS 84 geodesic)",
}


def show(agreement: Agreement) -> str:
    """Return the agreement as text of at most 80 columns, ending in a line feed.

    It shows how the software reads the agreement. The sealed text decides, not this page. A long
    word of the agreement may pass the 80 columns; nothing is cut.
    """
    blocks = [
        *_head(agreement),
        _heading("Parties"),
        *([_party(party) for party in agreement.parties] or ["  None."]),
        _heading("Terms"),
        *([_term(term) for term in agreement.definitions.values()] or ["  None."]),
        _heading("Zones"),
        *([line for zone in agreement.zones for line in _zone(zone)] or ["  None."]),
        _heading("Rules"),
        *([line for rule in agreement.rules for line in _rule(rule)] or ["  None."]),
        _heading("Exemptions"),
        "  None.",
    ]
    if agreement.note:
        blocks += [_heading("Note"), _wrapped(agreement.note)]
    return "\n".join(blocks) + "\n"


def _head(agreement: Agreement) -> Iterator[str]:
    if agreement.exercise:
        yield "EXERCISE"
    yield _wrapped(agreement.title, indent=0)
    yield _wrapped(f"{agreement.id}, version {agreement.version}", indent=0)
    if agreement.status is Status.NOT_IN_FORCE:
        yield "Not in force."
    since = "none named" if agreement.effective is None else _instant(agreement.effective)
    until = "none named" if agreement.expires is None else _instant(agreement.expires)
    yield f"Takes effect: {since}"
    yield f"Ends before:  {until}"


def _party(party: Party) -> str:
    return _wrapped(f"{party.id} ({party.role}) {party.text}".rstrip())


def _term(term: Definition) -> str:
    return _wrapped(f"{term.term} ({term.state}): {term.text}")


def _zone(zone: Zone) -> Iterator[str]:
    yield _wrapped(f"{zone.id} ({zone.kind.replace('_', ' ')}). {zone.text}".rstrip())
    if zone.since is not None or zone.until is not None:
        since = "the start" if zone.since is None else _instant(zone.since)
        until = "the end" if zone.until is None else _instant(zone.until)
        yield _wrapped(f"Valid from {since} until {until}.", indent=2 * _INDENT)
    yield _wrapped(f"Edges: {_EDGES[zone.edges]}. Corners:", indent=2 * _INDENT)
    for lon_deg, lat_deg in zone.polygon[:_CORNERS_SHOWN]:
        yield _wrapped(_place(lon_deg, lat_deg), indent=3 * _INDENT)
    if len(zone.polygon) > _CORNERS_SHOWN:
        more = f"and {len(zone.polygon) - _CORNERS_SHOWN} more, in the file"
        yield _wrapped(more, indent=3 * _INDENT)


def _rule(rule: Rule) -> Iterator[str]:
    yield _wrapped(f"{rule.id}. {rule.clause}")
    acts = "; ".join(HAPPENINGS[act].text for act in rule.acts)
    limits = rule.thresholds
    for line in (
        f"Source: {rule.source}",
        f"The acts are {_MODALITY[rule.modality]}: {acts}.",
        f"Where: {rule.zone}. Who is bound: {', '.join(rule.who) or 'nobody'}.",
        f"Rests on: {', '.join(rule.terms) or 'no defined term'}.",
        f"Counted as: {rule.counting_rule or 'not named'}. Checked as: {rule.kind}.",
        f"Counts as inside from P(inside) {limits.inside_p_min:g}, as outside up to"
        f" {limits.outside_p_max:g}; between them the software cannot say.",
        f"Potential breach from P(act) {limits.act_p_potential:g}; breach on its face from"
        f" {limits.act_p_on_its_face:g} with P(real) {limits.real_p_on_its_face:g} and at least"
        f" {limits.independent_min} independent sources. A breach is found by people only.",
    ):
        yield _wrapped(line, indent=2 * _INDENT)


def _heading(text: str) -> str:
    return f"\n{text}"


def _wrapped(text: str, *, indent: int = _INDENT) -> str:
    first, later = " " * indent, " " * (indent + _INDENT if indent else 0)
    return textwrap.fill(
        text,
        width=_WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _instant(instant: datetime) -> str:
    return instant.isoformat(sep=" ", timespec="seconds")


def _place(lon_deg: float, lat_deg: float) -> str:
    north = "N" if lat_deg >= 0 else "S"
    east = "E" if lon_deg >= 0 else "W"
    return f"{abs(lat_deg):.6f} {north}  {abs(lon_deg):.6f} {east}"
