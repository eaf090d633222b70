"""`tw witness`, as a person types it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.evidence.witness.conftest import body
from tests.evidence.witness.histories import NOON
from tests.evidence.witness.test_lint import GOOD
from typer.testing import CliRunner

from trucewatch.cli.witness import witness_app
from trucewatch.errors import BadInput, LogRefused
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.witness.client import Outcome, ask
from trucewatch.evidence.witness.cosignature import parse_witness_vkey
from trucewatch.evidence.witness.keeper import Keeper
from trucewatch.evidence.witness.memory import Memory

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.log import Log
    from trucewatch.evidence.note import Signer


def called(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(witness_app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


def test_makes_a_witness_and_prints_its_key_alone(tmp_path: Path) -> None:
    code, said = called("init", tmp_path / "w", "witness.example/w1")

    assert code == 0
    assert parse_witness_vkey(said.strip(), where="t") == Memory(tmp_path / "w").verifier
    with pytest.raises(BadInput, match="is not empty"):
        called("init", tmp_path / "w", "witness.example/w1")


def test_trusts_a_key_given_as_text_or_as_a_file(tmp_path: Path, signer: Signer) -> None:
    called("init", tmp_path / "w", "witness.example/w1", "--json")
    (tmp_path / "log.vkey").write_text(f"{signer.verifier.vkey}\n")

    by_text = called("trust", tmp_path / "w", signer.verifier.vkey)
    by_file = json.loads(called("trust", tmp_path / "w", tmp_path / "log.vkey", "--json")[1])

    assert by_text == (0, "Watching demo.invalid/evidence\n")
    assert parse_vkey(by_file["vkey"], where="t") == signer.verifier
    assert Memory(tmp_path / "w").logs() == [signer.verifier]


def test_shows_heads_and_what_was_refused(folder: Path, honest: Log, forked: Log) -> None:
    assert "never cosigned" in called("show", folder)[1]
    with Keeper(folder) as keeper:
        keeper.answer(body(honest, 0, 100), now=NOON)
        keeper.answer(body(forked, 100, 100), now=NOON)

    said = called("show", folder)[1].splitlines()
    shown = json.loads(called("show", folder, "--json")[1])

    root = forked.root(100).hex()
    assert said[0] == Memory(folder).verifier.vkey
    assert said[1].endswith("size 100, 2026-06-27 12:00:00+00:00")
    assert said[2].startswith(f"refused  fork      demo.invalid/evidence  size 100, root {root}")
    assert [head["root"] for head in shown["heads"]] == [honest.root(100).hex()]
    assert [(r["why"], r["root"], r["size"]) for r in shown["refused"]] == [("fork", root, 100)]
    assert shown["refused"][0]["note"].encode() == forked.checkpoint_note(100)


def test_checks_a_policy(tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text(GOOD)

    good = called("check", policy, "--parties", "north, south")
    lacking = called("check", policy, "--parties", "north,south,east")
    told = called("check", policy, "--parties", "east", "--json")

    assert good == (0, "quorum enough: 0 findings\n")
    assert called("check", policy) == good
    assert lacking[0] == 1
    assert lacking[1].endswith("quorum enough: 1 finding\n")
    assert told[0] == 1
    assert len(json.loads(told[1])["findings"]) == 3
    policy.write_text(GOOD.replace("quorum", "Quorum"))
    with pytest.raises(BadInput, match=r"policy:11: line begins with 'Quorum'"):
        called("check", policy)


def test_serves_until_it_is_stopped(folder: Path, honest: Log, forked: Log) -> None:
    script = "from trucewatch.cli.witness import witness_app; witness_app()"
    command = [sys.executable, "-c", script, "serve", str(folder), "--port", "0"]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and text
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        assert served.stderr is not None
        url = served.stdout.readline().rpartition(" on ")[2].strip()
        asked = [
            ask(
                url,
                note=log.checkpoint_note(100),
                consistency=log.consistency_proof,
                old=0,
                verifier=Memory(folder).verifier,
                timeout_s=10.0,
            )
            for log in (honest, forked)
        ]
        told = served.stderr.readline()
        with pytest.raises(LogRefused, match="expected no other writer"):
            called("serve", folder)
        served.send_signal(signal.SIGINT)

    assert [a.outcome for a in asked] == [Outcome.COSIGNED, Outcome.FORKED]
    assert told.startswith("refused (fork) demo.invalid/evidence, size 100: old size is 0")
