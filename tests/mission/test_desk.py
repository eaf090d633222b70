"""Analysts' words: sealed with what they cite, honoured by every run, undone by later ones only."""

from __future__ import annotations

import itertools
import json
import shutil
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw
import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.mission.samples import NOW, firms, news

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, NotFound
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, key_id, open_statement, sign_statement
from trucewatch.evidence.tiles import pack_entries, unpack_entries
from trucewatch.mission import desk
from trucewatch.mission.check import digest_tables, verify
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.explain import explain
from trucewatch.mission.export import export
from trucewatch.mission.history import history
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.linked import Said, Screen, citation, linked, sealing
from trucewatch.mission.listing import Filter, incidents
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.run import run
from trucewatch.records.canonical import parse_canonical, sha256_hex
from trucewatch.records.link import Act, Link, read_link

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent / "linked"
SAID = Said(by="A. Analyst", reason="one fire line, seen on the imagery of the day after")
CONTENT = ("observations", "incident", "superseded", "assessment")
# Three pairs of neighbours; the late ones are of another satellite, over the same places.
FIRST = firms(day=26)
LATE = {
    "late-1.csv": firms(day=26, time="0037", sat="N20"),
    "late-2.csv": firms(day=26, time="0040", sat="N"),
    "late-3.csv": firms(day=26, n=8),  # the first file again, and one pair more
}


