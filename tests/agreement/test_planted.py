"""The planted-fault corpus: one whole text, one fault planted in it at a time, each one named.

`corpus/whole.yaml` has no fault. A row of `PLANTED` is a text that differs from it in the words
given; the linter must find that fault and no other.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from trucewatch.agreement.lint import lint
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.errors import BadAgreement

WHOLE = (Path(__file__).parent / "corpus" / "whole.yaml").read_text()


class Planted(NamedTuple):
    """A fault.

    Attributes:
        old: Words of the whole text, which come once in it.
        new: What stands there instead.
        code: What the linter calls it.
        where: What it is about.
    """

    old: str
    new: str
    code: str
    where: str


def rule(name: str, old: str, new: str, code: str) -> Planted:
    """Return a fault in a rule, which is found by its clause."""
    return Planted(old, new, code, f"rule {name}")


PLANTED = {
    "no-end": Planted("expires: 2030-11-01T00:00:00+00:00", "expires: null", "no-end", "expires"),
    "party-not-acceded": Planted(
        "in the south, accession: acceded", "in the south, accession: not_acceded",
        "bound-not-acceded", "party BRAVO",
    ),
    "party-only-initialled": Planted(
        "in the north, accession: acceded", "in the north, accession: initialled",
        "bound-not-acceded", "party ALPHA",
    ),
    "term-nobody-uses": Planted(
        "  vicinity:\n    state: undefined", "  vicinity:\n    state: defined",
        "unused-term", "term vicinity",
    ),
    "undefined-term": rule(
        "R01", "  fire:\n    state: defined", "  fire:\n    state: undefined", "unclear-term"
    ),
    "disputed-term": rule(
        "R01", "  fire:\n    state: defined", "  fire:\n    state: disputed", "unclear-term"
    ),
    "line-without-epoch": Planted(
        "status: de_facto\n    epoch: 2030-04-28T12:00:00+00:00",
        "status: de_facto\n    epoch: null",
        "line-without-epoch", "line LINE_B",
    ),
    "line-without-accuracy": Planted(
        "accuracy_m: 100", "accuracy_m: null", "line-without-accuracy", "line LINE_A"
    ),
    "disputed-line": Planted(
        "status: de_facto", "status: disputed", "disputed-line", "line LINE_B"
    ),
    "two-datums": Planted(
        "datum_for: [BRAVO]", "datum_for: [BRAVO, ALPHA]", "two-datums", "party ALPHA"
    ),
    "missing-datum": rule("R02", "    datum_for: [ALPHA]\n", "", "missing-datum"),
    "overlapping-zones": Planted(
        "- [-29.6, 44.6]\n      - [-29.5, 44.6]", "- [-29.61, 44.6]\n      - [-29.5, 44.6]",
        "overlapping-zones", "zone Z_RANGE",
    ),
    "disc-in-a-belt": Planted(
        "class: settlement_vicinity", "class: security_zone", "overlapping-zones", "zone Z_SEC"
    ),
    "zone-without-rule": Planted(
        "    zone: Z_TOWN\n", "    zone: Z_DIS\n", "zone-without-rule", "zone Z_TOWN"
    ),
    "zone-never-valid": Planted(
        "class: settlement_vicinity",
        "class: settlement_vicinity\n    valid: {since: 2030-11-01T00:00:00+00:00, until: null}",
        "zone-never-valid", "zone Z_TOWN",
    ),
    "no-counting-rule": rule(
        "R08", "    radius_m: 1000\n    counting_rule: incident\n", "    radius_m: 1000\n",
        "no-counting-rule",
    ),
    "one-sided": rule(
        "R07", "    zone: Z_RANGE_EAST\n", "    zone: Z_RANGE_EAST\n    who: [BRAVO]\n", "one-sided"
    ),
    "single-source": rule(
        "R06", "    zone: Z_RANGE\n", "    zone: Z_RANGE\n    thresholds: {independent_min: 1}\n",
        "single-source",
    ),
    "loose-threshold": rule(
        "R06", "    zone: Z_RANGE\n",
        "    zone: Z_RANGE\n    thresholds: {real_p_on_its_face: 0.4}\n",
        "loose-threshold",
    ),
    "nobody-sees-flights": rule(
        "R11", "observes: [flight]", "observes: [inventory]", "unobservable-rule"
    ),
    "radar-looks-elsewhere": rule(
        "R11", "observes: [flight]\n      delay_h: 0.5\n      zones: [Z_SEC]",
        "observes: [flight]\n      delay_h: 0.5\n      zones: [Z_RANGE]", "unobservable-rule",
    ),
    "radar-never-on": rule("R11", "cover_share: 0.4", "cover_share: 0", "unobservable-rule"),
    "means-of-one-side": rule(
        "R11", "cover_share: 0.4\n      operator: MISSION\n      accepted_by: [ALPHA, BRAVO]",
        "cover_share: 0.4\n      operator: MISSION\n      accepted_by: [ALPHA]", "unaccepted-means",
    ),
    "exemption-of-no-rule": Planted(
        "[E_RETURN, E_BLAST, E_TEST]", "[E_RETURN, E_BLAST]",
        "unreachable-exemption", "exemption E_TEST",
    ),
    "exemption-of-no-notice": Planted(
        "- id: E_BLAST\n    activity: demining_blast", "- id: E_BLAST\n    activity: harvest",
        "unreachable-exemption", "exemption E_BLAST",
    ),
    "exemption-of-planned-return-fire": Planted(
        "- {asks: jointly_agreed}",
        "- {asks: jointly_agreed}\n      - {asks: incoming_fire, value: 5}",
        "unreachable-exemption", "exemption E_TEST",
    ),
    "exemption-behind-another": Planted(
        "    activity: silence_test\n    conditions:\n      - {asks: jointly_agreed}\n",
        "    activity: return_fire\n    conditions:\n      - {asks: incoming_fire, value: 5}\n"
        "      - {asks: mechanism_tried_and_failed}\n",
        "unreachable-exemption", "exemption E_TEST",
    ),
    "flight-of-any-craft-anywhere": Planted(
        "      - {asks: notified}\n      - {asks: inside_notified_area}\n"
        "      - {asks: operator_is_monitor}\n", "      - {asks: operator_is_monitor}\n",
        "flight-without-area", "exemption E_MONITOR",
    ),
    "lead-beyond-notice": Planted(
        "{asks: lead, value: 24}", "{asks: lead, value: 72}",
        "lead-beyond-notice", "exemption E_BLAST",
    ),
    "self-defence-as-one-likes": Planted(
        "  exemption: E_RETURN\n", "", "self-defence-without-conditions", "self_defence"
    ),
    "deadline-from-an-unknown-day": rule(
        "R02", "signed: 2030-04-28T12:00:00+00:00\n", "", "deadline-without-start"
    ),
    "deadline-after-the-end": rule(
        "R02", "within_days: 14", "within_days: 400", "deadline-after-end"
    ),
    "withdrawal-to-nowhere": rule(
        "R02", "    withdrawal:\n      - {distance_km: 25}\n", "", "deadline-without-distance"
    ),
    "withdrawal-of-one-party": rule(
        "R02", "{distance_km: 25}", "{distance_km: 25, who: [ALPHA]}", "deadline-without-distance"
    ),
    "window-in-no-time-zone": Planted(
        "    time_zone: Atlantic/Azores\n", "", "deadline-without-time-zone", "window W_WORKS"
    ),
    "window-without-guarantees": Planted(
        "guarantees_from: [ALPHA, BRAVO]", "guarantees_from: []",
        "window-without-guarantees", "window W_WORKS",
    ),
    "sequence-without-silence": Planted(
        "silence_days: 7", "silence_days: 0", "sequence-without-silence", "sequence S_DIS"
    ),
    "notice-to-nobody": Planted(
        "to: [centre, MISSION]", "to: []", "notice-without-addressee", "notice N_BLAST"
    ),
    "list-that-can-change": Planted(
        "    commitment: b5e68c58194a6689cc0f168938cb3a44244d5e34e5cc0041fc95c4b4044483d8\n", "",
        "list-without-commitment", "object list L_ENERGY",
    ),
    "no-quorum": Planted(
        "quorum: 2\n      voting: consensus", "quorum: null\n      voting: consensus",
        "no-quorum", "body centre",
    ),
    "quorum-nobody-reaches": Planted(
        "quorum: 2\n      voting: majority", "quorum: 4\n      voting: majority",
        "quorum-beyond-seats", "body panel",
    ),
    "undefined-vote": Planted("voting: majority", "voting: undefined", "no-voting", "body panel"),
    "deadlock-without-way-out": Planted(
        "      next: panel\n", "", "no-next-body", "body centre"
    ),
    "deadlock-goes-round": Planted(
        "publishes: each decision", "publishes: each decision\n      next: centre",
        "deadlock-goes-round", "body centre",
    ),
    "no-standard-of-proof": Planted(
        "    responsibility: clear_and_convincing\n", "", "no-standard", "standards"
    ),
    "remedy-that-may-bind": Planted(
        'standard: balance_of_probabilities\n      binding: "yes"',
        "standard: balance_of_probabilities\n      binding: undefined",
        "remedy-without-binding", "remedy M2",
    ),
}  # fmt: skip


REFUSED = {
    "zone-that-is-not-there": ("    zone: Z_TOWN\n", "    zone: Z_VILLAGE\n"),
    "notice-that-is-not-there": ("    notice: N_BLAST\n", "    notice: N_HARVEST\n"),
    "deadlock-to-nowhere": ("      next: panel\n", "      next: summit\n"),
    "deadlock-to-itself": ("      next: panel\n", "      next: centre\n"),
    "lead-of-no-hours": ("{asks: lead, value: 24}", "{asks: lead}"),
    "date-without-time-zone": ("signed: 2030-04-28T12:00:00+00:00", "signed: 2030-04-28T12:00:00"),
    "window-without-an-end": ('    daily_until: "16:00"\n', ""),
    "list-that-is-not-there": ("    object_list: L_ENERGY\n", "    object_list: L_DAMS\n"),
}


def planted(old: str, new: str) -> bytes:
    assert WHOLE.count(old) == 1, f"comes {WHOLE.count(old)} times: {old}"
    return WHOLE.replace(old, new).encode()


def test_finds_nothing_in_the_whole_text() -> None:
    assert lint(parse(WHOLE.encode(), name="whole.yaml")) == ()


@pytest.mark.parametrize("name", PLANTED)
def test_finds_each_planted_fault_and_no_other(name: str) -> None:
    fault = PLANTED[name]

    findings = lint(parse(planted(fault.old, fault.new), name=f"{name}.yaml"))

    assert [(finding.code, finding.where) for finding in findings] == [(fault.code, fault.where)]
    assert len(findings[0].text) > len("what follows")


@pytest.mark.parametrize("name", PLANTED)
def test_asks_the_same_when_the_parties_change_places(name: str) -> None:
    fault = PLANTED[name]

    findings = lint(parse(_mirrored(planted(fault.old, fault.new)), name=f"{name}.yaml"))

    where = _mirrored(fault.where.encode()).decode()
    assert [(finding.code, finding.where) for finding in findings] == [(fault.code, where)]


def _mirrored(text: bytes) -> bytes:
    return text.replace(b"ALPHA", b"@").replace(b"BRAVO", b"ALPHA").replace(b"@", b"BRAVO")


@pytest.mark.parametrize("name", REFUSED)
def test_a_fault_that_contradicts_the_text_is_refused_with_its_line(name: str) -> None:
    raw = planted(*REFUSED[name])

    with pytest.raises(BadAgreement, match=rf"^{name}\.yaml:\d+: .*, must "):
        parse(raw, name=f"{name}.yaml")


def test_the_corpus_plants_at_least_thirty_faults_of_at_least_twenty_five_kinds() -> None:
    assert len(PLANTED) >= 30
    assert len({fault.code for fault in PLANTED.values()}) >= 25


@pytest.mark.parametrize("name", ["minsk-type", "paris-type", "local-truce", "demo-truce"])
def test_raises_no_false_alarm_on_a_shipped_text(name: str) -> None:
    assert lint(parse(shipped_bytes(name), name=f"{name}.yaml")) == ()
