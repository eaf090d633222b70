"""Chains of custody: no gap between two custodians, and nothing that a chain cannot hold."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence.custodian import Acted, custody_acts, signer_of
from trucewatch.evidence.custody import (
    DERIVED,
    EXHIBIT,
    Chains,
    check_custody,
    sole_assertion,
    with_copies,
)
from trucewatch.evidence.entry import Entry
from trucewatch.evidence.keyring import Keyring
from trucewatch.evidence.statement import (
    CUSTODY,
    ENROLLED,
    Statement,
    Subject,
    key_id,
    list_keys,
    sign_statement,
)
from trucewatch.records.canonical import canonical, parse_canonical
from trucewatch.records.custody import Act, Custody, custody_predicate
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trucewatch.records.canonical import Json

NOW = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
PEOPLE = ("desk", "o.ivanova", "p.petrov")
HEX = "ab" * 32


def named(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@dataclass
class World:
    """A log that a test writes, entry by entry."""

    entries: list[Entry] = field(default_factory=list)
    acts: list[Acted] = field(default_factory=list)

    def seal(self, name: str, kind: str = EXHIBIT, level: Level = Level.AMBER) -> str:
        time = NOW + timedelta(minutes=len(self.entries))
        entry = Entry(type=kind, object=named(name), size=1, level=level, logged_at=time)
        self.entries.append(entry)
        return entry.object

    def act(self, act: Act, *objects: str, signer: str = "desk", **detail: str) -> Acted:
        number = len(self.entries)
        self.seal(f"statement {number}", "statement/custody/v1")
        types = {entry.object: entry.type for entry in self.entries}
        custody = Custody(
            act=act,
            at=self.entries[number].logged_at,
            by="somebody",
            reason="some",
            detail={name.rstrip("_"): text for name, text in detail.items()},
            entry=number,
        )
        subjects = tuple(Subject(name=types[o], sha256=o) for o in objects)
        acted = Acted(custody=custody, subjects=subjects, signer=signer, keyid=named(signer))
        self.acts.append(acted)
        return acted

    def offer(self, object_: str, giver: str, to: str) -> Acted:
        return self.act(Act.OFFERED, object_, signer=giver, from_=giver, to=to)

    def accept(self, object_: str, offer: Acted) -> Acted:
        giver, to = offer.custody.detail["from"], offer.custody.detail["to"]
        number = str(offer.custody.entry)
        return self.act(Act.ACCEPTED, object_, signer=to, from_=giver, offer=number, to=to)

    def derive(self, parent: str, name: str, signer: str = "desk") -> str:
        child = self.seal(name, DERIVED)
        tool = {"tool": "crop", "version": "2", "parameters": "none"}
        self.act(Act.DERIVED, child, signer=signer, parent=parent, **tool)
        return child

    def check(self, acts: list[Acted] | None = None) -> Chains:
        chosen = self.acts if acts is None else acts
        also = {entry.object for entry in self.entries}
        return check_custody(chosen, enumerate(self.entries), also=also)

    def refused(self, match: str) -> None:
        with pytest.raises(EvidenceBroken, match=match):
            self.check()


@pytest.fixture
def world() -> World:
    return World()


def test_what_a_sensor_sent_was_received_and_sealed_by_its_entry_alone(world: World) -> None:
    sent, letter = world.seal("sent", "received/firms/v1"), world.seal("letter")
    report = world.seal("report", "report/daily/v1")

    chains = world.check()

    assert [s.act for s in chains.chain_of(sent)] == [Act.RECEIVED, Act.SEALED]
    assert [s.act for s in chains.chain_of(letter)] == [Act.RECEIVED, Act.SEALED]
    assert [s.act for s in chains.chain_of(report)] == [Act.SEALED]
    assert (chains.custodian_of(sent), chains.erased(sent)) == ("desk", None)
    with pytest.raises(NotFound, match="no entry seals an object abab"):
        chains.chain_of(HEX)


def test_a_transfer_takes_two_acts_by_two_keys(world: World) -> None:
    photo = world.seal("photo")
    offer = world.offer(photo, "desk", "o.ivanova")
    before = world.check()
    world.accept(photo, offer)

    after = world.check()

    assert (before.custodian_of(photo), before.open_offer(photo)) == ("desk", offer)
    assert (after.custodian_of(photo), after.open_offer(photo)) == ("o.ivanova", None)
    assert after.offer(offer.custody.entry) == offer
    with pytest.raises(NotFound, match="entry 0 offers nothing"):
        after.offer(0)


def test_an_accept_by_the_key_that_offered_is_refused(world: World) -> None:
    photo = world.seal("photo")
    accept = world.accept(photo, world.offer(photo, "desk", "o.ivanova"))
    world.acts[-1] = replace(accept, keyid=world.acts[0].keyid)

    world.refused("entry 2: signed by key .*, which offered; expected two")


def test_a_later_offer_takes_the_place_of_an_earlier_one(world: World) -> None:
    photo = world.seal("photo")
    first = world.offer(photo, "desk", "o.ivanova")
    second = world.offer(photo, "desk", "p.petrov")
    world.accept(photo, second)
    assert world.check().custodian_of(photo) == "p.petrov"

    world.acts.pop()
    world.accept(photo, first)

    world.refused("entry 4: accepts offer 1, expected one that is open")


def test_an_offer_of_several_is_accepted_whole(world: World) -> None:
    one, two = world.seal("one"), world.seal("two")
    offer = world.act(Act.OFFERED, one, two, from_="desk", to="o.ivanova")
    accept = world.act(
        Act.ACCEPTED, two, one, signer="o.ivanova", from_="desk", offer="2", to="o.ivanova"
    )
    assert world.check().custodian_of(two) == "o.ivanova"

    world.acts[-1] = replace(accept, subjects=offer.subjects[:1])

    world.refused("entry 3: accepts 1 of the objects of offer 2, expected all 2")


def test_a_custodian_acts_and_the_desk_no_more(world: World) -> None:
    photo = world.seal("photo")
    world.accept(photo, world.offer(photo, "desk", "o.ivanova"))
    world.act(Act.OPENED, photo, signer="o.ivanova")
    world.act(Act.EXPORTED, photo, level="mission", manifest=HEX, to="the commission")
    world.act(Act.VERIFIED, photo, signer="p.petrov", outcome="hash agrees")
    assert len(world.check().chain_of(photo)) == 7

    world.act(Act.OPENED, photo)

    world.refused("entry 6: opened of object .{12} is signed by desk, expected o.ivanova")


def test_nobody_offers_for_another(world: World) -> None:
    photo = world.seal("photo")
    offer = world.offer(photo, "desk", "p.petrov")
    detail = {"from": "o.ivanova", "to": "p.petrov"}
    world.acts[-1] = replace(offer, custody=replace(offer.custody, detail=detail))

    world.refused("entry 1: object .{12} is offered from o.ivanova, expected its custodian desk")


def test_what_came_in_is_told_in_order_once_and_before_any_use(world: World) -> None:
    letter = world.seal("letter")
    came = world.entries[0].logged_at
    for act in (Act.COLLECTED, Act.RECEIVED, Act.SEALED):
        acted = world.act(act, letter)
        world.acts[-1] = replace(acted, custody=replace(acted.custody, at=came))
    world.check()

    again = world.act(Act.RECEIVED, letter)
    world.acts[-1] = replace(again, custody=replace(again.custody, at=came))

    world.refused("received of object .{12} after sealed, expected collected, received, sealed")
    world.acts.pop()
    world.act(Act.OPENED, letter)
    world.act(Act.SEALED, letter)
    world.refused("entry 6: sealed of object .{12}, used by entry 5; expected it before any use")


def test_nothing_is_collected_after_it_was_sealed(world: World) -> None:
    world.act(Act.COLLECTED, world.seal("letter"), place="Pelven", method="found")

    world.refused("collected of object .* is claimed for .*16:31.*, must not be after it was sea")


def test_a_claimed_time_is_never_after_the_logs(world: World) -> None:
    acted = world.act(Act.OPENED, world.seal("photo"))
    late = acted.custody.at + timedelta(microseconds=1)
    world.acts[-1] = replace(acted, custody=replace(acted.custody, at=late))

    world.refused(r"entry 1: opened is claimed for .*00\.?0*1\+00:00, must not be after")


def test_an_accept_is_not_claimed_for_before_its_offer(world: World) -> None:
    photo = world.seal("photo")
    accept = world.accept(photo, world.offer(photo, "desk", "o.ivanova"))
    offered_at = world.acts[0].custody.at
    world.acts[-1] = replace(accept, custody=replace(accept.custody, at=offered_at))
    world.check()
    world.acts[-1] = replace(accept, custody=replace(accept.custody, at=NOW))

    world.refused("entry 2: accepted at .*, must not be before .*16:31")


def test_a_working_copy_has_one_parent_that_was_sealed_before_it(world: World) -> None:
    photo = world.seal("photo")
    copy = world.derive(photo, "copy")

    chains = world.check()

    assert [s.act for s in chains.chain_of(copy)] == [Act.SEALED, Act.DERIVED]
    assert chains.chain_of(photo)[-1] == chains.chain_of(copy)[-1]
    world.act(Act.DERIVED, copy, parent=photo, tool="crop", version="2", parameters="none")
    world.refused("entry 3: working copy .{12} was derived or used by entry 2, expected one pare")


def test_a_working_copy_is_not_used_before_its_parent_is_named(world: World) -> None:
    photo, copy = world.seal("photo"), world.seal("copy", DERIVED)
    world.act(Act.OPENED, copy)
    world.act(Act.DERIVED, copy, parent=photo, tool="crop", version="2", parameters="none")

    world.refused("entry 3: working copy .{12} was derived or used by entry 2, expected one pare")


@pytest.mark.parametrize("parent", ["later", "copy", "never"])
def test_a_parent_that_was_not_sealed_before_is_refused(world: World, parent: str) -> None:
    world.seal("photo")
    copy = world.seal("copy", DERIVED)
    world.seal("later")
    tool = {"tool": "crop", "version": "2", "parameters": "none"}
    world.act(Act.DERIVED, copy, parent=named(parent), **tool)

    world.refused("entry 3: working copy .{12} has parent .{12}, expected an object sealed before")


def test_a_working_copy_without_a_parent_is_found(world: World) -> None:
    world.seal("photo")
    world.seal("copy", DERIVED)

    world.refused("entry 1: working copy .{12} has no parent, expected a statement that says deri")


def test_a_working_copy_that_is_not_sealed_as_one_is_refused(world: World) -> None:
    photo, other = world.seal("photo"), world.seal("other")
    tool = {"tool": "crop", "version": "2", "parameters": "none"}
    world.act(Act.DERIVED, other, parent=photo, **tool)

    world.refused("entry 2: working copy .{12} is not named derived/v1, expected it sealed as")


def test_the_custodian_of_the_parent_makes_the_copy(world: World) -> None:
    photo = world.seal("photo")
    world.accept(photo, world.offer(photo, "desk", "o.ivanova"))
    world.derive(photo, "copy", signer="o.ivanova")
    assert world.check().custodian_of(named("copy")) == "desk"

    world.derive(photo, "second")

    world.refused("entry 6: derived of object .{12} is signed by desk, expected o.ivanova")


def test_after_an_erasure_there_is_only_the_ciphertext(world: World) -> None:
    photo = world.seal("photo")
    world.act(Act.ERASED, photo)
    world.act(Act.VERIFIED, photo, signer="p.petrov", outcome="hash agrees")
    world.act(Act.EXPORTED, photo, level="mission", manifest=HEX, to="the commission")
    assert world.check().erased(photo) == 1

    world.act(Act.ERASED, photo)
    world.refused("entry 4: erased of object .{12}, which was erased by entry 1")
    world.acts.pop()
    world.derive(photo, "copy")
    world.refused("entry 6: working copy .{12} has parent .{12}, erased by entry 1")


def test_what_everybody_saw_cannot_be_erased(world: World) -> None:
    world.act(Act.ERASED, world.seal("photo", level=Level.CLEAR))

    world.refused(
        "entry 1: erased of object .{12}, sealed at CLEAR for all to see; expected one ab"
    )


def test_an_object_is_named_as_it_was_sealed_and_once(world: World) -> None:
    photo = world.seal("photo")
    acted = world.act(Act.OPENED, photo)
    [subject] = acted.subjects

    for wrong in (Subject(name=DERIVED, sha256=photo), Subject(name=EXHIBIT, sha256=HEX)):
        world.acts[-1] = replace(acted, subjects=(wrong,))
        world.refused("entry 1: opened of .*, expected it sealed before as this")
    world.acts[-1] = replace(acted, subjects=(subject, subject))

    world.refused("entry 1: names an object twice, expected each once")


def test_a_refused_act_changes_nothing(world: World) -> None:
    one, two = world.seal("one"), world.seal("two")
    world.act(Act.ERASED, two)
    chains = world.check()
    before = [chains.chain_of(one), chains.chain_of(two)]

    with pytest.raises(EvidenceBroken, match="which was erased by entry 2"):
        chains.take(world.act(Act.OPENED, one, two), logged_at=NOW + timedelta(hours=1))

    assert [chains.chain_of(one), chains.chain_of(two)] == before


# Any valid sequence has no gap, and any single change of what binds it is refused.


@dataclass
class Life:
    """What the slow twin knows of an object: who has it, and what may come next."""

    custodian: str = "desk"
    offer: Acted | None = None
    erased: bool = False


OPS = ("offer", "accept", "open", "copy", "derive", "verify", "export", "withhold", "erase")


def look(world: World, object_: str, op: str, to: str) -> None:
    """Write what is allowed at any time."""
    if op == "verify":
        world.act(Act.VERIFIED, object_, signer=to, outcome="hash agrees")
    elif op == "export":
        world.act(Act.EXPORTED, object_, level="mission", manifest=HEX, to="them")


def step(world: World, lives: dict[str, Life], object_: str, op: str, to: str) -> None:
    """Write one act if it is allowed; else nothing."""
    life = lives[object_]
    if op in {"verify", "export"} or life.erased:
        look(world, object_, op, to)
    elif op == "offer" and to != life.custodian:
        life.offer = world.offer(object_, life.custodian, to)
    elif op == "accept" and life.offer is not None:
        world.accept(object_, life.offer)
        life.custodian, life.offer = life.offer.custody.detail["to"], None
    elif op == "open":
        world.act(Act.OPENED, object_, signer=life.custodian)
    elif op == "copy":
        world.act(Act.COPIED, object_, signer=life.custodian, to="them")
    elif op == "derive":
        child = world.derive(object_, f"copy {len(world.entries)}", signer=life.custodian)
        lives[child] = Life()
    elif op == "withhold":
        world.act(Act.WITHHELD, object_, from_="them")
    elif op == "erase":
        world.act(Act.ERASED, object_)
        life.erased, life.offer = True, None


@st.composite
def valid(draw: st.DrawFn) -> tuple[World, dict[str, Life]]:
    world = World()
    lives = {world.seal(name): Life() for name in ("one", "two")}
    ops = st.tuples(st.integers(0, 3), st.sampled_from(OPS), st.sampled_from(PEOPLE))
    for which, op, to in draw(st.lists(ops, min_size=4, max_size=14)):
        step(world, lives, list(lives)[which % len(lives)], op, to)
    return world, lives


@given(valid())
@settings(max_examples=120, deadline=None)
def test_there_is_no_gap_between_custodians_in_any_valid_sequence(
    made: tuple[World, dict[str, Life]],
) -> None:
    world, lives = made

    chains = world.check()

    for object_, life in lives.items():
        chain = chains.chain_of(object_)
        assert chain[-1].custodian == life.custodian == chains.custodian_of(object_)
        assert (chains.erased(object_) is not None, chains.open_offer(object_)) == (
            life.erased, life.offer,
        )  # fmt: skip
        assert [s.entry for s in chain] == sorted(s.entry for s in chain)
        for earlier, later in pairwise(chain):
            if later.custodian == earlier.custodian:
                continue
            assert later.acted is not None
            said = later.acted.custody.detail
            offer = chains.offer(int(said["offer"]))
            assert later.act is Act.ACCEPTED
            assert (said["from"], said["to"]) == (earlier.custodian, later.custodian)
            assert (offer.signer, later.acted.signer) == (earlier.custodian, later.custodian)
            assert offer.keyid != later.acted.keyid


def mutants(world: World) -> Iterator[tuple[str, list[Acted]]]:
    """Every single change of something that binds the chain, with what it changes."""
    acts = world.acts
    for at, acted in enumerate(acts):
        custody = acted.custody
        act = custody.act

        def put(*new: Acted, at: int = at) -> list[Acted]:
            return [*acts[:at], *new, *acts[at + 1 :]]

        def said(acted: Acted = acted, **changed: object) -> Acted:
            return replace(acted, custody=replace(acted.custody, **changed))

        def detail(custody: Custody = custody, **changed: str) -> dict[str, str]:
            return {**custody.detail, **changed}

        yield "at", put(said(at=custody.at + timedelta(days=9)))
        [subject] = acted.subjects
        yield "object", put(replace(acted, subjects=(replace(subject, sha256=HEX),)))
        yield "type", put(replace(acted, subjects=(replace(subject, name="report/x/v1"),)))
        if act is not Act.VERIFIED:
            yield "signer", put(replace(acted, signer="a.stranger"))
        if act in {Act.OFFERED, Act.ACCEPTED}:
            yield "from", put(said(detail=detail(**{"from": "a.stranger"})))
        if act is Act.ACCEPTED:
            given = int(custody.detail["offer"])
            yield "to", put(said(detail=detail(to="a.stranger")))
            yield "offer", put(said(detail=detail(offer=str(given + 1))))
            yield "key", put(replace(acted, keyid=named(custody.detail["from"])))
            bound = {Act.OPENED, Act.COPIED, Act.OFFERED}
            if any(a.custody.act in bound and a.subjects == acted.subjects for a in acts[at:]):
                yield "dropped accept", put()
            yield "dropped offer", [a for a in acts if a.custody.entry != given]
            others = [
                said(a, detail={**a.custody.detail, "to": "a.stranger"})
                if a.custody.entry == given
                else a
                for a in acts
            ]
            yield "offered to another", others
        if act is Act.DERIVED:
            yield "parent", put(said(detail=detail(parent=HEX)))
            yield "own parent", put(said(detail=detail(parent=subject.sha256)))
            yield "dropped parent", put()


@given(valid())
@settings(max_examples=120, deadline=None)
def test_any_single_change_of_what_binds_a_chain_is_refused(
    made: tuple[World, dict[str, Life]],
) -> None:
    world, lives = made
    ends = len(world.acts)
    for object_, life in lives.items():
        if life.erased:
            world.act(Act.OPENED, object_, signer=life.custodian)
    for acted in [a for a in world.acts if a.custody.act is Act.ACCEPTED]:
        world.accept(acted.subjects[0].sha256, world.acts[_index(world, acted)])
    added, world.acts = world.acts[ends:], world.acts[:ends]

    for extra in added:
        with pytest.raises(EvidenceBroken, match=r"which was erased|expected one that is open"):
            world.check([*world.acts, extra])
    for what, acts in mutants(world):
        try:
            world.check(acts)
        except EvidenceBroken:
            continue
        pytest.fail(f"a change of {what} was taken")


def _index(world: World, accepted: Acted) -> int:
    number = int(accepted.custody.detail["offer"])
    return next(i for i, acted in enumerate(world.acts) if acted.custody.entry == number)


# Who signs: the custodian is who holds the key, whichever key it is.


@dataclass
class Signed:
    """A keyring, and statements as a log would hold them."""

    desk: Ed25519PrivateKey
    ring: Keyring = field(default_factory=Keyring)
    size: int = 0

    def show(
        self, kind: str, subjects: list[Subject], said: Mapping[str, object], key: Ed25519PrivateKey
    ) -> Statement:
        data = sign_statement(kind, subjects, said, key=key)
        self.size += 1
        return self.ring.open(self.size, f"statement/{kind}", data)

    def enrol(
        self, name: str, key: Ed25519PrivateKey, act: str = "enrolled", kind: str = "person"
    ) -> None:
        public = key.public_key().public_bytes_raw()
        said = {
            "act": act,
            "by": "the desk",
            "ed25519": public.hex(),
            "keyid": key_id(public),
            "kind": kind,
            "may": ["*"] if kind == "desk" else [CUSTODY],
            "name": name,
            "reason": "to receive exhibits",
            "sensor": None,
            "since": None,
        }
        subject = Subject(name="key", sha256=key_id(public))
        self.show(ENROLLED, [subject], said, self.desk)

    def opened(self, key: Ed25519PrivateKey) -> Statement:
        custody = Custody(act=Act.OPENED, at=NOW, by="A", reason="B", detail={}, entry=0)
        subject = Subject(name=EXHIBIT, sha256=HEX)
        return self.show(CUSTODY, [subject], custody_predicate(custody), key)


def private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


@pytest.fixture
def signed() -> Signed:
    found = Signed(desk=private(1))
    public = found.desk.public_key().public_bytes_raw()
    said = {"keys": list_keys([public]), "replaces": None}
    subject = Subject(name="mission.toml", sha256=HEX)
    found.show("configured/v1", [subject], said, found.desk)
    return found


def test_a_new_key_of_the_same_custodian_goes_on_where_the_old_one_was(signed: Signed) -> None:
    signed.enrol("o.ivanova", private(2))
    first = signed.opened(private(2))
    signed.enrol("o.ivanova", private(2), act="revoked")
    signed.enrol("o.ivanova", private(3))
    second = signed.opened(private(3))
    signed.enrol("desk-2", private(4), kind="desk")
    third = signed.opened(private(4))

    acts = custody_acts([(1, first), (2, second), (3, third)], signed.ring)

    assert [acted.signer for acted in acts] == ["o.ivanova", "o.ivanova", "desk"]
    assert [acted.custody.entry for acted in acts] == [1, 2, 3]


def test_nobody_is_called_as_the_desk_is(signed: Signed) -> None:
    signed.enrol("desk", private(2))
    acted = signed.opened(private(2))

    with pytest.raises(EvidenceBroken, match="entry 9: signed by a person who is called desk"):
        custody_acts([(9, acted)], signed.ring)
    with pytest.raises(EvidenceBroken, match=r"here: signed by key abab.*, expected one that was"):
        signer_of(signed.ring, HEX, where="here")


def test_a_statement_of_another_form_is_broken_evidence(signed: Signed) -> None:
    subject = Subject(name=EXHIBIT, sha256=HEX)
    odd = signed.show(CUSTODY, [subject], {"act": "opened"}, signed.desk)
    other = replace(odd, type="linked/v1")

    assert custody_acts([(8, other)], signed.ring) == []
    with pytest.raises(EvidenceBroken, match="entry 9: says act, expected act, at, by, detail"):
        custody_acts([(9, odd)], signed.ring)


def leaves(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))
    else:
        yield path


def changed(data: bytes, path: tuple[str | int, ...], change: Callable[[str], str]) -> bytes:
    whole: Json = parse_canonical(data, where="test")
    held: object = whole
    for key in path[:-1]:
        held = held[key]  # type: ignore[index]
    held[path[-1]] = change(held[path[-1]])  # type: ignore[index]
    return canonical(whole)


def test_every_single_field_of_a_signed_act_is_covered_by_its_signature(signed: Signed) -> None:
    custody = Custody(
        act=Act.OFFERED, at=NOW, by="A", reason="B", detail={"from": "desk", "to": "o"}, entry=0
    )
    subjects = [Subject(name=EXHIBIT, sha256=HEX)]
    sealed = sign_statement(CUSTODY, subjects, custody_predicate(custody), key=signed.desk)
    envelope = parse_canonical(sealed, where="test")
    payload = b64decode(str(envelope["payload"]))
    signed.ring.open(2, "statement/custody/v1", sealed)
    flips = [lambda t: t[:-1] + chr(ord(t[-1]) ^ 1), lambda t: t + "a", lambda t: t[1:]]

    tried = 0
    for flip in flips:
        inner = [
            changed(payload, path, flip) for path in leaves(parse_canonical(payload, where=""))
        ]
        outer = [canonical(envelope | {"payload": b64encode(new).decode()}) for new in inner]
        outer += [changed(sealed, path, flip) for path in leaves(envelope)]
        for forged in outer:
            tried += 1
            with pytest.raises((EvidenceBroken, BadInput), match="entry 2: "):
                signed.ring.open(2, "statement/custody/v1", forged)

    assert tried == 3 * (10 + 4)  # the leaves of the statement, and those of the envelope


def test_a_finding_never_rests_on_assertions_alone(world: World) -> None:
    words = world.seal("words")
    photo = world.seal("photo")
    copy = world.derive(world.derive(words, "copy"), "copy of the copy")
    world.act(Act.OPENED, photo)
    world.check()

    asserted = with_copies({words}, world.acts)

    assert asserted == {words, named("copy"), copy}
    assert sole_assertion([words, copy], asserted)
    assert sole_assertion([], asserted)
    assert not sole_assertion([words, photo], asserted)
