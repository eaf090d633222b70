"""An agreement is what is written, or it is refused with its line."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.agreement import Status
from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.parse import parse
from trucewatch.agreement.party import Role
from trucewatch.agreement.rule import Modality, Thresholds
from trucewatch.agreement.zone import Edges
from trucewatch.errors import BadAgreement, NotFound

TEXT = """\
schema: trucewatch/agreement/v1
id: river-truce
version: 2
title: River truce
exercise: true
status: in_force
effective: "2030-07-27T00:01:00+03:00"
expires: null
parties:
  - {id: ALPHA, role: party}
  - {id: BRAVO, role: party, text: the other side}
  - {id: HOST, role: witness}
definitions:
  fire: {state: disputed, text: whether flares count}
zones:
  - id: Z_SEC
    class: security_zone
    polygon: [[1, 1], [2, 1], [2, 2.5]]
    edges: geodesic
    valid: {since: 2030-08-01T00:00:00Z, until: null}
    text: the belt
rules:
  - id: R01
    kind: prohibited_act
    clause: no fire
    source: invented
    modality: F
    acts: [shot, burst]
    zone: Z_SEC
    who: [BRAVO]
    terms: [fire]
    counting_rule: incident
    thresholds: {inside_p_min: 0.9, independent_min: 3}
