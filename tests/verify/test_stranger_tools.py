"""What an outsider has: sha256sum, openssl, Go, readers of BagIt and PROV, none of it ours."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import bagit
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prov.model import ProvDocument
from tests.evidence.timestamp.tsa import needs_openssl
from tests.verify.anchored import bundle_of, found_mission, mission_keys, outsiders
from tests.verify.mending import flipped

from trucewatch.evidence.bundle import write_bundle
from trucewatch.evidence.checkpoint import Checkpoint, sign_checkpoint
from trucewatch.evidence.keys import public_pem
from trucewatch.evidence.log import Log
from trucewatch.evidence.merkle import leaf_hash
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.tiles import Tree, grow
from trucewatch.records.canonical import canonical, sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trucewatch.evidence.keys import Keys

HERE = Path(__file__).parent
GO_ROOT = Path("/usr/share/gocode")
GO_PACKAGES = GO_ROOT / "src/golang.org/x/mod/sumdb/note"
GO_ADVICE = "packages golang-go and golang-golang-x-mod-dev are not installed"
needs_go = pytest.mark.skipif(
    shutil.which("go") is None or not GO_PACKAGES.is_dir(), reason=GO_ADVICE
)


def run(command: Sequence[str], folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - fixed programs on our own files
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **env},  # noqa: TID251 - a child needs PATH
    )


@pytest.fixture(scope="module")
def go_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What Go compiles with; its packages are compiled once for this file."""
    folder = tmp_path_factory.mktemp("go")
    return {"GOPATH": str(GO_ROOT), "GO111MODULE": "off", "GOCACHE": str(folder), "GOFLAGS": ""}


@pytest.fixture
def folder(bundle: dict[str, bytes], tmp_path: Path) -> Path:
    write_bundle(tmp_path / "bundle", bundle)
    return tmp_path / "bundle"


