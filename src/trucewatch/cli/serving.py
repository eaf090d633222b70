"""`tw serve`: the mission in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PANEL = "Publish"


def serve(
    home: Annotated[Path, typer.Argument(help="Folder of the mission.")],
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.", min=1, max=65535)] = 8000,
    *,
    tls: Annotated[
        bool, typer.Option("--tls", help="Encrypt, with HOME/tls/cert.pem or an own authority.")
    ] = False,
) -> None:
    """Show the mission in a browser: to the public, and to who has a pass.

    Prints two addresses. The first shows what has been released, coarse and late, to anybody who
    can reach it. The second holds a pass and shows what the mission sees; keep it to yourself.
    """
    show(home, host=host, port=port, tls=tls)


def show(home: Path, *, host: str, port: int, tls: bool = False) -> None:
    """Serve a mission until Ctrl-C, its addresses told first."""
    from trucewatch.mission.authority import certified
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.passes import first_pass
    from trucewatch.serve.served import serve_at

    key = first_pass(Home(home).expect())
    shown = certified(Home(home), host, SystemClock().now()) if tls else None
    base = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
    typer.echo(f"The public sees     {base}/")
    typer.echo(f"The mission sees    {base}/enter?pass={key}")
    if shown is not None and shown.authority is not None:
        typer.echo(f"Browsers must trust {shown.authority}")
    if shown is not None:
        typer.echo(f"SHA-256             {shown.fingerprint}")
    typer.echo("Stop with Ctrl-C.")
    serve_at(home, host=host, port=port, certified=shown)


VERBS = (serve,)
