"""`tw agreement`: read an agreement as the software does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import JsonOption, print_json, say

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement

app = typer.Typer(help="Read an agreement as the software does.", no_args_is_help=True)
FileArgument = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped one, or a file.")]


@app.command("list")
def list_shipped() -> None:
    """List the agreements that come with trucewatch."""
    from trucewatch.agreement.shipped import shipped

    for name in shipped():
        say(name)


@app.command()
def show(file: FileArgument) -> None:
    """Print an agreement in plain words."""
    from trucewatch.agreement.show import show as in_words

    say(in_words(_read(file)).rstrip())


@app.command()
def lint(file: FileArgument, *, json: JsonOption = False) -> None:
    """Question an agreement; exit 1 when there is something to ask."""
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