@pytest.fixture(scope="module")
def anchored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with cosignatures and a time stamp; tests copy it."""
    folder = tmp_path_factory.mktemp("anchored")
    seeds = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
    who = outsiders(folder / "tsa-one", seeds)
    with found_mission(folder / "m", mission_keys(folder / "keys"), who, [b"one", b"two"]) as log:
        who.cosign(log)
        who.stamp(log)
        now = log.entry(log.size - 1).logged_at
        log.append([NewObject(type="received/patrol/v1", data=b"three")], now=now)
        write_bundle(folder / "bundle", bundle_of(log))
    return folder


def test_sha256sum_checks_every_file(folder: Path) -> None:
    manifests = ["manifest-sha256.txt", "tagmanifest-sha256.txt"]
    done = run(["sha256sum", "--strict", "-c", *manifests], folder)

    files = [p for p in folder.rglob("*") if p.is_file()]
    assert (done.returncode, done.stdout.count(": OK")) == (0, len(files) - 1)

    (folder / "data/report/daily.html").write_text("changed")
    assert "data/report/daily.html: FAILED" in run(["sha256sum", "-c", *manifests], folder).stdout


def test_bagit_validates_a_bundle(folder: Path) -> None:
    bag = bagit.Bag(str(folder))

    assert bag.validate()
    assert bag.info["External-Identifier"] == "demo.invalid/evidence"
    (folder / "data/report/daily.html").write_text("changed")
    with pytest.raises(bagit.BagValidationError, match=r"Payload-Oxum validation failed"):
        bag.validate()


def test_prov_reads_what_was_made_of_what(bundle: dict[str, bytes]) -> None:
    text = bundle["data/provenance.json"].decode()
    document = ProvDocument.deserialize(content=text, format="json")

    told = document.get_provn()
    page = sha256_hex(bundle["data/report/daily.html"])
    table = sha256_hex(bundle["data/report/daily.release.jsonl"])
    assert f"wasDerivedFrom(object:{page}, object:{table}, -, -, -)" in told
    assert f'entity(object:{page}, [tw:entry="9", tw:type="report/daily/v1"])' in told


def test_openssl_verifies_every_statement(folder: Path) -> None:
    statements = sorted(folder.glob("data/statements/*.json"))
    assert len(statements) == 3

    for path in statements:
        keyid = json.loads(path.read_bytes())["signatures"][0]["keyid"]
        name = f"data/statements/{path.stem}"
        command = [
            "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"data/keys/{keyid}.pem",
            "-rawin", "-in", f"{name}.pae", "-sigfile", f"{name}.sig",
        ]  # fmt: skip
        done = run(command, folder)
        assert "Signature Verified Successfully" in done.stdout

        signed = folder / f"{name}.pae"
        signed.write_bytes(signed.read_bytes() + b" ")
        assert run(command, folder).returncode != 0


@needs_openssl
@pytest.mark.system
def test_openssl_verifies_a_time_stamp_of_a_bundle(anchored: Path, tmp_path: Path) -> None:
    bundle = anchored / "bundle"
    note = (bundle / "data/anchors/6.checkpoint").read_bytes().split(b"\n")
    (tmp_path / "head").write_bytes(b"\n".join(note[:5]) + b"\n")
    command = [
        "openssl", "ts", "-verify", "-data", str(tmp_path / "head"),
        "-in", "data/anchors/6.tsa-one.tsr", "-CAfile", "data/roots/tsa-one.pem",
    ]  # fmt: skip

    done = run(command, bundle)

    assert "Verification: OK" in done.stdout + done.stderr


@needs_openssl
@needs_go
@pytest.mark.system
def test_the_script_of_a_bundle_checks_all_of_it(anchored: Path, go_env: dict[str, str]) -> None:
    done = run(["sh", "verify.sh"], anchored / "bundle", **go_env)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "FAIL" not in done.stdout
    assert "SKIPPED  " not in done.stdout
    for said in (
        "1 signatures",
        "6 entries were there by",
        "log.mission.example, 7 entries",
        "7 proofs",
        "6.checkpoint cosigned by alpha.example/w at 2026-06-27T18:30:00Z",
        "6.checkpoint cosigned by beta.example/w",
    ):
        assert said in done.stdout


@needs_openssl
def test_the_script_says_what_it_cannot_do_without_go(folder: Path) -> None:
    done = run(["sh", "verify.sh"], folder, SUMDB="/nowhere")

    assert done.returncode == 0
    assert "SKIPPED  needs Go and golang.org/x/mod: apt-get install golang-go" in done.stdout
    assert "SKIPPED  no time stamps here" in done.stdout
    assert "SKIPPED  index.tsv was not compared with the log: needs Go" in done.stdout
    assert done.stdout.count(": whether it may sign is not checked: needs Go") == 1


@needs_openssl
@pytest.mark.system
def test_the_script_does_not_say_that_a_stamped_head_is_of_this_log_without_go(
    anchored: Path,
) -> None:
    done = run(["sh", "verify.sh"], anchored / "bundle", SUMDB="/nowhere")

    assert done.returncode == 0
    assert "says tsa-one: a head of 6 entries, not compared with this log" in done.stdout
    assert "entries were there by" not in done.stdout


def resum(folder: Path) -> None:
    """Mend the manifests, as whoever changed a file would."""
    command = (
        "find data -type f | sort | xargs sha256sum > manifest-sha256.txt;"
        " sha256sum README.txt verify.sh bag*.txt manifest-sha256.txt > tagmanifest-sha256.txt"
    )
    assert run(["sh", "-c", command], folder).returncode == 0


@needs_openssl
@needs_go
@pytest.mark.system
@pytest.mark.parametrize(
    ("name", "at", "said"),
    [
        ("data/objects/sha256/*/*", 0, "hashes to"),
        ("data/statements/3.sig", 5, "entry 3: .sig is not what .json says"),
        ("data/statements/3.pae", 50, "entry 3: .pae is not what .json says"),
        ("data/statements/3.json", 50, "entry 3: "),
        ("data/keys/*", 60, "entry 3: "),
        ("data/anchors/6.tsa-one.tsr", 300, "time stamp by tsa-one does not verify"),
        ("data/anchors/6.checkpoint", 24, "6.checkpoint: "),
        ("data/anchors/6.checkpoint", -9, "6.checkpoint"),
        ("data/checkpoint", 24, "data/checkpoint: "),
        ("data/log.vkey", 40, "FAIL"),
        ("data/tile/entries/*/*", 40, "another root"),
        ("data/proofs/2.tlog-proof", 40, "data/proofs/2.tlog-proof: "),
        ("data/index.tsv", 200, "entry 1: object is not here"),
    ],
)
def test_the_script_names_what_was_changed(
    anchored: Path, tmp_path: Path, go_env: dict[str, str], name: str, at: int, said: str
) -> None:
    bundle = shutil.copytree(anchored / "bundle", tmp_path / "bundle")
    path = min(bundle.glob(name))
    content = path.read_bytes()
    path.write_bytes(flipped(content, at % len(content)))

    listed = run(["sh", "verify.sh"], bundle, **go_env)
    resum(bundle)
    mended = run(["sh", "verify.sh"], bundle, **go_env)

    assert listed.returncode == mended.returncode == 1
    assert f"{path.relative_to(bundle)}: FAILED" in listed.stdout
    assert said in mended.stdout
    assert "FAILED: a link is broken" in mended.stdout


def object_of(bundle: Path, digest: str) -> Path:
    return bundle / f"data/objects/sha256/{digest[:2]}/{digest}"


def row_of(bundle: Path, entry: int) -> str:
    return (bundle / "data/index.tsv").read_text().splitlines()[entry + 1]


def swap_object(bundle: Path, entry: int, content: bytes) -> None:
    """Put another object and its hash in the place of an entry's."""
    old, new = row_of(bundle, entry).split("\t")[2], sha256_hex(content)
    index = bundle / "data/index.tsv"
    index.write_text(index.read_text().replace(old, new))
    object_of(bundle, old).unlink()
    object_of(bundle, new).parent.mkdir(exist_ok=True)
    object_of(bundle, new).write_bytes(content)


