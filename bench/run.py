"""`./tw bench [NAME] [--json] [--data DIR]`: ratios against peers, both measured in one run.

Prints `{"name", "seed", "metrics": {NAME: {"value", "low", "high"}}, "must": [...]}` for each
bench and exits with 1 when a must does not hold. Absolute times are indicative; ratios count.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))


def names() -> list[str]:
    """Return every bench by file name; what runs inside a peer's environment is none."""
    found = [m.name for m in pkgutil.iter_modules([str(FOLDER)])]
    return sorted(n for n in found if n != "run" and not n.startswith("peer"))


def main() -> int:
    """Run one bench or all of them."""
    parser = argparse.ArgumentParser(prog="tw bench", description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", choices=names(), help="one of them; all by default")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--data", type=Path, default=FOLDER.parent.parent / "shared" / "data")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    good = True
    for name in [given.name] if given.name else names():
        found = importlib.import_module(f"bench.{name}").measure(data=given.data, seed=given.seed)
        good &= all(m["holds"] for m in found["must"])
        print(json.dumps(found) if given.json else _plain(found))
    return 0 if good else 1


def _plain(found: dict) -> str:
    lines = [f"{found['name']}  ({found['note']})"]
    for name, m in found["metrics"].items():
        lines.append(f"  {name:32} {m['value']:12.4g}   {m['low']:.4g} to {m['high']:.4g}")
    for m in found["must"]:
        verdict = "holds" if m["holds"] else "DOES NOT HOLD"
        lines.append(f"  must: {m['metric']} {m['op']} {m['bound']}: {verdict}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
