"""One sealed object: its entries, its hash worked out again just now, and its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response, get
from litestar.params import FromPath

from trucewatch.access.policy import What, row_of
from trucewatch.access.role import Role
from trucewatch.errors import NotFound
from trucewatch.evidence.vault.vault import Closed
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.configuration import restricted_texts
from trucewatch.mission.explain import prove
from trucewatch.mission.explain import shown as printable
from trucewatch.records.form import is_hex64
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages import _worded
from trucewatch.serve.pages._seen import glyph_of, hashed
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from trucewatch.evidence.log import Log
    from trucewatch.serve.ask import Asking

_REFUSED_MAX = 50
_WHATS = (
    ("received/", What.OBSERVATION),
    ("configuration/agreement/", What.AGREEMENT),
    ("report/", What.REPORT),
    ("release/", What.REPORT),
)
"""What one must be allowed to see to read an object, by the beginning of its entry's type."""


@get("/objects/{object_:str}", sync_to_thread=True, include_in_schema=False)
def sealed_object(ask: Ask, object_: FromPath[str]) -> Response[Any]:
    """Return the page."""
    with ask.site.reading() as (log, there):
        indices = readable(ask, log, object_)
        first = indices[0]
        entry = log.entry(first)
        plaintexts = Plaintexts(log)
        problem, size_bytes = hashed(log, object_)
        closed = plaintexts.closed(entry)
        files = there.desk.read("file", TABLES["file"].c.object == object_)
        refused = there.desk.read("quarantine", TABLES["quarantine"].c.object == object_)
        return ask.page(
            "object.html",
            object_=object_,
            entry=entry,
            first=first,
            entries=[(i, log.entry(i), prove(log, i)) for i in indices],
            name=printable(plaintexts.name(entry)),
            problem=problem,
            size_bytes=size_bytes,
            closed=closed.reason if isinstance(closed, Closed) else "",
            glyph=glyph_of(entry.level, problem, erased=object_ in plaintexts.erased),
            files=files.rows(named=True),
            refused=refused.head(_REFUSED_MAX).rows(named=True),
            refused_n=len(refused),
            worded=_worded,
        )


@get("/objects/{object_:str}/bytes", sync_to_thread=True, include_in_schema=False)
def sealed_bytes(ask: Ask, object_: FromPath[str]) -> Response[bytes]:
    """Return the bytes as they were sealed, checked against their hash on this read.

    Above CLEAR these are the ciphertext, which is what the hash is of.
    """
    with ask.site.reading() as (log, _):
        first = readable(ask, log, object_)[0]
        plaintexts = Plaintexts(log)
        name = plaintexts.name(log.entry(first))
        content = log.object(object_)
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{safe or object_}"'},
    )


def readable(ask: Asking, log: Log, object_: str) -> list[int]:
    """Return the entries of an object through which who asks may see it.

    Raises:
        NotFound: There is none; in the same words whether it is not there or not to be seen.
    """
    indices = log.indices_of(object_) if is_hex64(object_) else []
    if ask.viewer.role is not Role.MISSION and object_ in restricted_texts(log):
        indices = []
    found = [index for index in indices if _may(ask, log, index)]
    if not found:
        raise NotFound(object_[:12], "is no sealed object that you may see")
    return found


def _may(ask: Asking, log: Log, index: int) -> bool:
    entry = log.entry(index)
    what = next((w for start, w in _WHATS if entry.type.startswith(start)), What.OBSERVATION)
    row = row_of(ask.viewer, what)
    return row is not None and entry.level in row.levels


ROUTES = (sealed_object, sealed_bytes)
