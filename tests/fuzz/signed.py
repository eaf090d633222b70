"""Targets of the log's own formats: notes, heads, proofs, entries, tiles, statements, witnesses."""

from __future__ import annotations

import base64
from functools import cache

from tests.fuzz import seeds
from tests.fuzz.target import Target

from trucewatch.evidence.anchor import COSIGNATURE, TIMESTAMP, Anchor, check_anchor
from trucewatch.evidence.checkpoint import checkpoint_text, open_checkpoint, parse_checkpoint_text
from trucewatch.evidence.entry import entry_bytes, parse_entry
from trucewatch.evidence.note import (
    Note,
    decode_base64,
    format_vkey,
    open_note,
    parse_note,
    parse_signature,
    parse_vkey,
    sign_note,
)
from trucewatch.evidence.proof import format_proof, parse_proof
from trucewatch.evidence.receipt import check_receipt, format_receipt, parse_receipt
from trucewatch.evidence.statement import (
    Envelope,
    _envelope_bytes,
    key_id,
    open_configured,
    open_envelope,
    open_statement,
    parse_envelope,
    pre_authentication,
)
from trucewatch.evidence.tiles import pack_entries, parse_tile_path, tile_path, unpack_entries
from trucewatch.evidence.timestamp.token import open_token
from trucewatch.evidence.witness.cosignature import open_cosignatures, parse_witness_vkey
from trucewatch.evidence.witness.policy import format_policy, parse_policy
from trucewatch.evidence.witness.request import (
    format_request,
    format_size,
    parse_lines,
    parse_request,
    parse_size,
)

WHERE = "t"
KEYS = {key_id(seeds.DESK_PUBLIC): seeds.DESK_PUBLIC}
WITNESSES = tuple(c.verifier for c in seeds.COSIGNERS)


def text_of(raw: bytes) -> str:
    """Return bytes as a command line gives them: what is no UTF-8 comes as lone surrogates."""
    return raw.decode(errors="surrogateescape")


def _note_bytes(note: Note) -> bytes:
    return (note.text + "\n" + "".join(s.line for s in note.signatures)).encode()


def _open_signed_head(raw: bytes) -> bytes:
    """Open a head that holds any text, signed by the log's own key: nobody else can write one."""
    text = raw.decode(errors="replace")
    head = open_checkpoint(sign_note(text, seeds.SIGNER), seeds.SIGNER.verifier, where=WHERE)
    return checkpoint_text(head).encode()


def signed(payload: bytes) -> bytes:
    """Return an envelope whose signature over any payload is good."""
    signature = seeds.DESK.sign(pre_authentication(payload))
    envelope = Envelope(payload=payload, keyid=key_id(seeds.DESK_PUBLIC), signature=signature)
    return _envelope_bytes(envelope)


def _payloads() -> list[bytes]:
    return [parse_envelope(each, where=WHERE).payload for each in seeds.statements()]


def _tile_paths() -> list[bytes]:
    paths = [tile_path(0, 1234067), tile_path("entries", 3, 17), tile_path(63, 0, 255)]
    return [path.encode() for path in paths]


def _tile(raw: bytes) -> bytes:
    place = parse_tile_path(text_of(raw))
    if place is None:
        return raw
    level, index, width = place
    assert 1 <= width <= 256
    return tile_path(level, index, width).encode()


def _vkey(name: str) -> str:
    return format_vkey(name, bytes(range(32)), kind=1)


def _witness_vkeys() -> list[bytes]:
    return [c.verifier.vkey.encode() for c in seeds.COSIGNERS]


def _cosignatures(raw: bytes) -> object:
    return open_cosignatures(raw, WITNESSES, where=WHERE)


def _lines(raw: bytes) -> object:
    return parse_lines(raw, seeds.head_text(), WITNESSES[0], where=WHERE)


def _anchor(raw: bytes) -> object:
    for kind in (COSIGNATURE, TIMESTAMP):
        check_anchor(Anchor(size=3, kind=kind, name="w0.invalid", content=raw), where=WHERE)
    return None


@cache
def _golden() -> tuple[bytes, bytes, bytes]:
    names = ("checkpoint.tsr", "checkpoint", "ca.pem")
    stamp, head, root = ((seeds.GOLDEN / name).read_bytes() for name in names)
    return stamp, head, root


def _token(raw: bytes) -> object:
    _, head, root = _golden()
    return open_token(raw, head, roots=[root], where=WHERE)


def _roots(raw: bytes) -> object:
    stamp, head, _ = _golden()
    return open_token(stamp, head, roots=[raw], intermediates=[raw], where=WHERE)


