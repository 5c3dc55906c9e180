"""LXD on another machine: https, a client certificate, and the server's own certificate pinned."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.lxd import LxdInstances
from bot.domain.errors import InstanceError, LxdUnreachable
from tests.real.lxd_lab import TEMPLATE, Lab, free_port

pytestmark = pytest.mark.real_lxd


def _certificate(folder: Path, name: str) -> tuple[str, str]:
    cert, key = str(folder / f"{name}.crt"), str(folder / f"{name}.key")
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    subprocess.run([*request, "-subj", f"/CN={name}", "-out", cert, "-keyout", key], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def remote(lab: Lab, tmp_path: Path) -> Iterator[dict[str, str]]:
    port = free_port()
    lab.lxc("config", "set", "core.https_address", f"127.0.0.1:{port}")
    cert, key = _certificate(tmp_path, "client")
    lab.lxc("config", "trust", "add", cert, "--name", "bot")
    yield {"endpoint": f"https://127.0.0.1:{port}", "cert": cert, "key": key}
    lab.lxc("config", "unset", "core.https_address")


async def test_everything_works_as_through_the_socket(lab: Lab, remote: dict[str, str], monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    lxd = LxdInstances(**remote, server_cert=str(lab.directory / "server.crt"))
    await lxd.copy(TEMPLATE, "zhangsan", devices={}, config={})
    await lxd.start("zhangsan")
    await lxd.write_file("zhangsan", "/root/note", b"here")
    assert (await lxd.run("zhangsan", ["cat", "/root/note", "-"], stdin=b" and there")).stdout == "here and there"
    await lxd.close()
    lab.clear()


async def test_the_certificate_that_lxc_keeps_is_found(lab: Lab, remote: dict[str, str]):
    kept = Path(remote["cert"]).parent / "servercerts"
    kept.mkdir()
    (kept / "127.0.0.1.crt").write_bytes((lab.directory / "server.crt").read_bytes())
    lxd = LxdInstances(**remote)
    assert [instance.name for instance in await lxd.list()] == [TEMPLATE]
    await lxd.close()


async def test_a_server_with_another_certificate_is_not_spoken_to(remote: dict[str, str], tmp_path: Path):
    """Neither for requests nor for the channels that carry passwords."""
    other, _ = _certificate(tmp_path, "somebody-else")
    lxd = LxdInstances(**remote, server_cert=other)
    for call in (lxd.list(), lxd.run(TEMPLATE, ["true"])):
        with pytest.raises(LxdUnreachable):
            await call
    await lxd.close()


async def test_a_certificate_that_lxd_does_not_know_is_refused_in_its_words(lab: Lab, remote: dict[str, str], tmp_path):
    cert, key = _certificate(tmp_path, "stranger")
    lxd = LxdInstances(remote["endpoint"], cert=cert, key=key, server_cert=str(lab.directory / "server.crt"))
    with pytest.raises(InstanceError):
        await lxd.list()
    await lxd.close()
