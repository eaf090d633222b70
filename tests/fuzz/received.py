"""Targets of what comes in: sensor files, packed files, pictures, agreements, settings, records."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.fuzz import seeds
from tests.fuzz.target import BrokenPromiseError, Target
from tests.mission.test_settings import GOOD
from tests.verify.mending import resummed

from trucewatch.agreement.parse import parse
from trucewatch.errors import BadInput, BadRegister
from trucewatch.evidence.bag import manifest_text, parse_manifest
from trucewatch.evidence.bundle import read_zip, zip_bytes
from trucewatch.evidence.contents import INDEX, index_text, parse_index
from trucewatch.evidence.intake import archive, frames, markup, waveform
from trucewatch.evidence.intake.unpacking import unpack_safely
from trucewatch.evidence.intake.worker import INSPECT, Worker
from trucewatch.evidence.outside import read_settings
from trucewatch.evidence.tiles import unpack_entries
from trucewatch.evidence.unpack import unpack
from trucewatch.mission.acts_file import read_acts
from trucewatch.mission.devices import read_public
from trucewatch.mission.settings import parse_settings
from trucewatch.mission.snapshot import MANIFEST, Manifest, manifest_bytes, read_manifest
from trucewatch.observe import sensor
from trucewatch.records.absence import read_absence
from trucewatch.records.alleged import read_alleged
from trucewatch.records.assertion import assertion_predicate, read_assertion
from trucewatch.records.attribution import read_attribution
from trucewatch.records.batch_claim import read_batch_claim
from trucewatch.records.canonical import canonical, parse_canonical
from trucewatch.records.count import read_count
from trucewatch.records.custody import custody_predicate, read_custody
from trucewatch.records.enrolment import read_enrolment
from trucewatch.records.exculpatory import exculpatory_predicate, read_exculpatory
from trucewatch.records.instant import instant_text, parse_instant
from trucewatch.records.link import read_link
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.reading import read_step
from trucewatch.records.registered import (
    imported_predicate,
    read_imported,
    read_registered,
    registered_predicate,
)
from trucewatch.records.seat import read_seat, seat_predicate
from trucewatch.records.source import Source
from trucewatch.register.parse import parse as parse_register
from trucewatch.register.shipped import shipped_bytes
from trucewatch.verify.bundle import verify_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trucewatch.evidence.entry import Entry

WHERE = "t"
HERE = Path(__file__).parent
AGREEMENTS = HERE.parents[1] / "src" / "trucewatch" / "agreement" / "shipped"
MADE_AGAIN = {"bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"}
STATIONS = {"stations": "K1 45.10 -30.20; K2 45.30 -30.00; XK.K3-N 44.95 -29.85"}
SETTINGS = b"""\
[release]
delay_h = 12.5
[witness]
policy = "witness.policy"
[timestamp.tsa-one]
url = "https://tsa.invalid/"
roots = "tsa-one.pem"
[intake.firms]
every_h = 6
start = "2030-09-01T00:00:00.000000Z"
level = "RED"
compartment = "hotline"
[sensors.picks]
stations = "K1 45.1 -30.2"
"""
FAILED = "its parser failed"
"""How a worker says that a parser let an exception out that it does not know."""


@cache
def _folder() -> Path:
    held = TemporaryDirectory()
    _kept.append(held)
    return Path(held.name)


_kept: list[TemporaryDirectory[str]] = []


@cache
def _worker() -> Worker:
    return Worker(INSPECT)


def close() -> None:
    """End the worker and remove the folder."""
    if _worker.cache_info().currsize:
        _worker().close()
    while _kept:
        _kept.pop().cleanup()
    _folder.cache_clear()


def _asked(job: str, raw: bytes, **options: object) -> object:
    try:
        return _worker().ask(job, raw, **options)
    except BadInput as error:
        if FAILED in error.problem:
            raise BrokenPromiseError(error.problem) from error
        raise


def _in_worker(job: str, *kinds: str, **options: object) -> Target:
    return Target(
        read=partial(_asked, job, **options),
        seeds=lambda: [raw for name, raw in seeds.files().items() if name.startswith(kinds)],
        covers=(f"evidence.intake.{job}",),
        runs=60,
    )


def _file(name: str, read: Callable[[Path], Any]) -> Callable[[bytes], Any]:
    def through_a_file(raw: bytes) -> Any:
        path = _folder() / name
        path.write_bytes(raw)
        return read(path)

    return through_a_file


def _sensor(name: str, settings: Mapping[str, str]) -> Target:
    source = Source(name="a.csv", object="0" * 64, logged_at=seeds.AT, settings=settings)
    return Target(
        read=lambda raw: sensor(name).read(raw, source=source),
        seeds=lambda: seeds.sensor_files(name),
        covers=(f"observe.{name}.read",),
        raises=(),
        runs=150,
    )


def _record(
    kind: str, read: Callable[..., Any], write: Callable[[Any], Mapping[str, Any]] | None
) -> Target:
    return Target(
        read=lambda raw: read(parse_canonical(raw, where=WHERE), entry=1),
        write=None if write is None else lambda found: canonical(dict(write(found))),
        seeds=lambda: seeds.predicates(kind),
        covers=(f"records.{kind}.{read.__name__}",),
    )


def _act(kind: str) -> Target:
    return Target(
        read=lambda raw: read_step(
            kind, parse_canonical(raw, where=WHERE), entry=999, logged_at=seeds.LOGGED
        ),
        seeds=lambda: seeds.steps(kind),
        covers=("records.logbook.reading.read_step",),
        runs=60,
    )


@cache
def _entries() -> list[Entry]:
    from trucewatch.evidence.entry import parse_entry

    files, _ = seeds.bundle()
    [name] = [n for n in files if n.startswith("data/tile/entries/")]
    return [parse_entry(e, where=WHERE) for e in unpack_entries(files[name], where=WHERE)]


def _bundle_seeds() -> list[bytes]:
    files, _ = seeds.bundle()
    kept = {name: raw for name, raw in files.items() if name not in MADE_AGAIN}
    return [f"{name}\0".encode() + raw for name, raw in kept.items() if len(raw) < 16_384]


def _verify(raw: bytes) -> None:
    """Put a changed file into a bundle, its manifests mended, and verify it."""
    files, keys = seeds.bundle()
    name, _, content = raw.partition(b"\0")
    changed = {**files, name.decode(errors="replace"): content}
    verify_bundle(resummed(changed), vkey=keys.log.verifier.vkey)
    if changed != files:
        msg = f"a change of {name[:80]!r} was not noticed"
        raise BrokenPromiseError(msg)


def _frame(raw: bytes) -> list[bytes]:
    rest = [raw]

    def read(size: int) -> bytes:
        found, rest[0] = rest[0][:size], rest[0][size:]
        if len(found) < size:
            raise BadInput(WHERE, "cut short, expected a whole frame")
        return found

    frame = frames.receive(read, body_max=1 << 20)
    return [*frames.parts(frames.encode(frame.header), frame.body), rest[0]]


def _manifest() -> bytes:
    return manifest_bytes(
        Manifest(
            origin=seeds.ORIGIN, size=3, root=seeds.HEX, keys=True,
            logged_at=instant_text(seeds.AT),
            files={"log.db": seeds.HEX, "mission.toml": seeds.HEX},
        )
    )  # fmt: skip


def _pem() -> Sequence[bytes]:
    from trucewatch.evidence.keys import public_pem

    return [public_pem(seeds.DESK.public_key())]


def _index_bytes(found: Any) -> bytes:
    return index_text(_entries(), found)


TARGETS = {
    "canonical JSON": Target(
        read=lambda raw: parse_canonical(raw, where=WHERE),
        write=canonical,
        seeds=lambda: [
            b"{}",
            *seeds.predicates("custody"),
            canonical({"a": [0.5, 1e21, "\u00e9"]}),
        ],
        covers=("records.canonical.parse_canonical",),
    ),
    "instant": Target(
        read=lambda raw: parse_instant(raw.decode(errors="surrogateescape"), where=WHERE),
        write=lambda found: instant_text(found).encode(),
        seeds=lambda: [instant_text(seeds.AT).encode(), b"0001-01-01T00:00:00.000000Z"],
        covers=("records.instant.parse_instant",),
    ),
    "absence": _record("absence", read_absence, None),
    "assertion": _record("assertion", read_assertion, assertion_predicate),
    "attribution": _record("attribution", read_attribution, None),
    "count": Target(
        read=lambda raw: read_count(raw.decode(errors="surrogateescape"), where=WHERE),
        seeds=lambda: [b"about 45", b"at least 1,177", b"3-5", b"several"],
        covers=("records.count.read_count",),
    ),
    "batch claim": _record("batch_claim", read_batch_claim, None),
    "custody": _record("custody", read_custody, custody_predicate),
    "enrolment": _record("enrolment", read_enrolment, None),
    "exculpatory": _record("exculpatory", read_exculpatory, exculpatory_predicate),
    "link": _record("link", read_link, None),
    "seat": _record("seat", read_seat, seat_predicate),
    "registered": _record("registered", read_registered, registered_predicate),
    "imported": replace(
        _record("imported", read_imported, imported_predicate),
        covers=("records.registered.read_imported",),
    ),
    "alleged": Target(
        read=lambda raw: read_alleged(raw, name="a.csv"),
        seeds=lambda: [
            b"id,time_start,time_end,lat,lon,error_m,class,count,text\n"
            b"T1,2030-09-01T00:00:00Z,2030-09-08T00:00:00Z,,,,airstrike,0,we saw none\n"
            b"C2,2030-09-01T00:00:00Z,2030-09-01T01:00:00Z,45.1,-30.2,300,airstrike,,a hit\n"
        ],
        covers=("records.alleged.read_alleged",),
    ),
    "register": Target(
        read=lambda raw: parse_register(raw, name="r.yaml"),
        seeds=lambda: [shipped_bytes("harbour-accord")],
        covers=("register.parse.parse",),
        raises=(BadRegister,),
        runs=25,
    ),
    **{f"logbook {kind}": _act(kind) for kind in MACHINES},
    "file of acts": Target(
        read=lambda raw: read_acts(raw, name="acts.jsonl"),
        seeds=lambda: [b"".join(seeds.acts())],
        covers=("mission.acts_file.read_acts",),
    ),
    "agreement": Target(
        read=lambda raw: parse(raw, name="a.yaml"),
        seeds=lambda: [path.read_bytes() for path in sorted(AGREEMENTS.glob("*.yaml"))],
        covers=("agreement.parse.parse", "agreement.part.read_part"),
        runs=25,
    ),
    "settings": Target(
        read=lambda raw: parse_settings(raw, name="mission.toml"),
        seeds=lambda: [GOOD.encode(), GOOD.encode() + SETTINGS],
        covers=("mission.settings.parse_settings",),
        runs=1_500,
    ),
    "sealed settings": Target(
        read=lambda raw: read_settings(raw, where=WHERE),
        seeds=lambda: [GOOD.encode(), GOOD.encode() + SETTINGS],
        covers=("evidence.outside.read_settings",),
        runs=400,
    ),
    "public key": Target(
        read=_file("key.pem", lambda path: read_public(str(path))),
        seeds=_pem,
        covers=("mission.devices.read_public",),
        runs=300,
    ),
    "backup manifest": Target(
        read=_file(MANIFEST, lambda path: read_manifest(path.parent)),
        write=manifest_bytes,
        seeds=lambda: [_manifest()],
        covers=("mission.snapshot.read_manifest",),
        runs=300,
    ),
    "firms": _sensor("firms", {}),
    "news": _sensor("news", {}),
    "picks": _sensor("picks", STATIONS),
    "packed": Target(
        read=lambda raw: unpack(raw, name="a"),
        seeds=seeds.packed,
        covers=("evidence.unpack.unpack",),
        runs=600,
    ),
    "packed, in a worker": Target(
        read=lambda raw: unpack_safely(raw, name="a", worker=_worker()),
        seeds=lambda: seeds.packed()[:4],
        covers=("evidence.intake.unpacking.unpack_safely",),
        runs=30,
    ),
    "archive": Target(
        read=archive.facts,
        seeds=lambda: [seeds.files()[name] for name in ("zip", "tar", "gzip", "xz")],
        covers=("evidence.intake.archive",),
        runs=400,
    ),
    "markup": Target(
        read=markup.facts,
        seeds=lambda: [seeds.files()["xml"], "<?xml version='1.0'?><a/>".encode("utf-16")],
        covers=("evidence.intake.markup",),
        runs=600,
    ),
    "wav": Target(
        read=waveform.wav,
        seeds=lambda: [seeds.files()["wav"]],
        covers=("evidence.intake.waveform",),
        runs=400,
    ),
    "frame": Target(
        read=_frame,
        write=b"".join,
        seeds=lambda: [b"".join(frames.parts(frames.encode({"job": "a", "options": {}}), b"abc"))],
        covers=("evidence.intake.frames.receive",),
    ),
    "image": _in_worker("image", "jpeg", "png", "webp", "gif", "tiff"),
    "strip": _in_worker("strip", "jpeg", "png", "webp", "gif", "tiff"),
    "raster": _in_worker("raster", "tiff", "jp2", "png"),
    "miniseed": _in_worker("miniseed", "miniseed"),
    "credentials": _in_worker("credentials", "jpeg", mime="image/jpeg"),
    "bag manifest": Target(
        read=lambda raw: parse_manifest(raw, where=WHERE),
        write=lambda found: "".join(f"{d}  {n}\n" for n, d in found.items()).encode(),
        seeds=lambda: [manifest_text({"data/a": b"1", "data/b": b"2", "data/c/d": b"3"})],
        covers=("evidence.bag.parse_manifest",),
    ),
    "index": Target(
        read=lambda raw: parse_index(raw, _entries()),
        write=_index_bytes,
        seeds=lambda: [seeds.bundle()[0][INDEX]],
        covers=("evidence.contents.parse_index",),
        runs=300,
    ),
    "zip bundle": Target(
        read=lambda raw: read_zip(raw, where=WHERE),
        write=zip_bytes,
        seeds=lambda: [zip_bytes({"a": b"1", "b/c": b"22"}), zip_bytes({})],
        covers=("evidence.bundle.read_zip",),
        runs=400,
    ),
    "bundle": Target(
        read=_verify,
        seeds=_bundle_seeds,
        covers=("verify.bundle.verify_bundle", "verify.tree.read_entries"),
        runs=200,
    ),
}
