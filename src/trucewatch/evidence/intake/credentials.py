"""Content credentials (C2PA): who signed a photograph, and whether it is unchanged since.

Runs in a worker only. Nothing is fetched: neither a manifest that is kept elsewhere, nor the state
of a certificate. "Valid" says that the bytes are those that somebody signed; it says nothing about
who that was, which is why trust stands beside it.
"""

from __future__ import annotations

import io
import json
from typing import Any

import c2pa  # type: ignore[import-untyped]

from trucewatch.errors import BadInput
from trucewatch.evidence.intake.claims import text

_SETTINGS = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
_TRUSTED = "signingCredential.trusted"
_ELSEWHERE = "Remote: must fetch"  # what the library says when it was told not to fetch
_CODES_MAX = 20  # failures that are named


def facts(raw: bytes, *, mime: str) -> dict[str, object]:
    """Return what the content credentials of a file say.

    Args:
        raw: The bytes as received.
        mime: What kind of file it is, such as image/jpeg.

    Returns:
        present; and where there are some: state (valid, invalid, trusted), trust (trusted,
        untrusted: by the anchors of this machine, of which there are none unless set), signer and
        issuer, made_at (claimed signing time), generator, failures (codes of C2PA).

    Raises:
        BadInput: The credentials cannot be read, or are kept at an address instead of in the file.
    """
    try:
        context = c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))
        with c2pa.Reader(mime, io.BytesIO(raw), context=context) as reader:
            return _described(json.loads(reader.json()))
    except c2pa.C2paError.ManifestNotFound:
        return {"present": False}
    except (c2pa.C2paError, RecursionError, ValueError) as error:
        if str(error).startswith(_ELSEWHERE):
            found = f"content credentials are kept elsewhere ({text(error)})"
            raise BadInput("credentials", f"{found}, expected them in the file") from error
        found = f"content credentials cannot be read ({text(error)})"
        raise BadInput("credentials", f"{found}, expected a C2PA manifest") from error


def _described(told: dict[str, Any]) -> dict[str, object]:
    manifest = told.get("manifests", {}).get(told.get("active_manifest"), {})
    signature = manifest.get("signature_info", {})
    results = told.get("validation_results", {}).get("activeManifest", {})
    passed = {row.get("code") for row in results.get("success", [])}
    failed = {row.get("code") for row in results.get("failure", [])}
    generator = manifest.get("claim_generator_info") or [{}]
    return {
        "present": True,
        "state": str(told.get("validation_state", "")).lower(),
        "trust": "trusted" if _TRUSTED in passed and _TRUSTED not in failed else "untrusted",
        "signer": text(signature.get("common_name", "")),
        "issuer": text(signature.get("issuer", "")),
        "made_at": text(signature.get("time", "")),
        "generator": text(generator[0].get("name", "")),
        "failures": sorted(text(code) or "" for code in failed)[:_CODES_MAX],
    }
