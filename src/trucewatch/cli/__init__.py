"""The command line: one file per group of verbs; the same verbs are the Python API."""

from __future__ import annotations

import sys

_STOPPED = 130  # what a shell reports for a program that Ctrl-C ended


def main() -> None:
    """Run `tw` and exit with 0 done, 1 the answer is no, 2 bad usage or input."""
    from trucewatch.cli.app import app
    from trucewatch.cli.printing import forget_output
    from trucewatch.errors import TruceWatchError

    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by the caller; nothing is printed then
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app(prog_name="tw")
    except TruceWatchError as error:
        _stop(str(error), error.exit_code, advice=error.advice)
    except KeyboardInterrupt:
        _stop("stopped; what was acknowledged is kept", _STOPPED)
    except OSError as error:
        if error.filename is None:
            forget_output()
            _stop(f"output: {error.strerror}, expected a place that accepts it", 2)
        _stop(f"{str(error.filename)[:200]}: {error.strerror}, expected a path that can be used", 2)


def _stop(line: str, code: int, *, advice: str = "") -> None:
    from trucewatch.cli.printing import plain

    print(f"tw: {plain(line)}", file=sys.stderr)
    if advice:
        print(f"    {plain(advice)}", file=sys.stderr)
    sys.exit(code)