def swap_report_of_a_patrol(bundle: Path) -> None:
    swap_object(bundle, 4, b"the north bank was calm\n")


def hide_the_newest_entry(bundle: Path) -> None:
    row, index = row_of(bundle, 6), bundle / "data/index.tsv"
    index.write_text(index.read_text().replace(row + "\n", ""))
    object_of(bundle, row.split("\t")[2]).unlink()
    (bundle / "data/proofs/6.tlog-proof").unlink()


def hide_behind_another_row(bundle: Path) -> None:
    """Show the row, object and type of one entry in the place of another."""
    shown, hidden, index = row_of(bundle, 5), row_of(bundle, 4), bundle / "data/index.tsv"
    index.write_text(index.read_text().replace(hidden, "4" + shown[1:]))
    object_of(bundle, hidden.split("\t")[2]).unlink()


def drop_the_proofs(bundle: Path) -> None:
    for path in (bundle / "data/proofs").iterdir():
        path.unlink()


def add_an_object(bundle: Path) -> None:
    digest = sha256_hex(b"trust me")
    object_of(bundle, digest).parent.mkdir(exist_ok=True)
    object_of(bundle, digest).write_bytes(b"trust me")


def forge_a_statement(bundle: Path, entry: int) -> str:
    """Sign a statement with an own key, and return the key's id."""
    name = bundle / f"data/statements/{entry}"
    key = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
    public = key.public_key()
    keyid = sha256_hex(public.public_bytes_raw())
    said = json.loads(name.with_suffix(".json").read_bytes())
    signed = name.with_suffix(".pae").read_bytes()
    signature = key.sign(signed)
    sig = base64.b64encode(signature).decode()
    content = canonical({**said, "signatures": [{"keyid": keyid, "sig": sig}]})
    name.with_suffix(".json").write_bytes(content)
    name.with_suffix(".sig").write_bytes(signature)
    (bundle / f"data/keys/{keyid}.pem").write_bytes(public_pem(public))
    swap_object(bundle, entry, content)
    return keyid


def change_a_report(bundle: Path) -> None:
    (bundle / "data/report/daily.html").write_text("the South broke the truce")


def back_date_a_head(bundle: Path) -> None:
    for path in (bundle / "data/anchors").iterdir():
        path.rename(path.with_name(path.name.replace("6.", "7.", 1)))


