"""A house with many services: each with its own health, its own target, and runs that last."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.core.alert import Alert
from bot.core.blast_radius import BlastRadius, Target
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.lifecycle import ACTING, State
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts
from bot.engine.world import Limits
from tests import builders
from tests.engine.houses import HEALTHY, SICK, House

STORMLESS = {"storm": {"above_percent": 100}}
"""Most of the town breaks at once, and is healed all the same."""


class On(BaseModel):
    """Which target is meant."""

    on: str


class Mending:
    """Mends what stands on its target, once the test lets it; `most` is what ran at once."""

    params: type[BaseModel] = On

    def __init__(self, sick: set[str]) -> None:
        self.sick = sick
        self.gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.begun: list[str] = []
        self.fails: set[str] = set()
        self.now: list[str] = []
        self.most: defaultdict[str, int] = defaultdict(int)
        self.turns: Callable[[], int] = lambda: 1
        """How many turns others have while its target is looked at."""

    def way_back(self, params: Any) -> Reversibility:
        return Reversibility.SELF_RESTORING

    async def scope(self, params: Any) -> Scope:
        for _ in range(self.turns()):
            await asyncio.sleep(0)
        target = Target(key=f"fake:{params.on}", name=params.on)
        radius = BlastRadius(targets=(target,), touched=1, down_at_once=0, total=4)
        return Scope(blast_radius=radius, pre_state={}, says=f"mend {params.on}")

    async def execute(self, params: Any, before: Facts, mark: str = "") -> str:
        name = params.on
        self.begun.append(name)
        self.now.append(name)
        self.most["all"] = max(self.most["all"], len(self.now))
        self.most[name] = max(self.most[name], self.now.count(name))
        try:
            await self.gates[name].wait()
        finally:
            self.now.remove(name)
        if name not in self.fails:
            self.sick.discard(name)
        return f"mended {name}"

    async def undo(self, params: Any, before: Facts, mark: str = "") -> str:
        return "nothing to put back"

    async def landed(self, params: Any, before: Facts, mark: str = "") -> bool | None:
        return params.on not in self.sick


class Health:
    """What stands on a target is sick until it was mended."""

    params: type[BaseModel] = On

    def __init__(self, sick: set[str]) -> None:
        self.sick = sick

    async def read(self, params: Any) -> Facts:
        await asyncio.sleep(0)
        return dict(SICK if params.on in self.sick else HEALTHY)


def a_town(*names: str, safety: Facts | None = None, **rules: object) -> Library:
    """Services that may be mended unattended, each with a target of its own name."""
    services = tuple(builders.a_service(name=name, facts={"on": name}) for name in names)
    where = {"on": "${service.facts.on}"}
    health = {"probe": "town.health", "as": "health", "with": where}
    runbook = builders.a_runbook(
        runbook="mend",
        diagnose=[health],
        steps=[{"do": "town.mend", "with": where, "timeout": "25m"}],
        verify={
            "probes": [health], "success": "health.status == 200", "within": "60s",
            "every": "5s", "hold": "10s", "relapse": "20m",
        },
        safety={
            "unattended": True, "cool_down": "1s", "attempts": [{"limit": 100, "within": "1h"}],
            **(safety or {}),
        },
    )  # fmt: skip
    given: dict[str, Any] = {
        "production": {"environments": ["nowhere"]}, "ask_when_critical": False, **rules,
    }  # fmt: skip
    return builders.a_library(
        runbook, services=services, rulebook=builders.a_rulebook(**STORMLESS, **given)
    )


class Town(House):
    """Its sickness outlives every life of the house."""

    def __init__(self, path: Path, library: Library) -> None:
        super().__init__(path, library)
        self.limits = Limits(act=3600, total=3600)
        self.sick = {str(one.facts["on"]) for one in library.services}
        self.mending = Mending(self.sick)
        self.plugins.actions["town.mend"] = self.mending
        self.plugins.probes["town.health"] = Health(self.sick)

    async def breaks(self, *names: str) -> list[str]:
        """One alert a service; the incidents in the same order."""
        found = []
        for name in names:
            found.append(await self.fire(alert_of(name)))
            await self.settle()
        return found

    def mend(self, *names: str) -> None:
        """Let what is done to these come to its end."""
        for name in names:
            self.mending.gates[name].set()

    @property
    def acting(self) -> list[Incident]:
        return [one for one in self.cases.open() if one.ran and one.state in ACTING]

    @property
    def waiting(self) -> list[str]:
        """The services that wait their turn, in their order."""
        found = [one for one in self.cases.open() if one.state is State.QUEUED and one.queued]
        found.sort(key=lambda one: one.queued.place if one.queued else 0)
        return [one.service for one in found]


def alert_of(service: str, **changes: Any) -> Alert:
    labels = {"service": service, "environment": "production"}
    return builders.an_alert(fingerprint=f"f-{service}", labels=labels, **changes)
