"""Made-up files of the sensors there are, for trying verbs on."""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)
HEADER = (
    "latitude,longitude,acq_date,acq_time,sat,frp,bright_ti4,bright_ti5,scan,track,"
    "confidence,daynight,version"
)


def firms(*, day: int, n: int = 6, time: str = "0035", sat: str = "N21") -> bytes:
    """A download of `n` pixels: pairs of neighbours, so that some of them are one fire."""
    rows = [
        f"{48.5 + 0.05 * (i // 2) + 0.002 * (i % 2):.5f},{31.2 + 0.003 * (i % 2):.5f},"
        f"2026-06-{day:02d},{time},{sat},{1.5 + i},320.1,290.2,0.41,0.37,n,N,2.0NRT"
        for i in range(n)
    ]
    return "\n".join([HEADER, *rows, ""]).encode()


def news(*, day: int) -> bytes:
    rows = [
        f"202606{day:02d},31.21,48.51,Pelven,A,2",
        f"202606{day:02d},31.40,48.70,Dunmarsh,D,1",
        f"202606{day:02d},31.40,48.70,Dunmarsh,O,1",
    ]
    return "\n".join(["date,lon,lat,place,type,n_reports", *rows, ""]).encode()
