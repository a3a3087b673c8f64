"""
Redis servers by their names: the one door to redis-py, which is needed only where it is used.

A connection is opened for one piece of work and closed after it. What can go wrong on the way
becomes one of the two errors that authors know, and never names a password.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, SecretStr, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bot.clients.commands import printable
from bot.core import spelling
from bot.core.errors import ActionError, ConfigurationError, PermanentError, TemporaryError
from bot.core.values import Frozen

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

PREFIX = "url_"
CONNECTING = 3.0
ANSWERING = 10.0
SCHEMES = frozenset({"redis", "rediss", "unix"})
OPTIONS = frozenset({"db", "ssl_ca_certs"})
"""What may follow the question mark of an address; the rest could weaken TLS."""

ServerName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


class RedisSettings(Frozen):
    """The settings HEAL_REDIS_*: an address a server, with its user and password inside."""

    urls: dict[ServerName, SecretStr] = Field(
        description="an address like redis://heal:password@cache.internal:6379 (or rediss://, or "
        "unix:///run/redis.sock); HEAL_REDIS_URL_CACHE is the server called cache"
    )

    @model_validator(mode="before")
    @classmethod
    def _gather_urls(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or "urls" in raw:
            return raw
        named = {key: value for key, value in raw.items() if key.startswith(PREFIX)}
        if not named:
            meaning = cls.model_fields["urls"].description
            raise PydanticCustomError("missing_url", f"HEAL_REDIS_URL_<NAME> is missing: {meaning}")
        for key, value in named.items():
            if slip := _slip(value.strip()):
                raise PydanticCustomError("wrong_url", f"HEAL_REDIS_{key.upper()} is wrong: {slip}")
        urls = {key.removeprefix(PREFIX): value.strip() for key, value in named.items()}
        return {key: value for key, value in raw.items() if key not in named} | {"urls": urls}

    def url(self, server: str) -> str:
        """The address of a server, secrets included; PermanentError when it is not set."""
        if server not in self.urls:
            raise PermanentError(
                f"server {spelling.unknown(server, self.urls)}, or set "
                f"HEAL_REDIS_URL_{server.upper()} and start again"
            )
        return self.urls[server].get_secret_value()


def _slip(url: str) -> str:
    """What is wrong with an address, without repeating any of it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "it is not an address; write signs like / and @ in a password as %2F and %40"
    if parts.scheme not in SCHEMES:
        return f"it must begin with one of {', '.join(f'{each}://' for each in sorted(SCHEMES))}"
    if not (parts.path if parts.scheme == "unix" else host):
        return "it names no host"
    if parts.fragment or set(parse_qs(parts.query, keep_blank_values=True)) - OPTIONS:
        return f"after the question mark only {' and '.join(sorted(OPTIONS))} may stand"
    return ""


@dataclass(frozen=True, slots=True)
class State:
    """What a server says of itself; memory in bytes, `most` is 0 when it has no limit."""

    role: str
    clustered: bool
    used: int
    most: int
    fragmentation: float
    evicted: int


@dataclass(frozen=True, slots=True)
class Weight:
    """What one key takes in bytes, and whether it goes away by itself."""

    size: int
    expires: bool


class Servers:
    """Opens connections; without redis-py it cannot be made, which stops the start."""

    def __init__(self, settings: RedisSettings) -> None:
        if importlib.util.find_spec("redis") is None:
            raise ConfigurationError(
                "redis.* needs the package redis, which is not installed: "
                "pip install 'heal-bot[redis]', or remove the runbooks that name redis.*"
            )
        self._settings = settings

    @asynccontextmanager
    async def open(self, name: str) -> AsyncIterator[Server]:
        """One server for one piece of work; raises TemporaryError when it cannot be reached."""
        from redis import asyncio as sdk
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        url = self._settings.url(name)
        client = sdk.Redis.from_url(
            url,
            socket_connect_timeout=CONNECTING,
            socket_timeout=None,  # its own could swallow a cancel: `_answer` bounds the wait
            retry=Retry(NoBackoff(), 0),  # only the engine tries again
            protocol=2,
        )
        try:
            yield Server(name, client)
        except RedisError as error:
            raise _translated(name, error, unquote(urlsplit(url).password or "")) from None
        finally:
            await client.aclose()


class Server:
    """One open connection. Keys are bytes, as the server has them."""

    def __init__(self, name: str, client: Redis) -> None:
        self.name = name
        self._client = client

    async def state(self) -> State:
        """Ask INFO once; sentinels and servers that hide the answer have no role."""
        found = await self._answer(self._client.info())
        return State(
            role=str(found.get("role", "")),
            clustered=bool(found.get("cluster_enabled")),
            used=int(found.get("used_memory", 0)),
            most=int(found.get("maxmemory", 0)),
            fragmentation=float(found.get("mem_fragmentation_ratio", 0.0)),
            evicted=int(found.get("evicted_keys", 0)),
        )

    async def must_be_primary(self) -> None:
        """Refuse a server whose keys are not its own, or not all of them."""
        state = await self.state()
        if state.clustered:
            raise PermanentError(
                f"{self.name} is a node of a cluster, which has only some of the keys: "
                "only a single primary can be cleared"
            )
        if state.role != "master":
            raise PermanentError(
                f"{self.name} is not a primary (its role is {state.role or 'unknown'}): "
                f"point HEAL_REDIS_URL_{self.name.upper()} at the primary"
            )

    async def size(self) -> int:
        """How many keys there are altogether."""
        return int(await self._answer(self._client.dbsize()))

    async def batches(self, pattern: str, count: int) -> AsyncIterator[list[bytes]]:
        """
        Look through all keys, `count` at a time, and give those that match.

        A key may come twice while the server rearranges its table; none is left out that was
        there from the beginning to the end.
        """
        cursor = 0
        while True:
            asking = self._client.scan(cursor, match=pattern, count=count)
            cursor, keys = await self._answer(asking)
            yield keys
            if not cursor:
                return

    async def weigh(self, keys: Sequence[bytes]) -> list[Weight]:
        """Size and expiry of these keys; those that are gone meanwhile are left out."""
        async with self._client.pipeline(transaction=False) as asking:
            for key in keys:
                asking.memory_usage(key)
                asking.ttl(key)
            answers = await self._answer(asking.execute(raise_on_error=False))
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        pairs = zip(answers[::2], answers[1::2], strict=True)
        return [Weight(size, ttl >= 0) for size, ttl in pairs if size is not None]

    async def unlink(self, keys: Sequence[bytes]) -> int:
        """Take keys away, their memory being freed in the background; how many there were."""
        return int(await self._answer(self._client.unlink(*keys))) if keys else 0

    async def _answer(self, asking: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(ANSWERING):
                return await asking
        except TimeoutError:
            raise TemporaryError(f"{self.name} gave no answer in {ANSWERING:g} s") from None


def _translated(server: str, error: RedisError, hidden: str) -> ActionError:
    from redis import exceptions

    said = " ".join(printable(str(error)).split())
    said = (said.replace(hidden, "•••") if hidden else said)[:200]
    if isinstance(error, exceptions.AuthenticationError | exceptions.AuthorizationError):
        return PermanentError(f"{server} does not let Heal in: {said}")
    if isinstance(error, exceptions.NoPermissionError):
        return PermanentError(f"{server} does not allow it: {said}; docs/redis.md has the rights")
    if isinstance(error, exceptions.ConnectionError | exceptions.TimeoutError):
        return TemporaryError(f"{server} cannot be reached: {said}")
    return PermanentError(f"{server} refused: {said}")
