"""`tw register import`, `gaps`, `force` and `export`: contributions, and the whole as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import (
    AsOfOption,
    HomeArgument,
    JsonOption,
    counted,
    print_json,
    progress,
    say,
)
from trucewatch.cli.register_options import ByOption, KeyOption, ReasonOption, actor_of
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from trucewatch.mission.register_ask import View
    from trucewatch.mission.register_import import TableRead
    from trucewatch.report.register.document import Sheet

_LISTED = 50
_RESTRICTED = "AMBER+STRICT: it tells where an arrangement is weak, and is never public."


def import_(
    home: HomeArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or XLSX table.")],
    mapping: Annotated[Path, typer.Option(metavar="M", help="YAML: what its columns mean.")],
    compartment: Annotated[
        str, typer.Option(metavar="NAME", help="Whose key enciphers both, above CLEAR.")
    ] = "",
    level: Annotated[str, typer.Option(help="Who may see both.")] = "AMBER",
    by: ByOption = "the desk",
    reason: ReasonOption = "imported",
    key: KeyOption = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be refused; seal nothing.")
    ] = False,
    allow_refused: Annotated[
        bool, typer.Option("--allow-refused", help="Leave out what is refused; else nothing loads.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Seal a table of deliveries with its mapping and load its rows, all of them or none."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.ingest import handling_of
    from trucewatch.mission.register_import import TableFile, import_table, tried_table

    given = TableFile(
        name=file.name, raw=_bytes(file), mapping_name=mapping.name, mapping=_bytes(mapping)
    )
    if dry_run:
        done = tried_table(Home(home), given)
    else:
        handling = handling_of(level, compartment)
        if handling is None:
            raise BadInput("--level", "is empty, expected a level")
        done = import_table(
            Home(home),
            given,
            actor=actor_of(by, reason, key),
            handling=handling,
            allow_refused=allow_refused,
        )
    _tell(done, json=json)
    if dry_run and not done.refused.is_empty():
        raise typer.Exit(1)


def gaps(
    home: HomeArgument,
    remind_every: Annotated[
        int, typer.Option("--remind-every", metavar="DAYS", help="Only reminders that are due.")
    ] = 0,
    as_of: AsOfOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Tell what was promised and has not arrived, and what nobody has promised; not public."""
    if remind_every:
        _remind(home, as_of, remind_every, json)
        return
    _print_sheets(home, as_of, ("gaps", "contributions", "nobody", "implemented", "budget"), json)


def force(home: HomeArgument, as_of: AsOfOption = "", *, json: JsonOption = False) -> None:
    """Tell what is needed, who leads and offers it, with what limits, and what must be settled."""
    _print_sheets(home, as_of, ("force", "checklists"), json)


def export(
    home: HomeArgument,
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="The file to write.")],
    as_of: AsOfOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Write the whole register, all files joined, as one JSON file for other programs."""
    from trucewatch.mission.register_json import as_json
    from trucewatch.mission.register_marked import marked
    from trucewatch.records.canonical import canonical, sha256_hex

    if out.exists() or not out.parent.is_dir():
        raise BadInput(str(out), "is no place for a new file, expected a new name in a folder")
    seen = _view(home, as_of)
    told = {"exercise": seen.exercise, "marked": marked(seen.register), "size": seen.size}
    content = canonical(as_json({**told, "register": seen.register})) + b"\n"
    out.write_bytes(content)
    if json:
        print_json({"path": out, "sha256": sha256_hex(content), "bytes": len(content)})
    else:
        say(f"{out}: {counted(len(seen.register.claims), 'claim')}, {len(content):,} bytes")
        say(f"SHA-256 {sha256_hex(content)}")


def _view(home: Path, as_of: str) -> View:
    from trucewatch.cli.printing import parse_time
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_ask import view

    return view(Home(home), as_of=parse_time(as_of, option="--as-of"))


def _print_sheets(home: Path, as_of: str, names: tuple[str, ...], json: bool) -> None:  # noqa: FBT001 - of this file alone
    from trucewatch.cli.register_lines import show_head
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_marked import marked
    from trucewatch.mission.register_state import gap_tables

    seen = _view(home, as_of)
    sheets, closed = gap_tables(Home(home), seen)
    wanted = [each for name in names for each in sheets if each.id == name]
    if json:
        told = {each.id: [dict(zip(each.columns, row, strict=True)) for row in each.rows]
                for each in wanted}  # fmt: skip
        top: dict[str, object] = {"EXERCISE": True} if seen.exercise else {}
        top |= {"handling": "AMBER+STRICT", "marked": marked(seen.register), "closed": closed}
        print_json({**top, "answer": told})
        return
    show_head(seen)
    say(_RESTRICTED)
    for entry, why in closed.items():
        say(f"The table of entry {entry} is left out: {why}")
    for each in wanted:
        _show_sheet(each)


def _remind(home: Path, as_of: str, every_days: int, json: bool) -> None:  # noqa: FBT001 - of this file alone
    from trucewatch.cli.register_lines import show_head
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_remind import due_reminders

    seen = _view(home, as_of)
    due = due_reminders(Home(home), seen, every_days=every_days)
    if json:
        top: dict[str, object] = {"EXERCISE": True} if seen.exercise else {}
        print_json({**top, "handling": "AMBER+STRICT", "answer": list(due)})
        return
    show_head(seen)
    mark = " --set marked=EXERCISE" if seen.exercise else ""
    for each in due:
        say(f"{each.donor}: {each.gap} is overdue by {counted(each.overdue_d, 'day')}; enter it:")
        what = f'--set actor={each.donor} --set "what=reminder of {each.gap}"{mark}'
        say(f"  tw logbook enter {home} cell_request requested {what} --by NAME")
    if not due:
        say(f"No reminder is due: nothing overdue, or reminded within {every_days} days")


def _show_sheet(sheet: Sheet) -> None:
    from trucewatch.cli.register_lines import paragraph

    say()
    say(sheet.title)
    for note in sheet.notes:
        paragraph(note)
    for row in sheet.rows:
        cells = zip(sheet.columns, row, strict=True)
        told = [
            f"{name.replace('_', ' ')} {cell}" for name, cell in cells if cell not in (None, "")
        ]
        paragraph(f"{'; '.join(told)}", "  ")
    if not sheet.rows:
        say("  nothing is listed, which does not say that there is nothing")


def _tell(done: TableRead, *, json: bool) -> None:
    from trucewatch.mission.register_import import rows_refused

    refused = done.refused.rows(named=True)
    if json:
        told = {"entry": done.entry, "accepted": done.accepted.height, "refused": refused}
        print_json(told)
        return
    if done.entry is None:
        say("Not sealed: only tried.")
    else:
        say(f"Sealed: entry {done.entry}")
    lost = counted(rows_refused(done.refused), "row")
    say(f"Accepted: {counted(done.accepted.height, 'row')}; refused: {lost}")
    for each in refused[:_LISTED]:
        place = f"row {each['row']}" if each["row"] is not None else "the file"
        column = f", {each['column']}" if each["column"] else ""
        say(f"  {place}{column}: {each['reason']}")
    if len(refused) > _LISTED:
        progress(f"and {len(refused) - _LISTED:,} more: --json")


def _bytes(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        BadInput: It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror}), expected a file that can"
        raise BadInput(str(path)[:200], problem) from error
