"""`tw witness`: run a witness for somebody's log, and check a policy that names witnesses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trucewatch.cli.printing import JsonOption, counted, print_json, progress, say

if TYPE_CHECKING:
    from trucewatch.errors import TruceWatchError
    from trucewatch.evidence.witness.keeper import Answer
    from trucewatch.evidence.witness.memory import Memory

PANEL = "Witness"

witness_app = typer.Typer(
    help="Run a witness, who signs a log's head only while the log grows; check a policy.",
    no_args_is_help=True,
)
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The witness's own folder.")]


@witness_app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Such as witness.example/w1; it never changes.")
    ],
    *,
    json: JsonOption = False,
) -> None:
    """Make a witness with a key of its own, and print what others need to know it by."""
    from trucewatch.evidence.witness.memory import create_witness

    verifier = create_witness(folder, name)
    if json:
        print_json({"folder": folder, "name": verifier.name, "vkey": verifier.vkey})
    else:
        say(verifier.vkey)


@witness_app.command()
def trust(
    folder: FolderArgument,
    key: Annotated[
        str, typer.Argument(metavar="VKEY|FILE", help="The log's key, as you got it yourself.")
    ],
    *,
    json: JsonOption = False,
) -> None:
    """Watch a log from now on; a witness that is running takes it up at once."""
    from trucewatch.evidence.note import parse_vkey
    from trucewatch.evidence.witness.memory import Memory
    from trucewatch.mission.check import read_key

    log = parse_vkey(read_key(key), where="log key")
    Memory(folder).trust(log)
    if json:
        print_json({"origin": log.name, "vkey": log.vkey})
    else:
        say(f"Watching {log.name}")


@witness_app.command()
def serve(
    folder: FolderArgument,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = 8010,
    *,
    json: JsonOption = False,
) -> None:
    """Answer logs until stopped with Ctrl-C; refused heads are told on standard error.

    Put a web server with TLS before it when it is to be reached from outside.
    """
    from trucewatch.evidence.witness.keeper import Keeper
    from trucewatch.evidence.witness.server import WitnessServer
    from trucewatch.mission.clock import SystemClock

    clock = SystemClock().now
    with (
        Keeper(folder) as keeper,
        WitnessServer(keeper, clock=clock, address=(host, port), heard=_tell) as server,
    ):
        name = keeper.memory.verifier.name
        if json:
            print_json({"name": name, "url": server.url})
        else:
            say(f"Witness {name} on {server.url}")
            say("Stop with Ctrl-C")
        server.serve_forever()


@witness_app.command()
def show(folder: FolderArgument, *, json: JsonOption = False) -> None:
    """List the logs that a witness watches, their newest heads, and what it refused."""
    from trucewatch.evidence.witness.memory import Memory

    memory = Memory(folder)
    if json:
        print_json(_shown(memory))
        return
    say(memory.verifier.vkey)
    heads = {head.checkpoint.origin: head for head in memory.heads()}
    for log in memory.logs():
        head = heads.get(log.name)
        grown = "never cosigned" if head is None else f"size {head.checkpoint.size:,}, {head.time}"
        say(f"log      {log.name}+{log.key_id.hex()}  {grown}")
    for refusal in memory.refused():
        refused = refusal.checkpoint
        at = f"size {refused.size:,}, root {refused.root.hex()}"
        say(f"refused  {refusal.why:9} {refused.origin}  {at}  {refusal.seen_at}")


@witness_app.command()
def check(
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="A file in C2SP tlog-policy.")],
    parties: Annotated[
        str, typer.Option(metavar="A,B", help="Ids of the parties; those in the policy if absent.")
    ] = "",
    *,
    json: JsonOption = False,
) -> None:
    """Say what a witness policy does not promise; exit 1 when there is anything.

    Witnesses of one operator must count once, each party must have a witness or an offer of one,
    and the mission must not meet the quorum alone.
    """
    from trucewatch.evidence.witness.lint import lint
    from trucewatch.evidence.witness.policy import parse_policy

    parsed = parse_policy(policy.read_bytes(), where=str(policy))
    named = [party.strip() for party in parties.split(",") if party.strip()]
    findings = lint(parsed, named or list(parsed.parties))
    if json:
        print_json({"quorum": parsed.quorum, "findings": findings})
    else:
        for finding in findings:
            say(finding)
        say(f"quorum {parsed.quorum}: {counted(len(findings), 'finding')}")
    if findings:
        raise typer.Exit(1)


def _tell(answer: Answer | TruceWatchError) -> None:
    if isinstance(answer, Exception):
        progress(f"cannot answer: {answer}")
    elif answer.why is not None and answer.head is not None:
        head = f"{answer.head.origin}, size {answer.head.size}"
        progress(f"refused ({answer.why}) {head}: {answer.problem}")


def _shown(memory: Memory) -> dict[str, object]:
    heads = [
        {
            "origin": h.checkpoint.origin,
            "size": h.checkpoint.size,
            "root": h.checkpoint.root.hex(),
            "time": h.time,
            "note": h.note.decode(),
        }
        for h in memory.heads()
    ]
    refused = [
        {
            "origin": r.checkpoint.origin,
            "size": r.checkpoint.size,
            "root": r.checkpoint.root.hex(),
            "why": r.why,
            "old": r.old,
            "seen_at": r.seen_at,
            "note": r.note,
            "held": r.held,
        }
        for r in memory.refused()
    ]
    logs = [{"origin": log.name, "vkey": log.vkey} for log in memory.logs()]
    return {"vkey": memory.verifier.vkey, "logs": logs, "heads": heads, "refused": refused}