@needs_openssl
@needs_go
@pytest.mark.system
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (swap_report_of_a_patrol, "data/index.tsv: entry 4 is not what the log says"),
        (hide_the_newest_entry, "data/index.tsv has 6 rows, the head says 7"),
        (hide_behind_another_row, "data/index.tsv: entry 4 is not what the log says"),
        (drop_the_proofs, "entry 0: proof is not here"),
        (add_an_object, ": no row has it"),
        (back_date_a_head, "data/anchors/7.checkpoint: is a head of 6 entries"),
        (back_date_a_head, "data/anchors/7.tsa-one.tsr: its head is of '6' entries"),
    ],
)
def test_the_script_names_what_a_forger_changed_who_mends_the_manifests(
    anchored: Path,
    tmp_path: Path,
    go_env: dict[str, str],
    change: Callable[[Path], None],
    said: str,
) -> None:
    bundle = shutil.copytree(anchored / "bundle", tmp_path / "bundle")

    change(bundle)
    resum(bundle)
    done = run(["sh", "verify.sh"], bundle, **go_env)

    assert done.returncode == 1
    assert "files hash to their lines" in done.stdout
    assert said in done.stdout


@needs_openssl
@needs_go
@pytest.mark.system
def test_the_script_refuses_a_statement_by_a_key_that_the_log_never_admitted(
    folder: Path, go_env: dict[str, str]
) -> None:
    keyid = forge_a_statement(folder, 8)
    resum(folder)

    done = run(["sh", "verify.sh"], folder, **go_env)

    assert done.returncode == 1
    assert f"entry 8: key {keyid} is not one that the log admits there" in done.stdout
    assert "3 signatures" in done.stdout


@needs_openssl
def test_the_script_names_a_report_that_was_never_sealed(folder: Path) -> None:
    change_a_report(folder)
    resum(folder)

    done = run(["sh", "verify.sh"], folder, SUMDB="/nowhere")

    assert done.returncode == 1
    assert "data/report/daily.html: is no sealed report" in done.stdout


@needs_openssl
def test_the_script_fails_when_what_the_reader_brings_is_not_there(folder: Path) -> None:
    brought = {"POLICY": "no.policy", "ROOTS": "no-roots"}

    done = run(["sh", "verify.sh"], folder, SUMDB="/nowhere", **brought)

    assert done.returncode == 1
    assert f"FAIL     POLICY: no file {folder}/no.policy" in done.stdout
    assert f"FAIL     ROOTS: no folder {folder}/no-roots" in done.stdout


@needs_openssl
def test_the_script_names_a_file_that_no_manifest_lists(folder: Path) -> None:
    (folder / "data/objects/note.txt").write_text("trust me")

    done = run(["sh", "verify.sh"], folder, SUMDB="/nowhere")

    assert done.returncode == 1
    assert "the manifests list other files than are here" in done.stdout


@needs_openssl
@needs_go
@pytest.mark.system
def test_the_script_believes_what_the_reader_brings(
    anchored: Path, bundle: dict[str, bytes], go_env: dict[str, str], tmp_path: Path
) -> None:
    key = bundle["data/log.vkey"].decode().strip()
    (tmp_path / "policy").write_text("quorum none\n")
    other = outsiders(tmp_path / "roots", [Ed25519PrivateKey.generate() for _ in range(2)])
    shutil.copy(other.folder / "ca.pem", tmp_path / "roots/tsa-one.pem")
    brought = {"POLICY": str(tmp_path / "policy"), "ROOTS": str(tmp_path / "roots")}

    wrong_key = run(["sh", "verify.sh"], anchored / "bundle", **go_env, KEY=key)
    others = run(["sh", "verify.sh"], anchored / "bundle", **go_env, **brought)

    assert wrong_key.returncode == others.returncode == 1
    assert "data/checkpoint: note has no verifiable signatures" in wrong_key.stdout
    assert "time stamp by tsa-one does not verify" in others.stdout
    assert "SKIPPED  not anchored: no witness of the policy" in others.stdout


