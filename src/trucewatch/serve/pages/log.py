"""The log: its newest head and who outside signed it, its entries, and the proof of each.

Entries are shown to everybody: they hold types, hashes and times, and no content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Response, get
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import NotFound
from trucewatch.mission.configuration import in_force
from trucewatch.mission.prove import CHECK_SH, ENTRY, HEAD, PROOF, SCRIPT, VKEY
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages import _worded
from trucewatch.serve.pages._anchored import anchored, first_seen
from trucewatch.serve.pages._entries import (
    FAMILIES,
    index_of,
    line,
    object_in,
    proved,
    stretch,
)
from trucewatch.serve.pages.objects import readable

if TYPE_CHECKING:
    from trucewatch.evidence.log import Log
    from trucewatch.serve.ask import Asking

POLICY = "witness.policy"
"""Name under which the sealed policy of witnesses is saved."""
_FOUND = 303
_FOUND_MAX = 20
_TEXT, _JSON = "text/plain; charset=utf-8", "application/json"


@get("/log", sync_to_thread=True, include_in_schema=False)
def log_page(ask: Ask) -> Response[Any]:
    """Return the head of the log and its newest entries; a number goes to its entry."""
    ask.expect(What.LOG)
    sought = ask.value("find").strip()[:200]
    with ask.site.reading() as (log, _):
        object_ = object_in(sought)
        if sought and not object_:
            there = f"/log/{index_of(log, sought)}"
            return Response(None, status_code=_FOUND, headers={"Location": there})
        using = in_force(log, log.size)
        return ask.page(
            "log.html",
            size=log.size,
            note=log.checkpoint_note().decode(),
            vkey=log.verifier.vkey,
            outside=anchored(log, using),
            sought=object_,
            found=[line(log, i) for i in log.indices_of(object_)[:_FOUND_MAX]] if object_ else [],
            part_of=stretch(log, before=ask.value("before"), family=ask.value("type")),
            families=FAMILIES,
            worded=_worded,
        )


@get("/log/checkpoint", sync_to_thread=True, include_in_schema=False)
def checkpoint(ask: Ask) -> Response[bytes]:
    """Return the newest head, with the cosignatures under it."""
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        return _saved(log.cosigned_note(), _TEXT, HEAD)


@get("/log/checkpoint/{size:str}", sync_to_thread=True, include_in_schema=False)
def checkpoint_of(ask: Ask, size: FromPath[str]) -> Response[bytes]:
    """Return the head of one size, with the cosignatures under it.

    Raises:
        NotFound: None of that size was signed.
    """
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        try:
            note = log.cosigned_note(int(size) if size.isascii() and size.isdigit() else -1)
        except (NotFound, OverflowError) as error:
            raise NotFound(HEAD, f"no head of size {size[:20]!r} was signed") from error
        return _saved(note, _TEXT, f"{HEAD}-{size}")


@get("/log/log.vkey", sync_to_thread=True, include_in_schema=False)
def key(ask: Ask) -> Response[bytes]:
    """Return the log's verifier key, as this server has it."""
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        return _saved(f"{log.verifier.vkey}\n".encode(), _TEXT, VKEY)


@get("/log/witness.policy", sync_to_thread=True, include_in_schema=False)
def policy(ask: Ask) -> Response[bytes]:
    """Return the policy of witnesses in force, as it was sealed.

    Raises:
        NotFound: No witness is named.
    """
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        using = in_force(log, log.size)
        if not using.settings.witness.policy:
            raise NotFound(POLICY, "none is in force: no witness is named")
        return _saved(using.files[using.settings.witness.policy], _TEXT, POLICY)


@get("/log/{index:str}", sync_to_thread=True, include_in_schema=False)
def entry(ask: Ask, index: FromPath[str]) -> Response[str]:
    """Return one entry: what it says, and the proof that it is in the log."""
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        at = index_of(log, index)
        shown = line(log, at)
        told = proved(log, at)
        same = [each for each in log.indices_of(shown.entry.object) if each != at]
        return ask.page(
            "log_entry.html",
            at=at,
            size=log.size,
            entry=shown.entry,
            kind=shown.words,
            text=told.entry.decode(),
            proof=told.proof.decode(),
            hashes=told.hashes,
            head=told.head,
            root=told.head.root.hex(),
            same=same,
            seen=first_seen(log, in_force(log, log.size), at),
            readable=_may_read(ask, log, shown.entry.object),
            worded=_worded,
        )


@get("/log/{index:str}/{file:str}", sync_to_thread=True, include_in_schema=False)
def entry_file(ask: Ask, index: FromPath[str], file: FromPath[str]) -> Response[bytes]:
    """Return what one needs to check an entry with sh and openssl alone.

    Raises:
        NotFound: There is no such entry, or none of these files is named so.
    """
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        at = index_of(log, index)
        if file == SCRIPT:
            return _saved(CHECK_SH.encode(), _TEXT, SCRIPT)
        if file == ENTRY:
            return _saved(log.entry_bytes(at), _JSON, ENTRY)
        if file == PROOF:
            return _saved(proved(log, at).proof, _TEXT, PROOF)
    raise NotFound(
        ENTRY, f"{file[:40]!r} is no file of an entry, expected {ENTRY}, {PROOF} or {SCRIPT}"
    )


def _saved(content: bytes, media: str, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media, headers=headers)


def _may_read(ask: Asking, log: Log, object_: str) -> bool:
    """Return whether who asks may see what was sealed, and not its hash alone."""
    try:
        return bool(readable(ask, log, object_))
    except NotFound:
        return False


ROUTES = (log_page, checkpoint, checkpoint_of, key, policy, entry, entry_file)
