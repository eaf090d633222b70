"""`tw agreement`: read, question and compare agreements as the software does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import JsonOption, print_json, say

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement

app = typer.Typer(
    help="Read, question and compare agreements as the software does.", no_args_is_help=True
)
_HELP = "A shipped one, or a file."
FileArgument = Annotated[str, typer.Argument(metavar="NAME|FILE", help=_HELP)]


@app.command("list")
def list_shipped(*, json: JsonOption = False) -> None:
    """List the agreements that come with trucewatch; all are invented or for exercises."""
    from trucewatch.agreement.shipped import shipped

    names = shipped()
    if json:
        print_json([{"name": name, "title": _read(name).title} for name in names])
        return
    for name in names:
        say(f"{name:16} {_read(name).title}")


@app.command()
def show(file: FileArgument, *, json: JsonOption = False) -> None:
    """Print an agreement in plain words."""
    from trucewatch.agreement.show import show as in_words

    agreement = _read(file)
    if json:
        print_json(agreement)
    else:
        say(in_words(agreement).rstrip())


@app.command()
def lint(file: FileArgument, *, json: JsonOption = False) -> None:
    """Question an agreement; exit 1 when there is something to ask.

    A question is no error: it is what a lawyer should look at before the agreement is used. An
    agreement without questions can still be a bad one.
    """
    from trucewatch.agreement.lint import lint as question

    findings = question(_read(file))
    if json:
        print_json(findings)
    else:
        for finding in findings:
            say(f"{finding.where}: {finding.text} [{finding.code}]")
        say(f"Questions: {len(findings) or 'none'}")
    if findings:
        raise typer.Exit(1)


@app.command()
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help=_HELP)],
    b: Annotated[str, typer.Argument(metavar="B", help=_HELP)],
    *,
    json: JsonOption = False,
) -> None:
    """Set two designs side by side: what could be seen, how late, and who can stop it.

    Nothing is simulated: the figures are those that the two texts claim for their means. Neither
    is called the better one.
    """
    from trucewatch.agreement.compare import compare as set_side_by_side
    from trucewatch.agreement.side_by_side import side_by_side

    comparison = set_side_by_side(_read(a), _read(b))
    if json:
        print_json(comparison)
    else:
        say(side_by_side(comparison).rstrip())


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help=_HELP)],
    new: Annotated[str, typer.Argument(metavar="NEW", help=_HELP)],
    *,
    json: JsonOption = False,
) -> None:
    """Print what changed from one text to another, clause by clause; exit 1 when something did."""
    from trucewatch.agreement.difference import difference

    changes = difference(_read(old), _read(new))
    if json:
        print_json(changes)
    else:
        for change in changes:
            say(f"{' '.join(filter(None, (change.element, change.id)))}: {change.what}")
        say(f"Changes: {len(changes) or 'none'}")
    if changes:
        raise typer.Exit(1)


@app.command()
def explain(
    file: FileArgument,
    asked: Annotated[
        str,
        typer.Argument(metavar="ID", help="Of a rule, an exemption, a window, a notice or a term."),
    ],
    *,
    json: JsonOption = False,
) -> None:
    """Say a rule in words: what is asked, what would leave it open, which means would see it.

    Of whatever else has an id: what the text says of it, and what else speaks of it. Of an
    exemption: each condition, and what none of them asks.
    """
    from trucewatch.agreement import named
    from trucewatch.agreement.explain import explain as say_rule
    from trucewatch.agreement.explain import in_words

    agreement = _read(file)
    found = named.tell(agreement, asked)
    if any(each.sort == "rule" for each in found):
        explanation = say_rule(agreement, asked)
        if json:
            print_json(explanation)
        else:
            say(in_words(explanation).rstrip())
    elif json:
        print_json(found)
    else:
        say("\n".join(map(named.in_words, found)).rstrip())


@app.command()
def schema() -> None:
    """Print the JSON Schema of agreement files, for editors and other software.

    It checks the form of a file. What the parser checks besides, such as references and geometry,
    a schema cannot say.
    """
    from trucewatch.agreement.schema import schema as published

    print_json(published())


def _read(file: str) -> Agreement:
    from trucewatch.agreement.parse import parse
    from trucewatch.agreement.shipped import shipped, shipped_bytes
    from trucewatch.errors import BadInput

    if file in shipped():
        return parse(shipped_bytes(file), name=f"{file}.yaml")
    path = Path(file)
    if not path.is_file():
        raise BadInput(file, f"no such file, expected one, or one of {', '.join(shipped())}")
    return parse(path.read_bytes(), name=path.name)