@needs_openssl
@pytest.mark.system
def test_the_script_takes_the_key_as_a_file_and_checks_nothing_with_a_malformed_one(
    anchored: Path, tmp_path: Path
) -> None:
    key = (anchored / "bundle/data/log.vkey").read_text().strip()
    (tmp_path / "mine.vkey").write_text(f"{key}\n")
    script = ["sh", str(anchored / "bundle/verify.sh")]

    as_file = run(script, tmp_path, SUMDB="/nowhere", KEY="mine.vkey")
    refused = [run(script, tmp_path, KEY=bad) for bad in (f"x{key}", key[:-1], "no.vkey")]

    assert as_file.returncode == 0, as_file.stdout + as_file.stderr
    assert {(each.returncode, each.stdout) for each in refused} == {(2, "")}
    assert all("KEY: is neither a file with a key nor" in each.stderr for each in refused)


@needs_go
@pytest.mark.system
def test_the_go_checksum_database_code_verifies_a_bundle(
    folder: Path, mission: tuple[Path, Keys], tmp_path: Path, go_env: dict[str, str]
) -> None:
    with Log.open(mission[0]) as log:
        old = {
            "size": 5,
            "root": log.root(5).hex(),
            "proof": [node.hex() for node in log.consistency_proof(5, log.size)],
        }
    (tmp_path / "old.json").write_text(json.dumps(old))
    program = build("sumdb", tmp_path, go_env)

    done = run([program, str(folder), str(tmp_path / "old.json")], folder)

    assert done.stdout == "note OK\nroot OK 12\nproofs OK 11\nconsistency OK 5 -> 12\n"

    proof = folder / "data/proofs/0.tlog-proof"
    proof.write_text(proof.read_text().replace("index 0", "index 1"))
    broken = run([program, str(folder), str(tmp_path / "old.json")], folder)
    assert broken.returncode == 1


@needs_go
@pytest.mark.system
def test_go_accepts_heads_and_proofs_of_every_size(
    mission: tuple[Path, Keys], tmp_path: Path, go_env: dict[str, str]
) -> None:
    program = build("sumdb_cases", tmp_path, go_env)
    sizes = [*range(1, 601), 65_535, 65_536, 65_537]
    cases = [json.dumps(case) for case in tree_cases(mission[1], sizes)]
    path, vkey = tmp_path / "cases.jsonl", mission[1].log.verifier.vkey
    path.write_text("\n".join(cases) + "\n")

    done = run([program, vkey, str(path)], tmp_path)

    assert done.stdout == f"OK {len(sizes)}\n"
    path.write_text(cases[300].replace('"Index": ', '"Index": 1') + "\n")
    assert "FAIL size 301" in run([program, vkey, str(path)], tmp_path).stdout


def tree_cases(keys: Keys, sizes: Sequence[int]) -> Iterator[dict[str, object]]:
    """Yield for each size a signed head, a proof of one entry, and one from an earlier size."""
    leaves = [b"entry %d" % number for number in range(max(sizes))]
    tiles = grow((), 0, [leaf_hash(leaf) for leaf in leaves])[1]
    tree = Tree(lambda level, index, _: tiles[level, index], len(leaves))
    rng = np.random.default_rng(7)
    for size in sizes:
        index, old = int(rng.integers(size)), int(rng.integers(1, size + 1))
        head = Checkpoint(origin=keys.log.verifier.name, size=size, root=tree.root(size))
        yield {
            "Note": sign_checkpoint(head, keys.log).decode(),
            "Leaf": base64.b64encode(leaves[index]).decode(),
            "Index": index,
            "Inclusion": [base64.b64encode(h).decode() for h in tree.inclusion_proof(index, size)],
            "OldSize": old,
            "OldRoot": base64.b64encode(tree.root(old)).decode(),
            "Consistency": [
                base64.b64encode(h).decode() for h in tree.consistency_proof(old, size)
            ],
        }


def build(name: str, folder: Path, go_env: dict[str, str]) -> str:
    program = str(folder / name)
    built = run(["go", "build", "-o", program, str(HERE / name / "main.go")], folder, **go_env)
    assert built.returncode == 0, built.stderr
    return program
