"""Sound and ground motion: WAV and miniSEED, their channels, rates and lengths.

Runs in a worker only. Times and rates are claims of the file; samples are not decoded.
"""

from __future__ import annotations

import io
import struct
import wave
from typing import NamedTuple

from pymseed import MS3Record
from pymseed.exceptions import PymseedError

from trucewatch.errors import BadInput
from trucewatch.evidence.intake.claims import number, text

RECORDS_MAX = 1 << 20  # 512-byte records of half a GiB
CHANNELS_MAX = 1_000  # in one miniSEED file
_BROKEN = (ArithmeticError, EOFError, MemoryError, OSError, RuntimeError, ValueError, struct.error)


class _Held(NamedTuple):
    """What one channel and rate of a miniSEED file hold; times in ns since 1970, UTC."""

    start_ns: int
    end_ns: int
    samples: int
    records: int


def wav(raw: bytes) -> dict[str, object]:
    """Return what a WAV file is.

    Returns:
        form, channels, rate_hz, samples (of each channel), bits, whole (all samples are there).

    Raises:
        BadInput: Not PCM in a RIFF WAVE file, or broken.
    """
    try:
        with wave.open(io.BytesIO(raw)) as sound:
            if sound.getframerate() == 0:
                raise BadInput("waveform", "has a rate of 0 Hz, must be above")
            width = sound.getsampwidth() * sound.getnchannels()
            there = len(sound.readframes(min(sound.getnframes(), len(raw))))
            return {
                "form": "WAV",
                "channels": sound.getnchannels(),
                "rate_hz": sound.getframerate(),
                "samples": there // width,
                "bits": 8 * sound.getsampwidth(),
                "whole": there == sound.getnframes() * width,
            }
    except (wave.Error, *_BROKEN) as error:
        found = f"cannot be read as WAV ({type(error).__name__}: {error})"
        raise BadInput("waveform", f"{found}, expected PCM samples") from error


def miniseed(raw: bytes) -> dict[str, object]:
    """Return what a miniSEED file holds, for each channel and rate.

    Returns:
        form, records, channels: a list of id (FDSN source identifier), rate_hz, start and end (ns
        since 1970, UTC, as text: JSON holds no such integer), samples, records.

    Raises:
        BadInput: A record is broken or torn, or there are too many.
    """
    held: dict[tuple[str, float], _Held] = {}
    count = 0
    try:
        for record in MS3Record.from_buffer(raw):
            count += 1
            rate = number(record.samprate)
            if rate is None or record.samplecnt < 0:
                raise BadInput("waveform", f"record {count} has a rate or count that is no number")
            key = (text(record.sourceid) or "", rate)
            seen = held.get(key)
            new = _Held(int(record.starttime), int(record.endtime), int(record.samplecnt), 1)
            held[key] = new if seen is None else _joined(seen, new)
            if count > RECORDS_MAX or len(held) > CHANNELS_MAX:
                found = f"has over {count - 1} records in {len(held)} channels"
                raise BadInput("waveform", f"{found}, must be at most {RECORDS_MAX}")
    except (PymseedError, *_BROKEN) as error:
        found = f"record {count + 1} cannot be read ({error})"
        raise BadInput("waveform", f"{found}, expected miniSEED 2 or 3") from error
    if count == 0:
        raise BadInput("waveform", "holds no record, expected miniSEED 2 or 3")
    return {
        "form": "miniSEED",
        "records": count,
        "channels": [
            {
                "id": name,
                "rate_hz": rate,
                "start_ns": str(h.start_ns),
                "end_ns": str(h.end_ns),
                "samples": h.samples,
                "records": h.records,
            }
            for (name, rate), h in sorted(held.items())
        ],
    }


def _joined(one: _Held, two: _Held) -> _Held:
    return _Held(
        min(one.start_ns, two.start_ns),
        max(one.end_ns, two.end_ns),
        one.samples + two.samples,
        one.records + two.records,
    )
