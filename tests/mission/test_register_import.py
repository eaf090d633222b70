"""Tables of deliveries in a mission: sealed, enciphered, all rows or none, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.mission.register_samples import FIRST, MAPPING, TABLE, actor, claims, table

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import IMPORTED, Subject
from trucewatch.evidence.vault.compartment import compartment_path, make_compartment
from trucewatch.mission.check import verify
from trucewatch.mission.custody import seal_words
from trucewatch.mission.ingest import Handling
from trucewatch.mission.opened import writing
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.register_ask import asked, view
from trucewatch.mission.register_import import (
    MAPPING_TYPE,
    TABLE_TYPE,
    deliveries,
    import_table,
    sealed_tables,
    tried_table,
)
from trucewatch.mission.register_load import load
from trucewatch.mission.register_state import gap_tables, state_of
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.level import Level
from trucewatch.records.registered import Imported, imported_predicate
from trucewatch.register.asked import About

if TYPE_CHECKING:
    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home

AMBER = Handling(level=Level.AMBER, compartment="support")
CLEAR = Handling(level=Level.CLEAR)
BAD = TABLE + "p2,Nowhere,pledged,,Boats,2,,open,\np3,Gammora,promised,,Boats,2,,open,\n"


@pytest.fixture
def kept(home: Home, clock: SimulatedClock) -> Home:
    load(home, claims(FIRST), actor=actor(clock))
    make_compartment(home.path, "support")
    return home


def size_of(home: Home) -> int:
    with Log.open(home.path) as log:
        return log.size


def test_a_table_is_enciphered_and_its_rows_are_read_from_the_log(
    kept: Home, clock: SimulatedClock
) -> None:
    done = import_table(kept, table(), actor=actor(clock), handling=AMBER)

    with Log.open(kept.path) as log:
        found = deliveries(log, log.size)
        [sealed] = sealed_tables(log, log.size)
        stored = b"".join(log.object(entry.object) for _, entry in log.entries())
        levels = {log.entry(log.indices_of(o)[0]).level for o in (sealed.table, sealed.mapping)}
    assert found.rows.equals(done.accepted)
    assert found.rows["id"].to_list() == ["p1", "d1", "v1"]
    assert (sealed.said.accepted, sealed.said.refused, sealed.said.entry) == (3, 0, done.entry)
    assert levels == {Level.AMBER}
    assert b"CANARYPLACE" not in stored
    assert verify(kept.path, vkey=None).statements
    rebuild(kept)


def test_a_dry_run_lists_each_bad_row_and_seals_nothing(kept: Home) -> None:
    before = size_of(kept)

    tried = tried_table(kept, table(BAD))

    assert [(r["row"], r["column"]) for r in tried.refused.rows(named=True)] == [
        (5, "Donor"),
        (6, "Stage"),
    ]
    assert (tried.entry, tried.accepted.height, size_of(kept)) == (None, 3, before)


def test_one_refused_row_refuses_the_file_unless_it_is_said(
    kept: Home, clock: SimulatedClock
) -> None:
    before = size_of(kept)
    with pytest.raises(BadInput, match=r"table.csv: row 5: Donor .*, and 1 more"):
        import_table(kept, table(BAD), actor=actor(clock), handling=CLEAR)
    assert size_of(kept) == before

    import_table(kept, table(BAD), actor=actor(clock), handling=CLEAR, allow_refused=True)

    with Log.open(kept.path) as log:
        assert deliveries(log, log.size).rows.height == 3
        assert sealed_tables(log, log.size)[0].said.refused == 2


def test_refuses_the_same_table_twice(kept: Home, clock: SimulatedClock) -> None:
    done = import_table(kept, table(), actor=actor(clock), handling=AMBER)
    again = table(mapping=MAPPING.replace("A tracker", "The tracker"))

    with pytest.raises(BadInput, match=r"table.csv: row 2: Ref"):
        import_table(kept, again, actor=actor(clock), handling=AMBER)
    with pytest.raises(BadInput, match=f"is that of entry {done.entry}, byte for byte"):
        import_table(kept, again, actor=actor(clock), handling=AMBER, allow_refused=True)


def test_says_what_cannot_be_read_without_the_key(kept: Home, clock: SimulatedClock) -> None:
    done = import_table(kept, table(), actor=actor(clock), handling=AMBER)
    compartment_path(kept.path, "support").unlink()

    with Log.open(kept.path) as log:
        found = deliveries(log, log.size)
    assert found.rows.is_empty()
    assert list(found.closed) == [done.entry]
    with pytest.raises(BadInput, match=f"table of entry {done.entry}: cannot be read here"):
        tried_table(kept, table(TABLE.replace("p1", "p9")))


def test_refuses_a_table_that_has_other_rows_than_was_said(
    kept: Home, clock: SimulatedClock
) -> None:
    new = [
        NewObject(type=TABLE_TYPE, data=TABLE.encode(), name="t"),
        NewObject(type=MAPPING_TYPE, data=MAPPING.encode(), name="m"),
    ]
    subjects = [Subject(name=item.type, sha256=sha256_hex(item.data)) for item in new]
    said = Imported(
        register="small-pact", accepted=2, refused=0, allow_refused=False,
        by="X", reason="y", entry=0,
    )  # fmt: skip
    with writing(kept, clock) as writer:
        predicate = imported_predicate(said)
        seal_words(writer, IMPORTED, subjects, predicate, actor=actor(clock), new=new)

    with Log.open(kept.path) as log, pytest.raises(EvidenceBroken, match="table has 3 rows"):
        deliveries(log, log.size)


def test_refuses_a_statement_about_no_table(kept: Home, clock: SimulatedClock) -> None:
    said = Imported(
        register="small-pact", accepted=2, refused=0, allow_refused=False,
        by="X", reason="y", entry=0,
    )  # fmt: skip
    with writing(kept, clock) as writer:
        subjects = [Subject(name="mission.toml", sha256=writer.using.settings_object)]
        seal_words(writer, IMPORTED, subjects, imported_predicate(said), actor=actor(clock))

    with Log.open(kept.path) as log, pytest.raises(EvidenceBroken, match="a table and its mapping"):
        sealed_tables(log, log.size)


def test_my_state_shows_what_is_due_delivered_and_outstanding(
    kept: Home, clock: SimulatedClock
) -> None:
    import_table(kept, table(), actor=actor(clock), handling=AMBER)
    seen = view(kept)
    found = asked(kept, seen, "Betaland")
    assert isinstance(found, About)

    state = state_of(kept, seen, found)

    owed = {each.id: (each.pledged, each.verified, each.gap) for each in state.owed}
    assert owed == {"p1": ("40", "12", "28"), "sea-1": ("3", "0", "3")}
    assert [each.id for each in state.outstanding] == ["diet-step"]


def test_a_gap_is_one_line(kept: Home, clock: SimulatedClock) -> None:
    import_table(kept, table(), actor=actor(clock), handling=AMBER)

    sheets, closed = gap_tables(kept, view(kept))

    [gaps] = [each for each in sheets if each.id == "gaps"]
    rows = [dict(zip(gaps.columns, row, strict=True)) for row in gaps.rows]
    lines = [(r["id"], r["pledged_low"], r["verified"], r["gap_low"]) for r in rows]
    assert lines == [("p1", "40", "12", "28"), ("sea-1", "3", "0", "3")]
    assert not closed
