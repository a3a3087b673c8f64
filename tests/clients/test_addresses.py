"""A request goes to a host that was listed, by a plain path, and to no address of credentials."""

from __future__ import annotations

import asyncio
import ipaddress
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clients import addresses, http
from bot.clients.addresses import Allowed
from bot.core.errors import PermanentError, TemporaryError
from tests.clients.servers import Recorder

LISTED = Allowed(["flags.internal", "cache:8080", "[::1]:9000", "Upper.Case"], "HEAL_X_HOSTS")


@pytest.mark.parametrize(
    "text",
    [
        "http://flags.internal/api/v1/size",
        "https://flags.internal",
        "https://FLAGS.internal:443/a/",
        "http://cache:8080/keys/a%20b:c;d=e,f",
        "http://[::1]:9000/",
        "http://upper.case/",
    ],
)
def test_a_listed_host_may_be_asked(text: str) -> None:
    assert LISTED.check(text).scheme in {"http", "https"}


@pytest.mark.parametrize(
    "text",
    [
        "http://flags.internal:8080/",
        "http://cache/",
        "http://evil/",
        "http://flags.internal.evil/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://[fd00:ec2::254]/",
        "http://127.0.0.1/",
        "http://[::1]/",
    ],
)
def test_a_host_that_is_not_listed_may_not(text: str) -> None:
    with pytest.raises(PermanentError, match="may not be asked: list it in HEAL_X_HOSTS"):
        LISTED.check(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "flags.internal",
        "//flags.internal/",
        "ftp://flags.internal/",
        "file:///etc/passwd",
        "HTTP://flags.internal/",
        "http:///a",
        "http://[::g]/",
        "http://",
        "http://user:pw@flags.internal/",
        "http://flags.internal@evil/",
        "http://flags.internal\\@evil/",
        "http://flags.internal/a#b",
        "http://flags.internal/a?b",
        "http://flags.internal/../a",
        "http://flags.internal/a/..",
        "http://flags.internal/./a",
        "http://flags.internal/%2e%2e/a",
        "http://flags.internal/.%2E/a",
        "http://flags.internal/%252e%252e/a",
        "http://flags.internal/a%2fb",
        "http://flags.internal/a%5cb",
        "http://flags.internal/a%00b",
        "http://flags.internal/a%0d%0ab",
        "http://flags.internal//evil/",
        "http://flags.internal/a//b",
        "http://flags.internal/a b",
        "http://flags.internal/a\r\nX: y",
        "http://flags.internal/é",
        "http://flags.internal:99999/",
        "http://flags.internal:/a?",
        "http://flags.internal/" + "a" * 2000,
    ],
)
def test_an_address_is_plain_or_refused(text: str) -> None:
    with pytest.raises(PermanentError):
        LISTED.check(text)


@given(st.text(max_size=40), st.text(max_size=20))
def test_no_text_breaks_out_of_the_listed_host(host: str, path: str) -> None:
    try:
        url = LISTED.check(f"http://flags.internal{host}/{path}")
    except PermanentError:
        return
    assert url.host == "flags.internal"
    assert f"{host}/{path}".count("/") == url.raw_path.count(b"/")
    assert not set(url.raw_path) & set(b"?# \r\n\0")


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("169.254.169.254", True),
        ("::ffff:169.254.169.254", True),
        ("fe80::1", True),
        ("fd00:ec2::254", True),
        ("100.100.100.200", True),
        ("0.0.0.0", True),
        ("::", True),
        ("224.0.0.1", True),
        ("127.0.0.1", False),
        ("10.0.0.8", False),
    ],
)
def test_addresses_of_credentials_are_known(address: str, refused: bool) -> None:
    assert refused is addresses.forbidden(ipaddress.ip_address(address))


class Resolver:
    """Answers every name with the same addresses, as a rebinding DNS server would."""

    def __init__(self, *found: str) -> None:
        self.found = found

    async def getaddrinfo(self, host: str, port: int, **rest: Any) -> list[Any]:
        return [(0, socket.SOCK_STREAM, 6, "", (each, port)) for each in self.found]


@pytest.mark.parametrize("found", [["169.254.169.254"], ["127.0.0.1", "169.254.169.254"]])
async def test_a_name_that_leads_to_credentials_is_refused(
    found: list[str], client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", Resolver(*found).getaddrinfo)

    with pytest.raises(PermanentError, match=r"flags leads to 169\.254\.169\.254"):
        await http.send(client, "GET", httpx.URL("http://flags/"))


async def test_a_name_with_several_addresses_is_tried_at_each(
    server: Recorder, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = Resolver("127.0.0.99", "127.0.0.1")
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolver.getaddrinfo)

    got = await http.send(client, "GET", httpx.URL(f"http://flags:{server.port}/a"))

    assert (404, f"flags:{server.port}") == (got.status, server.seen[0].headers["Host"])


async def test_a_name_whose_addresses_all_fail_cannot_be_reached(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = Resolver("127.0.0.99", "127.0.0.98")
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolver.getaddrinfo)

    with pytest.raises(TemporaryError, match="cannot be reached"):
        await http.send(client, "GET", httpx.URL("http://flags:9/"))


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate, with its key, of a host called flags.internal."""
    if shutil.which("openssl") is None:
        pytest.skip("not run: no openssl")
    folder = tmp_path_factory.mktemp("certified")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *(
                "-nodes",
                "-days",
                "1",
                "-subj",
                "/CN=flags.internal",
                "-keyout",
                "key",
                "-out",
                "crt",
            ),
            *("-addext", "subjectAltName=DNS:flags.internal"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


@pytest.mark.parametrize(("host", "trusted"), [("flags.internal", True), ("other.internal", False)])
async def test_a_certificate_is_checked_for_the_name_and_not_for_the_address(
    certified: Path, host: str, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certified / "crt", certified / "key")
    server = await asyncio.start_server(hello, "127.0.0.1", 0, ssl=ours)
    url = httpx.URL(f"https://{host}:{server.sockets[0].getsockname()[1]}/")
    monkeypatch.setattr(
        asyncio.get_running_loop(), "getaddrinfo", Resolver("127.0.0.1").getaddrinfo
    )
    async with (
        server,
        http.open_client(ssl.create_default_context(cafile=str(certified / "crt"))) as client,
    ):
        if trusted:
            assert (await http.send(client, "GET", url)).status == 204
        else:
            with pytest.raises(TemporaryError, match="certificate is not valid for"):
                await http.send(client, "GET", url)
