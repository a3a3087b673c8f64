"""The pages on a real port, over a ledger of their own, with the local Slack to sign in at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bot import ports
from bot.clients.http import open_client
from bot.clients.openid import OpenId
from bot.clock import Clock
from bot.core import links
from bot.core.exhibit import Exhibit
from bot.core.links import Links
from bot.rehearsal.workspace import Workspace
from bot.store.lookup import Lookup
from bot.store.register import Register
from bot.tasks import Tasks
from bot.web.pages import passes
from bot.web.pages.gate import Gate
from bot.web.pages.passes import Pass
from bot.web.pages.reports import Reports
from bot.web.pages.site import Site
from bot.web.peers import Peers
from bot.web.server import AlertDoor, Server
from tests.journeys import scenes

KEY = links.key_of("a secret of tests")


@dataclass
class Members:
    """Lets everybody in but who is named, with the reason; raises what it was told to raise."""

    kept_out: dict[str, str] = field(default_factory=dict)
    error: Exception | None = None
    team: str = "T0LOCAL"

    async def why_not(self, user: str) -> str:
        if self.error is not None:
            raise self.error
        return self.kept_out.get(user, "")

    def ours(self, team: str) -> bool:
        return team == self.team


class Shelf(Lookup):
    """The real one, with exhibits that a test put there."""

    shown: Sequence[Exhibit] = ()

    async def evidence(self, incident: str) -> Sequence[Exhibit]:
        return self.shown


@dataclass
class Place:
    """What a test looks at."""

    url: str
    shelf: Shelf
    members: Members
    clock: ports.Clock
    client: httpx.AsyncClient
    known: Links
    paths: frozenset[str]
    """Every address that the router knows."""

    async def get(self, path: str, cookie: str = "", **headers: str) -> httpx.Response:
        """Ask as a browser with this cookie."""
        sent = {**headers, **({"Cookie": cookie} if cookie else {})}
        return await self.client.get(f"{self.url}{path}", headers=sent)

    def signed_in(self, user: str = "U0OLIVIA") -> str:
        """The cookie of somebody who signed in."""
        now = self.clock.now()
        return f"{passes.COOKIE}={passes.written(Pass(user, passes.last(now)), KEY)}"

    def link(self, incident: str, user: str = "U0OLIVIA") -> str:
        """The path and query of a link that Slack handed to somebody."""
        parts = urlsplit(self.known.opening(incident, user, self.clock.now()))
        return f"{parts.path}?{parts.query}"


def cookies(answer: httpx.Response) -> str:
    """What a browser would send after this answer."""
    jar: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        jar.load(line)
    return "; ".join(f"{name}={one.value}" for name, one in jar.items() if one.value)


async def _ready() -> str:
    return ""


@asynccontextmanager
async def served(
    ledger: Path, *, clock: ports.Clock | None = None, workspace: Workspace | None = None,
    proxies: Sequence[str] = (),
) -> AsyncIterator[Place]:  # fmt: skip
    """Serve them; with a workspace people can sign in there."""
    tasks, clock, members = Tasks(), clock or Clock(), Members()
    with scenes.held_port() as port:
        known = Links(f"http://127.0.0.1:{port}", KEY)
        client = open_client()
        entrance = None
        if workspace is not None:
            members.team = workspace.world.cast.team_id
            app, back = workspace.world.app, f"{known.url}/sign-in/back"
            entrance = OpenId(client, clock, workspace.url, app.client_id, app.client_secret, back)
        shelf = Shelf(ledger, Register(ledger))
        while await shelf.follow():
            pass
        gate = Gate(known, clock, members, Peers(proxies), entrance)
        site = Site(gate, shelf, Reports(shelf, clock, tasks), clock, known.url)
        door = AlertDoor(receive=None)  # type: ignore[arg-type]
        routes = site.routes()
        server = Server(door, None, _ready, pages=routes)
        await server.open("127.0.0.1", port)
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
                paths = frozenset(route.path for route in routes)
                yield Place(known.url, shelf, members, clock, browser, known, paths)
        finally:
            await server.close()
            await tasks.close(0)
            await client.aclose()
