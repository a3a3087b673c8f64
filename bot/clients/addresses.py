"""
Where a request may go: hosts that a setting names, and no address that hands out credentials.

Two guards. `Allowed` reads an address before anything is sent and knows what was listed;
`Guarded` resolves the name at the moment of sending and connects to what it has looked at, so
that a name cannot lead to one address when it is checked and to another when it is used.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

import httpx

from bot.core import spelling
from bot.core.errors import PermanentError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    )
)
"""Where clouds hand out credentials, beside the link-local addresses."""
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 behind a translator (RFC 6052), its address at the end."""
PORTS = {"http": 80, "https": 443}
LONGEST = 2000
_PLAIN = re.compile(r"https?://[!-~]+")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?|[0-9a-f:.]+")


class Allowed:
    """The hosts of one setting, each as name, name:port or [address]:port."""

    def __init__(self, hosts: Iterable[str], setting: str) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._setting = setting

    def check(self, text: str) -> httpx.URL:
        """Return the address to ask, or refuse it with PermanentError."""
        url = plain(text)
        self._check_host(url)
        return url

    def _check_host(self, url: httpx.URL) -> None:
        usual = PORTS[url.scheme]
        host = f"[{url.host}]" if ":" in url.host else url.host
        port = url.port or usual
        named = {f"{host}:{port}"} | ({host} if port == usual else set())
        if not named & self._hosts:
            raise PermanentError(f"{host}:{port} may not be asked: list it in {self._setting}")


@lru_cache(maxsize=256)  # a probe may ask the same one ten times a second
def plain(text: str) -> httpx.URL:
    """
    Read an http or https address made of scheme, host and path; PermanentError names the rest.

    >>> plain("http://flags.internal:8080/api/size").path
    '/api/size'
    """
    if not _PLAIN.fullmatch(text) or len(text) > LONGEST or "\\" in text:
        raise PermanentError(f"{spelling.quoted(text)} is not a plain http or https address")
    for sign, remedy in (
        ("#", "leave it out"),
        ("?", "write what follows it under query"),
        ("@", "name a secret instead of a user"),
    ):
        if sign in text:
            raise PermanentError(f"{spelling.quoted(text)} holds a {sign!r}: {remedy}")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise PermanentError(f"{spelling.quoted(text)} is not an address: {error}") from None
    if not _HOST.fullmatch(url.host):
        raise PermanentError(f"{spelling.quoted(text)} has no plain host name")
    _check_path(text)
    return url


def safe(text: str) -> str:
    """
    Check the address of an API that is told a secret; ValueError when it could be read by others.

    >>> safe("https://api.example.com/")
    'https://api.example.com'
    """
    try:
        url = plain(text)
    except PermanentError as error:
        raise ValueError(str(error)) from None
    if url.scheme != "https" and not here(url.host):
        raise ValueError("it is not https, so anybody on the way could read the token")
    return text.rstrip("/")


class Guarded(httpx.AsyncBaseTransport):
    """
    Sends each request to an address that was looked at, and to no other.

    A name that leads to a link-local, metadata, multicast or unspecified address is refused. An
    address that stands in the request itself was listed by somebody, and is used as it is.
    Connections must not be kept by `inner`: it sees addresses and would mix up their names.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if _literal(host) is not None:
            return await self._inner.handle_async_request(request)
        found = await _resolve(host, request.url.port or PORTS[request.url.scheme])
        for address in found:
            if forbidden(address):
                raise PermanentError(f"{host} leads to {address}, which is never asked by a name")
        for address in found[:-1]:
            try:
                return await self._inner.handle_async_request(_aimed(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_aimed(request, found[-1]))

    async def aclose(self) -> None:
        await self._inner.aclose()


def forbidden(address: IPAddress) -> bool:
    """
    Tell whether an address belongs to the machine's own surroundings: credentials live there.

    >>> forbidden(ipaddress.ip_address("::ffff:169.254.169.254"))
    True
    """
    plain = _inside(address)
    odd = plain.is_link_local or plain.is_multicast or plain.is_unspecified
    return odd or plain in METADATA


def _inside(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one is only another spelling of, else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    teredo = address.teredo[1] if address.teredo else None
    if inside := address.ipv4_mapped or address.sixtofour or teredo:
        return inside
    low = int(address) & 0xFFFFFFFF
    compatible = int(address) >> 32 == 0 and low > 1  # :: and ::1 are themselves
    return ipaddress.IPv4Address(low) if compatible or address in TRANSLATED else address


def of_credentials(host: str) -> bool:
    """Tell whether a host is written as an address that no request from elsewhere may name."""
    address = _literal(host)
    return address is not None and forbidden(address)


def here(host: str) -> bool:
    """Tell whether a host is this machine, without asking the resolver."""
    address = _literal(host)
    return host == "localhost" if address is None else address.is_loopback


def _check_path(text: str) -> None:
    path = text.split("/", 3)[3] if text.count("/") > 2 else ""
    for segment in path.split("/")[:-1] if path.endswith("/") else path.split("/"):
        plain = unquote(segment)
        odd = re.search(r"[\x00-\x1f\x7f/\\]|%[0-9A-Fa-f]{2}", plain)
        if plain in {".", ".."} or odd or (path and not segment):
            raise PermanentError(
                f"the path of {spelling.quoted(text)} goes astray at {spelling.quoted(segment)}"
            )


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


async def _resolve(host: str, port: int) -> list[IPAddress]:
    """Ask the resolver, once; its answers in its order."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx.ConnectError(f"{host} is not known: {error.strerror}") from error
    return list(dict.fromkeys(ipaddress.ip_address(each[4][0]) for each in found))


def _aimed(request: httpx.Request, address: IPAddress) -> httpx.Request:
    """The same request (its Host header stands already), sent to one address."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
