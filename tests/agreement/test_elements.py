"""Every element of an agreement is read as it is written, or refused with its line."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.exemption import Asks, Condition
from trucewatch.agreement.kinds import ALWAYS, ANY_KIND, KINDS
from trucewatch.agreement.line import LineStatus, Side
from trucewatch.agreement.mechanism import Act, Member, Standard, Topic, Voting
from trucewatch.agreement.parse import parse
from trucewatch.agreement.party import Accession
from trucewatch.agreement.rule import After, Conduct, Deadline, Severity
from trucewatch.agreement.weapon import Withdrawal
from trucewatch.agreement.zone import Altitude, AltitudeDatum, Belt, Disc, Edges
from trucewatch.errors import BadAgreement

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement

WHOLE = (Path(__file__).parent / "corpus" / "whole.yaml").read_text()


def changed(old: str = "", new: str = "") -> str:
    assert old in WHOLE, old
    return WHOLE.replace(old, new, 1)


def read(old: str = "", new: str = "") -> Agreement:
    return parse(changed(old, new).encode(), name="t.yaml")


def test_reads_dates_and_texts_of_the_whole() -> None:
    text = (
        "review: 2030-08-01T00:00:00+00:00\npax_id: '1481'\ninstruments:\n"
        "  - {id: MAIN, kind: main, title: The text, published: false, language: pt-BR,\n"
        f"     sha256: {'ab' * 32}}}\nparties:"
    )

    provided = read("\nparties:", f"\n{text}").provisions

    assert provided.signed == datetime(2030, 4, 28, 12, tzinfo=UTC)
    assert provided.review == datetime(2030, 8, 1, tzinfo=UTC)
    assert provided.pax_id == "1481"
    (main,) = provided.instruments
    assert (main.id, main.kind, main.title, main.published) == ("MAIN", "main", "The text", False)
    assert (main.language, main.sha256) == ("pt-BR", "ab" * 32)


def test_reads_accession_and_readings() -> None:
    agreement = read(
        "state: undefined\n", "state: disputed\n    readings: {BRAVO: 50 m, ALPHA: 500 m}\n"
    )

    assert [party.accession for party in agreement.parties] == [
        *(Accession.ACCEDED, Accession.ACCEDED, Accession.SIGNED)
    ]
    vicinity = agreement.definitions["vicinity"]
    assert (vicinity.term, vicinity.state) == ("vicinity", Clarity.DISPUTED)
    assert vicinity.readings == (("BRAVO", "50 m"), ("ALPHA", "500 m"))


def test_reads_lines() -> None:
    agreement = read(
        "    status: de_facto\n    epoch: 2030-04-28T12:00:00+00:00\n    accuracy_m: 200\n",
        "    status: de_facto\n    epoch: null\n    accuracy_m: null\n    edges: geodesic\n"
        "    valid: {since: 2030-06-01T00:00:00Z, until: null}\n    text: the other one\n",
    )

    one, other = agreement.lines
    assert (one.id, one.status, one.accuracy_m) == ("LINE_A", LineStatus.AGREED, 100.0)
    assert one.epoch == datetime(2030, 4, 28, 12, tzinfo=UTC)
    assert one.points == ((-30.6, 45.02), (-30.0, 45.03), (-29.4, 45.02))
    assert one.sides == {"ALPHA": Side.LEFT, "BRAVO": Side.RIGHT}
    assert (one.edges, one.since, one.until, one.text) == (Edges.STRAIGHT, None, None, "")
    assert (other.epoch, other.accuracy_m, other.edges) == (None, None, Edges.GEODESIC)
    assert (other.since, other.text) == (datetime(2030, 6, 1, tzinfo=UTC), "the other one")
    assert agreement.datum("BRAVO") is other


def test_reads_zones_of_each_way() -> None:
    agreement = read(
        "    class: repair_site\n",
        "    class: repair_site\n    restricted: true\n"
        "    altitude: {from_m: -2.5, to_m: null, datum: ground}\n",
    )

    belts, polygon, discs = map(agreement.zone, ("Z_SEC", "Z_DIS", "Z_TOWN"))
    assert belts.belts[1] == Belt(line="LINE_B", left_m=10_000, right_m=10_000)
    assert (belts.polygon, belts.discs, belts.restricted) == ((), (), False)
    assert len(polygon.polygon) == 4
    assert (polygon.belts, polygon.discs, polygon.altitude) == ((), (), None)
    assert discs.discs[1] == Disc(name="Pelven school", lon_deg=-29.8, lat_deg=45.08, radius_m=500)
    works = agreement.zone("Z_WORKS")
    assert works.restricted
    assert works.altitude == Altitude(from_m=-2.5, to_m=None, datum=AltitudeDatum.GROUND)


def test_reads_weapons_in_metres_though_texts_say_kilometres() -> None:
    agreement = read(
        "      - {distance_km: 25}\n",
        "      - {distance_km: 2.3}\n      - {distance_km: 0.1, who: [BRAVO], phase: 2}\n",
    )

    (guns,) = agreement.weapons
    assert (guns.types, guns.unit, guns.text) == (("D-30",), "barrel", "Guns from 100 mm")
    assert (guns.calibre_from_mm, guns.calibre_below_mm) == (100, None)
    assert guns.withdrawal == (
        Withdrawal(distance_m=2300.0, who=("ALPHA", "BRAVO"), phase=1),
        Withdrawal(distance_m=100.0, who=("BRAVO",), phase=2),
    )


def test_reads_exemptions() -> None:
    fire, blast = read().exemptions[:2]

    assert (fire.id, fire.activity, fire.source) == ("E_RETURN", "return_fire", "exercise")
    assert fire.conditions == (
        Condition(asks=Asks.INCOMING_FIRE, value=10),
        Condition(asks=Asks.MECHANISM_TRIED_AND_FAILED, value=None),
    )
    assert blast.conditions[1] == Condition(asks=Asks.LEAD, value=24)


def test_reads_what_each_kind_of_rule_is_told() -> None:
    agreement = read()
    rules = {rule.id: rule for rule in agreement.rules}

    assert rules["R01"].exemptions == ("E_RETURN", "E_BLAST", "E_TEST")
    assert rules["R02"].deadline == Deadline(within_h=14 * 24, after=After.SIGNED)
    assert (rules["R02"].weapons, rules["R02"].phase, rules["R02"].zone) == (("GUNS",), None, "")
    assert (rules["R03"].matters, rules["R03"].severity) == (("weapon",), Severity.ROUTINE)
    assert (rules["R04"].sequence, rules["R04"].matters) == ("S_DIS", ("forces",))
    assert (rules["R05"].window, rules["R05"].radius_m) == ("W_WORKS", 2000.0)
    assert (rules["R08"].object_list, rules["R08"].radius_m) == ("L_ENERGY", 1000.0)
    assert (rules["R09"].notice, rules["R09"].deadline) == ("N_BLAST", None)
    assert (rules["R10"].hindrances, rules["R10"].delay_max_min) == (("denial", "delay"), 15.0)
    assert {rule.who for rule in agreement.rules} == {("ALPHA", "BRAVO")}


def test_reads_conduct_and_visits() -> None:
    vessel = (
        "kind: vessel_conduct\n    conduct: {speed_min_m_s: 1.5, stay: true, dark_max_min: 10}\n"
    )
    store = "kind: storage_inventory\n    visit_every_d: 14\n    severity: grave\n"

    sailing = read("kind: prohibited_flight\n", vessel).rules[-1]
    stored = read(
        "kind: withdrawal_distance\n    clause: Guns stay 25 km from the party's own line.\n"
        "    source: exercise\n    modality: O\n    weapons: [GUNS]\n"
        "    deadline: {within_days: 14, after: signed}\n",
        f"{store}    clause: Guns are counted.\n    source: exercise\n    modality: O\n"
        "    weapons: [GUNS]\n",
    ).rules[1]

    assert sailing.conduct == Conduct(
        speed_min_m_s=1.5, speed_max_m_s=None, stay=True, dark_max_min=10
    )
    assert (stored.visit_every_d, stored.severity) == (14.0, Severity.GRAVE)


def test_reads_provisions() -> None:
    provided = read().provisions

    (window,), (sequence,), (notice,), (access,) = (
        *(provided.windows, provided.sequences, provided.notices, provided.access),
    )
    assert (window.kind, window.zone) == ("daily_silence", "Z_WORKS")
    assert window.guarantees_from == ("ALPHA", "BRAVO")
    assert (window.daily_from, window.daily_until, window.time_zone) == (
        *("08:00", "16:00", "Atlantic/Azores"),
    )
    assert (sequence.silence_days, sequence.execution_max_days, sequence.total_max_days) == (
        *(7, 3, 30),
    )
    assert (sequence.synchronous, sequence.reciprocal, sequence.restart_on_breach) == (
        *(True, True, True),
    )
    assert (notice.activity, notice.to, notice.lead_h) == (
        *("demining_blast", ("centre", "MISSION"), 48.0),
    )
    assert (access.zone, access.means, access.notice_h) == ("Z_SEC", ("patrol",), 0.0)
    assert (access.escort, access.night) == (False, True)
    assert provided.object_lists[0].held_by == "MISSION"
    assert len(provided.object_lists[0].commitment) == 64
    assert provided.self_defence is not None
    assert provided.self_defence.exemption == "E_RETURN"
    assert provided.termination is not None
    assert (provided.termination.unilateral, provided.termination.notice_h) == (False, 720.0)


def test_reads_the_mechanism() -> None:
    mechanism = read().mechanism

    centre, panel = mechanism.bodies
    assert centre.members[2] == Member(who="MISSION", seats=1, vote=False)
    assert (centre.voting, centre.quorum, centre.next) == (Voting.CONSENSUS, 2, "panel")
    assert (panel.voting, panel.publishes, panel.within_h) == (
        *(Voting.MAJORITY, "each decision", 72.0),
    )
    satellite = mechanism.means[1]
    assert (satellite.observes, satellite.delay_h) == (("weapon", "airstrike"), 12.0)
    assert (satellite.zones, satellite.cover_share) == ((), 0.1)
    assert (satellite.operator, satellite.accepted_by) == ("BRAVO", ("BRAVO",))
    assert mechanism.standards == (
        (Topic.BREACH, Standard.BALANCE),
        (Topic.RESPONSIBILITY, Standard.CLEAR),
        (Topic.REMEDY, Standard.BALANCE),
    )
    stop = mechanism.remedies[0]
    assert (stop.does, stop.by, stop.within_h, stop.binding) == (Act.STOP, "centre", 1.0, "yes")
    assert stop.standard is Standard.SUSPECT


BELT = "{line: LINE_A, left_m: 10000, right_m: 10000}"
DISCS = "    discs:\n      radius_m: 500\n"
GUNS = "    weapons: [GUNS]\n    deadline: {within_days: 14, after: signed}\n"
FAULTS = [
    # top
    ("signed: 2030-04-28T12", "signed: 2030-04-28 12", "signed is .*, must be a time such as"),
    ("accession: acceded}", "accession: joined}", "party ALPHA: accession is 'joined', must be"),
    ("state: undefined\n", "state: undefined\n    readings: {MISSION: near}\n",
     "term vicinity: key is 'MISSION', must be one of: ALPHA, BRAVO$"),
    # lines
    ("status: agreed", "status: drawn", "line LINE_A: status is 'drawn', must be one of: agreed"),
    ("    accuracy_m: 100\n", "", "key 'accuracy_m' is missing, must be given$"),
    ("accuracy_m: 100", "accuracy_m: -1", "line LINE_A: accuracy_m is -1, must be 0 to 1000000$"),
    ("datum_for: [ALPHA]", "datum_for: [MISSION]", r"datum_for\[0\] is 'MISSION', must be one of"),
    ("datum_for: [ALPHA]", "datum_for: [ALPHA, ALPHA]", "ALPHA is listed twice in datum_for"),
    ("{ALPHA: left,", "{ALPHA: north,", "line LINE_A: ALPHA is 'north', must be one of: left, r"),
    ("{ALPHA: left, BRAVO: right}", "{ALPHA: left, ALPHA: right}", "'ALPHA' is written twice"),
    ("      - [-30.0, 45.03]\n      - [-29.4, 45.02]\n", "",
     "line LINE_A: points has 1 points, must have at least 2$"),
    ("- [-30.0, 45.03]", "- [-30.6, 45.02]", "line LINE_A: point 2 repeats point 1, must be an"),
    ("- [-29.4, 45.02]\n", "- [-29.4, 45.02]\n      - [-30.6, 45.02]\n",
     "line LINE_A: point 4 repeats point 1, must be another place$"),
    ("- [-29.4, 45.02]\n", "- [-29.4, 45.02]\n      - [-29.4, 45.1]\n      - [-30.0, 45]\n",
     "line LINE_A: edges [12] and 4 meet, must not touch or cross$"),
    # zones
    (f"      - {BELT}", "      - {line: LINE_C, left_m: 1, right_m: 1}",
     "zone Z_SEC: line is 'LINE_C', must be one of: LINE_A, LINE_B$"),
    (BELT, "{line: LINE_A, left_m: 0, right_m: 0}", "left_m and right_m are 0, one of them must"),
    (BELT, "{line: LINE_A, left_m: -1, right_m: 0}", "left_m is -1, must be 0 to 1000000$"),
    (BELT, "{line: LINE_A, left_m: 1}", "zone Z_SEC: key 'right_m' is missing, must be given$"),
    (DISCS, f"    belts: [{BELT}]\n{DISCS}",
     "zone Z_TOWN: belts and discs are given, must be exactly one of: polygon, belts, discs$"),
    (f"    belts:\n      - {BELT}\n      - {{line: LINE_B, left_m: 10000, right_m: 10000}}\n",
     "", "zone Z_SEC: none of them is given, must be exactly one of: polygon, belts, discs$"),
    (DISCS, f"    edges: straight\n{DISCS}", "Z_TOWN: edges is given, only a polygon has edges$"),
    ("radius_m: 500\n", "radius_m: 0\n", "radius_m is 0, must be above 0 and at most 1000000$"),
    ("name: Pelven school", "name: Ilmery school", "place Ilmery school is given twice, must be g"),
    ("at: [-30.2, 44.95]", "at: [-30.2]", "at has 1 numbers, must be .longitude, latitude.$"),
    ("class: security_zone", "class: security_zone\n    altitude: {from_m: 5, to_m: 5, datum: sea}",
     "zone Z_SEC: to_m is 5, must be above 5$"),
    ("class: security_zone", "class: security_zone\n    restricted: yes",
     "zone Z_SEC: restricted is 'yes', must be true or false$"),
    # weapons
    ("{from: 100, below: null}", "{from: null, below: null}", "from and below are null, one of"),
    ("{from: 100, below: null}", "{from: 100, below: 90}", "GUNS: below is 90, must be above 100$"),
    ("distance_km: 25", "distance_km: 0", "weapon GUNS: distance_km is 0, must be above 0 and at"),
    ("{distance_km: 25}", "{distance_m: 25000}", "GUNS: key is 'distance_m', must be one of: dist"),
    ("{distance_km: 25}", "{distance_km: 25, phase: 0}", "GUNS: phase is 0, must be 1 to 99$"),
    ("{distance_km: 25}", "{distance_km: 25, who: []}", "GUNS: who is empty, must name at least"),
    # exemptions
    ("{asks: lead, value: 24}", "{asks: lead}", "E_BLAST: lead has no value, must name its hours$"),
    ("{asks: incoming_fire, value: 10}", "{asks: incoming_fire}", "no value, must name its minut"),
    ("{asks: jointly_agreed}", "{asks: jointly_agreed, value: 1}",
     "exemption E_TEST: jointly_agreed has the value 1, must have none$"),
    ("{asks: lead, value: 24}", "{asks: lead, value: 1.5}", "value is '1.5', must be a whole numb"),
    ("- {asks: daylight}", "- {asks: notified}", "E_BLAST: notified is asked twice, must be asked"),
    ("conditions:\n      - {asks: jointly_agreed}", "conditions: []",
     "exemption E_TEST: conditions is empty, must name at least one$"),
    ("{asks: jointly_agreed}", "{asks: luck}", "E_TEST: asks is 'luck', must be one of: notified"),
    # rules
    ("kind: presence", "kind: absence", "rule R03: kind is 'absence', must be one of: prohibited"),
    ("    kind: presence\n", "", "key 'kind' is missing, must be given$"),
    ("kind: prohibited_flight", "kind: prohibited_act", "rule R11: key 'acts' is missing, prohibi"),
    ("[E_RETURN, E_BLAST, E_TEST]", "[E_NONE]", r"rule R01: exemptions\[0\] is 'E_NONE', must be"),
    ("    weapons: [GUNS]\n    zone", "    weapons: [TANK]\n    zone", r"weapons\[0\] is 'TANK'"),
    ("matters: [forces]", "matters: [flight]", r"R04: matters\[0\] is 'flight', must be one of: f"),
    ("modality: O\n    weapons", "modality: F\n    weapons", "R02: modality is 'F', must be one"),
    ("sequence: S_DIS\n", "sequence: S\n", "rule R04: sequence is 'S', must be one of: S_DIS$"),
    ("window: W_WORKS", "window: W", "rule R05: window is 'W', must be one of: W_WORKS$"),
    ("object_list: L_ENERGY\n", "object_list: L\n", "object_list is 'L', must be one of: L_ENERGY"),
    ("notice: N_BLAST", "notice: N", "rule R09: notice is 'N', must be one of: N_BLAST$"),
    ("    notice: N_BLAST\n", "", "R09: neither is given, obligation needs exactly one of: deadl"),
    ("    notice: N_BLAST\n", "    notice: N_BLAST\n    deadline: {within_h: 1, after: asked}\n",
     "rule R09: both are given, obligation needs exactly one of: deadline, notice$"),
    ("    object_list: L_ENERGY\n    radius_m: 1000\n", "",
     "rule R08: neither is given, protected_object needs: zone or object_list$"),
    ("    radius_m: 1000\n", "", "R08: object_list is given without radius_m, must come with it$"),
    ("object_list: L_ENERGY\n    radius", "zone: Z_SEC\n    radius",
     "rule R08: radius_m is given without object_list, must come with it$"),
    ("hindrances: [denial, delay]", "hindrances: [rain]", r"hindrances\[0\] is 'rain', must be"),
    ("within_days: 14, after", "within_days: 14, within_h: 1, after",
     "R02: within_h and within_days are given, must be exactly one of: within_h, within_days$"),
    ("{within_days: 14, after: signed}", "{after: signed}", "none of them is given, must be exact"),
    ("after: signed}", "after: dinner}", "R02: after is 'dinner', must be one of: effective, sig"),
    # provisions
    ("    zone: Z_WORKS\n", "    zone: Z_X\n", "window W_WORKS: zone is 'Z_X', must be one of: Z_"),
    ('    daily_until: "16:00"\n', "", "one of daily_from and daily_until is missing, must give"),
    ('"16:00"', "16:00", "window W_WORKS: daily_until is '16:00', must be text$"),
    ('"16:00"', '"24:00"', "window W_WORKS: daily_until is '24:00', must match"),
    ('"16:00"', '"08:00"', "daily_until is 08:00, must differ from daily_from$"),
    ('    daily_from: "08:00"\n    daily_until: "16:00"\n', "",
     "window W_WORKS: daily_silence has no daily_from, must give daily_from and daily_until$"),
    ("silence_days: 7", "silence_days: 7.5", "silence_days is '7.5', must be a whole number in p"),
    ("to: [centre, MISSION]", "to: [centre, NOBODY]", r"to\[1\] is 'NOBODY', must be one of: ALP"),
    ("lead_h: 48", "lead_h: two days", "notice N_BLAST: lead_h is 'two days', must be a number"),
    ("    zone: Z_SEC\n    means", "    zone: Z_X\n    means", "access A_PATROL: zone is 'Z_X'"),
    ("commitment: b5e6", "commitment: B5E6", "object list L_ENERGY: commitment is 'B5E6"),
    ("  exemption: E_RETURN\n", "  exemption: E\n", "exemption is 'E', must be one of: E_RETURN"),
    ("unilateral: false", "unilateral: no", "unilateral is 'no', must be true or false$"),
    # mechanism
    ("- id: panel", "- {id: BRAVO, title: t, voting: chair}\n    - id: panel",
     "body BRAVO: id BRAVO is also that of a participant, must be"),
    ("next: panel", "next: centre", "body centre: next is centre itself, must be another body$"),
    ("next: panel", "next: court", "body centre: next is 'court', must be one of: centre, panel$"),
    ("voting: majority", "voting: lot", "body panel: voting is 'lot', must be one of: consensus"),
    ("{who: BRAVO, seats: 1", "{who: ALPHA, seats: 1", "centre: ALPHA is listed twice in members"),
    ("{who: ALPHA, seats: 1", "{who: ALPHA, seats: 0", "body centre: seats is 0, must be 1 to 100"),
    ("observes: [flight]", "observes: [birds]", r"means radar: observes\[0\] is 'birds', must be"),
    ("observes: [flight]", "observes: []", "means radar: observes is empty, must name at least"),
    ("cover_share: 0.4", "cover_share: 1.4", "means radar: cover_share is 1.4, must be 0 to 1$"),
    ("accepted_by: [BRAVO]", "accepted_by: [MISSION]", r"accepted_by\[0\] is 'MISSION', must be"),
    ("  breach: bal", "  guilt: bal", "key is 'guilt', must be one of: breach, responsibility, r"),
    ("remedy: balance_of_probabilities", "remedy: doubt", "remedy is 'doubt', must be one of: rea"),
    ("does: stop", "does: shoot", "remedy M1: does is 'shoot', must be one of: clarify, stop"),
    ("by: panel", "by: court", "remedy M2: by is 'court', must be one of: ALPHA, BRAVO, MISSION"),
    ('binding: "yes"', "binding: yes", "remedy M1: binding is 'yes', must be text$"),
    ("- id: M2", "- id: M1", "id M1 is given twice in remedies, must be given once$"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), FAULTS)
def test_refuses_by_line(old: str, new: str, message: str) -> None:
    with pytest.raises(BadAgreement, match=rf"^t\.yaml:\d+: .*({message})"):
        read(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: agreed", "status: drawn"),
        ("distance_km: 25", "distance_km: 0"),
        ("observes: [flight]", "observes: [birds]"),
        ("{asks: lead, value: 24}", "{asks: lead}"),
    ],
)
def test_names_the_line_of_the_fault(old: str, new: str) -> None:
    line = WHOLE[: WHOLE.index(old)].count("\n") + 1

    with pytest.raises(BadAgreement, match=rf"^t\.yaml:{line}: "):
        read(old, new)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_a_kind_does_not_take_names_the_kind_and_what_it_takes(kind: str) -> None:
    form = KINDS[kind]
    told = (*form.required, *form.optional)
    text = changed("kind: prohibited_act", f"kind: {kind}\n    wish: none")
    expected = f"key is 'wish', must be one of: {', '.join((*ALWAYS, *ANY_KIND, *told))}"

    with pytest.raises(BadAgreement, match=re.escape(f"rule R01: {expected}; of its own {kind}")):
        parse(text.encode(), name="t.yaml")


@pytest.mark.parametrize(
    ("kind", "key"), [(kind, key) for kind, form in KINDS.items() for key in form.required]
)
def test_a_kind_that_is_not_told_what_it_needs_names_the_kind(kind: str, key: str) -> None:
    asked = (*ALWAYS, *(each for each in KINDS[kind].required if each != key))
    modality = KINDS[kind].modalities[0]
    given = {"id": "R01", "kind": kind, "modality": modality, "clause": "c", "source": "s"}
    rule = ", ".join(f"{name}: {given.get(name, '[x]')}" for name in asked)
    start, end = WHOLE.index("  - id: R01"), WHOLE.index("  - id: R02")
    text = f"{WHOLE[:start]}  - {{{rule}}}\n{WHOLE[end:]}"

    with pytest.raises(BadAgreement, match=rf"rule R01: key '{key}' is missing, {kind} needs: id"):
        parse(text.encode(), name="t.yaml")


def test_says_how_to_write_a_word_that_yaml_takes_for_something_else() -> None:
    with pytest.raises(BadAgreement, match="binding is 'yes', must be text") as refused:
        read('binding: "yes"', "binding: yes")

    assert refused.value.advice == 'If it is meant as text, write it in quotes: "yes".'


def test_a_body_may_be_named_before_it_stands_in_the_file() -> None:
    assert read().mechanism.bodies[0].next == "panel"


def test_a_notice_may_go_to_nobody_and_a_lint_asks() -> None:
    assert read("to: [centre, MISSION]", "to: []").provisions.notices[0].to == ()
