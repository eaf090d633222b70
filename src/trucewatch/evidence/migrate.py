"""Bringing the database of a log from format 1 to format 2, in place, in the caller's transaction.

Format 1 had a row for each entry and each small object, and an index by the whole hash and the
type. What the log says is the same in both: entries, objects, tiles and signed checkpoints keep
every byte, and whoever opens the log compares them with its newest checkpoint afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trucewatch.evidence.places import key_of, placed_size
from trucewatch.evidence.tiles import pack_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

OLD_FORMAT = "1"
_REPLACED = ("entry", "object", "label")


def migrate(
    ask: Callable[[str], Iterable[tuple[Any, ...]]],
    write: Callable[..., None],
    schema: str,
) -> None:
    """Rewrite the tables.

    Args:
        ask: Runs a query and gives its rows one by one.
        write: Runs a statement, once for each row of values.
        schema: The tables of format 2.
    """
    for table in _REPLACED:
        write(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in schema.split(";"):
        if any(f"TABLE {table}(" in statement for table in (*_REPLACED, "place")):
            write(statement)
    entries = ask("SELECT idx, data FROM old_entry ORDER BY idx")
    write("INSERT INTO entry VALUES (?, ?)", ((i, pack_entries([data])) for i, data in entries))
    objects = ask("SELECT first_idx, bytes FROM old_object ORDER BY first_idx")
    write("INSERT INTO object VALUES (?, ?)", ((i, pack_entries([data])) for i, data in objects))
    [(size,)] = ask("SELECT count(*) FROM old_entry")
    places = ask("SELECT object, idx FROM entry_of ORDER BY object")
    rows = ((key_of(digest), i) for digest, i in places if i < placed_size(size))
    write("INSERT INTO place VALUES (?, ?)", rows)
    write(
        "INSERT INTO label SELECT min(e.idx), l.name FROM old_label AS l"
        " JOIN entry_of AS e ON e.object = l.object GROUP BY l.object, l.name"
    )
    for table in (*(f"old_{name}" for name in _REPLACED), "entry_of"):
        write(f"DROP TABLE {table}")
    write("UPDATE meta SET value = '2' WHERE name = 'format'")
