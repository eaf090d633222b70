from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence import bundle
from trucewatch.evidence.bundle import check_names, read_bundle, read_zip, write_bundle, zip_bytes
from trucewatch.evidence.objects import write_durably
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"b.txt": b"two\n", "a/b/c": b"", "a/x-1.tsv": b"\x00\xff"}
ZIP = zip_bytes(FILES)


def test_the_bytes_of_a_zip_never_change() -> None:
    assert sha256_hex(ZIP) == "dfb661dfe4de4857df7933d38c8e319ee4d5510f192acd6db8632cd6e9896659"


def test_a_zip_hangs_on_its_files_alone() -> None:
    backwards = dict(reversed(FILES.items()))

    assert zip_bytes(backwards) == ZIP
    assert read_zip(ZIP, where="t") == FILES


@pytest.mark.parametrize("name", ["bundle.zip", "bundle"])
def test_a_bundle_reads_back_from_disk(tmp_path: Path, name: str) -> None:
    write_bundle(tmp_path / name, FILES)

    assert read_bundle(tmp_path / name) == FILES


@pytest.mark.parametrize("name", ["bundle.zip", "bundle"])
def test_a_bundle_is_never_written_over_another(tmp_path: Path, name: str) -> None:
    write_bundle(tmp_path / name, FILES)

    with pytest.raises(BadInput, match="exists already"):
        write_bundle(tmp_path / name, {})


@given(st.integers(0, len(ZIP) - 1), st.integers(0, 7))
def test_a_zip_fails_on_any_flipped_bit_outside_its_files(at: int, bit: int) -> None:
    flipped = bytearray(ZIP)
    flipped[at] ^= 1 << bit

    with pytest.raises(EvidenceBroken, match=r"^bundle\.zip: ") as caught:
        read_zip(bytes(flipped), where="bundle.zip")

    assert "unpack the zip" in caught.value.advice


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(content: bytes) -> None:
    with pytest.raises(EvidenceBroken, match=r"^t: "):
        read_zip(content, where="t")


def packed(*files: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (packed(("a", b"x")), "'a' lies outside, expected it in bundle/"),
        (packed(("bundle/a", b"x")), "differs from the one that its own files lead to"),
        (packed(("a", bytes(10**6)), compression=zipfile.ZIP_DEFLATED), "larger than the zip"),
        (packed(("bundle/a", b"x"), compression=zipfile.ZIP_DEFLATED), "bundle/a is compressed"),
        (packed(("bundle/../a", b"x")), "must be a plain relative path"),
        (packed(("bundle//a", b"x")), "must be a plain relative path"),
        (packed(("bundle/a//b", b"x")), "must be a plain relative path"),
        (packed(("bundle/A", b"x"), ("bundle/a", b"y")), "differs from in case only"),
        (packed(("bundle/a", b"x"), ("bundle/a/b", b"y")), "'a/b' lies in a file"),
        (ZIP + b"x", "differs|not a readable zip"),
        (b"x" + ZIP, "differs|not a readable zip"),
        (ZIP[:-1], "not a readable zip"),
        (ZIP[:-30], "not a readable zip"),
    ],
)
def test_names_each_defect_of_a_zip(content: bytes, problem: str) -> None:
    with pytest.raises(EvidenceBroken, match=problem):
        read_zip(content, where="t")


@pytest.mark.parametrize("name", ["old", "old.zip"])
def test_refuses_a_bundle_of_layout_1(tmp_path: Path, name: str) -> None:
    if name.endswith(".zip"):
        (tmp_path / name).write_bytes(packed(("README.txt", b"x"), ("SHA256SUMS", b"x")))
    else:
        (tmp_path / name).mkdir()
        (tmp_path / name / "SHA256SUMS").write_text("x")

    with pytest.raises(BadInput, match=r"^old.*: layout 1, expected 2: export it again"):
        read_bundle(tmp_path / name)


def test_a_folder_cut_short_is_not_there_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def fail(path: Path, content: bytes, *, mode: int) -> None:
        written.append(path)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        write_durably(path, content, mode=mode)

    monkeypatch.setattr(bundle, "write_durably", fail)
    with pytest.raises(BadInput, match=r"cannot be written \(No space left"):
        write_bundle(tmp_path / "b", FILES)
    assert not (tmp_path / "b").exists()
    monkeypatch.undo()

    write_bundle(tmp_path / "b", FILES)

    assert read_bundle(tmp_path / "b") == FILES
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


def test_refuses_a_zip_with_a_name_twice() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = packed(("bundle/a", b"x"), ("bundle/a", b"y"))

    with pytest.raises(EvidenceBroken, match="comes twice"):
        read_zip(content, where="t")


@pytest.mark.parametrize(
    "name",
    ["", "/a", "../a", "a/../b", "a/./b", "a/", "a\\b", "a b", "c:a", ".a", "caf\u00e9", "a\n"],
)
def test_refuses_names_that_are_no_plain_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="must be a plain relative path"):
        check_names([name], where="t")
    with pytest.raises(BadInput, match="must be a plain relative path"):
        write_bundle(tmp_path / "b", {name: b""})


def test_follows_no_link_out_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "bundle/a").symlink_to(tmp_path / "secret")

    with pytest.raises(EvidenceBroken, match="a: is a link or device"):
        read_bundle(tmp_path / "bundle")


def test_follows_no_linked_folder(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle/a").symlink_to(tmp_path)

    with pytest.raises(EvidenceBroken, match="a: is a link or device"):
        read_bundle(tmp_path / "bundle")


def test_names_a_bundle_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"absent\.zip: no such file or folder"):
        read_bundle(tmp_path / "absent.zip")
