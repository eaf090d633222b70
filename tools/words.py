"""Bring the catalogues up to date with what pages say: `python -m tools.words`.

New messages come in empty, those that no page says any more go, translations stay. A test fails
while a catalogue lacks one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from trucewatch.serve import tongue
from trucewatch.serve.said import labels

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVE = Path(tongue.__file__).parent
CATALOGUE = SERVE / "words" / "uk.po"
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
}
_OPTIONS = {"silent": "false", "trimmed": "true"}

HEADER = """\
# Ukrainian catalogue of trucewatch. Needs a native editor's eye. Brought up by tools/words.py.
msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: uk\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 "
"|| n%100>=20) ? 1 : 2);\\n"

"""

Message = str | tuple[str, str]


def messages() -> Iterator[tuple[str, Message]]:
    """Yield where each message is said, and the message; one with a plural is a pair."""
    for path in sorted(SERVE.rglob("*.html")):
        yield from _said_in(path, "jinja2.ext:babel_extract")
    for path in sorted(SERVE.rglob("*.py")):
        yield from _said_in(path, "python")
    yield from labels()


def _said_in(path: Path, method: str) -> Iterator[tuple[str, Message]]:
    with path.open("rb") as file:
        found = extract(method, file, keywords=_KEYWORDS, options=_OPTIONS)
        for _, message, _, _ in found:
            if message and message != ("",):
                yield path.relative_to(SERVE).as_posix(), _message(message)


def _message(found: str | tuple[str, ...]) -> Message:
    return found if isinstance(found, str) else (found[0], found[1])


def fresh(kept: Catalog) -> Catalog:
    """Return a catalogue of exactly what is said now, with the translations that are kept."""
    made = Catalog(locale=kept.locale, fuzzy=False)
    for where, message in messages():
        before = kept.get(message)
        made.add(message, string=before.string if before else None, locations=[(where, None)])
    return made


def main() -> None:
    """Rewrite the Ukrainian catalogue."""
    with CATALOGUE.open("rb") as file:
        kept = read_po(file, locale="uk")
    with CATALOGUE.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, fresh(kept), width=96, sort_output=True, omit_header=True)


if __name__ == "__main__":
    main()
