"""Defects that fuzzing found, each with the bytes that showed it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NoReturn

import pytest
from tests.evidence.intake import samples
from tests.fuzz import seeds
from tests.fuzz.received import STATIONS

from trucewatch.agreement.parse import parse
from trucewatch.errors import BadAgreement, BadInput, EvidenceBroken
from trucewatch.evidence.checkpoint import parse_checkpoint_text
from trucewatch.evidence.entry import entry_bytes, parse_entry
from trucewatch.evidence.intake import archive
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.outside import read_settings
from trucewatch.evidence.tiles import parse_tile_path
from trucewatch.evidence.timestamp import token
from trucewatch.evidence.timestamp.token import open_token
from trucewatch.evidence.unpack import unpack
from trucewatch.evidence.witness.policy import parse_policy
from trucewatch.observe import sensor
from trucewatch.records.canonical import canonical, parse_canonical
from trucewatch.records.instant import instant_text, parse_instant
from trucewatch.records.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

CPU_S_MAX = 2.0


def spent_s(refused: type[Exception], read: Callable[[], object]) -> float:
    began_s = time.process_time()
    with pytest.raises(refused, match=r"must be|expected"):
        read()
    return time.process_time() - began_s


def test_a_year_of_less_than_four_digits_is_written_as_it_was_read() -> None:
    text = "0026-06-27T16:30:00.000001Z"
    entry = seeds.entries()[0].replace(b'"2026-', b'"0999-')

    assert instant_text(parse_instant(text, where="t")) == text
    assert entry_bytes(parse_entry(entry, where="t")) == entry


def test_digits_of_other_scripts_are_no_time() -> None:
    with pytest.raises(BadInput, match=r"t: time is .*expected YYYY-MM-DDT"):
        parse_instant("\u0662\u0660\u0662\u0666-06-27T16:30:00.000000Z", where="t")


@pytest.mark.parametrize("name", ["\udcff", "demo.i\udceevalid/evidence"])
def test_a_name_that_is_no_utf_8_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"t: key is .*, expected NAME\+KEYID"):
        parse_vkey(f"{name}+1cc6c39a+AUy1q/atefv1q7zK/MJp2FzSZR7UuIW1hp8kGu3wpbop", where="t")
    with pytest.raises(BadInput, match=r"t: origin is .*, must have no spaces"):
        parse_checkpoint_text(f"{name}\n0\n{'A' * 43}=\n", where="t")


@pytest.mark.parametrize("depth", [64, 900, 970, 985, 20_000])
def test_json_that_nests_too_deep_is_refused(depth: int) -> None:
    # How deep the libraries could go hung on the version and on who called.
    deep = b'{"a":' + b"[" * depth + b"]" * depth + b"}"

    with pytest.raises(BadInput, match=r"t: JSON is nested over 64 deep|t: not JSON"):
        parse_canonical(deep, where="t")


def test_json_that_nests_as_deep_as_may_be_is_read() -> None:
    deep = b'{"a":' + b"[" * 63 + b"]" * 63 + b"}"

    assert canonical(parse_canonical(deep, where="t")) == deep


def test_a_value_that_nests_too_deep_is_not_written() -> None:
    with pytest.raises(BadInput, match="canonical JSON: is nested too deep"):
        canonical(_nested(2_000))


def _nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "path",
    ["tile/0/000.p/300", "tile/0/000.p/256", "tile/0/" + "x999/" * 2_000 + "001"],
)
def test_a_tile_that_no_log_can_have_has_no_path(path: str) -> None:
    assert parse_tile_path(path) is None


def test_a_zip_whose_member_has_no_name_is_refused() -> None:
    nameless = samples.zipped(("a.csv", b"x")).replace(b"a.csv", b"\0.csv")

    with pytest.raises(BadInput, match="a: zip cannot be unpacked: holds a member without a name"):
        unpack(nameless, name="a")
    with pytest.raises(BadInput, match="archive: a member has no name, expected one for each"):
        archive.facts(nameless)


def _stamp(root: bytes) -> object:
    response, head = (
        (seeds.GOLDEN / name).read_bytes() for name in ("checkpoint.tsr", "checkpoint")
    )
    return open_token(response, head, roots=[root], where="t")


def test_a_root_over_which_openssl_stumbles_is_refused() -> None:
    # The library for time stamps ends in a panic over this one, which is no Exception.
    good = (seeds.GOLDEN / "ca.pem").read_bytes()

    with pytest.raises(BadInput, match="t: root cannot be read"):
        _stamp(good.replace(b"FjEUMBIGA1UEAwwL", b"FjEUMBIGAgUEAwwL"))


def test_a_panic_of_a_library_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    class Panics:
        def verify_message(self, *_: object) -> NoReturn:
            raise PanicException("called `Result::unwrap()` on an `Err` value")

    class Builds:
        def __init__(self, **_: object) -> None: ...

        def build(self) -> Panics:
            return Panics()

    monkeypatch.setattr(token, "VerifierBuilder", Builds)

    with pytest.raises(EvidenceBroken, match=r"cannot be checked .*expected ones that OpenSSL"):
        _stamp((seeds.GOLDEN / "ca.pem").read_bytes())


@pytest.mark.parametrize("begin", [b"[", b"- ", b"? ", b"{"])
def test_an_agreement_nested_too_deep_is_refused_at_once(begin: bytes) -> None:
    # 64 KiB of brackets took 64 s.
    raw = begin * (65_536 // len(begin))

    assert spent_s(BadAgreement, lambda: parse(raw, name="a.yaml")) < CPU_S_MAX


SETTINGS = {
    "dotted key": b"a." * 30_000 + b"a=1",
    "dotted key with spaces": b"[mission]\nname . " + b'"a" . ' * 9_000 + b"a=1",
    "nested list": b"a=" + b"[" * 2_000 + b"]" * 2_000,
    "nested table": b"a=" + b"{b=" * 100 + b"1" + b"}" * 100,
    "long number": b"a=" + b"9" * 4_301,
    "long number in hex": b"[mission]\nname=0x" + b"f" * 60_000,
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_would_stall_or_upset_the_reader_are_refused_at_once(name: str) -> None:
    assert spent_s(BadInput, lambda: read_settings(SETTINGS[name], where="t")) < CPU_S_MAX


def test_a_policy_of_thousands_of_witnesses_is_read_at_once() -> None:
    names = "".join(f"witness w{n} w{n}+00000000+AAAA\n" for n in range(10_000))

    assert spent_s(BadInput, lambda: parse_policy(names.encode(), where="t")) < CPU_S_MAX


def test_a_header_of_thousands_of_columns_is_refused_at_once() -> None:
    header = ",".join(f"{n:x}" for n in range(13_000))
    source = Source(name="a", object="0" * 64, logged_at=seeds.AT, settings=STATIONS)
    began_s = time.process_time()

    batch = sensor("picks").read(f"{header}\n".encode(), source=source)

    assert time.process_time() - began_s < CPU_S_MAX
    assert batch.refused.height == 1
