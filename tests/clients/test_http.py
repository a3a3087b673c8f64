"""Requests are bounded, go where they were sent, and fail with one of two errors."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import pytest
from aiohttp import web

from bot.clients import http
from bot.clients.http import Answer
from bot.core.errors import ActionError, PermanentError, TemporaryError
from tests.clients.servers import Recorder

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]


@asynccontextmanager
async def talker(said: bytes, pause: float = 0.0) -> AsyncIterator[httpx.URL]:
    """A server that reads a request and says these bytes, whatever they are."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        try:
            await writer.drain()
            await asyncio.sleep(pause)
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield httpx.URL(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x")


class Finder:
    """Finds nothing, and remembers what was looked for."""

    def __init__(self) -> None:
        self.wanted: list[str] = []

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        self.wanted.append(name)


@contextmanager
def looked_for() -> Iterator[list[str]]:
    """The modules that are looked for on the path meanwhile."""
    finder = Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield finder.wanted
    finally:
        sys.meta_path.remove(finder)


def answer(status: int, body: bytes = b"", retry_after: float = 1.0) -> Answer:
    return Answer(status, body, retry_after, "http://flags/x")


async def test_json_is_sent_and_the_answer_is_read(
    server: Recorder, client: httpx.AsyncClient
) -> None:
    got = await http.send(client, "PUT", httpx.URL(server.url("/a?b=c")), body={"size": 50})

    assert (200, {"ok": True}, server.url("/a")) == (got.status, got.json(), got.place)
    assert (server.seen[0].path, server.seen[0].body) == ("/a?b=c", b'{"size": 50}')


async def test_a_request_looks_for_no_module(server: Recorder, client: httpx.AsyncClient) -> None:
    await http.send(client, "GET", httpx.URL(server.url("/a")))

    with looked_for() as wanted:
        await http.send(client, "GET", httpx.URL(server.url("/a")))

    assert not wanted


async def test_no_body_is_sent_for_none(server: Recorder, client: httpx.AsyncClient) -> None:
    await http.send(client, "POST", httpx.URL(server.url("/a")))

    assert server.seen[0].body == b""
    assert "Content-Type" not in server.seen[0].headers


async def test_a_redirect_is_not_followed(server: Recorder, client: httpx.AsyncClient) -> None:
    server.answers["/a"] = web.Response(status=307, headers={"Location": server.url("/b")})

    got = await http.send(client, "PUT", httpx.URL(server.url("/a")), body=1)

    assert (got.status, len(server.seen)) == (307, 1)


async def test_proxies_of_the_environment_are_not_used(
    server: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with http.open_client() as client:
        assert (await http.send(client, "GET", httpx.URL(server.url("/a")))).status == 404


@pytest.mark.parametrize("secret", ["s3cret\n", "s3cret\x00", "s3cret\u00fc"])
async def test_a_secret_that_no_header_can_hold_is_refused_and_not_repeated(
    server: Recorder, client: httpx.AsyncClient, secret: str
) -> None:
    with pytest.raises(PermanentError, match="look for it in the secret") as caught:
        await http.send(
            client, "POST", httpx.URL(server.url("/")), headers={"X-Key": f"b {secret}x"}
        )

    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_nothing_listening_is_a_temporary_error(client: httpx.AsyncClient) -> None:
    with pytest.raises(TemporaryError, match=r"http://127\.0\.0\.1:9/x cannot be reached"):
        await http.send(client, "POST", httpx.URL("http://127.0.0.1:9/x?token=1"))


async def test_a_name_nobody_knows_is_a_temporary_error(client: httpx.AsyncClient) -> None:
    with pytest.raises(TemporaryError, match=r"nowhere\.invalid is not known"):
        await http.send(client, "GET", httpx.URL("http://nowhere.invalid/"))


@pytest.mark.parametrize(("method", "kind"), [("GET", TemporaryError), ("PUT", TemporaryError)])
async def test_an_answer_that_does_not_come_in_time_may_come_later(
    client: httpx.AsyncClient, method: str, kind: type[ActionError]
) -> None:
    async with talker(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1", pause=0.5) as url:
        with pytest.raises(kind, match="got no answer"):
            await http.send(client, method, url, within=0.1)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_what_may_have_been_done_is_not_sent_again(
    client: httpx.AsyncClient, method: str
) -> None:
    async with talker(b"") as url:
        with pytest.raises(PermanentError, match="it may have been done"):
            await http.send(client, method, url, body={})


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (http.LARGEST + 1), "more than 1024 KiB"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", "packed its answer"),
    ],
)
async def test_an_answer_that_is_too_much_is_not_read(
    client: httpx.AsyncClient, said: bytes, reason: str
) -> None:
    async with talker(said) as url:
        with pytest.raises(PermanentError, match=reason):
            await http.send(client, "GET", url)


@pytest.mark.parametrize(
    ("method", "status", "kind"),
    [
        ("PUT", 500, TemporaryError),
        ("POST", 500, PermanentError),
        ("POST", 502, PermanentError),
        ("POST", 503, TemporaryError),
        ("POST", 429, TemporaryError),
        ("PUT", 408, TemporaryError),
        ("PUT", 404, PermanentError),
        ("PUT", 302, PermanentError),
    ],
)
def test_a_status_is_worth_another_try_or_not(
    method: str, status: int, kind: type[ActionError]
) -> None:
    with pytest.raises(kind, match=f"{method} http://flags/x answered {status}"):
        answer(status).refuse(method)


async def test_the_server_says_when_to_come_back(
    server: Recorder, client: httpx.AsyncClient
) -> None:
    server.answers["/a"] = web.Response(status=429, headers={"Retry-After": "7"})
    got = await http.send(client, "GET", httpx.URL(server.url("/a")))

    with pytest.raises(TemporaryError) as caught:
        got.refuse("GET")

    assert caught.value.retry_after == 7


def test_what_the_server_said_is_shown_without_the_secret() -> None:
    with pytest.raises(PermanentError, match="answered 401: bad token ••• try again"):
        answer(401, b"bad token\x1b[2J hunter2\n\ntry again").refuse("GET", "hunter2")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"NaN", b'{"a": Infinity}', b"[" * 100_000, b"\xff"]
)
def test_what_is_not_json_is_a_permanent_error(body: bytes) -> None:
    with pytest.raises(PermanentError, match="did not answer with JSON"):
        answer(200, body).json()
