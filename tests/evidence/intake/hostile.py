"""Files that would harm a careless reader, made by code and seeds; nothing binary is committed.

Each is a name for the defect and the bytes. Files that point somewhere point at a canary, whose
content must never be seen in an answer.
"""

from __future__ import annotations

import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np
from tests.evidence.intake import samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CUTS = (0.02, 0.2, 0.5, 0.8, 0.98)
SEEDS = range(7)
BOMB = 300 << 20  # bytes that a bomb unpacks to
LEADING_OUT = (
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\Windows\\x",
    "..\\..\\x",
    "a/../../b",
    "\\\\server\\share",
)


def corpus(canary: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of every hostile file."""
    yield from bombs()
    yield from huge_headers()
    yield from archives()
    yield from markup(canary)
    yield from disguises(canary)
    yield from polyglots()
    yield from waveforms()
    yield from tiffs()
    yield from torn()
    yield from mutated()
    yield from scraps()


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a PNG chunk."""
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def png(width: int, height: int, *extra: bytes) -> bytes:
    """Return a small PNG file that declares any size."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(100_000)))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + body + chunk(b"IEND", b"")


def bombs() -> Iterator[tuple[str, bytes]]:
    zeros = bytes(1 << 20)
    deflated = zlib.compressobj(9, wbits=31)
    gzipped = b"".join(deflated.compress(zeros) for _ in range(BOMB >> 20)) + deflated.flush()
    xzed = lzma.compress(bytes(64 << 20), preset=0)
    yield "bomb png 900 Mpx", png(30_000, 30_000)
    blown = b"a\0\0" + zlib.compress(bytes(BOMB // 4), 9)
    yield "bomb png chunk of text", png(10, 10, chunk(b"zTXt", blown))
    yield "bomb png profile", png(10, 10, chunk(b"iCCP", blown))
    yield "bomb gzip", gzipped
    yield "bomb gzip in gzip", gzip.compress(gzipped, mtime=0)
    yield "bomb xz", xzed * 8
    yield "bomb xz in zip", samples.zipped(("a.xz", xzed))
    yield "bomb zip", samples.zipped(("a", bytes(64 << 20)))
    yield "bomb zip of many", samples.zipped(*((f"{i}.gz", gzipped[: 1 << 16]) for i in range(40)))
    yield "bomb tar in gzip", gzip.compress(samples.tarred(("a", bytes(64 << 20))), mtime=0)
    nested = samples.TEXT
    for _ in range(12):
        nested = samples.zipped(("a.zip", nested))
    yield "bomb zip nested 12 deep", nested
    for _ in range(30):
        nested = gzip.compress(nested, mtime=0)
    yield "bomb gzip nested 30 deep", nested
    yield "bomb zip of 20,000 members", samples.zipped(*((f"{i}", b"") for i in range(20_000)))
    yield "bomb tar of 20,000 members", samples.tarred(*((f"{i}", b"") for i in range(20_000)))
    yield "bomb zip overlapping", overlapping()


def overlapping() -> bytes:
    """Return a zip whose members share one body, as the flat zip bombs do."""
    one = samples.zipped(("a", bytes(1 << 20)))
    at = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    entry = one[at:end]
    many = entry * 500
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 500, 500, len(many), at, 0)
    return one[:at] + many + tail


def huge_headers() -> Iterator[tuple[str, bytes]]:
    gif = bytearray(samples.animation(1))
    gif[6:10] = struct.pack("<HH", 65535, 65535)
    yield "huge gif", bytes(gif)
    jpeg = bytearray(samples.picture("JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 65500, 65500)
    yield "huge jpeg", bytes(jpeg)
    for width, height in (
        (0, 10),
        (10, 0),
        (2**31 - 1, 1),
        (2**31 - 1, 2**31 - 1),
        (50_001, 1_000),
    ):
        yield f"huge png {width} x {height}", png(width, height)
    webp = bytearray(samples.picture("WEBP"))
    if (at := webp.find(b"VP8X")) > 0:
        webp[at + 12 : at + 18] = b"\xff" * 6
    yield "huge webp", bytes(webp)
    jp2 = bytearray(samples.grid("JP2OpenJPEG"))
    at = jp2.index(b"\xff\x4f\xff\x51") + 8
    jp2[at : at + 8] = struct.pack(">II", 2**31 - 1, 2**31 - 1)
    yield "huge jp2", bytes(jp2)
    yield "many frames", samples.animation(12_000)


def archives() -> Iterator[tuple[str, bytes]]:
    for name in LEADING_OUT:
        yield f"zip leads out to {name}", samples.zipped((name, b"x"))
        yield f"tar leads out to {name}", samples.tarred((name, b"x"))
    link = zipfile.ZipInfo("link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    yield "zip with a link", samples.zipped((link, b"/etc/passwd"))
    for kind in (
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
    ):
        member = tarfile.TarInfo("link")
        member.type = kind
        member.linkname = "/etc/passwd"
        yield f"tar with a member of type {kind!r}", samples.tarred((member, b""))
    yield "zip with a name twice", samples.zipped(("a", b"1"), ("a", b"2"))
    yield "zip with a name twice but for case", samples.zipped(("a", b"1"), ("A", b"2"))
    yield "tar with a name twice", samples.tarred(("a", b"1"), ("a", b"2"))
    encrypted = bytearray(samples.zipped(("a", b"1")))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    yield "zip encrypted", bytes(encrypted)
    lying = bytearray(samples.zipped(("a", samples.TEXT)))
    lying[lying.index(b"PK\x01\x02") + 24] ^= 0xFF
    yield "zip that lies about a size", bytes(lying)
    other = bytearray(samples.zipped(("a", samples.TEXT)))
    other[30:31] = b"b"
    yield "zip with two names for one member", bytes(other)
    large = bytearray(samples.tarred(("a", b"x" * 600)))
    large[124:136] = b"77777777777\x00"
    large[148:156] = b"%06o\x00 " % (sum(large[:148]) + 8 * 32 + sum(large[156:512]))
    yield "tar with a member of 8 GiB", bytes(large)
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as packed:
        member = tarfile.TarInfo("a")
        member.pax_headers = {"comment": "x" * 3_000_000, "GNU.sparse.map": "0,1" * 9}
        packed.addfile(member)
    yield "tar with a header of 3 MB", held.getvalue()


def markup(canary: Path) -> Iterator[tuple[str, bytes]]:
    laughs = '<!ENTITY a0 "lol">' + "".join(
        f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)
    )
    outside = canary.as_uri()
    many = " ".join(f'b{i}="1"' for i in range(100_000))
    documents = {
        "billion laughs": f"<!DOCTYPE a [{laughs}]><a>&a11;</a>",
        "quadratic blowup": f'<!DOCTYPE a [<!ENTITY b "{"x" * 50_000}">]><a>{"&b;" * 50_000}</a>',
        "external entity": f'<!DOCTYPE a [<!ENTITY b SYSTEM "{outside}">]><a>&b;</a>',
        "external type": f'<!DOCTYPE a SYSTEM "{outside}"><a/>',
        "parameter entity": f'<!DOCTYPE a [<!ENTITY % b SYSTEM "{outside}"> %b;]><a/>',
        "external entity over the network": (
            '<!DOCTYPE a [<!ENTITY b SYSTEM "http://192.0.2.1/">]><a>&b;</a>'
        ),
        "inclusion": (
            '<a xmlns:i="http://www.w3.org/2001/XInclude">'
            f'<i:include parse="text" href="{outside}"/></a>'
        ),
        "style sheet": f'<?xml-stylesheet type="text/xsl" href="{outside}"?><a/>',
        "deep": "<a>" * 100_000,
        "long attribute": f'<a b="{"x" * 5_000_000}"/>',
        "many attributes": f"<a {many}/>",
        "script": "<svg><script>alert(1)</script></svg>",
        "handler": '<svg onload="alert(1)"/>',
        "image from outside": f'<svg><image href="{outside}"/></svg>',
        "script link": '<svg><a href="javascript:alert(1)"/></svg>',
        "not closed": "<svg><g>",
        "no such encoding": '<?xml version="1.0" encoding="utf-7"?><a/>',
        "no such prefix": "<b:a/>",
    }
    for name, text in documents.items():
        yield f"xml {name}", text.encode()
    yield "xml billion laughs in utf-16", documents["billion laughs"].encode("utf-16")
    yield "xml many elements", b"<a>" + b"<b/>" * 1_001_000 + b"</a>"


def disguises(canary: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what other drivers of GDAL would open, and follow to a file or an address."""
    source = f'<SourceFilename relativeToVRT="0">{canary}</SourceFilename>'
    virtual = (
        '<VRTDataset rasterXSize="16" rasterYSize="12"><VRTRasterBand dataType="Byte" band="1">'
        f"<SimpleSource>{source}<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    raw = (
        '<VRTDataset rasterXSize="5" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1" '
        f'subClass="VRTRawRasterBand">{source}</VRTRasterBand></VRTDataset>'
    )
    service = (
        '<GDAL_WMS><Service name="TMS"><ServerUrl>http://192.0.2.1/${z}</ServerUrl></Service>'
        "</GDAL_WMS>"
    )
    texts = {
        "VRT": virtual,
        "VRT raw": raw,
        "VRT after blanks": "\n\n  " + virtual,
        "MRF": (
            "<MRF_META><Raster><Size x='1' y='1'/>"
            f"<DataFile>{canary}</DataFile></Raster></MRF_META>"
        ),
        "WMS": service,
        "WCS": "<WCS_GDAL><ServiceURL>http://192.0.2.1/</ServiceURL></WCS_GDAL>",
        "path": str(canary),
        "path over the network": "/vsicurl/http://192.0.2.1/a.tif",
        "subdataset": f"DERIVED_SUBDATASET:LOGAMPLITUDE:{canary}",
        "tile index": (
            f"<GDALTileIndexDataset><IndexDataset>{canary}</IndexDataset></GDALTileIndexDataset>"
        ),
        "ASCII grid": "ncols 1\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\n7\n",
        "FITS": "SIMPLE  =                    T" + " " * 2850,
        "STAC": (
            f'{{"type":"Feature","stac_version":"1.0.0","assets":{{"a":{{"href":"{canary}"}}}}}}'
        ),
        "GeoJSON": '{"type":"FeatureCollection","features":[]}',
    }
    for name, text in texts.items():
        yield f"disguise {name}", text.encode()
        yield f"disguise {name} behind a TIFF mark", b"II*\x00" + text.encode()
    yield "disguise HDF5", b"\x89HDF\r\n\x1a\n" + bytes(200)
    yield "disguise NITF", b"NITF02.10" + b"0" * 400
    yield "disguise ENVI", b"ENVI\nsamples = 1\nlines = 1\nbands = 1\n"


def polyglots() -> Iterator[tuple[str, bytes]]:
    archive = samples.zipped(("a.class", b"x"))
    for name in ("jpeg", "png", "gif", "webp", "wav", "pdf", "tiff placed", "xml"):
        yield f"polyglot {name} and zip", samples.good()[name] + archive
    yield "polyglot gif and html", b"GIF89a<script>alert(1)</script>" + samples.animation(1)[6:]
    yield (
        "polyglot jpeg and pdf",
        samples.picture("JPEG")[:2] + b"\xff\xfe\x00\x0c%PDF-1.7\n\n" + samples.picture("JPEG")[2:],
    )
    in_tar = bytearray(samples.picture("PNG"))
    in_tar[257:262] = b"ustar"
    yield "polyglot png and tar", bytes(in_tar)


def waveforms() -> Iterator[tuple[str, bytes]]:
    for name, at, value in (
        ("riff size", 4, 0xFFFFFFFF), ("fmt size", 16, 0xFFFFFFFF), ("rate", 24, 0),
        ("rate huge", 24, 0xFFFFFFFF), ("data size", 40, 0xFFFFFFFF), ("data size odd", 40, 3),
    ):  # fmt: skip
        wav = bytearray(samples.sound())
        wav[at : at + 4] = struct.pack("<I", value)
        yield f"wav {name}", bytes(wav)
    for name, at, value in (("channels 0", 22, 0), ("channels 65535", 22, 65535), ("bits 0", 34, 0),
                            ("bits 65535", 34, 65535), ("form", 20, 0xFFFE)):  # fmt: skip
        wav = bytearray(samples.sound())
        wav[at : at + 2] = struct.pack("<H", value)
        yield f"wav {name}", bytes(wav)
    good = samples.motion(2)
    for name, at, content in (
        ("year 65535", 20, b"\xff\xff"), ("day 999", 22, b"\x03\xe7"),
        ("samples 65535", 30, b"\xff\xff"),
        ("rate factor 0", 32, b"\0\0\0\0"), ("rate factor huge", 32, b"\x7f\xff\x7f\xff"),
        ("offset of samples", 44, b"\xff\xff"), ("offset of blockettes", 46, b"\xff\xff"),
        ("blockette loop", 50, b"\x00\x30"), ("record of 2^255 bytes", 54, b"\xff"),
        ("record of 1 byte", 54, b"\x00"), ("encoding 255", 52, b"\xff"),
        ("station", 8, b"\xff\x00\x1b[2J"),
    ):  # fmt: skip
        seed = bytearray(good)
        seed[at : at + len(content)] = content
        yield f"miniseed 2 {name}", bytes(seed)
    good = samples.motion(3)
    for name, at, content in (
        ("rate not a number", 16, struct.pack("<d", float("nan"))),
        ("rate infinite", 16, struct.pack("<d", float("inf"))),
        ("samples 2^32-1", 24, b"\xff" * 4), ("identifier of 255 bytes", 33, b"\xff"),
        ("extra headers of 64 KiB", 34, b"\xff\xff"), ("data of 4 GiB", 36, b"\xff" * 4),
        ("year 65535", 8, b"\xff\xff"), ("nanosecond", 4, b"\xff" * 4),
    ):  # fmt: skip
        seed = bytearray(good)
        seed[at : at + len(content)] = content
        yield f"miniseed 3 {name}", bytes(seed)


def tiff(tags: dict[int, tuple[int, int, int]], *, after: int = 0, tail: bytes = b"") -> bytes:
    """Return a little TIFF file of one directory: tag to (type, count, value or offset)."""
    rows = b"".join(struct.pack("<HHII", tag, *row) for tag, row in sorted(tags.items()))
    return b"II*\x00" + struct.pack("<IH", 8, len(tags)) + rows + struct.pack("<I", after) + tail


def tiffs() -> Iterator[tuple[str, bytes]]:
    plain = {
        256: (4, 1, 8), 257: (4, 1, 8), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1),
        273: (4, 1, 200), 277: (3, 1, 1), 278: (4, 1, 8), 279: (4, 1, 64),
    }  # fmt: skip
    yield "tiff good", tiff(plain, tail=bytes(300))
    yield "tiff directory loop", tiff(plain, after=8, tail=bytes(300))
    yield (
        "tiff inner directory loop",
        tiff({**plain, 330: (4, 1, 8), 34665: (4, 1, 8)}, tail=bytes(300)),
    )
    for name, tag, row in (
        ("width 2^31", 256, (4, 1, 2**31 - 1)), ("bands 65535", 277, (3, 1, 65535)),
        ("bits 65535", 258, (3, 65535, 65535)), ("strip beyond the end", 273, (4, 1, 2**32 - 1)),
        ("strips 2^32-1", 273, (4, 2**32 - 1, 8)), ("bytes 2^32-1", 279, (4, 1, 2**32 - 1)),
        ("compression unknown", 259, (3, 1, 65000)), ("compression old jpeg", 259, (3, 1, 6)),
        ("compression lzw", 259, (3, 1, 5)), ("compression deflate", 259, (3, 1, 8)),
        ("rows 0", 278, (4, 1, 0)), ("type 255", 256, (255, 1, 8)), ("count 0", 257, (4, 0, 0)),
        ("description 4 GiB", 270, (2, 2**32 - 1, 8)), ("metadata 4 GiB", 42112, (2, 2**32 - 1, 8)),
    ):  # fmt: skip
        yield f"tiff {name}", tiff({**plain, tag: row}, tail=bytes(300))
    no_number = struct.pack("<6d", *[float("nan")] * 6)
    placed = {**plain, 33550: (12, 3, 134), 33922: (12, 6, 134)}
    yield "tiff placed nowhere", tiff(placed, tail=no_number + bytes(300))
    yield "tiff of 65535 tags", b"II*\x00" + struct.pack("<IH", 8, 65535) + bytes(12 * 1000)
    yield "tiff directory beyond the end", b"II*\x00" + struct.pack("<I", 2**32 - 1)
    yield "bigtiff directory beyond the end", b"II+\x00\x08\x00\x00\x00" + b"\xff" * 8
    jpeg = samples.picture("JPEG")
    looped = jpeg.replace(jpeg[jpeg.index(b"Exif\0\0") :][:14], b"Exif\0\0MM\0*\0\0\0\0")
    yield "jpeg with a loop in EXIF", looped


def torn() -> Iterator[tuple[str, bytes]]:
    for name, raw in samples.good().items():
        for cut in CUTS:
            yield f"torn {name} at {cut}", raw[: max(8, int(len(raw) * cut))]


def mutated() -> Iterator[tuple[str, bytes]]:
    """Yield good files with bytes changed, more of them near the start, where the headers are."""
    for name, raw in samples.good().items():
        for seed in SEEDS:
            random = np.random.default_rng([seed, len(raw)])
            changed = bytearray(raw)
            for _ in range(1 + seed * 3):
                near = min(len(raw), 600) if random.random() < 0.7 else len(raw)
                at = int(random.integers(12 if near > 12 else 0, near))
                changed[at] = int(
                    random.choice([0, 1, 0x7F, 0x80, 0xFF, int(random.integers(256))])
                )
            yield f"mutated {name} by {seed}", bytes(changed)


def scraps() -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "one byte", b"<"
    yield "zeros", bytes(1000)
    yield "noise", np.random.default_rng(9).bytes(5000)
    for name, raw in samples.good().items():
        yield f"only the mark of {name}", raw[:16]
