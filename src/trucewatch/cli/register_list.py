"""What `tw register list` lists: claims, actors, instruments, sources, files in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.cli.printing import counted, say
from trucewatch.cli.register_lines import paragraph, show_claim_row
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.mission.register import RegisterFile
    from trucewatch.mission.register_ask import View
    from trucewatch.records.claims.actor import Actor
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.instrument import Instrument
    from trucewatch.records.claims.source import Source

WHAT = ("claims", "actors", "instruments", "sources", "files")


def listed(
    seen: View, what: str, *, of: str, relation: str, domain: str
) -> Sequence[Claim | Actor | Instrument | Source | RegisterFile]:
    """Return what is to be listed.

    Raises:
        BadInput: Nothing of that name is listed, or a filter has a word that the register has not.
    """
    from trucewatch.records.claims.claim import Relation

    if what not in WHAT:
        raise BadInput("WHAT", f"is {what[:80]!r}, expected one of {', '.join(WHAT)}")
    if what != "claims":
        found: Sequence[Actor | Instrument | Source | RegisterFile] = (
            seen.files if what == "files" else getattr(seen.register, what)
        )
        return found
    register = seen.register
    for option, word, known in (
        ("--of", of, [each.id for each in register.actors]),
        ("--relation", relation, list(Relation)),
        ("--domain", domain, list(register.domains)),
    ):
        if word and word not in known:
            raise BadInput(option, f"is {word[:80]!r}, expected one of {', '.join(known)}")
    return [
        each
        for each in register.claims
        if of in ("", each.subject)
        and relation in ("", each.relation)
        and domain in ("", each.domain)
    ]


def show_list(seen: View, what: str, rows: Sequence[object]) -> None:
    """Print a list."""
    from trucewatch.mission.register import RegisterFile
    from trucewatch.records.claims.actor import Actor
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.instrument import Instrument
    from trucewatch.records.claims.source import Source
    from trucewatch.register.known import cited, known

    superseded = known(seen.register).superseded
    for row in rows:
        if isinstance(row, Claim):
            show_claim_row(row, cited(row), superseded_by=superseded.get(row.id, ""))
        elif isinstance(row, Actor):
            say(f"{row.id:12} {row.kind:12} {row.name}")
        elif isinstance(row, Instrument):
            _show_instrument(row)
        elif isinstance(row, Source):
            day = "no day" if row.published is None else row.published.isoformat()
            paragraph(f"{row.id:8} {row.kind:14} {day}  {row.outlet}: {row.title}")
        elif isinstance(row, RegisterFile):
            when = f"{row.logged_at:%Y-%m-%d %H:%M}Z"
            say(f"entry {row.said.entry}  {when}  {row.object}  {row.name} ({row.said.by})")
    say(counted(len(rows), what.removesuffix("s")))


def _show_instrument(row: Instrument) -> None:
    day = "no day" if row.day is None else row.day.isoformat()
    say(f"{row.id}  {day}  {row.kind}")
    paragraph(row.name, "    ")
    for each in row.provisions:
        paragraph(f"{each.id}  {each.number or '-'}  {each.text}", "    ")
