"""The fake in the place of a control plane: the same two users, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from tests.cluster.fake import kinds
from tests.cluster.fake.roles import User
from tests.cluster.fake.server import Server
from tests.cluster.plane import CONTEXT, GROUPS, Plane, named, token

USERS = {token(named(user)): User(named(user), group) for user, group in GROUPS.items()}


class FakePlane:
    """What tests ask of a control plane."""

    def __init__(self, directory: Path, server: Server, port: int) -> None:
        self.server = server
        self.port = port
        self._directory = directory

    def kubeconfig(self, user: str) -> Path:
        path = self._directory / f"{user}.kubeconfig"
        path.write_text(
            f"""apiVersion: v1
kind: Config
clusters:
- {{name: fake, cluster: {{server: "http://127.0.0.1:{self.port}"}}}}
users:
- {{name: {user}, user: {{token: {token(named(user))}}}}}
contexts:
- {{name: {CONTEXT}, context: {{cluster: fake, user: {user}}}}}
current-context: {CONTEXT}
"""
        )
        return path

    def asked(self, user: str) -> list[tuple[str, str]]:
        return [(verb, path) for who, verb, path in self.server.asked if who == named(user)]


AnyPlane = Plane | FakePlane


@contextmanager
def a_fake(directory: Path, speaks: kinds.Speaks = kinds.OLD) -> Iterator[FakePlane]:
    """A fake while the block lasts."""
    server, app = Server(USERS, speaks), web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    loop, runner = asyncio.new_event_loop(), web.AppRunner(app)

    async def listen() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return int(runner.addresses[0][1])

    thread = threading.Thread(target=loop.run_forever, name="fake API server")
    thread.start()
    try:
        port = asyncio.run_coroutine_threadsafe(listen(), loop).result()
        yield FakePlane(directory, server, port)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
