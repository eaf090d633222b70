"""Nothing is left out in silence: batches, expected against received, receipts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.mission.samples import NOW, firms
from typer.testing import CliRunner

from trucewatch.cli.app import app
from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence.log import Log
from trucewatch.evidence.receipt import against_log, check_receipt
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import ABSENT, BATCH, Subject, parse_envelope, sign_statement
from trucewatch.mission.absent import absent
from trucewatch.mission.batches import BATCH_TYPE, REFUSED_TYPE, judged
from trucewatch.mission.configuration import in_force, keyring_of
from trucewatch.mission.devices import Candidate, enrol, revoke
from trucewatch.mission.ingest import ingest, ingest_bytes
from trucewatch.mission.linked import Said
from trucewatch.mission.opened import writing
from trucewatch.mission.projection import expect_known, input_size
from trucewatch.mission.received_ledger import held, ledger
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.enrolment import Holder
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.ingest import Intake
    from trucewatch.mission.received_ledger import ReceivedLedger

SAID = Said(by="A. Analyst", reason="mast struck by lightning")
GOLDEN = "2795bbdf75723bdf3acd39ebc5dff1b2f9a46b0d3acc10db745e062bcd63b3e3"
KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
DAILY = '\n[intake.firms]\nevery_h = 24\nstart = "2026-07-11T00:00:00.000000Z"\n'
SIGNED = "\n[intake.firms]\nsigned = true\n"


def envelope(
    raw: bytes,
    sequence: int = 1,
    previous: bytes | None = None,
    *,
    key: Ed25519PrivateKey = KEY,
    **change: object,
) -> bytes:
    predicate = {
        "device": "cam-1",
        "made_at": instant_text(NOW),
        "previous": None if previous is None else sha256_hex(previous),
        "seen": None,
        "sensor": "firms",
        "sequence": sequence,
    }
    subject = Subject(name="file.csv", sha256=sha256_hex(raw))
    return sign_statement(BATCH, [subject], predicate | change, key=key)


@pytest.fixture
def device(home: Home, clock: SimulatedClock) -> str:
    """The name of a device whose key is good."""
    public = KEY.public_key().public_bytes_raw()
    candidate = Candidate(kind=Holder.DEVICE, name="cam-1", key=public, sensor="firms")
    enrol(home, candidate, said=SAID, clock=clock)
    return "cam-1"


def laid(inbox: Path, name: str, raw: bytes, beside: bytes | None) -> Path:
    path = inbox / name
    path.write_bytes(raw)
    if beside is not None:
        path.with_name(f"{name}.batch").write_bytes(beside)
    return path


def taken(home: Home, clock: SimulatedClock, *paths: Path) -> list[Intake]:
    return list(ingest(home, "firms", paths, clock=clock))


def types(home: Home) -> list[str]:
    with Log.open(home.path) as log:
        return [entry.type for _, entry in log.entries()]


def configure(home: Home, text: str) -> None:
    home.settings.write_text(home.settings.read_text() + text)


# Files that a device signed


def test_the_bytes_of_an_envelope_never_change() -> None:
    parsed = parse_envelope(envelope(b""), where="t")

    assert parsed.payload.decode() == (
        '{"_type":"https://in-toto.io/Statement/v1","predicate":{"device":"cam-1",'
        '"made_at":"2026-07-10T12:00:00.000000Z","previous":null,"seen":null,"sensor":"firms",'
        '"sequence":1},"predicateType":"urn:trucewatch:batch/v1","subject":[{"digest":{"sha256":'
        '"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"name":"file.csv"}]}'
    )
    assert sha256_hex(envelope(b"")) == GOLDEN


@pytest.mark.usefixtures("device")
def test_an_envelope_beside_a_file_is_sealed_right_after_it(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    raw = firms(day=26)

    [intake] = taken(home, clock, laid(inbox, "a.csv", raw, envelope(raw)))

    assert types(home)[-2:] == ["received/firms/v1", BATCH_TYPE]
    assert (intake.accepted, intake.unsigned) == (6, False)
    assert intake.vouched is not None
    assert (intake.vouched.device, intake.vouched.sequence) == ("cam-1", 1)
    assert (intake.vouched.entry, intake.vouched.problem) == (intake.entry + 1, "")


@pytest.mark.usefixtures("device")
def test_a_signed_file_that_comes_again_adds_nothing(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    raw = firms(day=26)
    path = laid(inbox, "a.csv", raw, envelope(raw))
    taken(home, clock, path)
    before = types(home)

    [intake] = taken(home, clock, path)

    assert types(home) == before
    assert intake.vouched is not None
    assert (intake.new, intake.vouched.new, intake.vouched.sequence) == (False, False, 1)


@pytest.mark.usefixtures("device")
def test_an_envelope_given_by_name_is_picked_up_with_its_file_and_never_alone(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    raw = firms(day=26)
    path = laid(inbox, "a.csv", raw, envelope(raw))
    beside = path.with_name("a.csv.batch")
    before = types(home)

    with pytest.raises(BadInput, match=r"a\.csv\.batch: is given alone, expected a\.csv"):
        taken(home, clock, beside)

    assert types(home) == before
    assert len(taken(home, clock, path, beside)) == 1


RAW = firms(day=26)
UNVERIFIED = {
    "a stranger's key": (envelope(RAW, key=OTHER), "signed by key .*, expected one of"),
    "another file": (envelope(b"other"), "signs a file with SHA-256 .*, the file beside it has"),
    "another sensor": (
        envelope(RAW, sensor="news"),
        "is of device cam-1, sensor news, signed by the key of device cam-1, sensor firms",
    ),
    "another device": (envelope(RAW, device="cam-2"), "is of device cam-2, sensor firms, signed"),
    "another type": (
        sign_statement("published/v1", [Subject(name="a", sha256="ab" * 32)], {}, key=KEY),
        "published/v1 is signed by device cam-1, which may sign batch/v1",
    ),
    "another form": (
        sign_statement(BATCH, [Subject(name="a", sha256="ab" * 32)], {"a": 1}, key=KEY),
        "says a, expected device, made_at",
    ),
    "no envelope": (b"no envelope", "not JSON"),
    "nothing": (b"", "not JSON"),
    "too much": (b"{" * 20_000, "envelope has 20,000 bytes, must be at most 16,384"),
    "a flipped bit": (envelope(RAW).replace(b'"sig":"', b'"sig":"A', 1), "base64|signature"),
}


def test_a_device_signs_for_its_own_sensor_only(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    public = KEY.public_key().public_bytes_raw()
    reader = Candidate(kind=Holder.DEVICE, name="cam-1", key=public, sensor="news")
    enrol(home, reader, said=SAID, clock=clock)

    [intake] = taken(home, clock, laid(inbox, "a.csv", RAW, envelope(RAW, sensor="news")))

    assert intake.vouched is not None
    assert intake.vouched.problem == "signs for sensor news, expected firms"
    [refused] = ledger(home).refused
    assert refused.problem.endswith("for sensor news, which is not what it came with")


@pytest.mark.parametrize("defect", sorted(UNVERIFIED))
@pytest.mark.usefixtures("device")
def test_what_does_not_verify_is_kept_and_never_read_as_a_statement(
    home: Home, inbox: Path, clock: SimulatedClock, defect: str
) -> None:
    beside, problem = UNVERIFIED[defect]
    configure(home, SIGNED)

    [intake] = taken(home, clock, laid(inbox, "a.csv", RAW, beside))

    assert types(home)[-2:] == ["received/firms/v1", REFUSED_TYPE]
    assert (intake.accepted, intake.unsigned) == (6, True)
    assert intake.vouched is not None
    assert intake.vouched.device == ""
    found = ledger(home)
    assert [each.entry for each in found.refused] == [intake.vouched.entry]
    assert found.refused[0].name == "a.csv.batch"
    assert [line.unsigned for line in found.sensors] == [(intake.entry,)]
    with Log.open(home.path) as log:
        assert log.object(log.entry(intake.vouched.entry).object) == beside
        expect_known(log, log.size)
    with pytest.raises(AssertionError, match=problem):
        raise AssertionError(intake.vouched.problem)


@pytest.mark.usefixtures("device")
def test_a_withdrawn_key_is_refused_and_what_it_signed_before_stays(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    first, second = firms(day=25), firms(day=26)
    before = envelope(first)
    kept = laid(inbox, "a.csv", first, before)
    taken(home, clock, kept)
    revoke(home, (Holder.DEVICE, "cam-1"), said=SAID, clock=clock)

    [late] = taken(home, clock, laid(inbox, "b.csv", second, envelope(second, 2, before)))
    [again] = taken(home, clock, kept)

    assert late.vouched is not None
    assert "withdrawn by entry 6, expected one that is good" in late.vouched.problem
    assert again.vouched is not None
    assert (again.vouched.problem, again.vouched.new) == ("", False)
    [line] = ledger(home).devices
    assert (line.files, line.keys) == (1, 0)


@pytest.mark.usefixtures("device")
def test_what_came_between_theft_and_withdrawal_is_flagged(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    raw = firms(day=26)
    taken(home, clock, laid(inbox, "a.csv", raw, envelope(raw)))
    stolen = NOW - timedelta(hours=1)

    revoke(home, (Holder.DEVICE, "cam-1"), said=SAID, clock=clock, since=stolen)

    [line] = ledger(home).devices
    assert [str(flag.oddity) for flag in line.flags] == ["after_withdrawal"]


@pytest.mark.usefixtures("device")
def test_envelopes_hold_no_observations(home: Home, inbox: Path, clock: SimulatedClock) -> None:
    raw = firms(day=26)
    taken(home, clock, laid(inbox, "a.csv", raw, envelope(raw)))
    taken(home, clock, laid(inbox, "b.csv", firms(day=27, n=8, sat="N20"), b"none"))
    home.desk.unlink()

    with writing(home, clock) as writer:
        read = writer.projection.catch_up(writer.log, writer.log.size, writer.using)

        assert read == 2
        assert len(writer.projection.observations()) == 14
        assert input_size(writer.log, writer.log.size) == writer.log.size - 1


# Chains


def chain(most: int, tag: int = 0) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    for number in range(1, most + 1):
        raw = firms(day=1 + number, n=1 + tag)
        found.append((raw, envelope(raw, number, found[-1][1] if found else None)))
    return found


def take_all(home: Home, clock: SimulatedClock, files: list[tuple[bytes, bytes]]) -> None:
    with writing(home, clock) as writer:
        for number, (raw, beside) in enumerate(files):
            ingest_bytes(writer, "firms", raw, name=f"{number}.csv", envelope=beside)


def oddities(home: Home) -> list[tuple[str, int, int]]:
    [line] = ledger(home).devices
    return [(str(flag.oddity), flag.first, flag.last) for flag in line.flags]


@pytest.mark.usefixtures("device")
def test_a_whole_chain_is_complete(home: Home, clock: SimulatedClock) -> None:
    take_all(home, clock, chain(4))

    found = ledger(home)

    assert found.complete
    assert [(line.files, line.highest) for line in found.devices] == [(4, 4)]
    assert oddities(home) == []


@pytest.mark.usefixtures("device")
def test_a_file_that_was_left_out_is_a_gap(home: Home, clock: SimulatedClock) -> None:
    one, _, three = chain(3)

    take_all(home, clock, [one, three])

    assert oddities(home) == [("gap", 2, 2)]
    assert not ledger(home).complete


@pytest.mark.usefixtures("device")
def test_a_cloned_key_is_a_fork_until_it_is_withdrawn(home: Home, clock: SimulatedClock) -> None:
    mine = chain(3)
    other = firms(day=20)
    take_all(home, clock, [*mine, (other, envelope(other, 3, mine[1][1]))])

    assert oddities(home) == [("fork", 3, 3)]
    assert not ledger(home).complete

    done = revoke(home, (Holder.DEVICE, "cam-1"), said=SAID, clock=clock)

    [line] = ledger(home).devices
    assert [flag.explained_by for flag in line.flags] == [done.entry]
    assert ledger(home).complete


@pytest.mark.usefixtures("device")
def test_a_replay_and_a_late_arrival_are_said_and_are_no_omission(
    home: Home, clock: SimulatedClock
) -> None:
    one, two, three = chain(3)
    again = envelope(one[0], made_at=instant_text(NOW - timedelta(minutes=1)))

    take_all(home, clock, [one, three, two, (one[0], again)])

    assert oddities(home) == [("out_of_order", 2, 2), ("replay", 1, 1)]
    assert ledger(home).complete


@pytest.mark.usefixtures("device")
def test_a_head_that_this_log_never_had_is_flagged(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    raw = firms(day=26)
    with Log.open(home.path) as log:
        seen = {"origin": log.origin, "size": 2, "root": "ab" * 32}

    taken(home, clock, laid(inbox, "a.csv", raw, envelope(raw, seen=seen)))

    [line] = ledger(home).devices
    assert [str(flag.oddity) for flag in line.flags] == ["other_head"]
    assert not ledger(home).complete


@pytest.mark.usefixtures("device")
def test_ten_thousand_messages_twice_and_in_any_order_are_stored_once_each(
    home: Home, clock: SimulatedClock
) -> None:
    most, step = 10_000, 3_001  # a step without a common divisor: every message once, far apart
    contents = [b"message %d" % n for n in range(most)]
    envelopes: list[bytes] = []
    for n, raw in enumerate(contents, 1):
        envelopes.append(envelope(raw, n, envelopes[-1] if envelopes else None))
    items = [
        [
            NewObject(type="received/firms/v1", data=contents[n]),
            NewObject(type=BATCH_TYPE, data=envelopes[n]),
        ]
        for n in (k * step % most for k in range(most))
    ]

    with writing(home, clock) as writer:
        start = writer.log.size
        for order in (items, items[::-1]):
            for at in range(0, most, 500):
                writer.log.append([i for pair in order[at : at + 500] for i in pair], now=NOW)
        stored = [entry.object for _, entry in writer.log.entries(start)]

    assert len(stored) == len(set(stored)) == 2 * most
    assert set(stored[1::2]) == {sha256_hex(each) for each in envelopes}


def test_an_envelope_is_judged_by_the_keys_that_are_good_now(
    home: Home, clock: SimulatedClock
) -> None:
    content = NewObject(type="received/firms/v1", data=RAW, name="a.csv")

    with Log.open(home.path) as log:
        found = judged(log, keyring_of(log, log.size), envelope(RAW), content=content, now=NOW)

    assert (found.item.type, found.item.name, found.sent) == (REFUSED_TYPE, "a.csv.batch", None)
    assert parse_envelope(found.item.data, where="t").keyid in found.problem


@pytest.mark.usefixtures("device")
def test_the_head_of_the_empty_log_is_a_head_that_it_had(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    with Log.open(home.path) as log:
        seen = {"origin": log.origin, "size": 0, "root": sha256_hex(b"")}

    taken(home, clock, laid(inbox, "a.csv", RAW, envelope(RAW, seen=seen)))

    assert oddities(home) == []


# Schedules


def day(number: int, hour: int = 12) -> datetime:
    return datetime(2026, 7, number, hour, tzinfo=UTC)


def filed(home: Home, inbox: Path, clock: SimulatedClock, *days: int) -> None:
    for number in days:
        clock.at = day(number)
        taken(home, clock, laid(inbox, f"{number}.csv", firms(day=number - 10), None))


def slot_states(found: ReceivedLedger) -> list[tuple[int, str]]:
    return [(slot.start.day, str(slot.state)) for slot in found.slots]


def test_a_slot_that_was_skipped_in_silence_is_named(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    configure(home, DAILY)

    filed(home, inbox, clock, 10, 11, 13, 14)

    found = ledger(home)
    assert slot_states(found) == [(11, "received"), (12, "missing"), (13, "received")]
    assert found.sensors[0].slots == {"received": 2, "late": 0, "explained": 0, "missing": 1}
    assert not found.complete


def test_a_reason_is_sealed_and_the_slot_is_explained(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    configure(home, DAILY)
    filed(home, inbox, clock, 10, 11, 14)

    done = absent(home, "firms", (day(12), day(14, 0)), said=SAID, clock=clock)

    assert (done.slots, done.start, done.end) == (2, day(12, 0), day(14, 0))
    found = ledger(home)
    assert slot_states(found) == [(11, "received"), (12, "explained"), (13, "explained")]
    assert found.complete
    assert [(s.by, s.reason, s.explained_by) for s in found.slots[1:]] == [
        (SAID.by, SAID.reason, done.entry)
    ] * 2
    with Log.open(home.path) as log:
        [absence] = held(log).absences
        settings = held(log).settings[-1].object
        payload = parse_envelope(log.object(log.entry(done.entry).object), where="t").payload
    assert absence.slot_start == day(12, 0)
    assert json.loads(payload)["subject"][0]["digest"]["sha256"] == settings


def test_a_reason_given_before_the_slot_ended_leaves_it_missing(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    configure(home, DAILY)
    filed(home, inbox, clock, 10, 11)
    clock.at = day(12, 23)

    early = sealed_by_an_older_version(home, clock)

    filed(home, inbox, clock, 13, 14)
    found = ledger(home)
    assert slot_states(found) == [(11, "received"), (12, "missing"), (13, "received")]
    assert (found.slots[1].explained_by, found.slots[1].said_early) == (None, early)
    other = replace(SAID, reason="still no power")  # the same statement is not sealed twice
    again = absent(home, "firms", (day(12), None), said=other, clock=clock)
    assert ledger(home).slots[1].explained_by == again.entry


def sealed_by_an_older_version(home: Home, clock: SimulatedClock) -> int:
    """Seal a reason for the slot of the 12th, which the desk would refuse until it is over."""
    slot = {"slot_end": instant_text(day(13, 0)), "slot_start": instant_text(day(12, 0))}
    said = {"by": SAID.by, "reason": SAID.reason, "sensor": "firms", **slot}
    with writing(home, clock) as writer:
        subject = Subject(
            name="mission.toml", sha256=in_force(writer.log, writer.log.size).settings_object
        )
        statement = sign_statement(ABSENT, [subject], said, key=writer.keys.desk)
        item = NewObject(type="statement/absent/v1", data=statement, name="absent firms")
        [sealed] = writer.log.append([item], now=writer.clock.now())
    return sealed.index


def test_no_reason_is_taken_for_a_slot_that_is_not_over(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    configure(home, DAILY)
    filed(home, inbox, clock, 10, 11)
    clock.at = day(12, 23)

    with pytest.raises(BadInput, match=r"slot ends 2026-07-13.*, expected one that is over"):
        absent(home, "firms", (day(12), None), said=SAID, clock=clock)


def test_only_what_is_missing_can_be_explained(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    configure(home, DAILY)
    filed(home, inbox, clock, 10, 11, 13)
    before, two = types(home), replace(SAID, reason="two\nlines")

    with pytest.raises(BadInput, match=r"2026-07-11.*: something came in each of these slots"):
        absent(home, "firms", (day(11), None), said=SAID, clock=clock)
    with pytest.raises(NotFound, match=r"2026-08-.*: no slot of firms holds this time"):
        absent(home, "firms", (day(11) + timedelta(days=30), None), said=SAID, clock=clock)
    with pytest.raises(NotFound, match="no slot of news holds this time, expected one of a sched"):
        absent(home, "news", (day(11), None), said=SAID, clock=clock)
    with pytest.raises(BadInput, match=r"reason is 'two.*lines', expected text on one line"):
        absent(home, "firms", (day(12), None), said=two, clock=clock)

    assert types(home) == before


def test_the_ledger_of_one_sensor(home: Home, inbox: Path, clock: SimulatedClock) -> None:
    configure(home, DAILY)
    filed(home, inbox, clock, 10, 11, 13)
    list(ingest(home, "news", [inbox / "news.csv"], clock=clock))

    found = ledger(home, sensor="news")

    assert [(line.sensor, line.files, line.slots) for line in found.sensors] == [("news", 1, {})]
    assert found.slots == ()
    with pytest.raises(NotFound, match="adsb: nothing came or was expected of it, expected one of"):
        ledger(home, sensor="adsb")


@pytest.mark.usefixtures("device")
def test_the_same_empty_download_every_day_fills_its_slots_when_it_is_signed(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    configure(home, DAILY)
    filed(home, inbox, clock, 10)
    before = None
    for number in (11, 12, 13):
        clock.at = day(number)
        made_at = instant_text(clock.at)
        beside = envelope(RAW, number - 10, before, made_at=made_at)
        [intake] = taken(home, clock, laid(inbox, f"empty-{number}.csv", RAW, beside))
        assert intake.vouched is not None
        assert (intake.new, intake.vouched.new) == (number == 11, True)
        before = beside

    found = ledger(home)

    assert slot_states(found) == [(11, "received"), (12, "received")]
    assert found.complete


# Receipts


@pytest.mark.usefixtures("device")
def test_a_receipt_is_given_for_each_file_and_its_envelope(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    raw = firms(day=26)
    path = laid(inbox, "a.csv", raw, envelope(raw))
    folder = tmp_path / "receipts"

    [intake] = ingest(home, "firms", [path], clock=clock, receipts=folder)
    list(ingest(home, "firms", [inbox / "news.csv"], clock=clock))
    list(ingest(home, "firms", [path], clock=clock, receipts=folder))

    assert intake.receipts == (str(folder / "a.csv.receipt"), str(folder / "a.csv.batch.receipt"))
    with Log.open(home.path) as log:
        entries = [log.entry_bytes(index) for index in range(log.size)]
        found = [check_receipt(p.read_bytes(), log.verifier, where="t") for p in folder.iterdir()]
        for each in found:
            against_log(each, entries, log.root)
        assert sorted(each.checkpoint.size for each in found) == [6, 6, 7, 7]
        cut = [*entries[:4], *entries[6:]]
        with pytest.raises(EvidenceBroken, match="was acknowledged to its submitter as received/"):
            against_log(min(found, key=lambda each: each.index), cut, log.root)


def test_no_receipt_is_promised_where_none_can_be_written(
    home: Home, inbox: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    (tmp_path / "file").touch()

    for place in (tmp_path / "file", tmp_path / "none" / "outbox"):
        with pytest.raises(BadInput, match=r", expected a folder for receipts"):
            list(ingest(home, "firms", [inbox / "news.csv"], clock=clock, receipts=place))

    assert len(types(home)) == 3


# The command line


def tw(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    return done.exit_code, done.output


def test_the_ledger_says_what_is_missing_and_exits_with_one(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    configure(home, DAILY)
    filed(home, inbox, clock, 10, 11, 13)

    code, said = tw("ledger", str(home.path))

    assert code == 1
    assert "2026-07-12 00:00Z to 2026-07-13 00:00Z  MISSING" in said
    assert said.endswith("NOT COMPLETE\n")
    _, short = tw("ledger", str(home.path), "--limit", "1", "--sensor", "firms")
    assert "slots      1 received, 0 late, 0 explained, 1 missing" in short
    code, said = tw("ledger", str(home.path), "--json")
    assert (code, json.loads(said)["complete"]) == (1, False)


@pytest.mark.usefixtures("device")
def test_the_ledger_names_devices_and_what_is_odd_about_them(
    home: Home, clock: SimulatedClock
) -> None:
    configure(home, SIGNED)
    one, _, three = chain(3)
    take_all(home, clock, [one, three, (firms(day=20), b"none")])

    code, said = tw("ledger", str(home.path))

    assert code == 1
    assert "gap              number 2 never came: entries 7, 9" in said
    assert "unsigned   entries 10: expected from a device" in said
    assert "2.csv.batch: entry 11 does not verify: not JSON" in said


def test_a_slot_is_explained_from_the_command_line(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    configure(home, DAILY)
    filed(home, inbox, clock, 10, 11, 13)
    given = ("absent", str(home.path), "firms", "--reason", "no fuel", "--by", "A. Analyst")

    code, said = tw(*given, "--slot", "2026-07-12T00:00Z")

    assert code == 0
    assert "1 empty slot of firms, 2026-07-12 00:00Z to 2026-07-13 00:00Z" in said
    assert "explained: no fuel (A. Analyst, 8)" in tw("ledger", str(home.path), "--limit", "0")[1]
    with pytest.raises(BadInput, match="--slot: is empty, expected a time"):
        tw(*given, "--slot", "")


@pytest.mark.usefixtures("device")
def test_ingest_says_what_became_of_the_envelope(home: Home, inbox: Path, tmp_path: Path) -> None:
    configure(home, SIGNED)
    good = laid(inbox, "a.csv", RAW, envelope(RAW))
    bad = laid(inbox, "b.csv", firms(day=27), b"none")

    code, said = tw(
        "ingest", str(home.path), "firms", str(good), str(bad), "--receipts", str(tmp_path)
    )

    assert code == 0
    assert "  signed       entry 7, number 1 of cam-1\n" in said
    assert "  envelope     kept as entry 9, does not verify: not JSON" in said
    assert said.count("  unsigned     a device's signature is expected") == 1
    assert said.count("  receipt      ") == 4
