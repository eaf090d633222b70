"""The register: who promised what, by which source, where sources differ, and what is missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from litestar import Response, get
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.access.role import Role
from trucewatch.errors import BadInput, NotFound
from trucewatch.mission.register_ask import OneClaim, asked
from trucewatch.mission.register_json import as_json
from trucewatch.mission.register_marked import marked
from trucewatch.mission.register_sheets import register_sheets
from trucewatch.mission.register_state import gap_tables, state_of
from trucewatch.records.claims.claim import Relation
from trucewatch.register.contradictions import Kind
from trucewatch.register.force import force
from trucewatch.register.legal import legal
from trucewatch.register.shipped import shipped
from trucewatch.register.timeline import Turn, timeline
from trucewatch.report.register.delimited import delimited
from trucewatch.report.register.document import Document
from trucewatch.serve.ask import Ask
from trucewatch.serve.nav import N_
from trucewatch.serve.pages import _register_words as words
from trucewatch.serve.pages._register_actor import promised
from trucewatch.serve.pages._register_matrix import LEGEND, matrix
from trucewatch.serve.pages._register_seen import seen, wished
from trucewatch.serve.pages._register_steps import reached
from trucewatch.serve.pages._register_strip import strip
from trucewatch.serve.sought import chosen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from trucewatch.records.claims.instrument import Instrument
    from trucewatch.report.register.document import Sheet
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._register_seen import Seen

_MOMENTS = 100
_TURNS = {
    Turn.ADOPTED: (N_("adopted"), "agree"),
    Turn.TEXT: (N_("a version of a text"), "list"),
    Turn.TOLD: (N_("happened, by a source"), "clock"),
    Turn.SAID: (N_("said"), "report"),
}


@get("/register", sync_to_thread=True, include_in_schema=False)
def register(ask: Ask) -> Response[str]:
    """Return the overview; where no register was loaded, what to do about it."""
    ask.expect(What.REGISTER)
    try:
        found = seen(ask)
    except NotFound:
        return ask.page("register_none.html", wish=wished(ask), shipped=shipped())
    mine = ask.viewer.role is Role.MISSION
    return _page(
        ask,
        "register.html",
        found,
        table=matrix(found),
        of="",
        far=reached(found, _main(found)),
        asked=[words.disputed(each, found.known) for each in found.disputes],
        components=force(found.register) if mine else (),
        sheets=_missing(ask, found) if mine else (),
    )


@get("/register/differences", sync_to_thread=True, include_in_schema=False)
def differences(ask: Ask) -> Response[str]:
    """Return every question on which claims do not go together, side by side.

    Raises:
        BadInput: There is no such class.
    """
    found, kind = seen(ask), ask.value("kind")
    if kind and kind not in set(Kind):
        raise BadInput("kind", f"is {kind[:80]!r}, expected one of {', '.join(Kind)}")
    several = [
        words.disputed(each, found.known)
        for each in found.disputes
        if not kind or any(one.kind == kind for one in each.found)
    ]
    return _page(ask, "register_differences.html", found, asked=several, kind=kind)


@get("/register/timeline", sync_to_thread=True, include_in_schema=False)
def moments(ask: Ask) -> Response[str]:
    """Return what was adopted, what happened by sources, and what was said, day by day.

    Raises:
        BadInput: The page is no number.
    """
    found = seen(ask)
    every = timeline(found.register)
    page = ask.value("page") or "1"
    if not page.isdecimal():
        raise BadInput("page", f"is {page[:80]!r}, expected a whole number")
    at, last = chosen(int(page[:9]), every, _MOMENTS)
    rows = every[(at - 1) * _MOMENTS : at * _MOMENTS]
    return _page(
        ask, "register_timeline.html", found, rows=rows, total=len(every), at=at, last=last,
        turns=_TURNS,
    )  # fmt: skip


@get("/register/instruments/{name:str}", sync_to_thread=True, include_in_schema=False)
def instrument(ask: Ask, name: FromPath[str]) -> Response[str]:
    """Return the page of a text: its versions, provisions, who signed it, how binding it is."""
    found = seen(ask)
    told = legal(found.register, name)
    whole = told.instrument
    ids = {whole.id, *(each.id for each in whole.provisions)}
    answers = [each for part in sorted(ids) for each in legal(found.register, part).answers]
    unique = {each.said.claim.id: each for each in answers}
    disputes = [e for e in found.disputes if _is_on(e.question, ids)]
    return _page(
        ask,
        "register_instrument.html",
        found,
        whole=whole,
        far=reached(found, [whole]),
        parts=[(each, legal(found.register, each.id).official) for each in whole.provisions],
        official=told.official,
        answers=[words.line(each.said.claim, found.known, of="") for each in unique.values()],
        asked=[words.disputed(each, found.known) for each in disputes],
        signed=_signed(found, whole),
    )


@get("/register/claims/{name:str}", sync_to_thread=True, include_in_schema=False)
def claim(ask: Ask, name: FromPath[str]) -> Response[str]:
    """Return the page of one claim: where it was read, what it corrects, what was replied to it.

    Raises:
        NotFound: There is none that who asks may see.
    """
    found = seen(ask)
    if name not in found.known.claims:
        raise NotFound("claim", f"is {name[:80]!r}, which is not in the register as shown")
    one = asked(ask.site.home, found.view, name)
    if not isinstance(one, OneClaim):
        raise NotFound("claim", f"is {name[:80]!r}, which names something else")
    over = [each for each in found.disputes if name in each.claims]
    return _page(
        ask,
        "register_claim.html",
        found,
        one=one,
        told=words.line(one.said.claim, found.known),
        source=found.known.sources[one.said.claim.source],
        asked=[words.disputed(each, found.known) for each in over],
    )


@get("/register/claims.csv", sync_to_thread=True, include_in_schema=False)
def claims_csv(ask: Ask) -> Response[bytes]:
    """Return every claim as CSV."""
    found = seen(ask)
    return _csv(ask, found, {each.id for each in found.register.claims}, found.register.id)


@get("/register/{name:str}", sync_to_thread=True, include_in_schema=False)
def state(ask: Ask, name: FromPath[str]) -> Response[str]:
    """Return what one state promised, by sources."""
    found = seen(ask)
    told = promised(found, name)
    mine = ask.viewer.role is Role.MISSION
    return _page(
        ask,
        "register_state.html",
        found,
        told=told,
        of=told.about.actor.id,
        table=matrix(found),
        far=reached(found, _main(found)),
        owed=state_of(ask.site.home, found.view, told.about) if mine else None,
    )


@get("/register/{name:str}/claims.csv", sync_to_thread=True, include_in_schema=False)
def state_csv(ask: Ask, name: FromPath[str]) -> Response[bytes]:
    """Return the claims of a state as CSV."""
    found = seen(ask)
    about = promised(found, name).about
    own = {each.claim.id for group in about.groups for each in group.claims}
    return _csv(ask, found, own | {each.claim.id for each in about.of_others}, about.actor.id)


@get("/register/{name:str}/claims.json", sync_to_thread=True, include_in_schema=False)
def state_json(ask: Ask, name: FromPath[str]) -> Response[bytes]:
    """Return what is known of a state as JSON."""
    found = seen(ask)
    about = promised(found, name).about
    body = {
        "notice": "EXERCISE" if found.view.exercise else "",
        "marked": marked(found.register),
        "as_known_at": found.wish.words(),
        "about": about,
    }
    text = json.dumps(as_json(body), ensure_ascii=False, indent=1)
    return _file(text.encode(), f"register-{about.actor.id}.json", "application/json")


def _page(ask: Asking, template: str, found: Seen, **more: Any) -> Response[str]:  # noqa: ANN401
    return ask.page(
        template,
        seen=found,
        register=found.register,
        known=found.known,
        marks=marked(found.register),
        strip=strip(ask, found),
        words=words,
        legend=LEGEND,
        kinds=words.KINDS,
        **more,
    )


def _main(found: Seen) -> list[Instrument]:
    """Return the texts that have provisions."""
    return [each for each in found.register.instruments if each.provisions]


def _is_on(question: str, ids: Collection[str]) -> bool:
    return bool(set(question.split("/")) & set(ids))


def _signed(found: Seen, whole: Instrument) -> list[tuple[str, list[words.Line]]]:
    """Return what sources say of who signed a text, by relation."""
    known = found.known
    kept = (Relation.SIGNED, Relation.INITIALLED, Relation.RATIFIED, Relation.DID_NOT_SIGN)
    made = []
    for relation in kept:
        mine = [c for c in known.current() if c.relation is relation and c.object == whole.id]
        if mine:
            made.append((words.RELATIONS[relation][0], [words.line(c, known) for c in mine]))
    return made


def _missing(ask: Asking, found: Seen) -> Mapping[str, Sheet]:
    """Return the tables of what is missing; never for the public."""
    ask.expect(What.RESPONSE)
    return {each.id: each for each in gap_tables(ask.site.home, found.view)[0]}


def _csv(ask: Asking, found: Seen, ids: Collection[str], stem: str) -> Response[bytes]:
    sheet = register_sheets(found.register, public=False)[0]  # cut to the role already
    kept = Document(
        product="register",
        title=found.register.title,
        day=found.day,
        level="mission" if ask.viewer.role is Role.MISSION else "public",
        exercise=found.view.exercise,
        marked=marked(found.register),
        basis=(),
        sheets=(_only(sheet, ids),),
    )
    return _file(delimited(kept), f"register-{stem}.csv", "text/csv; charset=utf-8")


def _only(sheet: Sheet, ids: Collection[str]) -> Sheet:
    rows = tuple(row for row in sheet.rows if row[0] in ids)
    return type(sheet)(
        id=sheet.id, title=sheet.title, notes=sheet.notes, columns=sheet.columns, rows=rows
    )


def _file(content: bytes, file: str, media_type: str) -> Response[bytes]:
    header = {"Content-Disposition": f'attachment; filename="{file}"'}
    return Response(content, media_type=media_type, headers=header)


ROUTES = (
    register,
    differences,
    moments,
    instrument,
    claim,
    claims_csv,
    state,
    state_csv,
    state_json,
)
