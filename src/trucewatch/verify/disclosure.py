"""Checking what was disclosed of confidential objects: the key of one, and what it opens."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.contents import DISCLOSURES
from trucewatch.evidence.vault.cipher import check_commitment, decipher
from trucewatch.records.canonical import parse_canonical
from trucewatch.records.form import check_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.verify.sealed import Sealed

_FORM = {
    "key": "hex",
    "nonce": "hex",
    "object": "hex",
    "plaintext_sha256": "hex",
    "v": "count",
}


def check_disclosures(files: Mapping[str, bytes], sealed: Sealed) -> int:
    """Return how many objects were disclosed, each opened by its key to what its entry commits to.

    Args:
        files: Every file of the bundle.
        sealed: The log.

    Raises:
        EvidenceBroken: A disclosure is under another name, of an object that is not here, or opens
            it to something else.
    """
    count = 0
    for name in sorted(name for name in files if name.startswith(DISCLOSURES)):
        said = parse_canonical(files[name], where=name)
        check_form(said, _FORM, where=name)
        object_ = str(said["object"])
        content = sealed.content_of(object_)
        commits = {e.commit for e in sealed.entries if e.object == object_ and e.commit}
        if name != f"{DISCLOSURES}{object_}.json" or said["v"] != 1:
            raise EvidenceBroken(name, f"is of {object_}, v {said['v']}, expected its name and v 1")
        if content is None or not commits:
            problem = f"object {object_} is not here or commits to nothing"
            raise EvidenceBroken(name, f"{problem}, expected a confidential one")
        plain = decipher(content, bytes.fromhex(str(said["key"])))
        if hashlib.sha256(plain).hexdigest() != said["plaintext_sha256"]:
            raise EvidenceBroken(name, f"its key opens {object_} to another plaintext")
        for commit in commits:
            check_commitment(plain, bytes.fromhex(str(said["nonce"])), commit, where=name)
        count += 1
    return count
