"""A house with the shipped runbooks and the real plug-ins, before a town of real services."""

from __future__ import annotations

import asyncio
import itertools
import shlex
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bot.catalog import shelving
from bot.catalog.runbooks import load_runbooks
from bot.core.alert import Alert, Severity
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.plugins import Toolbox
from bot.rehearsal.sandbox import Town
from tests import builders
from tests.clients import machines
from tests.clients.machines import Machine
from tests.engine.houses import House

UNHURRIED = builders.a_rulebook(ask_when_critical=False)
"""What is critical may run unattended here, where the runbook allows it."""
SHIPPED = Path(__file__).parents[2] / "runbooks"


@dataclass
class Scene:
    """The services, the customers who pass the gate, and the house that watches them."""

    town: Town
    house: House
    client: httpx.AsyncClient
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def buy(self, times: int = 1, client: str = "ann") -> list[int]:
        """Ask the gate so many times; the answers."""
        url, who = f"{self.town.url('gate')}/", {"X-Client": client}
        return [(await self.client.get(url, headers=who)).status_code for _ in range(times)]

    async def told(self, which: str) -> Mapping[str, object]:
        """What the gate is set to."""
        answer = await self.client.get(f"{self.town.url('gate')}/settings/{which}")
        return dict(answer.json())

    def an_alert(self, name: str, severity: str = "critical", **labels: str) -> Alert:
        """About the shop in staging; each is one of its own."""
        given = {"alertname": name, "service": "shop", "environment": "staging", **labels}
        return builders.an_alert(
            name=name,
            severity=Severity(severity),
            labels=given,
            fingerprint=f"{next(self.numbers):016x}",
            confidence=0.9,
            starts_at=self.house.clock.now(),
        )

    async def until(self, *states: State, stride: float = 1) -> Incident:
        """The world takes real time, waiting does not: at most `stride` seconds pass at once."""
        async with asyncio.timeout(180):
            await self.house.until_known()
            while self.house.incident.state not in states:
                await asyncio.sleep(0.005)
                if self.house.clock.due:
                    self.house.clock.advance(min(self.house.clock.due, stride))
        return self.house.incident


def facts(town: Town) -> dict[str, str]:
    """What the catalogue says of the shop."""
    known = {"unit": "shop", "health_url": town.health_url("shop")}
    if "gate" not in town.units:
        return known
    gate = town.url("gate")
    return known | {
        "breaker_url": f"{gate}/settings/breaker",
        "upstream_url": town.health_url("shop"),
        "error_rate_query": "gate_error_rate",
        "limit_url": f"{gate}/settings/limit",
        "traffic_url": f"{gate}/traffic",
        "upstream_setting_url": f"{gate}/settings/upstream",
        "front_url": f"{gate}/",
        "primary": "shop",
        "primary_url": town.health_url("shop"),
        "backup": "spare",
        "backup_url": town.health_url("spare"),
    }


def _hosts(town: Town, machine: Machine | None) -> dict[str, str]:
    """On this machine `systemctl` works, or on the other one alone."""
    systemctl = shlex.quote(str(town.systemctl))
    if machine is None:
        return {"systemctl": systemctl, "name": "demo-1"}
    remote = machine.described(systemctl=systemctl)
    return {"systemctl": "false", "remote": remote, "known_hosts": str(machine.known)}


@asynccontextmanager
async def a_scene(
    directory: Path, *, gateway: bool = False, machine: Machine | None = None
) -> AsyncIterator[Scene]:
    """All shipped runbooks, for a shop in staging; on another machine when there is one."""
    (directory / "town").mkdir()
    async with (
        Town.open(directory / "town", gateway=gateway) as town,
        machines.rig_elsewhere() as rig,
        httpx.AsyncClient(trust_env=False, verify=False) as client,
    ):
        sections = {
            "host": _hosts(town, machine),
            "http": {"allowed_hosts": town.hosts},
            "prometheus": {"url": town.url("gate") if gateway else town.url("shop")},
        }
        tools = Toolbox(rig, lambda system: sections.get(system, {}))
        books = load_runbooks(SHIPPED, shelving.known_names(tools))
        known = facts(town) | ({"unit_host": "web-1"} if machine else {})
        shop = builders.a_service(environment="staging", facts=known)
        house = House(directory / "heal.db")
        house.library = builders.a_library(*books, services=(shop,), rulebook=UNHURRIED)
        house.plugins = tools  # type: ignore[assignment]
        await house.open()
        try:
            yield Scene(town, house, client)
        finally:
            await house.close()
