"""`tw prove`: all that one needs to check, with sh and openssl alone, that one object is in a log.

check.sh does it: hash the object, find that hash in the entry, hash the entry up to the root as the
proof says, and verify the log's signature over that root.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, NotFound
from trucewatch.evidence.bundle import read_bundle
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.entry import parse_entry
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.objects import write_durably
from trucewatch.evidence.proof import LogProof, check_proof, format_proof
from trucewatch.mission.bundled import open_bundle
from trucewatch.mission.chain import resolved, resolved_among
from trucewatch.records.form import is_hex64

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = "entry.json"
PROOF = "entry.tlog-proof"
HEAD = "checkpoint"
VKEY = "log.vkey"
SCRIPT = "check.sh"

CHECK_SH = r"""#!/bin/sh
# Is the file FILE sealed in the log? Needs sh, openssl 3 and the files beside this one.
# Usage: sh check.sh FILE VKEY
# VKEY is the log's key as you got it by another way: a file, or its text NAME+KEYID+BASE64.
# Exits with 1 when a step fails, and with 2 when FILE or VKEY cannot be used.
# Formats: RFC 6962 (hashes), C2SP signed-note, tlog-checkpoint and tlog-proof.
set -eu
[ $# -eq 2 ] || { echo "usage: sh check.sh FILE VKEY" >&2; exit 2; }
cd_to=$(dirname "$0")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "FAIL  $1"; exit 1; }
hash() { openssl dgst -sha256 -binary; }
decode() { openssl base64 -d -A; }
unusable() { echo "$1; nothing was checked" >&2; exit 2; }
[ -r "$1" ] && [ ! -d "$1" ] || unusable "FILE: cannot read $1"
vkey=$2
[ ! -f "$2" ] || vkey=$(cat "$2")
name=${vkey%%+*}
key=${vkey#*+}
keyid=${key%%+*}
key=${key#*+}
printf '%s\n' "$vkey" | grep -qxE '[^+[:space:]]+[+][0-9a-f]{8}[+]A[Q-Za-f][A-Za-z0-9+/]{42}' &&
  [ "$(printf '%s' "$vkey" | wc -l)" -eq 0 ] &&
  [ "$({ printf '%s\n' "$name"; printf '%s' "$key" | decode; } | openssl dgst -sha256 -r |
    cut -c1-8)" = "$keyid" ] ||
  unusable "VKEY: is neither a file with a key nor NAME+KEYID+BASE64"
proof="$cd_to/entry.tlog-proof"

# 1. The entry names the SHA-256 of the file.
digest=$(openssl dgst -sha256 -r < "$1" | cut -c1-64)
grep -qF "\"object\":\"$digest\"" "$cd_to/entry.json" || fail "1  the entry is of another object"
echo "PASS  1  the entry names the SHA-256 of the file, $digest"

# 2. The entry leads to the root in the head that the proof carries.
sed '1,/^$/d' "$proof" > "$tmp/note"
index=$(sed -n '2s/^index //p' "$proof")
size=$(sed -n 2p "$tmp/note")
{ printf '\000'; cat "$cd_to/entry.json"; } | hash > "$tmp/r"
fn=$index
sn=$((size - 1))
[ "$fn" -le "$sn" ] || fail "2  the index is beyond the head"
sed '1,2d;/^$/,$d' "$proof" > "$tmp/hashes"
while read -r line; do
  [ "$sn" -gt 0 ] || fail "2  the proof is too long"
  printf '%s' "$line" | decode > "$tmp/p"
  if [ $((fn % 2)) -eq 1 ] || [ "$fn" -eq "$sn" ]; then
    { printf '\001'; cat "$tmp/p" "$tmp/r"; } | hash > "$tmp/n"
    while [ $((fn % 2)) -eq 0 ] && [ "$fn" -gt 0 ]; do fn=$((fn / 2)); sn=$((sn / 2)); done
  else
    { printf '\001'; cat "$tmp/r" "$tmp/p"; } | hash > "$tmp/n"
  fi
  mv "$tmp/n" "$tmp/r"
  fn=$((fn / 2))
  sn=$((sn / 2))
done < "$tmp/hashes"
[ "$sn" -eq 0 ] || fail "2  the proof is too short"
sed -n 3p "$tmp/note" | tr -d '\n' | decode > "$tmp/root"
cmp -s "$tmp/r" "$tmp/root" || fail "2  the entry does not lead to the root"
echo "PASS  2  entry $index leads to the root of $size entries, $(sed -n 3p "$tmp/note")"

# 3. The log's key signed that root.
origin=$(sed -n 1p "$tmp/note")
[ "$name" = "$origin" ] || fail "3  the key is of another log than $origin"
printf "%s" "$key" | decode | tail -c 32 > "$tmp/raw"
{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'; cat "$tmp/raw"; } > "$tmp/key.der"
sed -n 1,3p "$tmp/note" > "$tmp/text"
sed '1,4d' "$tmp/note" | while read -r dash signer blob; do
  [ "$signer" = "$origin" ] || continue
  printf '%s' "$blob" | decode | tail -c 64 > "$tmp/sig"
  openssl pkeyutl -verify -pubin -keyform DER -inkey "$tmp/key.der" -rawin \
    -in "$tmp/text" -sigfile "$tmp/sig" > /dev/null 2>&1 && echo "$dash" > "$tmp/ok"
  true
done
[ -f "$tmp/ok" ] || fail "3  the log's key did not sign the head"
echo "PASS  3  the log's key signed that root"
echo "The file was sealed before this head was signed, and is unchanged. That is not: true."
"""
"""What `tw prove` writes as check.sh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """That an object is in a log, and what shows it.

    Attributes:
        object: Its SHA-256, hex.
        index: The entry.
        entry: Its bytes, as text.
        proof: The proof (C2SP tlog-proof), as text.
        checkpoint: The head with every signature under it, as text.
        vkey: The log's verifier key; a reader needs it by another way.
        also: Other entries of the same object.
    """

    object: str
    index: int
    entry: str
    proof: str
    checkpoint: str
    vkey: str
    also: tuple[int, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What to run, one line each."""
        return (
            f"sh {SCRIPT} FILE VKEY     with FILE the object and VKEY as you got it by another way",
            f"tw verify BUNDLE --key VKEY --against {HEAD}     against any bundle of this log",
        )

    def files(self) -> dict[str, bytes]:
        """Return what to hand over, by file name."""
        texts = {
            ENTRY: self.entry,
            PROOF: self.proof,
            HEAD: self.checkpoint,
            VKEY: f"{self.vkey}\n",
            SCRIPT: CHECK_SH,
        }
        return {name: text.encode() for name, text in texts.items()}


def prove(path: Path, asked: str) -> Proved:
    """Return the proof that an object is in a log, checked before it is handed over.

    Args:
        path: A bundle, or a mission's folder.
        asked: The number of an entry, or the object's SHA-256 or its beginning, at least 12 digits.

    One that no entry seals is `NotFound`, and so is a path where nothing is.
    """
    found = _of_home(path, asked) if (path / "log.db").exists() else _of_bundle(path, asked)
    verifier = parse_vkey(found.vkey, where=VKEY)
    check_proof(found.proof.encode(), found.entry.encode(), verifier, where=PROOF)
    return found


def write_proof(proved: Proved, out: Path) -> list[Path]:
    """Write the files of a proof into a new folder.

    Raises:
        BadInput: Something is there already.
    """
    if out.exists():
        raise BadInput(str(out), "exists already, expected a new name")
    files = proved.files()
    for name, content in files.items():
        write_durably(out / name, content, mode=0o644)
    return [out / name for name in files]


def _of_home(path: Path, asked: str) -> Proved:
    with Log.open(path) as log:
        digest = asked if is_hex64(asked) else resolved(log, asked)
        note = log.cosigned_note()
        size = open_checkpoint(note, log.verifier, where=HEAD).size
        indices = [index for index in log.indices_of(digest) if index < size]
        index = _first(indices, digest)
        hashes = tuple(log.inclusion_proof(index, size))
        entry = log.entry_bytes(index)
        proof = LogProof(index=index, hashes=hashes, checkpoint_note=note)
        return _proved(proof, entry, log.verifier.vkey, tuple(indices[1:]))


def _of_bundle(path: Path, asked: str) -> Proved:
    bundled = open_bundle(read_bundle(path), vkey=None)
    objects = [entry.object for entry in bundled.entries]
    digest = asked if is_hex64(asked) else resolved_among(objects, asked)
    indices = [i for i, entry in enumerate(bundled.entries) if entry.object == digest]
    index = _first(indices, digest)
    hashes = tuple(bundled.tree.inclusion_proof(index, bundled.head.size))
    proof = LogProof(index=index, hashes=hashes, checkpoint_note=bundled.note)
    return _proved(proof, bundled.contents[index], bundled.vkey, tuple(indices[1:]))


def _first(indices: list[int], digest: str) -> int:
    if not indices:
        raise NotFound("log", f"no entry seals an object {digest}")
    return indices[0]


def _proved(proof: LogProof, entry: bytes, vkey: str, also: tuple[int, ...]) -> Proved:
    return Proved(
        object=parse_entry(entry, where=f"entry {proof.index}").object,
        index=proof.index,
        entry=entry.decode(),
        proof=format_proof(proof).decode(),
        checkpoint=proof.checkpoint_note.decode(),
        vkey=vkey,
        also=also,
    )