exemptions: []
note: none
"""


def parsed(old: str = "", new: str = "") -> None:
    assert old in TEXT, old
    parse(TEXT.replace(old, new, 1).encode(), name="t.yaml")


def test_reads_every_field() -> None:
    agreement = parse(TEXT.encode(), name="t.yaml")

    assert (agreement.id, agreement.version, agreement.title) == ("river-truce", 2, "River truce")
    assert agreement.exercise
    assert agreement.status is Status.IN_FORCE
    assert agreement.effective == datetime(2030, 7, 26, 21, 1, tzinfo=UTC)
    assert agreement.effective.utcoffset() == timedelta(hours=3)
    assert agreement.expires is None
    assert [(p.id, p.role, p.text) for p in agreement.parties] == [
        ("ALPHA", Role.PARTY, ""),
        ("BRAVO", Role.PARTY, "the other side"),
        ("HOST", Role.WITNESS, ""),
    ]
    assert agreement.definitions["fire"].state is Clarity.DISPUTED
    assert (agreement.note, agreement.exemptions) == ("none", ())


def test_reads_zones_and_rules() -> None:
    agreement = parse(TEXT.encode(), name="t.yaml")

    zone, rule = agreement.zone("Z_SEC"), agreement.rules[0]
    assert zone.polygon == ((1.0, 1.0), (2.0, 1.0), (2.0, 2.5))
    assert (zone.kind, zone.edges, zone.text) == ("security_zone", Edges.GEODESIC, "the belt")
    assert zone.since == datetime(2030, 8, 1, tzinfo=UTC)
    assert zone.until is None
    assert (rule.modality, rule.acts, rule.who) == (
        Modality.FORBIDDEN,
        ("shot", "burst"),
        ("BRAVO",),
    )
    assert rule.thresholds == Thresholds(inside_p_min=0.9, independent_min=3)
    with pytest.raises(NotFound, match="zone is Z_X, must be one of: Z_SEC"):
        agreement.zone("Z_X")


def test_a_rule_that_names_nobody_binds_every_party_and_no_witness() -> None:
    text = TEXT.replace("    who: [BRAVO]\n", "")

    rule = parse(text.encode(), name="t.yaml").rules[0]

    assert rule.who == ("ALPHA", "BRAVO")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: river-truce", "id: River", r"^t.yaml:2: id is 'River', must match"),
        ("agreement/v1", "agreement/v2", r"^t.yaml:1: schema is 'trucewatch/agreement/v2', must"),
        ("version: 2", "version: two", r"^t.yaml:3: version is 'two', must be a whole number"),
        ("version: 2", "version: 0", r"^t.yaml:3: version is 0, must be 1 to 4294967295$"),
        ("version: 2", "version: 1:30", r"^t.yaml:3: version is '1:30', must be a whole number"),
        ("version: 2", "version: 0x10", r"^t.yaml:3: version is '0x10', must be a whole number"),
        ("version: 2", "version: " + "9" * 5000, r"^t.yaml:3: version is '999.*must be a whole"),
        ("exercise: true", "exercise: yes", r"^t.yaml:5: exercise is 'yes', must be true or false"),
        ("title: River truce", "title: 2030-09-01", r"^t.yaml:4: title is '2030-09-01', must be t"),
        ("title: River truce", "title: ' '", r"^t.yaml:4: title is empty, must be text$"),
        ("title: River truce", "title: null", r"^t.yaml:4: title is null, must be text$"),
        ("note: none", "remark: none", r"^t.yaml:35: key is 'remark', must be one of: access, def"),
        ("note: none", "id: twice", r"^t.yaml:35: key 'id' is written twice, must be given once$"),
        ("expires: null\n", "", r"^t.yaml:1: key 'expires' is missing, must be given$"),
        ("+03:00", "", r"^t.yaml:7: effective is '2030-07-27T00:01:00', must be a time such as"),
        ("07-27T", "02-30T", r"^t.yaml:7: effective is 2030-02-30T.*must be a time that exists$"),
        ("expires: null", "expires: 2030-01-01T00:00:00Z", r"^t.yaml:8: expires is .* must be aft"),
        ('"2030-07-27T00:01:00+03:00"', "null", r"^t.yaml:6: status is in_force and effective is"),
        (
            "status: in_force",
            "status: signed",
            r"^t.yaml:6: status is 'signed', must be one of: in",
        ),
        ("exemptions: []", "exemptions: [E1]", r"^t.yaml:34: exemptions\[0\] is 'E1', must be"),
        ("role: witness", "role: judge", r"^t.yaml:12: party HOST: role is 'judge', must be one"),
        ("{id: HOST", "{id: BRAVO", r"^t.yaml:12: id BRAVO is given twice in parties, must be"),
        ("state: disputed", "state: vague", r"^t.yaml:14: term fire: state is 'vague', must be on"),
        ("edges: geodesic", "edges: curved", r"^t.yaml:19: zone Z_SEC: edges is 'curved', must be"),
        (", until: null}", "}", r"^t.yaml:20: zone Z_SEC: key 'until' is missing, must be given$"),
        ("kind: prohibited_act", "kind: No Fire", r"^t.yaml:24: rule R01: kind is 'No Fire', must"),
        ("modality: F", "modality: X", r"^t.yaml:27: rule R01: modality is 'X', must be one of: F"),
        ("acts: [shot, burst]", "acts: []", r"^t.yaml:28: rule R01: acts is empty, must name at l"),
        ("[shot, burst]", "[shot, shot]", r"^t.yaml:28: rule R01: shot is listed twice in acts"),
        ("[shot, burst]", "[damage]", r"^t.yaml:28: rule R01: acts\[0\] is 'damage', must be one"),
        ("zone: Z_SEC", "zone: Z_X", r"^t.yaml:29: rule R01: zone is 'Z_X', must be one of: Z_SEC"),
        ("who: [BRAVO]", "who: [HOST]", r"^t.yaml:30: rule R01: who\[0\] is 'HOST', must be one"),
        ("terms: [fire]", "terms: [war]", r"^t.yaml:31: rule R01: terms\[0\] is 'war', must be on"),
        ("counting_rule: incident", "counting_rule: all", r"^t.yaml:32: rule R01: counting_rule"),
        ("0.9,", ".9,", r"^t.yaml:33: rule R01: inside_p_min is '.9', must be a number in plai"),
        ("0.9,", "1.1,", r"^t.yaml:33: rule R01: inside_p_min is 1.1, must be 0 to 1$"),
        (
            "0.9,",
            "0.05,",
            r"^t.yaml:33: rule R01: outside_p_max is 0.05, must be below inside_p_mi",
        ),
        ("t_min: 3", "t_min: 0", r"^t.yaml:33: rule R01: independent_min is 0, must be 1 to"),
        ("inside_p_min: 0.9", "act_p_on_its_face: 0.4", r"act_p_potential is 0.5, must be at most"),
        ("inside_p_min: 0.9", "inside: 0.9", r"^t.yaml:33: rule R01: key is 'inside', must be one"),
        ("acts: [shot, burst]", "acts: shot", r"^t.yaml:28: rule R01: acts is 'shot', must be a l"),
    ],
)
def test_refuses_by_line(old: str, new: str, message: str) -> None:
    with pytest.raises(BadAgreement, match=message):
        parsed(old, new)


@pytest.mark.parametrize(
    ("polygon", "message"),
    [
        ("[[1, 1], [2, 1]]", r"zone Z_SEC: polygon has 2 points, must have at least 3$"),
        ("[[1, 1], [2, 1], [2]]", r"polygon\[2\] has 1 numbers, must be \[longitude, latitude\]$"),
        ("[[1, 1], [2, 1], [200, 2]]", r"polygon\[2\]\[0\] is 200, must be -180 to 180$"),
        ("[[1, 1], [2, 1], [2, 95.2]]", r"polygon\[2\]\[1\] is 95.2, must be -90 to 90$"),
        ("[[1, 1], [2, 1], [2, 2], [1, 1]]", r"point 4 repeats point 1, must be another place$"),
        ("[[1, 1], [2, 1], [3, 1]]", r"edges \d and \d meet, must not touch or cross$"),
        ("[[1, 1], [2, 2], [2, 1], [1, 2]]", r"edges 1 and 3 meet, must not touch or cross$"),
        ("[[0, 0], [4, 0], [4, 2], [2, 0.0], [0, 2]]", r"edges 1 and \d meet"),
        ("[[-179, 1], [179, 1], [179, 2]]", r"edge spans 358 degrees of longitude, must span"),
        ("[[1, .nan], [2, 1], [2, 2]]", r"polygon\[0\]\[1\] is '.nan', must be a number in plain"),
    ],
)
def test_refuses_a_zone_that_is_no_area(polygon: str, message: str) -> None:
    with pytest.raises(BadAgreement, match=r"^t.yaml:18: " + "(zone Z_SEC: )?.*" + message):
        parsed("[[1, 1], [2, 1], [2, 2.5]]", polygon)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", r"^t.yaml: file is empty, must be an agreement$"),
        (b"\xff\xfe", r"^t.yaml: byte 0 is not UTF-8, must be UTF-8 text$"),
        (b"a: [1", r"^t.yaml:1: not plain YAML \(.*expected ',' or ']'"),
        (b"a: &x 1\nb: *x\n", r"^t.yaml:2: an alias was found, every part must be written out$"),
        (b"--- 1\n--- 2\n", r"^t.yaml:2: not plain YAML \(expected a single document"),
        (b"a: \x00", r"^t.yaml: not plain YAML \(unacceptable character"),
        (b"[" * 9_000 + b"]" * 9_000, r"^t.yaml: parts are nested too deep"),
        (b"- 1", r"^t.yaml:1: agreement is a list, must be a mapping$"),
        (b"!!python/name:os.system ''", r"^t.yaml:1: agreement is '', must be a mapping$"),
        (b"1: 2", r"^t.yaml:1: key is '1', must be text$"),
        (b" " * 4_194_305, r"^t.yaml: file has 4194305 bytes, must have at most 4194304$"),
    ],
)
def test_refuses_a_file_that_is_no_agreement(raw: bytes, message: str) -> None:
    with pytest.raises(BadAgreement, match=message):
        parse(raw, name="t.yaml")


@given(st.binary(max_size=200))
def test_never_fails_in_another_way(raw: bytes) -> None:
    with pytest.raises(BadAgreement, match=r"^t\.yaml"):
        parse(raw, name="t.yaml")


@given(place=st.integers(0, len(TEXT) - 1), char=st.characters(codec="utf-8"))
def test_one_changed_letter_is_read_or_refused(place: int, char: str) -> None:
    raw = (TEXT[:place] + char + TEXT[place + 1 :]).encode()

    with contextlib.suppress(BadAgreement):
        assert parse(raw, name="t.yaml").rules[0].acts == ("shot", "burst")
