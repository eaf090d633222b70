"""Sensors: one public module each, found by its file name.

To add a sensor, add two things and edit nothing else:

1. `observe/NAME.py` with what `Sensor` below lists. Its docstring becomes the reference page: the
   first sentence says what it reads, a paragraph says where each error comes from and in which
   unit, and a line that starts with `Source:` says what defines the format.
2. `tests/observe/samples/NAME/` with `input.EXT` (a few made-up rows) and `expected.jsonl`
   (`./tw golden` writes it and `refused.jsonl`; read both before you keep them).

The contract suite `tests/observe/test_every_sensor.py` then runs on the new sensor, and the command
line, the documentation and the mission find it by name. A module whose name starts with an
underscore is shared by sensors and is none itself: `_delimited` cuts comma-separated text into
rows; `_number` and `_refusal` judge them and give all messages one form.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.batch import Batch
    from trucewatch.records.sensor import SensorModel
    from trucewatch.records.source import Source


class Sensor(Protocol):
    """What a sensor module offers.

    Attributes:
        MODEL: How this kind of sensor behaves; fusion needs it.
        FAMILY: Folder of the archive that its observations go to, such as `thermal`.
        SETTINGS: Keys that its section of `mission.toml` may have, with their defaults.
        SETTINGS_HELP: What each of those keys means.
    """

    MODEL: SensorModel
    FAMILY: str
    SETTINGS: Mapping[str, str]
    SETTINGS_HELP: Mapping[str, str]

    @staticmethod
    def read(raw: bytes, *, source: Source) -> Batch:
        """Return the observations in one file, and what was refused and why.

        A broken row is refused alone; an unreadable file is refused whole, by one refused row
        without a row number. The content of a file raises nothing.

        Args:
            raw: The bytes as received, after unpacking; the caller has sealed them already.
            source: What they are; `source.object` goes into every row.

        Raises:
            BadInput: A value in `source.settings` is not one that the module can use.
        """
        ...


@cache
def sensors() -> tuple[str, ...]:
    """Return the name of every sensor in alphabetical order, without importing one.

    Example:
        >>> "firms" in sensors()
        True
    """
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name[0] != "_"))


def sensor(name: str) -> Sensor:
    """Return the sensor module of that name.

    Raises:
        BadInput: There is no such sensor; the message lists those there are.
    """
    known = sensors()
    if name not in known:
        raise BadInput("sensor", f"{name!r} is not known, expected one of {', '.join(known)}")
    return cast("Sensor", importlib.import_module(f"{__name__}.{name}"))
