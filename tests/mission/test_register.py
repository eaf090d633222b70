"""The register in a mission: loaded, corrected, replied to, verified, known as of a time."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.mission.register_samples import FIRST, MORE, actor, claims

from trucewatch.errors import (
    BadInput,
    BadRegister,
    EvidenceBroken,
    NotFound,
    UnknownStatement,
)
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import REGISTERED, Subject, sign_statement
from trucewatch.mission.check import verify
from trucewatch.mission.custody import Actor, seal_words
from trucewatch.mission.devices import Candidate, enrol
from trucewatch.mission.export import export
from trucewatch.mission.linked import Said
from trucewatch.mission.opened import writing
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.register import CLAIMS_TYPE, register_at, register_files, register_of
from trucewatch.mission.register_ask import OneClaim, asked, view
from trucewatch.mission.register_claim import NewClaim, Reply, claim, reply
from trucewatch.mission.register_load import claims_file, load, tried
from trucewatch.mission.register_marked import NOT_ADOPTED, marked
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.claims.claim import Relation
from trucewatch.records.enrolment import Holder
from trucewatch.records.registered import (
    Imported,
    Registered,
    imported_predicate,
    read_imported,
    read_registered,
    registered_predicate,
)
from trucewatch.register.parse import parse
from trucewatch.register.shipped import shipped, shipped_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
REPLY = Reply(
    to="no-1",
    of="",
    text="It says that it was never asked.",
    day=date(2026, 6, 30),
    title="Letter of its ministry",
    grade="A2",
)


@pytest.fixture
def kept(home: Home, clock: SimulatedClock) -> Home:
    """A mission with a register."""
    load(home, claims(FIRST, "first.yaml"), actor=actor(clock))
    return home


def size_of(home: Home) -> int:
    with Log.open(home.path) as log:
        return log.size


def test_the_bytes_of_the_statements_never_change() -> None:
    file = Registered(register="small-pact", by="R. Keeper", reason="as read", entry=9)
    table = Imported(
        register="small-pact", accepted=3, refused=1, allow_refused=True,
        by="R. Keeper", reason="as read", entry=9,
    )  # fmt: skip
    subject = Subject(name=CLAIMS_TYPE, sha256="ab" * 32)

    sealed = sign_statement("registered/v1", [subject], registered_predicate(file), key=KEY)

    assert json.loads(base64.b64decode(json.loads(sealed)["payload"])) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "register/claims/v1", "digest": {"sha256": "ab" * 32}}],
        "predicateType": "urn:trucewatch:registered/v1",
        "predicate": {"by": "R. Keeper", "reason": "as read", "register": "small-pact"},
    }
    assert sha256_hex(sealed) == (
        "bc8380886031f1d8cb064fa03b6d608c9b5aa4663ac2f02fbc267519df92b507"
    )
    assert imported_predicate(table) == {
        "accepted": 3,
        "allow_refused": True,
        "by": "R. Keeper",
        "reason": "as read",
        "refused": 1,
        "register": "small-pact",
    }
    assert read_registered(registered_predicate(file), entry=9) == file  # type: ignore[arg-type]
    assert read_imported(imported_predicate(table), entry=9) == table  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"refused": 1}, "refused is 1 and allow_refused false, expected no refused row"),
        ({"by": " "}, "by is ' ', expected text on one line"),
        ({"more": 1}, "says accepted, allow_refused, by, more"),
        ({"accepted": True}, "accepted is 'True', expected an integer"),
    ],
)
def test_refuses_an_import_that_says_something_else(
    change: dict[str, object], problem: str
) -> None:
    said = {
        "accepted": 3, "allow_refused": False, "by": "a", "reason": "b", "refused": 0,
        "register": "r",
    }  # fmt: skip

    with pytest.raises(BadInput, match=f"entry 4: {problem}"):
        read_imported({**said, **change}, entry=4)  # type: ignore[arg-type]


def test_a_loaded_file_is_sealed_and_is_the_register(home: Home, clock: SimulatedClock) -> None:
    done = load(home, claims(FIRST, "first.yaml"), actor=actor(clock))

    with Log.open(home.path) as log:
        [file] = register_files(log, log.size)
        assert register_of(log, log.size) == parse(FIRST.encode(), name="first.yaml")
        assert log.object(file.object) == FIRST.encode()
        assert (file.name, file.said.by, file.said.entry) == ("first.yaml", "R. Keeper", done.entry)
    assert (done.register, done.new["claims"], done.superseded) == ("small-pact", 5, {})
    assert [each.question for each in done.found] == ["clause/PACT/support"]
    assert verify(home.path, vkey=None).statements


def test_a_later_file_supersedes_a_claim_and_both_are_kept(
    kept: Home, clock: SimulatedClock
) -> None:
    done = load(kept, claims(MORE), actor=actor(clock))

    register = register_at(kept, as_of=None)
    assert done.superseded == {"sea-2": "sea-1"}
    assert done.new == {"sources": 1, "claims": 2}
    assert {"sea-1", "sea-2"} <= {each.id for each in register.claims}
    assert [each.claims for each in done.found] == [("no-1", "yes-1")]


def test_tells_which_contradictions_a_correction_settles(kept: Home, clock: SimulatedClock) -> None:
    load(kept, claims(MORE), actor=actor(clock))
    new = NewClaim(
        claim={
            "at": "G2:3", "subject": "CCC", "relation": "refused", "object": "watch",
            "text": "It never offered.", "grade": "B2", "supersedes": "yes-1",
        }
    )  # fmt: skip

    done = claim(kept, new, actor=actor(clock))

    assert done.claims == ("claim-8",)
    assert [each.claims for each in done.settled] == [("no-1", "yes-1")]
    assert not done.found


def test_a_dry_run_seals_nothing(kept: Home) -> None:
    before = size_of(kept)

    done = tried(kept, claims(MORE))

    assert (done.entry, done.new["claims"], size_of(kept)) == (None, 2, before)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MORE.replace("offered", "promised"), r"more.yaml:17: .*relation is 'promised'"),
        (MORE.replace("small-pact", "other"), r"more.yaml:2: .*extends is other, must be"),
        (MORE.replace("supersedes: sea-1", "supersedes: no-1"), "must be another claim of BBB"),
        (FIRST, r"more.yaml:\d+: "),
        (MORE.replace("id: yes-1", "id: no-1"), "no-1 is in claims already"),
    ],
)
def test_refuses_a_bad_file_by_line_and_seals_nothing(
    kept: Home, clock: SimulatedClock, text: str, problem: str
) -> None:
    before = size_of(kept)

    with pytest.raises(BadRegister, match=problem) as caught:
        load(kept, claims(text, "more.yaml"), actor=actor(clock))

    told = "Register small-pact is loaded: a later file has extends: small-pact"
    assert (told in caught.value.advice) == (text == FIRST)
    assert size_of(kept) == before


def test_refuses_the_same_file_twice(kept: Home, clock: SimulatedClock) -> None:
    load(kept, claims(MORE), actor=actor(clock))

    with pytest.raises(BadRegister, match="is in sources already"):
        load(kept, claims(MORE), actor=actor(clock, "once more"))


def test_shows_what_was_known_at_an_instant_and_before_a_day(
    kept: Home, clock: SimulatedClock
) -> None:
    first = clock.now()
    clock.at += timedelta(days=3)
    load(kept, claims(MORE), actor=actor(clock))

    then = register_at(kept, as_of=first)
    said = register_at(kept, as_of=None, day=date(2026, 6, 10))

    assert "sea-2" not in {each.id for each in then.claims}
    assert "sea-2" not in {each.id for each in said.claims}
    assert "sea-2" in {each.id for each in register_at(kept, as_of=None).claims}


def test_says_so_when_no_register_was_loaded(home: Home, kept: Home) -> None:
    with Log.open(kept.path) as log, pytest.raises(NotFound, match="none was loaded in the first"):
        register_of(log, 2)


def test_names_what_can_be_loaded() -> None:
    with pytest.raises(BadInput, match="expected a file or one of: harbour-accord, paris-2026"):
        claims_file("no-such-file.yaml")


@pytest.mark.parametrize("name", shipped())
def test_loads_every_shipped_register_marked_and_nobody_adopted_it(
    home: Home, clock: SimulatedClock, name: str
) -> None:
    done = load(home, claims_file(name), actor=actor(clock))

    register = register_at(home, as_of=None)
    lines = marked(register)
    assert (done.register, done.new["claims"]) == (name, len(register.claims))
    assert lines[-1] == NOT_ADOPTED
    assert any(line.startswith("INVENTED") for line in lines) == register.invented
    assert sha256_hex(shipped_bytes(name)) == done.object


def test_an_altered_claim_file_is_named(kept: Home) -> None:
    with Log.open(kept.path) as log:
        [file] = register_files(log, log.size)
    _alter(kept, b"It pledged boats.", b"It pledged goats.")

    with pytest.raises(EvidenceBroken, match=f"(entry {file.file}|{file.object})"):
        verify(kept.path, vkey=None)
    with pytest.raises(EvidenceBroken, match=file.object[:12]):
        register_at(kept, as_of=None)


def _alter(home: Home, old: bytes, new: bytes) -> None:
    with closing(sqlite3.connect(home.path / "log.db")) as database:
        [(first, bundle)] = database.execute(
            "SELECT first, bundle FROM object WHERE instr(bundle, ?)", (old,)
        ).fetchall()
        change = "UPDATE object SET bundle = ? WHERE first = ?"
        database.execute(change, (bundle.replace(old, new), first))
        database.commit()


def test_a_register_stops_no_rebuild_and_a_later_type_does(
    kept: Home, clock: SimulatedClock
) -> None:
    rebuild(kept)
    with writing(kept, clock) as writer:
        [subject] = [Subject(name=CLAIMS_TYPE, sha256=register_files(writer.log, 99)[0].object)]
        later = sign_statement("registered/v2", [subject], {}, key=writer.keys.desk)
        item = NewObject(type="statement/registered/v2", data=later, name="later")
        writer.log.append([item], now=clock.now())

    with pytest.raises(UnknownStatement, match="type is statement/registered/v2"):
        rebuild(kept)


def test_refuses_a_statement_about_another_register(kept: Home, clock: SimulatedClock) -> None:
    said = Registered(register="another", by="X", reason="y", entry=0)
    item = NewObject(type=CLAIMS_TYPE, data=MORE.encode(), name="more")
    subject = Subject(name=CLAIMS_TYPE, sha256=sha256_hex(item.data))
    with writing(kept, clock) as writer:
        seal_words(
            writer, REGISTERED, [subject], registered_predicate(said), actor=actor(clock),
            new=[item],
        )  # fmt: skip

    with pytest.raises(EvidenceBroken, match="register is another, expected small-pact"):
        register_at(kept, as_of=None)


def test_refuses_a_statement_about_no_file_of_claims(kept: Home, clock: SimulatedClock) -> None:
    said = Registered(register="small-pact", by="X", reason="y", entry=0)
    with writing(kept, clock) as writer:
        subject = Subject(name="mission.toml", sha256=writer.using.settings_object)
        seal_words(writer, REGISTERED, [subject], registered_predicate(said), actor=actor(clock))

    with pytest.raises(EvidenceBroken, match="expected one register/claims/v1 before it"):
        register_at(kept, as_of=None)


def test_a_state_has_a_right_of_reply(kept: Home, clock: SimulatedClock) -> None:
    done = reply(kept, REPLY, actor=actor(clock))

    seen = view(kept)
    found = asked(kept, seen, "no-1")
    assert isinstance(found, OneClaim)
    assert [each.claim.text for each in found.replies] == ["It says that it was never asked."]
    assert found.replies[0].claim.relation is Relation.REPLIED
    assert found.replies[0].outlet == "Gammora"
    assert done.claims == (found.said.replies[0],)


def test_refuses_a_reply_to_a_claim_about_others(kept: Home, clock: SimulatedClock) -> None:
    other = Reply(to="no-1", of="AAA", text="x", day=REPLY.day, title="y", grade="F6")
    nobody = Reply(to="force-1", of="", text="x", day=REPLY.day, title="y", grade="F6")
    missing = Reply(to="none", of="", text="x", day=REPLY.day, title="y", grade="F6")

    with pytest.raises(BadInput, match=r"of: is 'AAA', expected one whom claim no-1 is about"):
        reply(kept, other, actor=actor(clock))
    with pytest.raises(BadInput, match=r"of: is not given, .* \['AAA', 'BBB'\]"):
        reply(kept, nobody, actor=actor(clock))
    with pytest.raises(NotFound, match="is 'none', expected the id of a claim"):
        reply(kept, missing, actor=actor(clock))


def test_a_state_signs_its_reply_with_its_own_key(
    kept: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    path = tmp_path / "envoy.pem"
    path.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    public = KEY.public_key().public_bytes_raw()
    said = Said(by="desk", reason="envoy of Gammora")
    candidate = Candidate(kind=Holder.PERSON, name="envoy", key=public, may=(REGISTERED,))
    enrol(kept, candidate, said=said, clock=clock)

    reply(kept, REPLY, actor=Actor(said=said, clock=clock, key=path))

    with Log.open(kept.path) as log:
        files = register_files(log, log.size)
    assert files[0].keyid != files[1].keyid
    assert files[1].keyid == sha256_hex(public)
    assert verify(kept.path, vkey=None).statements


def test_finds_the_file_that_brought_a_claim(kept: Home, clock: SimulatedClock) -> None:
    load(kept, claims(MORE, "more.yaml"), actor=actor(clock))
    seen = view(kept)

    found = asked(kept, seen, "sea-2")

    assert isinstance(found, OneClaim)
    assert (found.file.name, found.supersedes[0].claim.id) == ("more.yaml", "sea-1")
    assert found.supersedes[0].superseded_by == "sea-2"


def test_a_public_bundle_leaves_the_claim_files_in_the_mission(
    kept: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    done = export(kept, tmp_path / "b.zip", level="public", clock=clock)

    with Log.open(kept.path) as log:
        [file] = register_files(log, log.size)
    assert done.withheld[file.file] == "mission only"
    assert done.withheld[file.said.entry] == "mission only"
    assert verify(tmp_path / "b.zip", vkey=None).statements
