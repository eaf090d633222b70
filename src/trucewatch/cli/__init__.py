"""The command line: one file per group of verbs; the same verbs are the Python API."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `tw` and exit with 0 done, 1 the answer is no, 2 bad usage or input."""
    from trucewatch.cli.app import app
    from trucewatch.errors import TruceWatchError

    try:
        app(prog_name="tw")
    except TruceWatchError as error:
        print(f"tw: {error}", file=sys.stderr)
        if error.advice:
            print(f"    {error.advice}", file=sys.stderr)
        sys.exit(error.exit_code)
