from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.verify.mending import Bundle, flipped, resummed, rewritten

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.bundle import read_zip, zip_bytes
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.objects import object_path
from trucewatch.records.canonical import sha256_hex
from trucewatch.verify.bundle import verify_bundle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trucewatch.evidence.keys import Keys

ANCHORING = "not anchored: no witness has cosigned this log"
MANIFESTS = ("manifest-sha256.txt", "tagmanifest-sha256.txt")
MADE_AGAIN = (*MANIFESTS, "bag-info.txt")
ORIGIN = "demo.invalid/evidence"


def offsets(content: bytes) -> list[int]:
    step = max(1, len(content) // 7)
    return sorted({0, len(content) - 1, *range(0, len(content), step)})


def path_of(files: Bundle, content_start: bytes) -> str:
    [name] = [
        n for n, c in files.items() if n.startswith("data/obj") and c.startswith(content_start)
    ]
    return name


def test_a_whole_bundle_verifies_under_the_given_key(bundle: Bundle, vkey: str) -> None:
    found = verify_bundle(bundle, vkey=vkey)

    assert (found.trust, found.anchoring) == ("verified", ANCHORING)
    assert (found.origin, found.size, found.exercise) == (ORIGIN, 12, True)
    assert (found.objects, found.withheld, found.proofs) == (11, 1, 11)
    assert (found.statements, found.unknown, found.reports) == (3, (), 2)


def test_says_when_the_key_came_with_the_bundle(bundle: Bundle) -> None:
    found = verify_bundle(bundle)

    assert found.trust == "self-consistent; key taken from the bundle"


def test_the_forbidden_word_never_occurs(bundle: Bundle) -> None:
    text = b"\n".join(bundle.values()).decode(errors="replace")

    assert "violation" not in text.lower()


def test_a_flipped_byte_anywhere_is_found_and_its_file_named(bundle: Bundle, vkey: str) -> None:
    for name, content in bundle.items():
        for at in offsets(content):
            broken = {**bundle, name: flipped(content, at)}

            with pytest.raises(EvidenceBroken) as caught:
                verify_bundle(broken, vkey=vkey)

            if name not in MANIFESTS:
                assert caught.value.where.startswith(name), (name, at)


def test_a_flipped_byte_is_found_even_when_the_sums_were_mended(bundle: Bundle, vkey: str) -> None:
    for name, content in bundle.items():
        if name in MADE_AGAIN:
            continue
        for at in offsets(content):
            broken = resummed(bundle, **{name: flipped(content, at)})

            with pytest.raises(EvidenceBroken, match=r"^[^:]+(:\d+)?: "):
                verify_bundle(broken, vkey=vkey)


def test_a_missing_file_is_found_and_named(bundle: Bundle, vkey: str) -> None:
    for name in bundle:
        without = {other: c for other, c in bundle.items() if other != name}

        with pytest.raises(EvidenceBroken, match=f"^{re.escape(name)}: is missing"):
            verify_bundle(without, vkey=vkey)


def test_a_missing_file_is_found_even_when_the_sums_were_mended(bundle: Bundle, vkey: str) -> None:
    for name in bundle:
        if name in MADE_AGAIN or name.startswith("data/report/"):
            continue  # a bundle need not copy every report
        with pytest.raises(EvidenceBroken, match=re.escape(name)):
            verify_bundle(resummed(bundle, **{name: None}), vkey=vkey)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("malware.exe", "is no file that a bundle has"),
        ("data/report/daily.txt", "expected an included, sealed report"),
        ("data/tile/1/000.p/1", "is no tile of a log of 12 entries"),
        ("data/tile/entries/001", "is no tile of a log of 12 entries"),
        ("data/objects/sha256/ab/" + "ab" * 32, "is one too many"),
        ("data/proofs/7.tlog-proof", "is one too many"),
        ("data/statements/3.json", "is one too many"),
        ("data/keys/" + "ab" * 32 + ".pem", "is one too many"),
    ],
)
def test_a_file_too_many_is_found_and_named(
    bundle: Bundle, vkey: str, name: str, problem: str
) -> None:
    with pytest.raises(EvidenceBroken, match=f"^{re.escape(name)}: is not listed in .*manifest"):
        verify_bundle({**bundle, name: b"x"}, vkey=vkey)
    with pytest.raises(EvidenceBroken, match=f"^{re.escape(name)}: .*{problem}"):
        verify_bundle(resummed(bundle, **{name: b"x"}), vkey=vkey)


