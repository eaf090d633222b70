"""What the labels of news-derived reports mean, and which of several names the happening.

Source: VIINA codebook (Zhukov 2023), event categories `t_*`; single letters as exported in 2026.
"""

from __future__ import annotations

import polars as pl

LABELS = {
    # one letter, 2026
    "S": "airstrike",
    "D": "uav",
    "A": "artillery",
    "F": "firefight",
    "C": "civcas",
    "V": "armor",
    "M": "milcas",
    "L": "airalert",
    "O": "other",
    # four words whose last letter an exporter of 2024 and 2025 turned into `b`
    "arresb": "arrest",
    "firefighb": "firefight",
    "retreab": "retreat",
    "airalerb": "airalert",
}
"""Spellings of a label that stand for one of the words in `KINDS`."""

KINDS = {
    "airstrike": "airstrike",
    "artillery": "artillery_fire",
    "firefight": "small_arms_fire",
    "uav": "uav_activity",
    "ied": "mine_or_ied",
    "aad": "air_defence_fire",
    "armor": "armour",
    "raid": "raid",
    "arrest": "raid",
    "control": "position_change",
    "occupy": "position_change",
    "retreat": "position_change",
    "civcas": "casualties_civilian",
    "milcas": "casualties_military",
    "property": "damage",
    "hospital": "damage",  # an attack on a hospital or a relief convoy, by what nobody says
    "airalert": "alert",
    "loc": "other",  # the report names a place; it says nothing of what happened there
    "san": "other",  # sanctions
    "cyber": "other",
    "other": "other",
}
"""The class that each label means."""

PRECEDENCE = tuple(dict.fromkeys(KINDS.values()))
"""Of several labels the first of these wins: fire before movement, acts before their effects.

Fire is ordered by how surely the label names a strike: `uav` is a strike or a flight, and the
codebook's `ied` takes in any explosion, so the labels that name a weapon go before both.
"""

_WORDS = {word: word for word in KINDS} | LABELS
_RANKS = {word: PRECEDENCE.index(kind) for word, kind in KINDS.items()}


def read_labels(types: pl.Series) -> pl.DataFrame:
    """Return what each distinct label text means.

    Args:
        types: Labels as written, joined by `|`; null where there is none.

    Returns:
        One row per distinct text that is not null: `type` as written; `labels`, the words in
        alphabetical order joined by `+`; `class`; `undeclared`, the first label that the table
        does not know, or null.
    """
    word = pl.col("label").replace_strict(_WORDS, default=None, return_dtype=pl.String)
    rank = pl.col("word").replace_strict(_RANKS, default=None, return_dtype=pl.Int64)
    kinds = dict(enumerate(PRECEDENCE))
    return (
        types.unique(maintain_order=True)
        .drop_nulls()
        .to_frame("type")
        .with_columns(label=pl.col("type").str.split("|"))
        .explode("label")
        .with_columns(word=word)
        .with_columns(rank=rank)
        .group_by("type", maintain_order=True)
        .agg(
            labels=pl.col("word").drop_nulls().unique().sort().str.join("+"),
            rank=pl.col("rank").min(),
            undeclared=pl.col("label").filter(pl.col("word").is_null()).first(),
        )
        .with_columns(
            pl.col("rank")
            .replace_strict(kinds, default=None, return_dtype=pl.String)
            .alias("class")
        )
        .drop("rank")
    )
