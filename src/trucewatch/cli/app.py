"""The `tw` command and its groups. Nothing heavy is imported until a verb runs."""

from __future__ import annotations

import typer

from trucewatch.cli import (
    agreement,
    alleged,
    background,
    calibrating,
    checking,
    confidential,
    coverage,
    custody,
    desk,
    devices,
    exercise,
    floor,
    intake,
    keeping,
    logbook,
    looking,
    measuring,
    publishing,
    recomputing,
    register,
    respond,
    seats,
    serving,
    setting_up,
    tasking,
    warning,
    witness,
)

_HELP = """\
Ceasefire monitoring and verification: from the bytes a sensor sent to a bulletin that the other
side's expert can check. Independent software; nobody has adopted it.

Start with: tw demo
"""
_EPILOG = "In a clone, ./tw also has: check, test, golden, bench, lock."

app = typer.Typer(
    help=_HELP,
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

for _group in (
    exercise,
    setting_up,
    intake,
    looking,
    logbook,
    floor,
    publishing,
    serving,
    checking,
    measuring,
    coverage,
    tasking,
    warning,
    background,
    calibrating,
    confidential,
    keeping,
    recomputing,
):
    for _verb in _group.VERBS:
        app.command(rich_help_panel=_group.PANEL)(_verb)
app.add_typer(agreement.app, name="agreement", rich_help_panel=looking.PANEL)
app.add_typer(logbook.logbook_app, name="logbook", rich_help_panel=logbook.PANEL)
app.add_typer(register.register_app, name="register", rich_help_panel=register.PANEL)
app.add_typer(respond.respond_app, name="respond", rich_help_panel=respond.PANEL)
app.add_typer(desk.app, name="desk", rich_help_panel=desk.PANEL)
app.add_typer(witness.witness_app, name="witness", rich_help_panel=witness.PANEL)
app.add_typer(custody.app, name="custody", rich_help_panel=custody.PANEL)
app.add_typer(confidential.app, name="confidential", rich_help_panel=confidential.PANEL)
app.add_typer(devices.device_app, name="device", rich_help_panel=devices.PANEL)
app.add_typer(devices.person_app, name="person", rich_help_panel=devices.PANEL)
app.add_typer(devices.desk_key_app, name="desk-key", rich_help_panel=devices.PANEL)
app.add_typer(alleged.alleged_app, name="alleged", rich_help_panel=alleged.PANEL)
app.add_typer(seats.seat_app, name="witness-seat", rich_help_panel=seats.PANEL)