def test_a_flipped_byte_of_a_zip_is_found(bundle: Bundle, vkey: str) -> None:
    content = zip_bytes(bundle)
    assert verify_bundle(read_zip(content, where="b.zip"), vkey=vkey).trust == "verified"

    for at in [*range(0, len(content), len(content) // 150), len(content) - 1]:
        with pytest.raises(EvidenceBroken, match=r"^[^:]+: "):
            verify_bundle(read_zip(flipped(content, at), where="b.zip"), vkey=vkey)


@pytest.mark.parametrize("mended", [False, True])
def test_names_the_row_of_a_release_table_that_differs(
    bundle: Bundle, vkey: str, mended: bool
) -> None:
    name = path_of(bundle, b'{"incident":"i-0"')
    content = bundle[name].replace(b"i-3", b"i-8")
    broken = {**bundle, name: content}

    with pytest.raises(EvidenceBroken, match=f"{name}.*differs at row 3 .line 4. from data/rep"):
        verify_bundle(resummed(broken) if mended else broken, vkey=vkey)


def test_names_the_row_of_a_report_copy_that_differs(bundle: Bundle, vkey: str) -> None:
    name = "data/report/daily.release.jsonl"
    broken = {**bundle, name: bundle[name].replace(b"i-4", b"i-5")}

    with pytest.raises(EvidenceBroken, match=r"row 4 .line 5. from data/objects/sha256"):
        verify_bundle(broken, vkey=vkey)


def test_names_the_row_that_is_no_json_when_there_is_no_copy(bundle: Bundle, vkey: str) -> None:
    name = path_of(bundle, b'{"incident":"i-0"')
    rest = {n: c for n, c in bundle.items() if n != "data/report/daily.release.jsonl"}
    broken = {**rest, name: rest[name].replace(b'"i-2"', b'"i-2\x00')}
    assert verify_bundle(resummed(rest), vkey=vkey).reports == 1

    with pytest.raises(EvidenceBroken, match=f"{name}.*row 2 .line 3. is not canonical JSON"):
        verify_bundle(resummed(broken), vkey=vkey)


def test_refuses_reports_whose_names_were_swapped(bundle: Bundle, vkey: str) -> None:
    one, two = "data/report/daily.html", "data/report/daily.release.jsonl"
    swapped = resummed(bundle, **{one: bundle[two], two: bundle[one]})

    with pytest.raises(EvidenceBroken, match=r"was published as \['daily\.release\.jsonl'\]"):
        verify_bundle(swapped, vkey=vkey)


def test_refuses_another_key(bundle: Bundle, vkey: str, tmp_path: Path) -> None:
    other = create_keys(tmp_path / "keys", origin=ORIGIN, seed=bytes(32)).log.verifier.vkey

    with pytest.raises(EvidenceBroken, match=r"log\.vkey: key is demo.*, expected demo"):
        verify_bundle(bundle, vkey=other)
    with pytest.raises(EvidenceBroken, match=r"checkpoint: signed by"):
        verify_bundle(resummed(bundle, **{"data/log.vkey": f"{other}\n".encode()}), vkey=other)
    with pytest.raises(EvidenceBroken, match=r"log\.vkey: is not one line"):
        verify_bundle(resummed(bundle, **{"data/log.vkey": vkey.encode()}), vkey=vkey)
    with pytest.raises(BadInput, match="--key: key is 'nonsense'"):
        verify_bundle(bundle, vkey="nonsense")


def test_refuses_a_readme_that_does_not_say_exercise(bundle: Bundle, vkey: str) -> None:
    text = bundle["README.txt"].split(b"\n\n", 1)[1]

    with pytest.raises(EvidenceBroken, match=r"README\.txt: does not say EXERCISE"):
        verify_bundle(resummed(bundle, **{"README.txt": text}), vkey=vkey)
    with pytest.raises(EvidenceBroken, match=r"README\.txt: is not the text of a bundle"):
        verify_bundle(resummed(bundle, **{"README.txt": b"Trust me\n"}), vkey=vkey)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda e: [*e[:3], e[4], e[3], *e[5:]], "index.tsv:5: line is"),
        (lambda e: [e[3], *e[1:3], e[0], *e[4:]], "entry 1: logged_at is"),
        (lambda e: [*e[:-1], e[-2]], "entry 11: object .* is in entry 10 as release/v1 already"),
        (lambda e: e[:-1], "data/index.tsv: 13 lines, expected 12"),
        (lambda e: [*e[:5], e[5].replace(b'"v":1', b'"v":2'), *e[6:]], "entry 5: v is 2"),
        (lambda e: [*e[:3], e[3].replace(b'size":6', b'size":7'), *e[4:]], "index.tsv:5: line is"),
    ],
)
def test_a_log_rewritten_with_its_own_key_no_longer_fits(
    bundle: Bundle,
    vkey: str,
    mission: tuple[Path, Keys],
    change: Callable[[list[bytes]], list[bytes]],
    problem: str,
) -> None:
    broken = rewritten(bundle, mission[1], change)

    with pytest.raises(EvidenceBroken, match=problem):
        verify_bundle(broken, vkey=vkey)


def test_an_entry_with_the_wrong_size_is_found(
    bundle: Bundle, vkey: str, mission: tuple[Path, Keys]
) -> None:
    def change(entries: list[bytes]) -> list[bytes]:
        return [*entries[:3], entries[3].replace(b'size":6', b'size":7'), *entries[4:]]

    broken = rewritten(bundle, mission[1], change)
    lines = broken["data/index.tsv"].split(b"\n")
    lines[4] = lines[4].replace(b"\t6\t", b"\t7\t")

    with pytest.raises(EvidenceBroken, match="has 6 bytes, its entry says 7"):
        verify_bundle(resummed(broken, **{"data/index.tsv": b"\n".join(lines)}), vkey=vkey)


def test_every_included_object_is_found_under_its_hash(bundle: Bundle) -> None:
    for name, content in bundle.items():
        if name.startswith("data/objects/"):
            assert name == "data/" + object_path(sha256_hex(content))
