"""The log beside bare SQLite: appending, group commit, proofs, checking.

The peer of `append` does the least that keeps bytes: the same objects as rows of one table (an
integer key and a blob) through apsw, WAL, synchronous FULL, one transaction and one `executemany`
for 256 of them, with the log's page size, cache and WAL limit. It hashes, signs, names and indexes
nothing. The peer `indexed` also hashes each object and keeps a unique index by that hash.

Ours writes canonical entries, objects found again by hash and type, file names, tiles and a signed
checkpoint, in one fsync. Ratios are of CPU time, pair by pair; `_elapsed` is of elapsed time, where
both wait for the same disk. Objects are random bytes; those of 1 to 60 KiB are what missions have.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import apsw
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from trucewatch.evidence.anchor import Anchor
from trucewatch.evidence.checkpoint import Checkpoint
from trucewatch.evidence.commit import GroupCommit
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.proof import LogProof, check_proof, format_proof
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import (
    Subject,
    key_id,
    open_envelope,
    parse_envelope,
    sign_statement,
)
from trucewatch.verify.tree import check_entries, check_tree, read_entries

ORIGIN = "bench.invalid/evidence"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
KIND = "received/bench/v1"
BATCH = 256
BATCHES = {400: 40, 2048: 40, 8192: 16, 32768: 6}  # object size in bytes: batches in a run
JUDGED = 2048  # a signed statement, a small device batch
PAIRS = 7
LONG = 1_000_000  # entries of the long log
CHECKED = 200_000
PROOFS = 2_000
REOPENED = 5
SUBMITTERS = 64
EACH = 60  # objects that one submitter hands in, of about 1 KiB
STATEMENTS = 2_000
SETTINGS = ("journal_mode = wal", "synchronous = full", "wal_autocheckpoint = 8192")
CACHE = "cache_size = -32768"
MUSTS = (
    (f"append_{JUDGED}_to_plain", ">=", 0.6),
    ("acknowledged_p99_ms", "<=", 100),
    ("proof_p50_ms", "<=", 10),
    ("proof_bytes", "<=", 1500),
    ("first_proof_ms", "<=", 100),
    ("structure_entries_per_s", ">=", 100_000),
)

Spread = dict[str, float]


def measure(*, data: Path, seed: int) -> dict:
    """Return ratios to the peers, and times and sizes where the promise is one."""
    del data
    rng = np.random.default_rng(seed)
    metrics: dict[str, Spread] = {}
    for size, batches in BATCHES.items():
        metrics |= _append(size, batches, rng)
    metrics |= _long_log(rng) | _group_commit(rng) | _statements(rng)
    must = [
        {"metric": name, "op": op, "bound": bound, "holds": _holds(metrics[name], op, bound)}
        for name, op, bound in MUSTS
    ]
    note = f"random objects, batches of {BATCH}; the log holds nothing, or {LONG} entries (long)"
    return {"name": "log", "seed": seed, "note": note, "metrics": metrics, "must": must}


def _holds(found: Spread, op: str, bound: float) -> bool:
    return found["value"] >= bound if op == ">=" else found["value"] <= bound


def _spread(values: list[float]) -> Spread:
    """Median, with the smallest and the largest."""
    return {"value": float(np.median(values)), "low": min(values), "high": max(values)}


def _objects(count: int, size: int, rng: np.random.Generator) -> list[bytes]:
    whole = rng.bytes(count * size)
    return [whole[i * size : (i + 1) * size] for i in range(count)]


def _append(size: int, batches: int, rng: np.random.Generator) -> dict[str, Spread]:
    """Measure plain, ours, indexed, ours, ... one after the other, the first round left out."""
    plain, elapsed, indexed, ours_us = [], [], [], []
    for round_ in range(PAIRS + 1):
        objects = _objects(batches * BATCH, size, rng)
        with tempfile.TemporaryDirectory() as folder, _log(Path(folder)) as log:
            bare = _peer(objects, Path(folder) / "plain.db", index=False)
            ours = _ours(objects, log)
            hashed = _peer(objects, Path(folder) / "indexed.db", index=True)
        if round_:
            plain.append(bare[0] / ours[0])
            elapsed.append(bare[1] / ours[1])
            indexed.append(hashed[0] / ours[0])
            ours_us.append(ours[0] / len(objects) * 1e6)
    return {
        f"append_{size}_to_plain": _spread(plain),
        f"append_{size}_to_plain_elapsed": _spread(elapsed),
        f"append_{size}_to_indexed": _spread(indexed),
        f"append_{size}_us": _spread(ours_us),
    }


def _log(folder: Path) -> Log:
    keys = create_keys(folder / "keys", origin=ORIGIN, seed=bytes(32))
    return Log.create(folder, origin=ORIGIN, signer=keys.log)


def _ours(objects: list[bytes], log: Log) -> tuple[float, float]:
    cpu_s, elapsed_s = time.process_time(), time.perf_counter()
    for at in range(0, len(objects), BATCH):
        batch = enumerate(objects[at : at + BATCH], at)
        log.append([NewObject(type=KIND, data=o, name=f"{i}.csv") for i, o in batch], now=NOW)
    return time.process_time() - cpu_s, time.perf_counter() - elapsed_s


def _peer(objects: list[bytes], path: Path, *, index: bool) -> tuple[float, float]:
    db = apsw.Connection(str(path))
    for setting in (*SETTINGS, CACHE):
        db.execute(f"PRAGMA {setting}").fetchall()
    db.execute("CREATE TABLE object(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT")
    db.execute("CREATE TABLE hash(sha256 BLOB PRIMARY KEY, id INTEGER) STRICT, WITHOUT ROWID")
    cpu_s, elapsed_s = time.process_time(), time.perf_counter()
    for at in range(0, len(objects), BATCH):
        batch = objects[at : at + BATCH]
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO object(bytes) VALUES (?)", ((o,) for o in batch))
        if index:
            rows = ((hashlib.sha256(o).digest(), at + i) for i, o in enumerate(batch))
            db.executemany("INSERT INTO hash VALUES (?, ?)", rows)
        db.execute("COMMIT")
    spent = time.process_time() - cpu_s, time.perf_counter() - elapsed_s
    db.close()
    return spent


def _long_log(rng: np.random.Generator) -> dict[str, Spread]:
    with tempfile.TemporaryDirectory() as folder:
        with _log(Path(folder)) as log:
            for at in range(0, LONG, 4096):
                few = range(at, min(at + 4096, LONG))
                log.append([NewObject(type=KIND, data=b"%d" % i) for i in few], now=NOW)
            metrics = _proofs(log, rng) | _structure(log)
            metrics |= _append_to_long(log, Path(folder), rng)
        metrics["first_proof_ms"] = _spread(
            [_first_proof_ms(Path(folder)) for _ in range(REOPENED)]
        )
    return metrics


def _proofs(log: Log, rng: np.random.Generator) -> dict[str, Spread]:
    name = "witness.example/first"
    line = f"\u2014 {name} {base64.b64encode(bytes(4 + 8 + 64)).decode()}\n".encode()
    log.add_anchors([Anchor(size=LONG, kind="cosignature", name=name, content=line)])
    spent_ms, sizes = [], []
    for index in map(int, rng.integers(0, LONG, PROOFS)):
        start_s = time.perf_counter()
        hashes = tuple(log.inclusion_proof(index, LONG))
        note = log.cosigned_note(LONG)
        text = format_proof(LogProof(index=index, hashes=hashes, checkpoint_note=note))
        spent_ms.append((time.perf_counter() - start_s) * 1e3)
        sizes.append(len(text))
        check_proof(text, log.entry_bytes(index), log.verifier, where="proof")
    quantiles = np.quantile(spent_ms, [0.5, 0.99])
    return {
        "proof_p50_ms": {**_spread(spent_ms), "value": float(quantiles[0])},
        "proof_p99_ms": {**_spread(spent_ms), "value": float(quantiles[1])},
        "proof_bytes": {**_spread([float(s) for s in sizes]), "value": float(max(sizes))},
    }


def _first_proof_ms(home: Path) -> float:
    start_s = time.perf_counter()
    with Log.open(home) as log:
        log.inclusion_proof(LONG // 3, LONG)
        return (time.perf_counter() - start_s) * 1e3


def _structure(log: Log) -> dict[str, Spread]:
    files = dict(log.static_files(CHECKED))
    head = Checkpoint(origin=ORIGIN, size=CHECKED, root=log.root(CHECKED))
    rates = []
    for _ in range(PAIRS):
        start_s = time.process_time()
        contents = read_entries(files, CHECKED)
        check_tree(contents, files, head)
        check_entries(contents)
        rates.append(CHECKED / (time.process_time() - start_s))
    return {"structure_entries_per_s": _spread(rates)}


def _append_to_long(log: Log, folder: Path, rng: np.random.Generator) -> dict[str, Spread]:
    """Measure as in `_append`; in all, as the index by hash is written in a few rounds only."""
    bare_s, ours_s = [], []
    for round_ in range(PAIRS):
        objects = _objects(BATCHES[JUDGED] * BATCH, JUDGED, rng)
        bare_s.append(_peer(objects, folder / f"plain{round_}.db", index=False)[0])
        ours_s.append(_ours(objects, log)[0])
    ratios = [bare / ours for bare, ours in zip(bare_s, ours_s, strict=True)]
    whole = sum(bare_s) / sum(ours_s)
    return {f"append_{JUDGED}_to_plain_long": {**_spread(ratios), "value": whole}}


def _group_commit(rng: np.random.Generator) -> dict[str, Spread]:
    spent_ms: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        _log(Path(folder)) as log,
        GroupCommit(log, lambda: NOW) as group,
    ):

        def submitter(objects: list[bytes]) -> None:
            for data in objects:
                start_s = time.perf_counter()
                group.submit([NewObject(type=KIND, data=data)]).result()
                spent_ms.append((time.perf_counter() - start_s) * 1e3)

        start_s = time.perf_counter()
        threads = [
            threading.Thread(target=submitter, args=(_objects(EACH, 1024, rng),))
            for _ in range(SUBMITTERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = len(spent_ms) / (time.perf_counter() - start_s)
    quantiles = np.quantile(spent_ms, [0.5, 0.99])
    return {
        "acknowledged_p50_ms": {**_spread(spent_ms), "value": float(quantiles[0])},
        "acknowledged_p99_ms": {**_spread(spent_ms), "value": float(quantiles[1])},
        "acknowledged_per_s": _spread([rate]),
    }


def _statements(rng: np.random.Generator) -> dict[str, Spread]:
    """Compare opening envelopes with a loop that verifies the same signatures and does no more."""
    key = Ed25519PrivateKey.from_private_bytes(rng.bytes(32))
    public = key.public_key().public_bytes_raw()
    subject = Subject(name="mission.toml", sha256=hashlib.sha256(b"").hexdigest())
    envelopes = [
        sign_statement("bench/v1", [subject], {"n": n, "reason": "as seen from the post"}, key=key)
        for n in range(STATEMENTS)
    ]
    known, parsed = {key_id(public): public}, [parse_envelope(e, where="bench") for e in envelopes]
    pairs = [(envelope.signature, envelope.pae) for envelope in parsed]
    ratios = []
    for _ in range(PAIRS):
        start_s = time.process_time()
        for signature, pae in pairs:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, pae)
        bare_s = time.process_time() - start_s
        start_s = time.process_time()
        for envelope in envelopes:
            open_envelope(envelope, known, where="statement")
        ratios.append(bare_s / (time.process_time() - start_s))
    return {"statements_to_bare_verify": _spread(ratios)}
