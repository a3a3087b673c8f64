"""A real redis-server on loopback, new and empty, that says what was done to it."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from bot.clients.redis import RedisSettings

PROGRAM = shutil.which("redis-server")
LOOKING = {"info", "dbsize", "scan", "memory|usage", "ttl"}
PAGE = Path(__file__).parents[2] / "docs" / "redis.md"
RIGHTS = re.findall(r" (\+\S+)", PAGE.read_text().partition("\nACL SETUSER ")[2].partition("\n")[0])
OTHERS = {"auth", "hello", "client|setinfo", "config|resetstat"}
"""What a connection begins with, and what these tests themselves say."""


@dataclass(frozen=True)
class Cache:
    """`admin` may do anything and is never what the product uses."""

    port: int
    admin: redis.Redis

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def settings(self, url: str = "") -> RedisSettings:
        return RedisSettings.model_validate({"url_cache": url or self.url})

    def empty(self) -> None:
        self.admin.flushall()
        self.admin.config_resetstat()

    def fill(self, keys: Mapping[str, int], *, size: int = 10, expires: int | None = None) -> None:
        """Write so many keys `<prefix>0`, `<prefix>1`, …, each of `size` bytes."""
        with self.admin.pipeline(transaction=False) as writing:
            for prefix, count in keys.items():
                for number in range(count):
                    writing.set(f"{prefix}{number}", b"x" * size, ex=expires)
            writing.execute()

    def populate(self, count: int, prefix: str, *, size: int) -> None:
        """Many keys at once, `<prefix>:0` and so on, which never expire."""
        admin: Any = self.admin
        admin.execute_command("DEBUG", "POPULATE", count, prefix, size)

    def count(self, pattern: str) -> int:
        return sum(1 for _ in self.admin.scan_iter(pattern, count=5000))

    def called(self) -> set[str]:
        """The commands that were called since it was emptied."""
        stats: Any = self.admin.info("commandstats")
        return {name.removeprefix("cmdstat_") for name in stats} - OTHERS

    def restrict(self, keys: str) -> str:
        """Make the user of docs/redis.md for keys like these; the address to come in with."""
        self.admin.acl_setuser(
            "heal", reset=True, enabled=True, passwords=["+hunter22"], keys=[keys], commands=RIGHTS
        )
        return f"redis://heal:hunter22@127.0.0.1:{self.port}"


@contextmanager
def a_cache(*options: str) -> Iterator[Cache]:
    """Start a server, skip where there is none; it keeps nothing on disk."""
    if PROGRAM is None:
        pytest.skip("not run: no redis-server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        running = subprocess.Popen(
            [
                *(PROGRAM, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder),
                *("--save", "", "--enable-debug-command", "local", *options),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        admin = redis.Redis(port=port)
        try:
            _wait(admin)
            yield Cache(port, admin)
        finally:
            admin.close()
            running.kill()
            running.wait(10)


def _wait(admin: redis.Redis) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(redis.ConnectionError):
            if admin.ping():
                return
        time.sleep(0.01)
    raise AssertionError("redis-server did not get ready")
