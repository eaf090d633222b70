from __future__ import annotations

from datetime import date
from itertools import chain, combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.evidence.note import Signer
from trucewatch.evidence.witness.cosignature import Cosigner
from trucewatch.evidence.witness.policy import (
    Group,
    KnownLog,
    KnownWitness,
    Policy,
    format_policy,
    parse_policy,
)


def key(n: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(n.to_bytes(32, "big"))


def witness(name: str, n: int, url: str = "") -> KnownWitness:
    return KnownWitness(name=name, verifier=Cosigner(f"{name}.example", key(n)).verifier, url=url)


LOG = Signer("log.example", key(99)).verifier
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
KNOWN = {name: witness(name, n) for n, name in enumerate(NAMES, 1)}
WITNESS_LINES = "".join(f"witness {w.name} {w.verifier.vkey}\n" for w in KNOWN.values())
EXAMPLE = f"""\
# The example of the specification, two levels deep.
log {LOG.vkey} https://log.example/

{WITNESS_LINES}
  group\tX-witnesses 2 X1 X2 X3
group Y-witnesses any   Y1 Y2 Y3\t
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
# operator Ex: X1 X2 X3
#operator Why:  Y1\tY2 Y3
# party north: Y1
# party south: offered 2026-06-27
# mission: Ex
"""


def test_reads_the_example_of_the_specification() -> None:
    policy = parse_policy(EXAMPLE.encode())

    assert policy == Policy(
        logs=(KnownLog(verifier=LOG, url="https://log.example/"),),
        witnesses=tuple(KNOWN.values()),
        groups=(
            Group(name="X-witnesses", needed=2, members=("X1", "X2", "X3")),
            Group(name="Y-witnesses", needed=1, members=("Y1", "Y2", "Y3")),
            Group(name="X-and-Y", needed=2, members=("X-witnesses", "Y-witnesses")),
        ),
        quorum="X-and-Y",
        operators={"Ex": ("X1", "X2", "X3"), "Why": ("Y1", "Y2", "Y3")},
        parties={"north": "Y1", "south": date(2026, 6, 27)},
        mission="Ex",
    )
    assert policy.verifiers == tuple(w.verifier for w in KNOWN.values())


def test_counts_as_the_example_says() -> None:
    policy = parse_policy(EXAMPLE.encode())
    every = chain.from_iterable(combinations(NAMES, n) for n in range(7))

    for names in every:
        enough = sum(n[0] == "X" for n in names) >= 2 and any(n[0] == "Y" for n in names)
        assert policy.satisfied({f"{n}.example" for n in names}) is enough
        assert (policy.missing({f"{n}.example" for n in names}) == []) is enough


def test_says_what_is_missing() -> None:
    policy = parse_policy(EXAMPLE.encode())

    assert policy.missing({"X1.example", "Y2.example", "somebody.else"}) == [
        "group X-and-Y needs 2 of X-witnesses, Y-witnesses; there: Y-witnesses",
        "group X-witnesses needs 2 of X1, X2, X3; there: X1",
    ]


def test_a_quorum_may_be_one_witness_or_none() -> None:
    line = f"witness w {KNOWN['X1'].verifier.vkey} http://w.example\n"
    one, nobody = parse_policy(f"{line}quorum w\n".encode()), parse_policy(b"quorum none\n")

    assert one.witnesses[0].url == "http://w.example"
    assert (one.satisfied(set()), one.satisfied({"X1.example"})) == (False, True)
    assert one.missing(set()) == ["witness w has not cosigned"]
    assert (nobody.satisfied(set()), nobody.missing(set())) == (True, [])


ONE = WITNESS_LINES
DEFECTS = [
    ("", "policy: no quorum line"),
    ("quorum none", "policy:1: line is torn"),
    ("quorum none\nquorum none\n", "policy:2: expected one line 'quorum NAME'"),
    ("quorum a b\n", "policy:1: expected one line 'quorum NAME'"),
    ("quorum w\n", "policy:1: 'w' is not defined"),
    ("Quorum none\n", "policy:1: line begins with 'Quorum', expected log, witness, group, quorum"),
    ("quorum none\r\n", "policy:1: line holds control characters"),
    ("quorum none\n\x7f\n", "policy:2: line holds control characters"),
    ("quorum none\n\u00a0\n", r"policy:2: line begins with '\\xa0'"),
    ("log\n", "policy:1: 0 words, expected 'log VKEY"),
    (f"log {LOG.vkey} a b\n", "policy:1: 3 words, expected 'log VKEY"),
    (f"log {KNOWN['X1'].verifier.vkey}\n", "policy:1: key is of another type"),
    (f"log {LOG.vkey}\nlog {LOG.vkey} url\n", r"policy:2: key of log\.example stands twice"),
    (f"witness w {LOG.vkey}\n", "policy:1: key is of another type"),
    (f"{ONE}witness z {KNOWN['X1'].verifier.vkey}\n", "policy:7: key of z stands twice"),
    (f"{ONE}witness X1 {witness('new', 50).verifier.vkey}\n", "policy:7: name 'X1' is taken"),
    (f"witness none {KNOWN['X1'].verifier.vkey}\n", "policy:1: name 'none' is taken"),
    (f"{ONE}witness z {witness('X1', 50).verifier.vkey}\n", r"two keys are named X1\.example"),
    (f"{ONE}group X1 any X2\n", "policy:7: name 'X1' is taken"),
    (f"{ONE}group none any X2\n", "policy:7: name 'none' is taken"),
    (f"{ONE}group g any\n", "policy:7: expected 'group NAME"),
    (f"{ONE}group g any none\n", "policy:7: 'none' is not defined"),
    (f"{ONE}group g any g\n", "policy:7: 'g' is not defined"),
    (f"group g any X1\n{ONE}", "policy:1: 'X1' is not defined"),
    (f"{ONE}group g any X1 X1\n", "policy:7: X1 is a member already"),
    (f"{ONE}group g any X1\ngroup h any X1\n", "policy:8: X1 is a member already"),
    (f"{ONE}group g 0 X1\n", "policy:7: threshold is '0', expected all, any or 1 to 1"),
    (f"{ONE}group g 2 X1\n", "policy:7: threshold is '2'"),
    (f"{ONE}group g 01 X1\n", "policy:7: threshold is '01'"),
    (f"{ONE}group g +1 X1\n", r"policy:7: threshold is '\+1'"),
    (f"{ONE}group g \u0661 X1\n", "policy:7: threshold is"),
    (f"{ONE}group g ANY X1\n", "policy:7: threshold is 'ANY'"),
    (f"{ONE}# operator a: X1 X9\nquorum none\n", "policy:7: 'X9' is no witness"),
    (f"{ONE}group g any X1\n# operator a: g\nquorum none\n", "policy:8: 'g' is no witness"),
    (f"{ONE}# operator a: X1\n# operator a: X2\n", "policy:8: operator a stands twice"),
    (f"{ONE}# operator a: X1\n# operator b: X1\nquorum none\n", "witness X1 stands 2 times"),
    ("# operator a\n", "policy:1: comment is 'operator a', expected 'operator NAME: WITNESS"),
    ("# Operator a: X1\n", "policy:1: comment is 'Operator a: X1'"),
    ("# mission: a\n# mission: b\n", "policy:2: comment is 'mission: b'"),
    ("# party p: offered 2026-02-30\n", "policy:1: day is '2026-02-30'"),
    ("# party p: offered\nquorum none\n", "policy:1: 'offered' is no witness"),
    ("# party p: q\n# party p: q\n", "policy:2: party p stands twice"),
    ("# party p: q r\n", "policy:1: comment is 'party p: q r'"),
]


@pytest.mark.parametrize(("text", "problem"), DEFECTS)
def test_names_each_defect_by_line(text: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        parse_policy(text.encode())


def test_an_ordinary_comment_is_ignored() -> None:
    plain = b"# Operators are listed below\n\n \t\n#\n# caf\xc3\xa9\nquorum none\n"

    assert parse_policy(plain) == Policy(quorum="none")


def test_refuses_what_is_not_utf_8_and_what_is_too_large() -> None:
    with pytest.raises(BadInput, match="policy:1: not UTF-8 at byte 2"):
        parse_policy(b"# \xff\nquorum none\n")
    with pytest.raises(BadInput, match="has 1000001 bytes, must be at most 1000000"):
        parse_policy(bytes(1_000_001))


def test_writes_no_policy_that_reads_as_another() -> None:
    known = (KNOWN["X1"], KNOWN["X2"])
    one_word = Policy(quorum="none", witnesses=known, operators={"a": ("X1 X2",)})

    with pytest.raises(BadInput, match="reads as another one once written"):
        format_policy(one_word)
    with pytest.raises(BadInput, match="'w' is not defined"):
        format_policy(Policy(quorum="w"))


def test_a_deep_chain_of_groups_is_no_trouble() -> None:
    chain_of = "group g1 any X1\n"
    chain_of += "".join(f"group g{n} all g{n - 1}\n" for n in range(2, 3000))

    policy = parse_policy(f"{ONE}{chain_of}quorum g2999\n".encode())

    assert policy.satisfied({"X1.example"})
    assert len(policy.missing(set())) == 2999


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    free, groups = list(names), []
    for n in range(draw(st.integers(0, 3))):
        members = draw(st.lists(st.sampled_from(free), unique=True, min_size=1)) if free else []
        if not members:
            break
        needed = draw(st.integers(1, len(members)))
        groups.append(Group(name=f"g{n}", needed=needed, members=tuple(members)))
        free = [f for f in free if f not in members] + [f"g{n}"]
    everything = [*names, *(g.name for g in groups), "none"]
    given_to = st.one_of(st.sampled_from(names), st.dates())
    split = draw(st.integers(0, len(names)))
    operators = {"a": tuple(names[:split]), "b": tuple(names[split:])}
    return Policy(
        logs=draw(st.sampled_from([(), (KnownLog(verifier=LOG),)])),
        witnesses=tuple(KNOWN[name] for name in names),
        groups=tuple(groups),
        quorum=draw(st.sampled_from(everything)),
        operators={name: run for name, run in operators.items() if run},
        parties=draw(st.dictionaries(st.sampled_from(["north", "süd"]), given_to)),
        mission=draw(st.sampled_from(["", "a", "c"])),
    )


@settings(deadline=None)
@given(policies())
def test_reads_what_it_wrote(policy: Policy) -> None:
    text = format_policy(policy)

    assert parse_policy(text) == policy
    assert format_policy(parse_policy(text)) == text


@settings(deadline=None)
@given(policies(), st.data())
def test_a_changed_byte_is_refused_or_changes_the_policy(
    policy: Policy, data: st.DataObject
) -> None:
    text = bytearray(format_policy(policy))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] = data.draw(st.integers(0, 255).filter(lambda b: b != text[at]))

    try:
        read = parse_policy(bytes(text))
    except BadInput:
        return

    assert read != policy or bytes(text).replace(b"\t", b" ") == format_policy(policy)


def slow(policy: Policy, name: str, cosigned: set[str]) -> bool:
    """Say by recursion whether a witness or group has witnessed."""
    for group in policy.groups:
        if group.name == name:
            return sum(slow(policy, m, cosigned) for m in group.members) >= group.needed
    return f"{name}.example" in cosigned


@settings(deadline=None)
@given(policies(), st.sets(st.sampled_from([f"{n}.example" for n in NAMES])))
def test_counts_as_its_slow_twin(policy: Policy, cosigned: set[str]) -> None:
    enough = policy.quorum == "none" or slow(policy, policy.quorum, cosigned)

    assert policy.satisfied(cosigned) is enough
    assert (policy.missing(cosigned) == []) is enough
    assert policy.satisfied({n.removesuffix(".example") for n in cosigned}) is policy.satisfied(
        set()
    )
