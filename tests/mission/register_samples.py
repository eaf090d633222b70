"""A made-up register, what corrects it, and a tracker's table, for trying verbs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.mission.custody import Actor
from trucewatch.mission.linked import Said
from trucewatch.mission.register_import import TableFile
from trucewatch.mission.register_load import ClaimsFile

if TYPE_CHECKING:
    from trucewatch.mission.clock import SimulatedClock

FIRST = """\
schema: trucewatch/register/v1
id: small-pact
title: What sources say of the Small Pact
invented: true
as_of: 2026-06-05
host: AAA
sources:
  - {id: G1, outlet: Gazette, title: a report, kind: news, published: 2026-06-02, lines: 9}
  - {id: T1, outlet: The parties, title: the pact, kind: official_text, published: 2026-06-01}
actors:
  - {id: AAA, name: Alphia, kind: state}
  - {id: BBB, name: Betaland, kind: state}
  - {id: CCC, name: Gammora, kind: state}
atoms:
  - {id: quiet, kind: ceasefire, text: a ceasefire is in force}
  - {id: diet, kind: parliament, of: BBB, text: the diet of Betaland consents}
attributes:
  - id: legal_force
    text: How binding is it?
    answers: one
    values: {binding: It obliges, political: It is a political word}
domains: {air: what flies, sea: what swims}
topics: {watch: the watch}
instruments:
  - id: PACT
    name: Small Pact
    kind: agreement
    day: 2026-06-01
    parties: [AAA, BBB]
    texts:
      - {id: draft, state: draft, day: 2026-05-20, source: G1}
      - {id: final, state: final, day: 2026-06-01, source: T1}
    clauses:
      - id: support
        text: Gammora supports the watch if it is attacked
        stands_in: [draft]
        missing_in: [final]
        source: G1
        of: [CCC]
    provisions:
      - {id: PACT-1, number: "1", topic: watch, text: There is a watch, condition: {all: [quiet]}}
claims:
  - id: sea-1
    at: "G1:1"
    subject: BBB
    relation: pledged
    object: watch
    domain: sea
    text: It pledged boats.
    grade: B2
    quantity: {low: 3, high: 3, qualifier: exact, unit: boats, scope: BBB}
  - {id: diet-1, at: "G1:2", subject: BBB, relation: requires, object: diet, text: x, grade: B2}
  - {id: no-1, at: "G1:3", subject: CCC, relation: refused, object: watch, text: No., grade: B2}
  - id: force-1
    at: T1
    subject: PACT-1
    relation: stated
    attribute: legal_force
    value: political
    text: The text calls it a political word.
    basis: final_text
    grade: A1
  - id: ready-1
    at: "G1:5"
    subject: BBB
    relation: ready
    domain: sea
    text: CANARYREADINESS within ten days.
    grade: B2
requirements: [{id: boats, text: Boats, domain: sea}]
steps: [{id: diet-step, list: domestic, text: The diet decides, of: BBB, atom: diet}]
tiers:
  - {id: one, number: 1, due_h: 24, text: A word, who: [AAA], claims: [sea-1], press_only: true}
measures: [{id: letter, kind: diplomatic, text: A letter, tiers: [one]}]
"""

MORE = """\
schema: trucewatch/register/v1
extends: small-pact
as_of: 2026-06-20
sources:
  - {id: G2, outlet: Courier, title: another, kind: news, published: 2026-06-15, lines: 5}
claims:
  - id: sea-2
    at: "G2:1"
    subject: BBB
    relation: pledged
    object: watch
    domain: sea
    text: It pledged two boats, not three.
    grade: B2
    supersedes: sea-1
    quantity: {low: 2, high: 2, qualifier: exact, unit: boats, scope: BBB}
  - {id: yes-1, at: "G2:2", subject: CCC, relation: offered, object: watch, text: Yes., grade: B2}
"""

MAPPING = """\
schema: trucewatch/import/v1
id: tracker
title: A tracker of contributions
file: csv
columns:
  Ref: {field: id}
  Donor: {field: donor, values: names}
  Stage: {field: stage}
  Fills: {field: of}
  Item: {field: item}
  Amount: {field: quantity}
  Done: {field: done, day: YYYY-MM-DD}
  Handling: {field: handling}
  Place: {field: place}
constants: {recipient: AAA, domain: air, unit: UAV_sensor-days, source: tracker, form: in_kind}
values: {names: {Betaland: BBB, Gammora: CCC}}
"""

TABLE = """\
Ref,Donor,Stage,Fills,Item,Amount,Done,Handling,Place
p1,Betaland,pledged,,UAV sensor-days,40,,open,
d1,Betaland,delivered,p1,UAV sensor-days,12,2026-05-10,open,CANARYPLACE
v1,Betaland,verified,d1,UAV sensor-days,12,2026-05-12,open,
"""


def claims(text: str, name: str = "claims.yaml") -> ClaimsFile:
    return ClaimsFile(name=name, raw=text.encode())


def table(text: str = TABLE, mapping: str = MAPPING) -> TableFile:
    return TableFile(
        name="table.csv", raw=text.encode(), mapping_name="map.yaml", mapping=mapping.encode()
    )


def actor(clock: SimulatedClock, reason: str = "as read") -> Actor:
    return Actor(said=Said(by="R. Keeper", reason=reason), clock=clock)
