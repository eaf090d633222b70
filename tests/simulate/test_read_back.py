"""The sensor modules read a world as the truth says they must."""

from __future__ import annotations

import polars as pl

from trucewatch.observe import sensor
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.source import Source
from trucewatch.simulate import simulate


def test_sensors_accept_every_sound_row_and_refuse_every_damaged_one() -> None:
    world = simulate("demo", seed=1)

    for name, (reader, content) in world.files.items():
        source = Source(
            name=name,
            object=sha256_hex(content),
            logged_at=world.arrivals[name],
            settings={"zone": "UTC"},
        )
        batch = sensor(reader).read(content, source=source)
        links = world.links.filter(file=name)
        sound = links.filter(~pl.col("damaged"))["row"].to_list()
        assert batch.observations["row"].to_list() == sound, name
        assert (len(batch.refused) > 0) == links["damaged"].any(), name


def test_overlapping_downloads_give_the_same_key_for_the_same_report() -> None:
    world = simulate("demo", seed=1)
    batches = []
    for name, (reader, content) in world.files.items():
        source = Source(name=name, object=name, logged_at=world.arrivals[name],
                        settings={"zone": "UTC"})  # fmt: skip
        batch = sensor(reader).read(content, source=source).observations
        batches.append(batch.select(pl.lit(name).alias("file"), "row", "dedup_key"))

    keyed = pl.concat(batches).join(world.links, on=["file", "row"])

    assert keyed["dedup_key"].n_unique() == keyed["report"].n_unique()
    assert keyed.select("dedup_key", "report").n_unique() == keyed["report"].n_unique()