NOTE, WITNESS = "evidence.note.", "evidence.witness."
TARGETS = {
    "base64": Target(
        read=lambda raw: decode_base64(text_of(raw), where=WHERE),
        write=base64.b64encode,
        seeds=lambda: [b"AAEC", b"AAE=", b"AA==", b""],
        covers=(f"{NOTE}decode_base64",),
    ),
    "vkey": Target(
        read=lambda raw: parse_vkey(text_of(raw), where=WHERE),
        write=lambda found: found.vkey.encode(),
        seeds=lambda: [seeds.SIGNER.verifier.vkey.encode(), _vkey("b").encode()],
        covers=(f"{NOTE}parse_vkey",),
    ),
    "note": Target(
        read=lambda raw: parse_note(raw, where=WHERE),
        write=_note_bytes,
        seeds=seeds.notes,
        covers=(f"{NOTE}parse_note",),
    ),
    "note, opened": Target(
        read=lambda raw: open_note(raw, seeds.SIGNER.verifier, where=WHERE),
        write=_note_bytes,
        seeds=seeds.notes,
        covers=(f"{NOTE}open_note",),
    ),
    "signature line": Target(
        read=lambda raw: parse_signature(text_of(raw), where=WHERE),
        write=lambda found: found.line.removesuffix("\n").encode(),
        seeds=lambda: [line[:-1] for line in seeds.lines()],
        covers=(f"{NOTE}parse_signature",),
    ),
    "head": Target(
        read=lambda raw: parse_checkpoint_text(text_of(raw), where=WHERE),
        write=lambda found: checkpoint_text(found).encode(),
        seeds=seeds.checkpoint_texts,
        covers=("evidence.checkpoint.parse_checkpoint_text",),
    ),
    "head, signed": Target(
        read=_open_signed_head,
        seeds=lambda: seeds.checkpoint_texts()[:1],
        covers=("evidence.checkpoint.open_checkpoint",),
        runs=300,
    ),
    "head, opened": Target(
        read=lambda raw: open_checkpoint(raw, seeds.SIGNER.verifier, where=WHERE),
        seeds=seeds.notes,
        covers=("evidence.checkpoint.open_checkpoint",),
    ),
    "proof": Target(
        read=lambda raw: parse_proof(raw, where=WHERE),
        write=format_proof,
        seeds=seeds.proofs,
        covers=("evidence.proof.parse_proof",),
    ),
    "receipt": Target(
        read=lambda raw: parse_receipt(raw, where=WHERE),
        write=lambda found: format_receipt(*found),
        seeds=seeds.receipts,
        covers=("evidence.receipt.parse_receipt",),
    ),
    "receipt, checked": Target(
        read=lambda raw: check_receipt(raw, seeds.SIGNER.verifier, where=WHERE),
        seeds=lambda: seeds.receipts()[:1],
        covers=("evidence.receipt.check_receipt", "evidence.proof.check_proof"),
    ),
    "entry": Target(
        read=lambda raw: parse_entry(raw, where=WHERE),
        write=entry_bytes,
        seeds=seeds.entries,
        covers=("evidence.entry.parse_entry",),
    ),
    "tile path": Target(
        read=_tile,
        write=lambda found: found,
        seeds=_tile_paths,
        covers=("evidence.tiles.parse_tile_path",),
    ),
    "entry bundle": Target(
        read=lambda raw: unpack_entries(raw, where=WHERE),
        write=pack_entries,
        seeds=lambda: [pack_entries(seeds.entries()), pack_entries([b"", b"a" * 300])],
        covers=("evidence.tiles.unpack_entries",),
    ),
    "envelope": Target(
        read=lambda raw: parse_envelope(raw, where=WHERE),
        write=_envelope_bytes,
        seeds=seeds.statements,
        covers=("evidence.statement.parse_envelope",),
    ),
    "envelope, opened": Target(
        read=lambda raw: open_envelope(raw, KEYS, where=WHERE),
        seeds=seeds.statements,
        covers=("evidence.statement.open_envelope",),
    ),
    "statement": Target(
        read=lambda raw: open_statement(signed(raw), KEYS, where=WHERE),
        seeds=lambda: _payloads()[:3],
        covers=("evidence.statement.open_statement",),
        runs=600,
    ),
    "first configuration": Target(
        read=lambda raw: open_configured(signed(raw), where=WHERE),
        seeds=lambda: _payloads()[:1],
        covers=("evidence.statement.open_configured",),
        runs=600,
    ),
    "anchor": Target(
        read=_anchor, seeds=lambda: seeds.lines()[:1], covers=("evidence.anchor.check_anchor",)
    ),
    "witness key": Target(
        read=lambda raw: parse_witness_vkey(text_of(raw), where=WHERE),
        write=lambda found: found.vkey.encode(),
        seeds=_witness_vkeys,
        covers=(f"{WITNESS}cosignature.parse_witness_vkey",),
    ),
    "cosignatures": Target(
        read=_cosignatures,
        seeds=seeds.notes,
        covers=(f"{WITNESS}cosignature.open_cosignatures",),
        runs=600,
    ),
    "policy": Target(
        read=lambda raw: parse_policy(raw, where=WHERE),
        write=format_policy,
        settles=True,
        seeds=seeds.policies,
        covers=(f"{WITNESS}policy.parse_policy",),
    ),
    "witness request": Target(
        read=lambda raw: parse_request(raw, where=WHERE),
        write=format_request,
        seeds=seeds.requests,
        covers=(f"{WITNESS}request.parse_request",),
    ),
    "witness size": Target(
        read=lambda raw: parse_size(raw, where=WHERE),
        write=format_size,
        seeds=lambda: [format_size(0), format_size(999_999_999_999_999_999)],
        covers=(f"{WITNESS}request.parse_size",),
    ),
    "witness lines": Target(
        read=_lines,
        seeds=lambda: [seeds.lines()[0], b"".join(seeds.lines())],
        covers=(f"{WITNESS}request.parse_lines",),
    ),
    "time stamp": Target(
        read=_token,
        seeds=lambda: _golden()[:1],
        covers=("evidence.timestamp.token.open_token",),
        runs=200,
    ),
    "time stamp roots": Target(
        read=_roots,
        seeds=lambda: [_golden()[2], _golden()[2] * 2],
        covers=("evidence.timestamp.token.open_token",),
        runs=200,
    ),
}
