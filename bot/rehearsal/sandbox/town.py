"""The town: a shop and the web front before it, which a story or a test breaks and Heal heals.

With a gateway there are also `gate`, which customers pass on their way to the shop, and `spare`,
another shop that the gate can be told to use instead.

    async with Town.open(directory) as town:
        await town.break_("shop", "leak")
        assert 503 == await town.health("shop")

Heal may run in this process or in any other one: it needs `systemctl`, `hosts` and the addresses.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Self

import httpx

from bot import ports
from bot.clients import http
from bot.core.errors import TemporaryError
from bot.rehearsal.sandbox import effects
from bot.rehearsal.sandbox.child import Unit
from bot.rehearsal.sandbox.supervisor import Supervisor
from bot.tasks import Tasks

UNITS = ("shop", "web")
GATEWAY = ("spare", "gate")
SHOP = Path(__file__).with_name("shop.py")
GATE = Path(__file__).with_name("gate.py")


class Town:
    """Services that run; each keeps its port from start to start."""

    def __init__(
        self,
        directory: Path,
        supervisor: Supervisor,
        client: httpx.AsyncClient,
        held: dict[str, int],
    ) -> None:
        self._effects = directory / "effects.log"
        self._client = client
        self._ports = held
        self.supervisor = supervisor

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, directory: Path, clock: ports.Clock | None = None, *, gateway: bool = False
    ) -> AsyncIterator[Self]:
        """Start the services; of all they do, only their files in `directory` stay."""
        async with contextlib.AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                http.open_client(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
            )
            names = (*UNITS, *GATEWAY) if gateway else UNITS
            held = {name: stack.enter_context(_free_port()) for name in names}
            supervisor = await stack.enter_async_context(Supervisor.open(directory, Tasks(), clock))
            units = (Unit(name, _argv(name, held, directory), port) for name, port in held.items())
            await asyncio.gather(*map(supervisor.add, units))
            yield cls(directory, supervisor, client, held)

    @property
    def systemctl(self) -> Path:
        """What HEAL_HOST_SYSTEMCTL is set to, through shlex.quote where paths have spaces."""
        return self.supervisor.systemctl

    @property
    def units(self) -> tuple[str, ...]:
        """The names of all services."""
        return tuple(self._ports)

    @property
    def hosts(self) -> str:
        """What HEAL_HTTP_ALLOWED_HOSTS is set to."""
        return ",".join(f"127.0.0.1:{port}" for port in self._ports.values())

    def url(self, unit: str) -> str:
        """Where the unit serves, without a slash at the end."""
        return f"http://127.0.0.1:{self._ports[unit]}"

    def health_url(self, unit: str) -> str:
        return f"{self.url(unit)}/healthz"

    async def health(self, unit: str, within: float = 1.0) -> int:
        """The status of its health page, 0 when no answer comes `within` seconds."""
        try:
            answer = await http.send(
                self._client, "GET", httpx.URL(self.health_url(unit)), within=within
            )
        except TemporaryError:
            return 0
        return answer.status

    async def break_(self, unit: str, how: str) -> None:
        """Break it: crash, hang, leak, upstream or pool; shop.py says what each of them means."""
        await self._post(unit, "break", {"how": how})
        if how == "crash":
            await self.supervisor.ended(unit)

    async def mend(self, unit: str) -> None:
        """Take every trouble away from a unit that runs."""
        await self._post(unit, "mend", {})

    async def crash(self, unit: str) -> None:
        """Kill the process as `kill -9` does; returns when it is gone."""
        await self.supervisor.kill(unit)

    async def start(self, unit: str) -> None:
        """Start what is down; returns when it answers."""
        await self.supervisor.start(unit)

    def effects(self) -> list[dict[str, Any]]:
        """
        What really happened, oldest first: at (in seconds), unit, pid, what and value.

        The services say start, put ({"size": 50}), break ({"how": "leak"}) and mend; the
        supervisor says ask ("restart", "start", "stop": by systemctl) and kill.
        """
        return effects.read(self._effects)

    async def _post(self, unit: str, path: str, body: dict[str, Any]) -> None:
        url = httpx.URL(f"{self.url(unit)}/{path}")
        answer = await http.send(self._client, "POST", url, body=body)
        if not answer.fine:
            answer.refuse("POST")


def _argv(name: str, held: dict[str, int], directory: Path) -> tuple[str, ...]:
    state = str(directory / f"{name}.json")
    words = ("--name", name, "--port", str(held[name]), "--state", state)
    if name == "gate":
        ways = (f"--upstream={one}=http://127.0.0.1:{held[one]}" for one in ("shop", "spare"))
        return (sys.executable, "-I", "-S", str(GATE), *words, *ways)
    return (sys.executable, "-I", "-S", str(SHOP), "--leash", *words)


@contextlib.contextmanager
def _free_port() -> Iterator[int]:
    """A port nobody else is given while its service is down; bound, but never listened on."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
