"""README.txt of a bundle. Its words are part of the format: a change is a new layout number."""

from __future__ import annotations

README = "README.txt"
_DEMO_DOMAIN = "demo.invalid"

_EXERCISE = "EXERCISE EXERCISE EXERCISE: worthless as proof, nothing in it happened\n\n"
_README = """\
{exercise}trucewatch evidence bundle, layout 2, level {level}
Log: {origin}, {size} entries

This folder lets you check, without our software, that what is in it was sealed
in one append-only log and has not changed since. It is a BagIt bag (RFC 8493).
verify.sh does the steps below that sha256sum and openssl can do, and those of
Go where it finds it. Read it before you run it:

    sh verify.sh

1. Every file is as it was exported:

       sha256sum -c manifest-sha256.txt
       sha256sum -c tagmanifest-sha256.txt

2. The head of the log (data/checkpoint) was signed by the log's key
   (data/log.vkey). Both are C2SP formats: any verifier of signed notes reads
   them, such as golang.org/x/mod/sumdb/note. Compare data/log.vkey with the key
   that the mission gave you by another way: a key taken from here does not say
   who made it.

3. The whole log is here (C2SP tlog-tiles): data/tile/entries holds every entry,
   data/tile/0 and above the hashes over them. They lead to the root in the
   head, so no entry was removed, added or moved since it was signed.
   data/index.tsv lists each entry, and whether its object is included here;
   data/withheld.tsv lists those that are not, and why.

4. data/objects/sha256/ab/abc... is the object whose SHA-256 is its name. Each
   entry names the SHA-256 of its object. data/proofs/N.tlog-proof (C2SP
   tlog-proof) shows by itself that entry N is in the log.

5. data/statements/N.json is a signed statement (in-toto in DSSE), sealed by
   entry N. It names the id of its key; OpenSSL 3 checks its signature:

       openssl pkeyutl -verify -pubin -inkey data/keys/KEYID.pem -rawin \\
         -in data/statements/N.pae -sigfile data/statements/N.sig

6. data/anchors holds what others said of earlier heads and of this one.
   SIZE.checkpoint is the head of that size, signed by the log and then by
   witnesses, whose keys the mission's policy lists (data/witness.policy).
   SIZE.NAME.tsr is a time stamp (RFC 3161) over the first five lines of it:

       head -n 5 data/anchors/SIZE.checkpoint > head
       openssl ts -verify -data head -in data/anchors/SIZE.NAME.tsr \\
         -CAfile data/roots/NAME.pem

   Take policy and roots from elsewhere, as you did with the key.

7. data/report holds copies of published files under readable names; each is
   also an object. data/provenance.json (W3C PROV) says what was made of what.
   data/exculpatory.tsv lists what was marked as speaking for a party.

With our software: tw verify BUNDLE --key KEY_YOU_WERE_GIVEN

What this does not prove: that anything sealed here is true, or that everything
was sealed. "Unchanged since sealing" is not "true". Times in entries are those
of the log's own clock; what others signed shows by when an entry was there, and
nothing else does. Entries after the newest anchor rest on the log's word, and
so does the whole log where nobody else signed: then whoever holds its key could
show somebody else another log. Ask others for the heads that they were shown.
Nobody has adopted this software; this bundle carries no authority of its own.
"""


def is_demo(origin: str) -> bool:
    """Return whether a log is one of `tw demo`: its key can be made again by anybody.

    Example:
        >>> is_demo("demo.invalid/evidence"), is_demo("mission.example/evidence")
        (True, False)
    """
    return origin.partition("/")[0] == _DEMO_DOMAIN


def readme_text(*, origin: str, size: int, level: str, exercise: bool) -> bytes:
    """Return README.txt."""
    mark = _EXERCISE if exercise else ""
    return _README.format(exercise=mark, origin=origin, size=size, level=level).encode()