def take_in(
    home: Home, name: str, raw: bytes, clock: SimulatedClock, sensor: str = "firms"
) -> None:
    path = home.path.parent / f"{home.path.name}-{name}"
    path.write_bytes(raw)
    list(ingest(home, sensor, [path], clock=clock))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mission that every test gets a copy of."""
    home = Home(tmp_path_factory.mktemp("built") / "mission")
    create(home.path, clock=SimulatedClock(NOW), plan=Plan(seed=bytes(32)))
    take_in(home, "first.csv", FIRST, SimulatedClock(NOW))
    run(home, clock=SimulatedClock(NOW))
    return home.path


@pytest.fixture
def three(built: Path, tmp_path: Path) -> Home:
    """A mission with three incidents of two reports each."""
    return Home(shutil.copytree(built, tmp_path / "three"))


def ids(home: Home, **when: Any) -> list[str]:
    """The ids there are, south to north."""
    return list(incidents(home, only=Filter(), **when).sort("lat_deg")["id"])


def rows_of(home: Home, incident: str) -> set[tuple[str, int]]:
    with reading(home) as (_, there):
        members = there.desk.read("members").filter(incident=incident, role="member")
    return set(members.select(pl.col("object").cast(pl.String), "row").iter_rows())


def keys_seen(home: Home, incident: str) -> set[str]:
    """What the members report, whichever download brought it."""
    with reading(home) as (_, there):
        seen = there.observations().with_columns(pl.col("object").cast(pl.String))
    named = {(o, r): key for o, r, key in seen.select("object", "row", "dedup_key").iter_rows()}
    return {named[row] for row in rows_of(home, incident)}


def size_of(home: Home) -> int:
    with Log.open(home.path) as log:
        return log.size


def shas(home: Home) -> dict[str, object]:
    return {k: v["sha256"] for k, v in digest_tables(home).items() if k in CONTENT}


def address(home: Home, incident: str, at: int = 0) -> str:
    object_, row = sorted(rows_of(home, incident))[at]
    return f"{object_[:12]}:{row}"


def test_a_merge_of_far_incidents_holds(three: Home, clock: SimulatedClock) -> None:
    south, middle, north = ids(three)
    both = rows_of(three, south) | rows_of(three, north)

    done = desk.merge(three, [north, south], said=SAID, clock=clock)
    run(three, clock=clock)
    take_in(three, "late.csv", LATE["late-3.csv"], clock)
    run(three, clock=clock)

    assert (done.act, done.incidents, done.observations) == (
        "merge",
        tuple(sorted([south, north])),
        4,
    )
    [merged] = {i for i in ids(three) if rows_of(three, i) >= both}
    assert len(keys_seen(three, merged)) == 4
    assert middle in ids(three)
    assert len(ids(three)) == 3


def test_a_merge_of_a_fire_and_a_report_by_the_press_holds(
    three: Home, clock: SimulatedClock
) -> None:
    fire = ids(three)[1]
    take_in(three, "news.csv", news(day=20), clock, "news")
    run(three, clock=clock)
    press = incidents(three, only=Filter()).filter(tier=1)["id"][0]
    both = rows_of(three, fire) | rows_of(three, press)

    desk.merge(three, [fire, press], said=SAID, clock=clock)
    take_in(three, "late.csv", LATE["late-2.csv"], clock)
    run(three, clock=clock)

    assert rows_of(three, fire) >= both
    assert press not in ids(three)


def test_a_split_off_report_is_an_incident_of_its_own(three: Home, clock: SimulatedClock) -> None:
    south = ids(three)[0]
    stay, out = sorted(rows_of(three, south))

    desk.split(three, south, [address(three, south, 1)], said=SAID, clock=clock)
    run(three, clock=clock)

    assert len(ids(three)) == 4
    assert {frozenset(rows_of(three, i)) for i in ids(three)} >= {
        frozenset({stay}), frozenset({out}),
    }  # fmt: skip


def test_every_download_of_a_report_leaves_with_it(three: Home, clock: SimulatedClock) -> None:
    take_in(three, "again.csv", LATE["late-3.csv"], clock)
    run(three, clock=clock)
    south = ids(three)[0]

    desk.split(three, south, [address(three, south)], said=SAID, clock=clock)
    run(three, clock=clock)

    with Log.open(three.path) as log:
        [told] = linked(log, log.size)
    assert (len(told.link.observations), len(told.link.against)) == (2, 2)
    assert len({row for _, row in told.link.observations}) == 1
    assert len(ids(three)) == 5


def test_without_a_lock_the_late_reports_join(three: Home, clock: SimulatedClock) -> None:
    south = ids(three)[0]

    take_in(three, "late.csv", LATE["late-1.csv"], clock)
    run(three, clock=clock)

    assert [len(keys_seen(three, i)) for i in ids(three) if i == south] == [4]


@pytest.mark.parametrize("order", list(itertools.permutations(LATE))[::2])
def test_a_lock_survives_late_reports_in_any_order(
    three: Home, clock: SimulatedClock, order: tuple[str, ...]
) -> None:
    south = ids(three)[0]
    locked = keys_seen(three, south)
    desk.lock(three, south, said=SAID, clock=clock)

    for name in order:
        take_in(three, name, LATE[name], clock)
        run(three, clock=clock)

        assert keys_seen(three, south) == locked


def test_an_unlock_lets_late_reports_join(three: Home, clock: SimulatedClock) -> None:
    south = ids(three)[0]
    desk.lock(three, south, said=SAID, clock=clock)
    take_in(three, "late.csv", LATE["late-1.csv"], clock)
    run(three, clock=clock)

    done = desk.unlock(three, south, said=SAID, clock=clock)
    run(three, clock=clock)

    assert done.observations == 2
    assert max(len(keys_seen(three, i)) for i in ids(three)) == 4
    assert [(t.act, t.in_effect) for t in history(three)] == [
        ("lock", "none"), ("unlock", "whole"),
    ]  # fmt: skip


def test_the_order_of_ingest_does_not_matter(
    three: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    south, _, north = ids(three)
    desk.merge(three, [south, north], said=SAID, clock=clock)
    create(tmp_path / "other", clock=clock, plan=Plan(seed=bytes(32)))
    other = Home(tmp_path / "other")
    take_in(other, "first.csv", FIRST, clock)
    run(other, clock=clock)
    desk.merge(other, [north, south], said=SAID, clock=clock)

    for home, names in ((three, list(LATE)), (other, list(LATE)[::-1])):
        for name in names:
            take_in(home, name, LATE[name], clock)
            run(home, clock=clock)

    assert shas(three) == shas(other)


def test_a_run_after_it_is_recorded_and_another_one_appends_nothing(
    three: Home, clock: SimulatedClock
) -> None:
    desk.merge(three, ids(three)[:2], said=SAID, clock=clock)

    first, before = run(three, clock=clock), size_of(three)
    again = run(three, clock=clock)

    assert (first.new, again.new) == (True, False)
    assert size_of(three) == before
    assert first.input_size == before - 1


def test_a_rebuild_honours_it_and_so_does_as_of(three: Home, clock: SimulatedClock) -> None:
    old = ids(three)
    before = clock.now()
    clock.at = before + timedelta(hours=1)
    desk.merge(three, old[:2], said=SAID, clock=clock)
    run(three, clock=clock)
    new, size = ids(three), size_of(three)

    done = rebuild(three)

    assert set(done.compared.values()) == {"same"}
    assert (ids(three), size_of(three)) == (new, size)
    assert ids(three, as_of=before) == old
    assert ids(three, as_of=clock.now()) == new
    assert len(new) == 2


def test_the_statement_cites_the_screen_and_the_sealed_objects(
    three: Home, clock: SimulatedClock
) -> None:
    south, middle, _ = ids(three)
    with reading(three) as (log, there):
        state = there.desk.state()

    done = desk.merge(three, [south, middle], said=SAID, clock=clock)

    with Log.open(three.path) as log:
        cited = log.object(log.entry(done.entry - 1).object)
        assert log.entry(done.entry - 1).type == "cited/v1"
        envelope = json.loads(log.object(log.entry(done.entry).object))
    lines = [parse_canonical(line, where="t") for line in cited.splitlines()]
    assert [line["incident"] for line in lines] == sorted([south, middle])
    assert {(m["object"], m["row"]) for m in lines[0]["members"]} == rows_of(
        three, min(south, middle)
    )
    assert all(line["seen"]["root"] == state["input_root"] for line in lines)
    payload = json.loads(b64decode(envelope["payload"]))
    assert [s["digest"]["sha256"] for s in payload["subject"]] == [
        sha256_hex(FIRST), sha256_hex(cited),
    ]  # fmt: skip
    assert payload["predicate"]["seen"] == {
        "root": state["input_root"], "size": int(state["input_size"]),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("act", "error", "problem"),
    [
        (
            lambda h, i, c: desk.merge(h, i[:1], said=SAID, clock=c),
            BadInput,
            "merge: 1 incident is",
        ),
        (
            lambda h, i, c: desk.merge(h, [i[0], i[0]], said=SAID, clock=c),
            BadInput,
            "1 incident is",
        ),
        (
            lambda h, i, c: desk.merge(h, [i[0], "i-nobody"], said=SAID, clock=c),
            NotFound,
            "i-nobody: no incident has this id",
        ),
        (
            lambda h, i, c: desk.merge(h, [i[0], "i-"], said=SAID, clock=c),
            NotFound,
            "'i-': has 2 characters, expected 6 or more of an id",
        ),
        (lambda h, i, c: Said(by="A", reason=" "), BadInput, "reason: is ' ', expected text"),
        (lambda h, i, c: Said(by="", reason="x"), BadInput, "by: is '', expected text"),
        (
            lambda h, i, c: desk.split(h, i[0], ["abcdef:1"], said=SAID, clock=c),
            NotFound,
            "abcdef:1: no incident holds this observation, expected one of i-",
        ),
        (
            lambda h, i, c: desk.split(h, i[0], [address(h, i[1])], said=SAID, clock=c),
            BadInput,
            "is an observation of i-.*, expected one of i-",
        ),
        (
            lambda h, i, c: desk.split(h, i[0], ["12:x"], said=SAID, clock=c),
            NotFound,
            "12:x: is no address, expected OBJECT:ROW",
        ),
        (
            lambda h, i, c: desk.split(
                h, i[0], [address(h, i[0]), address(h, i[0], 1)], said=SAID, clock=c
            ),
            BadInput,
            "--out: 2 of 2 reports would leave i-.*, expected some and not all",
        ),
        (lambda h, i, c: desk.split(h, i[0], [], said=SAID, clock=c), BadInput, "0 of 2 reports"),
        (lambda h, i, c: desk.unlock(h, i[0], said=SAID, clock=c), BadInput, "is not locked"),
    ],
)
def test_refuses_and_appends_nothing(
    three: Home,
    clock: SimulatedClock,
    act: Callable[..., object],
    error: type[Exception],
    problem: str,
) -> None:
    before = size_of(three)

    with pytest.raises(error, match=problem):
        act(three, ids(three), clock)
    assert size_of(three) == before


def test_names_the_incident_that_took_an_id_over(three: Home, clock: SimulatedClock) -> None:
    south, middle, north = ids(three)
    desk.merge(three, [south, middle], said=SAID, clock=clock)
    run(three, clock=clock)
    [gone] = {south, middle} - set(ids(three))
    [kept] = {south, middle} - {gone}

    with pytest.raises(BadInput, match=f"{gone}: was taken over by {kept}, expected the id it"):
        desk.merge(three, [gone, north], said=SAID, clock=clock)


def test_refuses_what_contradicts_a_lock_and_names_its_entry(
    three: Home, clock: SimulatedClock
) -> None:
    south, middle, _ = ids(three)
    done = desk.lock(three, south, said=SAID, clock=clock)
    problem = f"{south}: was locked by entry {done.entry}, expected one that is open"

    with pytest.raises(BadInput, match=problem) as merged:
        desk.merge(three, [south, middle], said=SAID, clock=clock)
    with pytest.raises(BadInput, match=problem):
        desk.split(three, south, [address(three, south)], said=SAID, clock=clock)
    with pytest.raises(BadInput, match=problem):
        desk.lock(three, south, said=SAID, clock=clock)
    assert "Unlock first" in merged.value.advice


def test_refuses_a_second_word_on_reports_that_wait_for_a_run(
    three: Home, clock: SimulatedClock
) -> None:
    south, middle, north = ids(three)
    done = desk.merge(three, [south, middle], said=SAID, clock=clock)

    with pytest.raises(BadInput, match=f"entry {done.entry} speaks of it and no run has used that"):
        desk.merge(three, [middle, north], said=SAID, clock=clock)
    desk.lock(three, north, said=SAID, clock=clock)  # of other reports: nothing to wait for


def test_refuses_to_put_more_together_than_fusion_takes(three: Home, clock: SimulatedClock) -> None:
    text = three.settings.read_text()
    changed = text.replace("[fusion]", "[fusion]\ncomponent_members_max = 3")
    assert changed != text
    three.settings.write_text(changed)
    run(three, clock=clock)

    with pytest.raises(BadInput, match="merge: 4 reports would be together, must be at most 3"):
        desk.merge(three, ids(three)[:2], said=SAID, clock=clock)


def test_refuses_before_the_first_run(home: Home, clock: SimulatedClock) -> None:
    with pytest.raises(BadMission, match="nothing has been run, expected incidents"):
        desk.lock(home, "i-x", said=SAID, clock=clock)


def test_refuses_incidents_that_were_changed_behind_its_back(
    three: Home, clock: SimulatedClock
) -> None:
    connection = apsw.Connection(str(three.desk))
    connection.execute("DELETE FROM members WHERE row = 0")
    connection.close()

    with pytest.raises(EvidenceBroken, match=r"desk\.db: members: has 5 rows, entry"):
        desk.lock(three, ids(three)[0], said=SAID, clock=clock)


def test_the_history_says_what_became_of_it(three: Home, clock: SimulatedClock) -> None:
    south, middle, north = ids(three)
    merged = desk.merge(three, [south, middle], said=SAID, clock=clock)
    run(three, clock=clock)
    [both] = set(ids(three)) - {north}
    desk.split(three, both, [address(three, both)], said=Said(by="B", reason="no"), clock=clock)

    first, second = history(three)

    assert (first.entry, first.act, first.by, first.reason) == (
        merged.entry, "merge", SAID.by, SAID.reason,
    )  # fmt: skip
    assert (first.incidents, first.now) == (tuple(sorted([south, middle])), (both,))
    assert (first.in_effect, first.used, first.missing) == ("part", True, ())
    assert (second.in_effect, second.used) == ("whole", False)


def test_nothing_said_has_no_history(three: Home) -> None:
    assert history(three) == []


def test_explain_shows_who_said_what_and_why(three: Home, clock: SimulatedClock) -> None:
    south, _, north = ids(three)
    done = desk.lock(three, south, said=SAID, clock=clock)

    [mention] = explain(three, south).mentions

    assert (mention.entry, mention.act, mention.by, mention.reason) == (
        done.entry, "lock", SAID.by, SAID.reason,
    )  # fmt: skip
    assert not mention.used
    assert explain(three, north).mentions == []


def test_a_mission_and_its_bundle_verify(
    three: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    before = verify(three.path, vkey=None).statements
    desk.merge(three, ids(three)[:2], said=SAID, clock=clock)
    vkey = (three.path / "keys" / "log.vkey").read_text().strip()

    export(three, tmp_path / "b.zip", level="mission", clock=clock)

    assert verify(three.path, vkey=vkey).trust == "verified"
    found = verify(tmp_path / "b.zip", vkey=vkey)
    assert (found.trust, found.statements, found.unknown) == ("verified", before + 1, ())


@pytest.mark.parametrize("of", ["statement", "citation"])
def test_a_tampered_statement_is_named(three: Home, clock: SimulatedClock, of: str) -> None:
    done = desk.merge(three, ids(three)[:2], said=SAID, clock=clock)
    index = done.entry - (of == "citation")
    connection = apsw.Connection(str(three.path / "log.db"))
    row = "SELECT max(first), bundle FROM object WHERE first <= ?"
    [(first, bundle)] = connection.execute(row, (index,)).fetchall()
    objects = unpack_entries(bundle, where="object")
    objects[index - first] = objects[index - first].replace(b"a", b"b")
    change = "UPDATE object SET bundle = ? WHERE first = ?"
    connection.execute(change, (pack_entries(objects), first))
    connection.close()

    with Log.open(three.path) as log:
        digest = log.entry(index).object
    with pytest.raises(EvidenceBroken, match=f"{digest}"):
        verify(three.path, vkey=None)
    if of == "statement":
        with pytest.raises(EvidenceBroken, match=f"{digest}"):
            run(three, clock=clock)


def forge(home: Home, clock: SimulatedClock, subject: str, **changes: object) -> int:
    """Seal a link signed by the desk that breaks its form or does not cite its objects."""
    with writing(home, clock) as writer:
        digest = sha256_hex(FIRST)
        said = {**predicate(digest), **changes}
        cited = [Subject(name="x", sha256=subject)]
        signed = sign_statement("linked/v1", cited, said, key=writer.keys.desk)
        item = NewObject(type="statement/linked/v1", data=signed)
        return writer.log.append([item], now=clock.now())[0].index


def predicate(digest: str) -> dict[str, Any]:
    return {
        "act": "merge",
        "observations": [{"object": digest, "row": 0}, {"object": digest, "row": 2}],
        "against": [],
        "reason": "why",
        "by": "who",
        "incidents": ["i-a", "i-b"],
        "seen": {"size": 3, "root": "ab" * 32},
    }


def test_an_observation_that_is_gone_is_named_and_stops_nothing(
    three: Home, clock: SimulatedClock
) -> None:
    digest = sha256_hex(FIRST)
    named = [{"object": digest, "row": row} for row in (0, 1, 2, 3, 77)]
    forge(three, clock, digest, observations=named)

    run(three, clock=clock)

    [told] = history(three)
    assert (told.missing, told.in_effect) == ((f"{digest}:77",), "whole")
    assert len(ids(three)) == 2


def test_verify_refuses_a_link_that_does_not_cite_what_it_speaks_of(
    three: Home, clock: SimulatedClock
) -> None:
    with Log.open(three.path) as log:
        other = log.entry(0).object

    index = forge(three, clock, other)

    with pytest.raises(EvidenceBroken, match=f"entry {index}: link speaks of .*:0, expected the"):
        verify(three.path, vkey=None)


def test_a_link_of_another_form_is_a_broken_one(three: Home, clock: SimulatedClock) -> None:
    index = forge(three, clock, sha256_hex(FIRST), act="glue")

    with pytest.raises(EvidenceBroken, match=f"entry {index}: act is 'glue', expected one of"):
        verify(three.path, vkey=None)
    with pytest.raises(EvidenceBroken, match=f"entry {index}: act is 'glue', expected one of"):
        run(three, clock=clock)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"more": 1}, "link has act, against, .*more.*, expected act, against"),
        ({"act": 7}, "act is 7, expected one of merge, split, lock, unlock"),
        ({"act": "split"}, "split of 2 observations against 0, expected some"),
        ({"observations": []}, "merge of 0 observations against 0"),
        ({"against": [{"object": "cd" * 32, "row": 1}]}, "merge of 2 observations against 1"),
        ({"observations": "x"}, "observation is None, expected the SHA-256"),
        ({"observations": [{"object": "cd", "row": 1}]}, "expected the SHA-256 of an object"),
        ({"observations": [{"object": "cd" * 32, "row": True}]}, "expected the SHA-256 of an"),
        ({"observations": [{"object": "cd" * 32, "row": 1, "x": 1}]}, "expected the SHA-256"),
        ({"observations": [{"object": "cd" * 32, "row": -1}]}, "row is -1, must be 0 to 42949"),
        ({"observations": [{"object": "cd" * 32, "row": 1}] * 2}, "names an observation twice"),
        ({"reason": " "}, "reason is ' ', expected text"),
        ({"by": None}, "by is None, expected text"),
        ({"incidents": []}, r"incidents are \[\], expected a list of ids"),
        ({"incidents": [""]}, r"incidents are \[''\], expected a list of ids"),
        ({"seen": None}, "seen is None, expected the size and root of a log"),
        ({"seen": {"size": 0, "root": "ab" * 32}}, "seen is .*, expected the size and root"),
        ({"seen": {"size": 3, "root": "ab"}}, "seen is .*, expected the size and root"),
    ],
)
def test_names_each_defect_of_a_link(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadInput, match=f"^entry 9: .*{problem}"):
        read_link({**predicate("ef" * 32), **changes}, entry=9)


# The golden files hold what was written when the type was made; they are never renewed.

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SCREEN = Screen(origin="example.invalid/evidence", size=12, root="0f" * 32)
SPLIT = Link(
    act=Act.SPLIT,
    observations=(("ab" * 32, 0),),
    against=(("ab" * 32, 3), ("cd" * 32, 1)),
    entry=0,
)


def fixed() -> tuple[pl.DataFrame, pl.DataFrame]:
    at = datetime(2030, 9, 2, 8, tzinfo=UTC)
    row = {
        "id": "i-5obsr3uhmba5aoby", "tier": 0, "time": at, "time_start": at, "time_end": at,
        "lat_deg": 45.01, "class": "undetermined", "class_p": '{"undetermined":1.0}',
        "real_p": 0.9, "priority": None,
    }  # fmt: skip
    members = [
        {
            "incident": row["id"],
            "object": o,
            "row": r,
            "membership_p": 0.5,
            "role": "member",
            "z": 1,
        }
        for o, r in (*SPLIT.against, *SPLIT.observations)
    ]
    return pl.DataFrame([row]), pl.DataFrame(members)


def test_the_bytes_of_a_link_never_change() -> None:
    rows, members = fixed()
    types = dict.fromkeys(("ab" * 32, "cd" * 32), "received/firms/v1")

    cited, statement = sealing(
        SPLIT, Said(by="A. Analyst", reason="another fire"), screen=SCREEN,
        incidents=(rows, members), types=types, key=KEY,
    )  # fmt: skip

    assert cited.data == citation(rows, members, screen=SCREEN)
    assert cited.data == (GOLDEN / "v1.cited.jsonl").read_bytes()
    assert statement.data == (GOLDEN / "v1.statement.json").read_bytes()
    assert (cited.type, statement.type) == ("cited/v1", "statement/linked/v1")


def test_the_first_version_of_a_link_can_be_read_for_ever() -> None:
    public = KEY.public_key().public_bytes_raw()
    raw = (GOLDEN / "v1.statement.json").read_bytes()

    statement = open_statement(raw, {key_id(public): public}, where="golden")

    link = read_link(statement.predicate, entry=0)
    assert (link.act, link.observations, link.against) == (
        SPLIT.act, SPLIT.observations, SPLIT.against,
    )  # fmt: skip
    assert statement.subjects[-1].sha256 == sha256_hex((GOLDEN / "v1.cited.jsonl").read_bytes())
