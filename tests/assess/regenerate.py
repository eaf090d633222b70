"""`python tests/assess/regenerate.py [KIND ...]` writes `samples/KIND/expected.jsonl` anew.

Read the difference before keeping it.
"""

from __future__ import annotations

import sys

from assess_samples import SAMPLES, assessed, lines, load

from trucewatch.assess import kinds


def main() -> None:
    for kind in sys.argv[1:] or kinds():
        target = SAMPLES / kind / "expected.jsonl"
        target.touch()
        target.write_text("".join(f"{line}\n" for line in lines(assessed(load(kind)))))


if __name__ == "__main__":
    main()
