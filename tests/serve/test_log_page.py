"""Promises of the log's pages: every entry with a proof that holds, no content, who else signed."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

import pytest
from litestar.testing import TestClient

from trucewatch.evidence.anchor import COSIGNATURE, Anchor
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.proof import check_proof
from trucewatch.evidence.witness.policy import parse_policy
from trucewatch.mission.configuration import in_force
from trucewatch.serve.app import make_app
from trucewatch.serve.pages import _entries
from trucewatch.serve.pages._anchored import anchored, first_seen, seen_by
from trucewatch.serve.pages._entries import FAMILIES, stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

    from trucewatch.evidence.entry import Entry
    from trucewatch.mission.home import Home


class Held(NamedTuple):
    """What the log of the demonstration holds."""

    entries: dict[int, Entry]
    vkey: str

    @property
    def size(self) -> int:
        return len(self.entries)


@pytest.fixture(scope="module")
def held(demo_home: Home) -> Held:
    with Log.open(demo_home.path) as log:
        return Held(dict(log.entries()), log.verifier.vkey)


@pytest.fixture
def log(demo_home: Home) -> Iterator[Log]:
    with Log.open(demo_home.path) as opened:
        yield opened


def text(client: TestClient[Litestar], path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[-400:]
    body = re.sub(r"<[^>]+>", " ", answer.text.split('id="main"')[-1])
    return re.sub(r"\s+", " ", unescape(body))


def numbers(page: str) -> list[int]:
    """Return the entries that the list shows, in its order."""
    part = page[page.index('id="entries"') :].partition("</section>")[0]
    return [int(at) for at in re.findall(r'<td class="num"[^>]*><a[^>]*href="/log/(\d+)"', part)]


def test_the_newest_head_is_the_signed_note_and_can_be_saved(
    public: TestClient[Litestar], held: Held
) -> None:
    page, note = unescape(public.get("/log").text), public.get("/log/checkpoint")

    head = open_checkpoint(note.content, parse_vkey(held.vkey, where="log"), where="page")
    assert head.size == held.size
    assert note.text.split("\n\n")[0] in page
    assert 'filename="checkpoint"' in note.headers["content-disposition"]
    assert public.get("/log/log.vkey").text == f"{held.vkey}\n"
    assert held.vkey in page


def test_older_entries_lead_through_the_whole_log(public: TestClient[Litestar], held: Held) -> None:
    found, path = [], "/log"

    while path:
        page = public.get(path).text
        found += numbers(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(older[1]) if older else ""

    assert found == list(range(held.size))[::-1]


def test_a_row_says_type_level_size_and_hash_and_nothing_of_names(
    public: TestClient[Litestar], held: Held, log: Log
) -> None:
    page = public.get("/log").text
    shown = numbers(page)

    for at in shown:
        assert held.entries[at].object in page
        assert held.entries[at].type in page
    came = [held.entries[at] for at in shown if held.entries[at].type.startswith("received/")]
    labels = {name for each in came for name in log.labels(each.object)}
    assert labels
    assert sorted(name for name in labels if name in page) == []


@pytest.mark.parametrize("family", ["received", "statement", "exhibit"])
def test_the_list_can_be_cut_to_what_was_sealed(
    public: TestClient[Litestar], held: Held, family: str
) -> None:
    wanted = [at for at, each in held.entries.items() if each.type.startswith(f"{family}/")]

    page = public.get(f"/log?type={family}").text

    assert numbers(page) == wanted[::-1][:50]


def test_one_page_looks_through_a_bounded_part_and_says_which(
    log: Log, monkeypatch: pytest.MonkeyPatch, public: TestClient[Litestar], held: Held
) -> None:
    monkeypatch.setattr(_entries, "_LOOKED_MAX", 10)
    monkeypatch.setattr(_entries, "_CHUNK", 3)

    some = stretch(log, before="", family="configuration")
    page = text(public, "/log?type=alleged")

    assert (some.lines, some.top, some.older) == ([], held.size, held.size - 10)
    assert f"None of this kind from entry #{held.size - 10} to #{held.size - 1}." in page
    found = [each.at for each in stretch(log, before="10", family="configuration").lines]
    assert found == [2, 1, 0][-len(found) :]


def test_every_type_has_words(held: Held) -> None:
    families = {each.type.partition("/")[0] for each in held.entries.values()}

    assert families <= set(FAMILIES)


def test_each_entry_has_a_proof_that_holds(public: TestClient[Litestar], held: Held) -> None:
    verifier = parse_vkey(held.vkey, where="log")

    for at in (0, 1, held.size // 2, held.size - 1):
        entry = public.get(f"/log/{at}/entry.json").content
        proof = public.get(f"/log/{at}/entry.tlog-proof").content
        page = unescape(public.get(f"/log/{at}").text)

        assert check_proof(proof, entry, verifier, where="page").size == held.size
        assert entry.decode() in page
        assert proof.decode() in page
        assert held.entries[at].object in page


def test_anybody_can_check_an_entry_with_the_three_files_alone(
    public: TestClient[Litestar], held: Held, log: Log, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("checked")
    at = held.size // 2
    for name in ("entry.json", "entry.tlog-proof", "check.sh"):
        (folder / name).write_bytes(public.get(f"/log/{at}/{name}").content)
    (folder / "FILE").write_bytes(log.object(held.entries[at].object))

    def check() -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the script that we hand out
            ["/bin/sh", "check.sh", "FILE", held.vkey],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )

    good = check()
    (folder / "FILE").write_bytes(b"other bytes")
    bad = check()

    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.count("PASS") == 3
    assert bad.returncode == 1


def test_what_was_sealed_is_linked_exactly_where_it_may_be_seen(
    public: TestClient[Litestar], mission: TestClient[Litestar], held: Held
) -> None:
    first = {each.type: at for at, each in reversed(held.entries.items())}

    linked = {False: 0, True: 0}
    for at in first.values():
        link = f"/objects/{held.entries[at].object}"
        for client in (public, mission):
            shown = f'href="{link}"' in client.get(f"/log/{at}").text
            assert shown == (client.get(link).status_code == 200), (at, held.entries[at].type)
            linked[client is mission] += shown
    assert linked[True] > linked[False] > 0
    assert "What was sealed may not be shown here." in text(public, f"/log/{held.size - 1}")


def test_a_pasted_hash_finds_its_entries(public: TestClient[Litestar], held: Held) -> None:
    at, entry = 3, held.entries[3]

    yes = text(public, f"/log?find={entry.object}%20%20patrol.csv")
    no = text(public, f"/log?find={hashlib.sha256(b'other').hexdigest()}")

    assert "seals exactly these bytes" in yes
    assert f"#{at}" in yes.partition("Entries, the newest first")[0]
    assert "No entry seals exactly these bytes." in no
    assert "not as it came" in no


@pytest.mark.parametrize("typed", ["3", "%233", "%203"])
def test_a_number_goes_to_its_entry(public: TestClient[Litestar], typed: str) -> None:
    answer = public.get(f"/log?find={typed}", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/log/3")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/log/999999", 404, "is no entry"),
        ("/log/-1", 404, "is no entry"),
        ("/log/²", 404, "is no entry"),
        ("/log/1/keys", 404, "no file of an entry"),
        ("/log/9999999/entry.json", 404, "is no entry"),
        ("/log/checkpoint/999999", 404, "no head of size"),
        ("/log/checkpoint/x", 404, "no head of size"),
        ("/log/checkpoint/" + "9" * 40, 404, "no head of size"),
        ("/log?find=some%20file.csv", 404, "is no entry"),
        ("/log?before=0", 400, "before"),
        ("/log?before=x", 400, "before"),
        ("/log?type=gossip", 400, "type"),
    ],
)
def test_refuses_what_is_not_there_and_names_it(
    public: TestClient[Litestar], demo_home: Home, path: str, status: int, said: str
) -> None:
    answer = public.get(path)

    assert answer.status_code == status
    assert said in answer.text
    assert str(demo_home.path) not in answer.text


def test_the_page_says_who_outside_signed_and_what_they_have_not_seen(
    public: TestClient[Litestar], demo_home: Home, held: Held, log: Log
) -> None:
    outside = anchored(log, in_force(log, log.size))
    page = text(public, "/log")

    assert outside.newest is not None
    assert {each.party for each in outside.witnesses} == {"ALPHA", "BRAVO"}
    for each in outside.witnesses:
        assert f"{each.name} {each.size}" in page
        saved = public.get(f"/log/checkpoint/{each.size}").text
        assert f"— {each.name} " in saved
    assert f"have seen the first {outside.newest.size} entries" in page
    assert outside.after == held.size - outside.newest.size
    policy = public.get("/log/witness.policy").content
    assert parse_policy(policy, where="page").quorum
    assert policy == (demo_home.path / "witness.policy").read_bytes()


def test_an_entry_says_by_when_outsiders_had_seen_it(
    public: TestClient[Litestar], log: Log, held: Held
) -> None:
    using = in_force(log, log.size)
    seen = first_seen(log, using, 0)

    assert seen is not None
    assert seen.size > 0
    assert f"under the head of {seen.size} entries" in text(public, "/log/0")
    last = held.size - 1
    if first_seen(log, using, last) is None:
        assert "not enough witnesses have seen it yet" in text(public, f"/log/{last}")


def test_a_signature_that_does_not_verify_is_named_and_does_not_count(
    demo_home: Home, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path_factory.mktemp("forged") / "m"
    shutil.copytree(demo_home.path, path)
    real = Log.anchors

    def forged(self: Log, size: int | None = None) -> list[Anchor]:
        return [
            Anchor(size=a.size, kind=a.kind, name=a.name, content=_other(a.content))
            if a.kind == COSIGNATURE and "alpha" in a.name
            else a
            for a in real(self, size)
        ]

    def note(self: Log, size: int | None = None) -> bytes:
        lines = b"".join(a.content for a in forged(self, size) if a.kind == COSIGNATURE)
        return self.checkpoint_note(size) + (lines if size else b"")

    monkeypatch.setattr(Log, "anchors", forged)
    monkeypatch.setattr(Log, "cosigned_note", note)
    with TestClient(make_app(str(path))) as client:
        page = text(client, "/log")

    assert "A signature does not verify:" in page
    assert "Fewer have signed than the policy asks for." in page
    assert "not yet seen by enough witnesses" in page


def test_one_witness_of_two_is_not_enough(log: Log) -> None:
    using = in_force(log, log.size)
    policy = parse_policy(using.files[using.settings.witness.policy], where="policy")
    outside = anchored(log, using)
    assert outside.newest is not None

    assert seen_by(log, policy, [outside.newest.size]) == outside.newest
    assert seen_by(log, policy, [1]) is None


def test_nothing_needs_a_script_or_a_style_of_its_own(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    for path in ("/log", "/log/3", "/log?type=received"):
        for client in (public, mission):
            page = client.get(path).text
            assert not re.search(r"<[^>]+ (style|on[a-z]+)=", page), path
            assert "<style" not in page


def _other(line: bytes) -> bytes:
    """Return a signature line whose signature is another, of the same form."""
    at = len(line) - 40
    return line[:at] + (b"A" if line[at:][:1] != b"A" else b"B") + line[at + 1 :]
