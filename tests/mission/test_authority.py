"""Promises of the certificate that pages are served with."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from trucewatch.errors import BadMission
from trucewatch.mission.authority import HOST_D, certified
from trucewatch.mission.home import Home

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2030, 9, 1, 12, tzinfo=UTC)


def test_a_certificate_is_made_once_and_anew_when_it_has_run_out(tmp_path: Path) -> None:
    home = Home(tmp_path)

    first = certified(home, "watch.example", NOW)
    kept = first.cert.read_bytes()
    again = certified(home, "watch.example", NOW + timedelta(days=HOST_D - 1)).cert.read_bytes()
    later = certified(home, "watch.example", NOW + timedelta(days=HOST_D + 1))

    assert again == kept
    assert later.cert.read_bytes() != kept
    assert later.fingerprint == first.fingerprint  # browsers trust the authority


def test_its_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    certified(Home(tmp_path), "watch.example", NOW)

    modes = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "tls").glob("*.key")}

    assert modes == {"authority.key": 0o600, "watch.example.key": 0o600}


@pytest.mark.parametrize("host", ["watch.example", "192.0.2.7", "2001:db8::7"])
def test_it_names_the_host_and_this_machine(tmp_path: Path, host: str) -> None:
    made = certified(Home(tmp_path), host, NOW)

    cert = x509.load_pem_x509_certificate(made.cert.read_bytes())
    names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(each.value) for each in names} == {host, "localhost", "127.0.0.1", "::1"}


def test_a_supplied_certificate_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    own = certified(Home(tmp_path / "other"), "a.example", NOW)
    folder = tmp_path / "home" / "tls"
    folder.mkdir(parents=True)
    shutil.copy(own.cert, folder / "cert.pem")
    shutil.copy(own.key, folder / "key.pem")

    found = certified(Home(tmp_path / "home"), "b.example", NOW)

    assert found.cert == folder / "cert.pem"
    assert found.authority is None
    assert not (folder / "authority.pem").exists()


def test_half_a_supply_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "cert.pem").write_text("x")

    with pytest.raises(BadMission, match=r"cert\.pem: stands alone, expected key\.pem beside it"):
        certified(Home(tmp_path), "a.example", NOW)


@pytest.mark.system
def test_openssl_finds_the_chain_good(tmp_path: Path) -> None:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    made = certified(Home(tmp_path), "watch.example", datetime(2026, 1, 1, tzinfo=UTC))
    assert made.authority is not None

    said = subprocess.run(  # noqa: S603 - openssl on our own files
        [program, "verify", "-x509_strict", "-purpose", "sslserver", "-attime", "1780000000",
         "-verify_hostname", "watch.example", "-CAfile", str(made.authority), str(made.cert)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert said.returncode == 0, said.stderr
    assert said.stdout.strip().endswith("OK")
