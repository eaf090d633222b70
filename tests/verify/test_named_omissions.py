"""What the desk may do to hide a file that is not there: the checker names each of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.verify.test_conduct import DEVICE, NOW, ORIGIN, SETTINGS, World, raw, secret

from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.statement import Subject, key_id, list_keys, sign_statement
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARK: dict[str, object] = {"by": "A", "party": "Party One", "reason": "shows no soldiers"}
FIRST = datetime(2026, 6, 28, 12, tzinfo=UTC)  # within the first slot of the schedule


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    home = tmp_path / "home"
    home.mkdir()
    keys = create_keys(home / "keys", origin=ORIGIN, seed=bytes(range(32)))
    with Log.create(home, origin=ORIGIN, signer=keys.log) as log:
        yield World(log, keys)


def withdraw(world: World) -> int:
    public = raw(DEVICE)
    predicate = {
        "act": "revoked", "by": "A", "ed25519": public.hex(), "keyid": key_id(public),
        "kind": "device", "may": ["batch/v1"], "name": "cam-1", "reason": "stolen",
        "sensor": "firms", "since": None,
    }  # fmt: skip
    subject = Subject(name="key", sha256=key_id(public))
    data = sign_statement("enrolled/v1", [subject], predicate, key=world.keys.desk)
    return world.seal("statement/enrolled/v1", data)


def configure(world: World, settings: bytes) -> int:
    listed: dict[str, object] = {"keys": list_keys([raw(world.keys.desk)]), "replaces": 1}
    world.seal("configuration/mission/v1", settings)
    return world.says("configured", {"mission.toml": settings}, listed)


def explain(world: World, first: int, last: int) -> int:
    """Explain the slots that begin on some days of June (31 is the 1st of July)."""
    start = datetime(2026, 6, 1, tzinfo=UTC)
    times = [start + timedelta(days=day) for day in (first - 1, last)]
    slot_start, slot_end = (f"{time:%Y-%m-%dT%H:%M:%S}.000000Z" for time in times)
    said: dict[str, object] = {
        "by": "A. Ode", "reason": "no power", "sensor": "firms",
        "slot_start": slot_start, "slot_end": slot_end,
    }  # fmt: skip
    return world.says("absent", {"mission.toml": SETTINGS}, said)


def file(world: World, days: float, content: bytes = b"") -> int:
    world.now = FIRST + timedelta(days=days)
    return world.seal("received/firms/v1", content or b"file of day %d" % (days * 1000))


# What speaks for a party


def test_a_marked_object_that_is_withheld_is_missing(world: World) -> None:
    world.seal("exhibit/v1", b"photo")
    mark = world.says("exculpatory", {"exhibit/v1": b"photo"}, MARK)

    found = world.check(without="exhibit")

    speaks = f"entry {mark}: object {sha256_hex(b'photo')} speaks for Party One (shows no soldiers)"
    assert found.missing == (f"{speaks} and is not here",)
    assert world.check().missing == ()


def test_a_marked_object_that_was_erased_is_not_missing(world: World) -> None:
    sealed, _, _ = secret(world, b"a name")
    mark = world.says("exculpatory", {"exhibit/v1": sealed}, MARK)
    tombstone = world.act("erased", sealed)

    found = world.check(without="exhibit")

    assert found.missing == ()
    [remark] = [each for each in found.remarks if each.startswith(f"entry {mark}: object ")]
    assert remark.endswith(f"is not here: erased by entry {tombstone}")


def test_a_tombstone_of_another_object_excuses_nothing(world: World) -> None:
    world.seal("exhibit/v1", b"photo")
    sealed, _, _ = secret(world, b"a name")
    world.act("erased", sealed)
    world.says("exculpatory", {"exhibit/v1": b"photo", "exhibit/v2": sealed}, MARK)

    found = world.check(without="exhibit")

    assert [sha256_hex(b"photo") in each for each in found.missing] == [True]


# Keys that were withdrawn


def test_a_gap_stays_missing_when_the_key_is_withdrawn(world: World) -> None:
    first = world.batch(b"1", 1, None)
    world.batch(b"3", 3, first)
    entry = withdraw(world)

    missing = world.check().missing

    after = f"; the desk withdrew the key afterwards (entry {entry})"
    gap = f"device cam-1: gap: number 2 never came (entries 5, 7){after}"
    assert missing == (gap,)


def test_a_file_that_another_names_stays_missing_when_the_key_is_withdrawn(world: World) -> None:
    world.batch(b"1", 1, None)
    world.batch(b"2", 2, b"another envelope")
    entry = withdraw(world)

    [missing] = world.check().missing

    assert missing.startswith("device cam-1: broken: number 2 names another file before it")
    assert missing.endswith(f"; the desk withdrew the key afterwards (entry {entry})")


def test_a_copied_key_is_explained_by_its_withdrawal(world: World) -> None:
    world.batch(b"1", 1, None)
    world.batch(b"other", 1, None)
    entry = withdraw(world)

    found = world.check()

    assert found.missing == ()
    [remark] = [each for each in found.remarks if "fork" in each]
    assert remark.endswith(f"; the desk withdrew the key afterwards (entry {entry})")


# Slots


def test_each_slot_that_is_explained_is_named_with_who_said_why(world: World) -> None:
    file(world, 0)
    file(world, 3)
    entry = explain(world, 29, 30)

    found = world.check()

    why = f"explained by A. Ode (entry {entry}): no power"
    one = f"firms: no file for 2026-06-29T00:00Z to 2026-06-30T00:00Z; {why}"
    two = f"firms: no file for 2026-06-30T00:00Z to 2026-07-01T00:00Z; {why}"
    assert found.missing == ()
    assert found.remarks.index(two) == found.remarks.index(one) + 1


def test_each_file_that_came_late_is_named(world: World) -> None:
    file(world, 0)
    entry = file(world, 2)
    file(world, 2.1)
    said = explain(world, 29, 29)
    file(world, 3)

    remarks = world.check().remarks

    late = f"the file for 2026-06-29T00:00Z to 2026-06-30T00:00Z came late (entry {entry})"
    assert f"firms: {late}; explained by A. Ode (entry {said}): no power" in remarks


def test_an_explanation_before_the_slot_ended_leaves_it_missing(world: World) -> None:
    file(world, 0)
    entry = explain(world, 29, 29)
    file(world, 3, b"later")

    missing = world.check().missing

    promised = "firms: no file for 2026-06-29T00:00Z to 2026-06-30T00:00Z, which entry 1 promises"
    assert missing[0] == f"{promised}; said before the slot ended (entry {entry})"
    assert missing[1].endswith("which entry 1 promises, and nobody said why")


def test_no_more_than_twenty_explained_slots_are_named_and_the_rest_counted(world: World) -> None:
    file(world, 0)
    file(world, 30)
    explain(world, 29, 58)

    found = world.check()

    named = [each for each in found.remarks if each.startswith("firms: no file for ")]
    assert len(named) == 20
    assert found.remarks[found.remarks.index(named[-1]) + 1] == "... and 9 more like these"
    assert found.missing == ()


# Schedules


def test_a_schedule_that_was_taken_away_for_a_while_is_named(world: World) -> None:
    file(world, 0)
    away = configure(world, b"[mission]\nexercise = false\n")
    world.now = FIRST + timedelta(days=5)
    back = configure(world, SETTINGS + b"# again\n")

    found = world.check()

    terms = "every 24 h since 2026-06-28T00:00Z, grace 1 h"
    assert [each for each in found.remarks if each.startswith("firms: ")] == [
        f"firms: entry {away} changes what is expected at 2026-06-28T12:00Z,"
        f" from {terms} to no schedule",
        f"firms: entry {back} changes what is expected at 2026-07-03T12:00Z,"
        f" from no schedule to {terms}",
    ]
    file(world, 7)
    stretch = "no schedule from 2026-06-29T00:00Z to 2026-07-04T00:00Z"
    assert f"firms: {stretch}, when that of entry {back} begins" in world.check().remarks


def test_a_schedule_that_begins_later_than_it_is_declared_leaves_a_stretch(world: World) -> None:
    file(world, 0)
    put_off = configure(world, SETTINGS.replace(b"06-28", b"07-10"))
    file(world, 20)

    remarks = world.check().remarks

    stretch = "no schedule from 2026-06-29T00:00Z to 2026-07-10T00:00Z"
    assert f"firms: {stretch}, when that of entry {put_off} begins" in remarks


def test_a_schedule_that_holds_on_is_not_remarked(world: World) -> None:
    file(world, 0)
    configure(world, SETTINGS + b"# the same\n")
    file(world, 1)
    file(world, 2)

    found = world.check()

    assert [each for each in (*found.remarks, *found.missing) if "firms" in each] == []


def test_a_grace_that_is_longer_than_its_slot_is_named(world: World) -> None:
    world.now = NOW
    entry = configure(world, SETTINGS.replace(b"grace_h = 1", b"grace_h = 24.5"))

    remarks = world.check().remarks

    assert f"firms: entry {entry} gives a grace of 24.5 h, longer than its slots of 24 h" in remarks
